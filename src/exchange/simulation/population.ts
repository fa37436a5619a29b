import { createSecretKey } from 'node:crypto';
import type {
  Condition,
  Consent,
  ConsentProvision,
  EpisodeOfCare,
  Observation,
  Patient,
  RelatedPerson,
  Resource,
} from '@medplum/fhirtypes';
import { CATEGORIES } from '../../fhir/categories.ts';
import { BSN_SYSTEM, CATEGORY_SYSTEM, EXTENSIONS, POLI_SYSTEM } from '../../fhir/extensions.ts';
import type { PatientFile, StoredResource } from '../../store/records.ts';
import type { Relative } from '../judge.ts';
import { type Family, toRelative } from '../relatives.ts';

/** One generated family in a shape that Dutch practice knows. Everything in it is invented; nothing is random, so that two runs compare. */
export interface Shape {
  readonly name: string;
  readonly family: Family;
}

/** Every organisation of the population treats every family: what differs is consent, custody, age and view. */
export const ORGANISATIONS = ['jgz', 'hospital', 'social', 'gp', 'informal', 'ggz', 'maternity', 'physio'] as const;

/** The shapes in which mistakes live, at a poli, on a day. Pure. */
export function population(poli: string | undefined, today: string): readonly Shape[] {
  const shapes: readonly [string, (ids: Ids) => Built][] = [
    [
      'parents together, both consent',
      (ids) => ({ born: years(today, 2), parents: [mother(ids), father(ids)], consents: [permit(ids, both(ids))] }),
    ],
    [
      'divorced parents, one has not answered',
      (ids) => ({ born: years(today, 4), parents: [mother(ids), father(ids)], consents: [permit(ids, [ids.mother])] }),
    ],
    [
      'divorced parents, one refuses risk',
      (ids) => ({
        born: years(today, 4),
        parents: [mother(ids), father(ids)],
        consents: [permit(ids, both(ids)), refuse(ids, [ids.father], 'risk')],
      }),
    ],
    [
      'child of 12, has not confirmed',
      (ids) => ({ born: years(today, 12), parents: [mother(ids), father(ids)], consents: [permit(ids, both(ids))] }),
    ],
    [
      'child of 13, consents too',
      (ids) => ({
        born: years(today, 13),
        parents: [mother(ids), father(ids)],
        consents: [permit(ids, [...both(ids), ids.self])],
      }),
    ],
    [
      'young person of 16, only the parents consented',
      (ids) => ({ born: years(today, 16), parents: [mother(ids), father(ids)], consents: [permit(ids, both(ids))] }),
    ],
    [
      'foster care, the guardian consents',
      (ids) => ({
        born: years(today, 5),
        parents: [mother(ids, 'no'), guardian(ids)],
        consents: [permit(ids, [ids.guardian])],
      }),
    ],
    [
      'foster care, only the foster parent signed',
      (ids) => ({
        born: years(today, 5),
        parents: [mother(ids, 'no'), guardian(ids)],
        consents: [permit(ids, [ids.mother])],
      }),
    ],
    [
      'protected address',
      (ids) => ({ born: years(today, 1), parents: [mother(ids, 'yes', true)], consents: [permit(ids, [ids.mother])] }),
    ],
    [
      'twins, one record speaks of the other',
      (ids) => ({
        born: years(today, 1),
        parents: [mother(ids)],
        consents: [permit(ids, [ids.mother])],
        about: [`Patient/${ids.other}`],
        relatives: [sibling(ids, today)],
      }),
    ],
    [
      'newborn, facts about the mother in the record',
      (ids) => ({
        born: today,
        parents: [mother(ids)],
        consents: [permit(ids, [ids.mother])],
        about: [ids.mother],
        relatives: [herself(ids, false)],
      }),
    ],
    [
      'newborn, the mother consents to that herself',
      (ids) => ({
        born: today,
        parents: [mother(ids)],
        consents: [permit(ids, [ids.mother])],
        about: [ids.mother],
        relatives: [herself(ids, true)],
      }),
    ],
    [
      'minor mother without custody, guardian decides',
      (ids) => ({ born: today, parents: [mother(ids, 'no'), guardian(ids)], consents: [permit(ids, [ids.mother])] }),
    ],
    ['pregnant woman', (ids) => ({ born: years(today, 28), parents: [], consents: [permit(ids, [ids.self])] })],
    [
      'pregnant woman after a stillborn child',
      (ids) => ({
        born: years(today, 31),
        parents: [],
        consents: [permit(ids, [ids.self])],
        about: ['RelatedPerson/several'],
        sensitive: ['SEX'],
      }),
    ],
    [
      'stillborn child',
      (ids) => ({ born: today, deceased: true, parents: [mother(ids)], consents: [permit(ids, [ids.mother])] }),
    ],
    [
      'sensitive topics named',
      (ids) => ({
        born: years(today, 2),
        parents: [mother(ids)],
        consents: [permit(ids, [ids.mother], ['PSY', 'SDV'])],
      }),
    ],
    ['nobody consented', (ids) => ({ born: years(today, 2), parents: [mother(ids), father(ids)], consents: [] })],
  ];
  return shapes.map(([name, build], at) => {
    const ids = idsOf(at);
    return { name, family: familyOf(ids, build(ids), poli) };
  });
}

