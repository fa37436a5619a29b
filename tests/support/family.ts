import { createSecretKey } from 'node:crypto';
import type { Consent, Observation, RelatedPerson, Resource } from '@medplum/fhirtypes';
import { consentFor } from '../../src/demo/families.ts';
import { CATEGORY_SYSTEM, EXTENSIONS } from '../../src/fhir/extensions.ts';
import type { Directory } from '../../src/store/directory.ts';
import type { PatientFile, StoredResource } from '../../src/store/records.ts';
import { child } from './store.ts';

/** An invented child with one parent who has custody, as the store would open its file. For the parts that are pure. */
export const CHILD = '11111111-1111-4111-8111-111111111111';
export const MOTHER = '22222222-2222-4222-8222-222222222222';
export const AT = '2026-11-01T10:00:00Z';

/** A resource as it lies in the store, with its category in `meta.security`. */
export function stored(
  resource: Resource & { id: string },
  category: string,
  more: Partial<StoredResource> = {},
): StoredResource {
  const security = [{ system: CATEGORY_SYSTEM, code: `cat-${category}` }];
  return {
    type: resource.resourceType,
    id: resource.id,
    version: 1,
    category,
    labels: [],
    author: 'hospital',
    resource: category === 'directory' ? resource : { ...resource, meta: { security } },
    ...more,
  };
}

export const observation = (id: string, more: Partial<Observation> = {}): Observation & { id: string } => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: `Patient/${CHILD}` },
  effectiveDateTime: '2026-10-01',
  ...more,
});

const mother: RelatedPerson & { id: string } = {
  resourceType: 'RelatedPerson',
  id: MOTHER,
  patient: { reference: `Patient/${CHILD}` },
  extension: [{ url: EXTENSIONS.custody, valueCode: 'yes' }],
};

/** What the mother allowed: everything that is not sensitive, to these organisations. */
export const allowed = (...organisations: string[]): Consent => ({
  ...consentFor(
    { reference: `Patient/${CHILD}` },
    [{ reference: `RelatedPerson/${MOTHER}` }],
    organisations,
    '2026-10-01T09:00:00+02:00',
  ),
  id: '33333333-3333-4333-8333-333333333333',
  meta: { versionId: '1' },
});

/** The child's file: patient, mother, and what else is given. */
export const fileOf = (
  { consents = [allowed('jgz', 'gp')], relations = ['hospital', 'jgz', 'gp'] }: Partial<PatientFile> = {},
  ...resources: StoredResource[]
): PatientFile => ({
  patient: CHILD,
  dataKey: createSecretKey(Buffer.alloc(32)),
  resources: [stored(child(CHILD), 'naw'), stored(mother, 'naw'), ...resources],
  consents,
  relations,
  gate: 0,
});

/** Hospital, JGZ and GP with the functions and receivers of each. */
export function directoryOf(
  functions: readonly [organisation: string, discipline: string][],
  receivers: Directory['receivers'] = [],
): Directory {
  const sectors: Record<string, string> = { hospital: 'hospital', jgz: 'jgz', gp: 'gp' };
  return {
    organisations: new Map(Object.entries(sectors).map(([id, sector]) => [id, { id, ura: null, name: id, sector }])),
    clients: new Map(),
    receivers,
    functions: functions.map(([organisation, discipline]) => ({
      organisation,
      discipline,
      sector: sectors[organisation] ?? '',
    })),
  };
}
