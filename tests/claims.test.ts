import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { loadClaims } from '../src/exchange/claims.ts';
import { loadFhir } from '../src/fhir/load.ts';
import { sharedDir } from './support/shared.ts';

/** Claims that were made without the packages, checked with them: a gateway whose operator loaded nothing says nothing untrue. */

const shared = sharedDir();
const corpora = join(shared ?? '', 'corpora');

describe.skipIf(!shared)('claims of nl-core, made without its packages (needs ../shared/corpora)', async () => {
  if (!shared) return;
  const bare = await loadFhir('profiles');
  const full = await loadFhir('profiles', join(corpora, 'fhir-packages'));
  const claimsOf = await loadClaims('profiles', bare);
  const always = new Set(bare.own.map((one) => one.url));

  it('are true of all examples at hand', () => {
    const files = [
      ...['nictiz-nlcore-r4-0.12.0-beta.4/examples', 'fhir-r4-core-examples', 'nictiz-r4-fixtures-json'].flatMap(
        (folder) => globSync(join(corpora, folder, '**/*.json')),
      ),
      ...globSync('mappings/*/samples/*.expected.json'),
    ];
    let made = 0;
    const untrue: string[] = [];
    for (const resource of files.flatMap(resourcesOf).filter((one) => bare.definitions.type(one.resourceType))) {
      for (const url of claimsOf(resource).filter((one) => !always.has(one))) {
        made += 1;
        const wrong = full.profiles.check(resource, url).find((one) => one.severity === 'error');
        if (wrong) untrue.push(`${url} ${wrong.code} ${wrong.path}`);
      }
    }
    expect(made).toBeGreaterThan(300);
    expect(untrue).toEqual([]);
  });
});

function resourcesOf(file: string): Resource[] {
  const json = parsed(file);
  if (json?.resourceType !== 'Bundle') return json?.resourceType ? [json] : [];
  return (json.entry ?? []).flatMap((one) => one.resource ?? []);
}

function parsed(file: string): (Resource & { entry?: { resource?: Resource }[] }) | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
