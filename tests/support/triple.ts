import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { Ajv } from 'ajv';
import { extract } from 'tar';
import { loadClaims, withClaims } from '../../src/exchange/claims.ts';
import { label, withLabels } from '../../src/exchange/label.ts';
import { loadLabelRules } from '../../src/exchange/label-rules.ts';
import { fhirChecks } from '../../src/fhir/checks.ts';
import { type FhirKnowledge, loadFhir } from '../../src/fhir/load.ts';

/** The three independent checks of every resource that a sample of a source gives: our validator, the official JSON schema, and a validator for nl-core that others wrote. */

/** A resource as the gateway would keep it: labelled, with its claims. */
export interface Kept {
  /** `system/sample Type number`. */
  readonly name: string;
  readonly resource: Resource;
}

/** One line of the results. */
export interface TripleRow {
  readonly validator: string;
  readonly resources: number;
  readonly passed: number;
  /** Refused by it, though right: each is listed with its reason in `tests/known-false.json`. */
  readonly knownFalse: number;
  /** What else it refuses. */
  readonly refused: readonly string[];
}

/** What a validator says against a resource: nothing, or short sentences. */
type Judge = (resource: Resource) => Promise<readonly string[]>;

interface KnownFalse {
  readonly validator: string;
  readonly matches: string;
  readonly reason: string;
}

export const knownFalse = JSON.parse(readFileSync('tests/known-false.json', 'utf8')) as readonly KnownFalse[];

/** The three validators, ready to judge. */
export interface Judges {
  readonly knowledge: FhirKnowledge;
  rows(kept: readonly Kept[]): Promise<TripleRow[]>;
  end(): void;
}

/** Runs the three over all samples, for the table of results. `corpora`: the shared folder with the packages and the schema. */
export async function tripleValidation(corpora: string): Promise<TripleRow[]> {
  const judges = await openJudges(corpora);
  try {
    return await judges.rows(await keptResources(judges.knowledge));
  } finally {
    judges.end();
  }
}

/** Loads the three: some seconds. */
export async function openJudges(corpora: string): Promise<Judges> {
  const packages = join(corpora, 'fhir-packages');
  const knowledge = await loadFhir('profiles', packages);
  const own = ownJudge(knowledge);
  const schema = schemaJudge(join(corpora, 'fhir-r4-schema/fhir.schema.json'));
  const mx = await outsideJudge(packages);
  return {
    knowledge,
    rows: async (kept) => [
      await row('gezinspoort', kept, own),
      await row('ajv', kept, schema),
      await row('fhir-validator-mx', kept, mx.judge),
    ],
    end: mx.end,
  };
}

/** What the samples of all systems give, as it would be kept. */
export async function keptResources(knowledge: FhirKnowledge): Promise<Kept[]> {
  const labels = await loadLabelRules('profiles');
  const claimsOf = await loadClaims('profiles', knowledge);
  return globSync('mappings/*/samples/*.expected.json')
    .sort()
    .flatMap((file) => {
      const bundle = JSON.parse(readFileSync(file, 'utf8')) as Bundle;
      if (bundle.resourceType !== 'Bundle') return [];
      const sample = `${file.split('/')[1]}/${basename(file, '.expected.json')}`;
      return (bundle.entry ?? []).flatMap(({ resource }, index) => {
        if (!resource) return [];
        const given = label(resource, labels);
        const labelled = given.ok ? withLabels(resource, given) : resource;
        const name = `${sample} ${resource.resourceType} ${index}`;
        return [{ name, resource: withClaims(labelled, claimsOf(labelled)) }];
      });
    });
}

async function row(validator: string, kept: readonly Kept[], judge: Judge): Promise<TripleRow> {
  const known = knownFalse.filter((one) => one.validator === validator).map((one) => new RegExp(one.matches));
  let passed = 0;
  let excused = 0;
  const refused: string[] = [];
  for (const { name, resource } of kept) {
    const said = await judge(resource);
    const open = said.filter((one) => !known.some((pattern) => pattern.test(one)));
    if (said.length === 0) passed += 1;
    else if (open.length === 0) excused += 1;
    else refused.push(`${name}: ${open.join('; ')}`);
  }
  return { validator, resources: kept.length, passed, knownFalse: excused, refused };
}

function ownJudge(knowledge: FhirKnowledge): Judge {
  const { validate } = fhirChecks(knowledge);
  return async (resource) => validate(resource).map(({ code, path, message }) => `${code} ${path} ${message}`);
}

/** The official schema of FHIR R4, compiled per resource type: as one schema with `oneOf`, an error would name every type there is. */
function schemaJudge(file: string): Judge {
  const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as { definitions: Record<string, object> };
  const ajv = new Ajv({ strict: false, allErrors: false });
  ajv.addSchema({ $id: 'http://hl7.org/fhir/schema', definitions });
  return async (resource) => {
    const check = ajv.compile({ $ref: `http://hl7.org/fhir/schema#/definitions/${resource.resourceType}` });
    return check(resource) ? [] : (check.errors ?? []).map((one) => `${one.instancePath} ${one.message}`);
  };
}

interface MxIssue {
  readonly severity: string;
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

/** `fhir-validator-mx` on the unpacked packages, without its network. */
async function outsideJudge(packages: string): Promise<{ judge: Judge; end(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'gezinspoort-mx-'));
  const folders = globSync(join(packages, '*.tgz'))
    .sort()
    .map((file, index) => {
      const into = join(folder, String(index));
      mkdirSync(into);
      extract({ file, cwd: into, sync: true });
      return join(into, 'package');
    });
  const { FhirValidator } = await import('fhir-validator-mx');
  const validator = await FhirValidator.create({
    profilesDirs: [...folders, 'profiles/structuredefinitions'],
    terminologyDirs: [...folders, 'profiles/codesystems', 'profiles/valuesets'],
    terminology: { disableExternalCalls: true },
  });
  return {
    judge: async (resource) => {
      // Left to itself it looks at the first claim only.
      const claimed = resource.meta?.profile ?? [];
      const found: string[] = [];
      for (const url of [undefined, ...claimed]) {
        const { issues } = (await validator.validate(structuredClone(resource), url)) as { issues: MxIssue[] };
        found.push(
          ...issues
            .filter(({ severity }) => severity === 'error')
            .map((one) => `${one.code} ${one.path} ${one.message}`),
        );
      }
      return [...new Set(found)];
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}