interface Ids {
  readonly patient: string;
  readonly other: string;
  readonly self: string;
  readonly mother: string;
  readonly father: string;
  readonly guardian: string;
  id(number: number): string;
}

interface Built {
  readonly born: string;
  readonly deceased?: boolean;
  readonly parents: readonly (RelatedPerson & { id: string })[];
  readonly consents: readonly Consent[];
  /** Whom else facts in this record are about. */
  readonly about?: readonly string[];
  readonly sensitive?: readonly string[];
  readonly relatives?: readonly Relative[];
}

function idsOf(shape: number): Ids {
  const id = (number: number) => `${String(shape).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const patient = id(1);
  return {
    patient,
    other: id(2),
    self: `Patient/${patient}`,
    mother: `RelatedPerson/${id(3)}`,
    father: `RelatedPerson/${id(4)}`,
    guardian: `RelatedPerson/${id(5)}`,
    id,
  };
}

const both = (ids: Ids): string[] => [ids.mother, ids.father];

const years = (today: string, count: number): string => `${Number(today.slice(0, 4)) - count}${today.slice(4)}`;

function relative(
  reference: string,
  ids: Ids,
  role: string,
  custody: 'yes' | 'no',
  isProtected = false,
): RelatedPerson & { id: string } {
  return {
    resourceType: 'RelatedPerson',
    id: reference.slice('RelatedPerson/'.length),
    patient: { reference: ids.self },
    relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: role }] }],
    name: [{ given: ['Voorbeeld'], family: 'van Proefhoeve' }],
    telecom: [{ system: 'phone', value: '0612345679' }],
    address: [{ line: ['Bedachte Laan 1'], city: 'Verzinstad' }],
    extension: [
      { url: EXTENSIONS.custody, valueCode: custody },
      ...(isProtected ? [{ url: EXTENSIONS.protectedAddress, valueBoolean: true }] : []),
    ],
  };
}

const mother = (ids: Ids, custody: 'yes' | 'no' = 'yes', isProtected = false) =>
  relative(ids.mother, ids, 'MTH', custody, isProtected);
const father = (ids: Ids) => relative(ids.father, ids, 'FTH', 'yes');
const guardian = (ids: Ids) => relative(ids.guardian, ids, 'GUARD', 'yes');

const ROLE = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] };
const TREAT = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' };
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

function consent(ids: Ids, by: readonly string[], provision: ConsentProvision, patient = ids.self): Consent {
  return {
    resourceType: 'Consent',
    id: ids.id(900),
    meta: { versionId: '1' },
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: patient },
    dateTime: '2020-01-01T09:00:00+01:00',
    performer: by.map((reference) => ({ reference })),
    organization: [{ reference: 'Organization/jgz' }],
    sourceAttachment: { title: 'Toestemmingsformulier IGP', language: 'nl' },
    policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|2' }],
    provision,
  };
}

const everybody = ORGANISATIONS.map((one) => ({ role: ROLE, reference: { reference: `Organization/${one}` } }));

const permit = (ids: Ids, by: readonly string[], topics: readonly string[] = [], patient = ids.self): Consent =>
  consent(
    ids,
    by,
    {
      type: 'permit',
      actor: everybody,
      purpose: [TREAT],
      ...(topics.length > 0 && {
        provision: [{ type: 'permit', securityLabel: topics.map((code) => ({ system: ACT_CODE, code })) }],
      }),
    },
    patient,
  );

const refuse = (ids: Ids, by: readonly string[], category: string): Consent =>
  consent(ids, by, { type: 'deny', securityLabel: [{ system: CATEGORY_SYSTEM, code: `cat-${category}` }] });

/** The twin: a child with a record and parents of its own, whose mother did not consent there. */
function sibling(ids: Ids, today: string): Relative {
  const patient: Patient = { resourceType: 'Patient', id: ids.other, birthDate: years(today, 1) };
  return toRelative({ ...NOBODY, patient: ids.other, resources: [stored(patient, 'naw')] }, 'RelatedPerson/twin');
}

/** The mother with a record of her own, in which she consents or does not. */
function herself(ids: Ids, consents: boolean): Relative {
  const reference = `Patient/${ids.other}`;
  const patient: Patient = { resourceType: 'Patient', id: ids.other, birthDate: '1995-05-05' };
  const given = consents ? [permit(ids, [reference], [], reference)] : [];
  return toRelative(
    { ...NOBODY, patient: ids.other, resources: [stored(patient, 'naw')], consents: given },
    ids.mother,
  );
}

/** The key seals nothing: generated families are never stored. */
const NOBODY: PatientFile = {
  patient: '',
  dataKey: createSecretKey(Buffer.alloc(32)),
  resources: [],
  consents: [],
  relations: ORGANISATIONS,
  gate: 0,
};

function familyOf(ids: Ids, built: Built, poli: string | undefined): Family {
  const patient: Patient = {
    resourceType: 'Patient',
    id: ids.patient,
    identifier: [{ system: BSN_SYSTEM, value: '999903147' }],
    name: [{ given: ['Voorbeeld'], family: 'van Proefhoeve' }],
    address: [{ line: ['Bedachte Laan 1'], city: 'Verzinstad' }],
    birthDate: built.born,
    ...(built.deceased && { deceasedBoolean: true }),
  };
  const episode: EpisodeOfCare = {
    resourceType: 'EpisodeOfCare',
    id: ids.id(6),
    status: 'active',
    patient: { reference: ids.self },
    type: [{ coding: [{ system: POLI_SYSTEM, code: poli }] }],
  };
  const resources = [
    stored(patient, 'naw'),
    ...built.parents.map((one) => stored(one, 'naw')),
    ...(poli === undefined ? [] : [stored(episode, 'referral')]),
    ...CATEGORIES.filter((one) => one !== 'naw').map((category, at) => stored(observation(ids, 100 + at), category)),
    stored(condition(ids, 200), 'history'),
    ...['PSY', 'SDV', ...(built.sensitive ?? [])].map((label, at) =>
      stored(observation(ids, 300 + at), 'risk', [label]),
    ),
    ...(built.about ?? []).map((reference, at) =>
      stored({ ...observation(ids, 400 + at), focus: [{ reference }] }, 'risk'),
    ),
  ];
  return {
    file: {
      ...NOBODY,
      patient: ids.patient,
      resources,
      consents: built.consents.map((one, at) => ({ ...one, id: ids.id(901 + at) })),
    },
    relatives: built.relatives ?? [],
  };
}

const observation = (ids: Ids, number: number): Observation & { id: string } => ({
  resourceType: 'Observation',
  id: ids.id(number),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: ids.self },
  effectiveDateTime: '2026-01-01',
  valueQuantity: { value: 9, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  note: [{ text: 'Verzonnen toelichting.' }],
});

const condition = (ids: Ids, number: number): Condition & { id: string } => ({
  resourceType: 'Condition',
  id: ids.id(number),
  subject: { reference: ids.self },
  code: { coding: [{ system: 'http://snomed.info/sct', code: '84229001' }] },
  recordedDate: '2026-01-01',
});

function stored(resource: Resource, category: string, labels: readonly string[] = []): StoredResource {
  const security = [
    { system: CATEGORY_SYSTEM, code: `cat-${category}` },
    ...labels.map((code) => ({ system: ACT_CODE, code })),
  ];
  return {
    type: resource.resourceType,
    id: resource.id ?? '',
    version: 1,
    category,
    labels,
    author: 'hospital',
    resource: { ...resource, meta: { security } },
  };
}
