import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedDir } from '../../../tests/support/shared.ts';

type Json = Record<string, unknown>;

/** Files that HiX and other systems really returned; reading matter beside the project, not part of it. */
const CORPUS = join(sharedDir() ?? '', 'corpora/zorgviewer-vendor-fhir-stu3/examples');

/** Whether the corpus is at hand. */
export const hasCorpus = sharedDir() !== undefined && existsSync(CORPUS);

/** Every file of the corpus as a Bundle with a Patient: its own, or an invented one with the id that the resource refers to. */
export function corpusMessages(): { name: string; isHix: boolean; message: Json }[] {
  if (!hasCorpus) return [];
  return readdirSync(CORPUS)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const body = JSON.parse(readFileSync(join(CORPUS, name), 'utf8')) as Json;
      return { name, isHix: name.includes('Chipsoft'), message: withPatient(body) };
    });
}

function withPatient(body: Json): Json {
  const own = body.resourceType === 'Bundle' ? (body.entry as { resource: Json }[]) : [{ resource: body }];
  const hasOwn = own.some(({ resource }) => resource.resourceType === 'Patient');
  const id = /Patient\/([A-Za-z0-9.-]{1,64})/.exec(JSON.stringify(own))?.[1] ?? 'invented';
  return {
    resourceType: 'Bundle',
    type: 'collection',
    id: 'corpus',
    entry: hasOwn ? own : [...own, { resource: patient(id) }],
  };
}

/** Luuk of the invented families. */
const patient = (id: string): Json => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '999903238' }],
  name: [{ family: 'Proefhoeve', given: ['Luuk'] }],
  gender: 'male',
  birthDate: '2024-07-09',
});
