import type { Bundle, Consent, EpisodeOfCare, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { BSN_SYSTEM, EXTENSIONS, POLI_SYSTEM } from '../fhir/extensions.ts';

/** One invented family as the consent recorder enters it. The BSNs are of the 9999… test range. */
export interface Family {
  readonly given: string;
  readonly bsn: string;
  readonly poli: string;
  readonly patient: Patient;
  /** Who has a say besides the patient. */
  readonly parents: readonly {
    readonly given: string;
    readonly relationship: 'MTH' | 'FTH';
    readonly custody: 'yes' | 'no';
  }[];
  readonly organisations: readonly string[];
}

/** The first keeps the consents: that is the JGZ, whose nurse asks for them. */
const EVERYBODY = ['jgz', 'ziekenhuis', 'wijkteam', 'huisarts', 'buurtgezin'];

const person = (given: string, family: string, birthDate: string, gender: Patient['gender'], bsn: string): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: BSN_SYSTEM, value: bsn }],
  name: [{ use: 'official', family, given: [given], text: `${given} ${family}` }],
  birthDate,
  gender,
});

/** The three families of the demo network. */
export const FAMILIES: readonly Family[] = [
  {
    given: 'Yonathan',
    bsn: '999903147',
    poli: 'nazorg-neonatologie',
    patient: person('Yonathan', 'Kwartelslag', '2026-05-04', 'male', '999903147'),
    parents: [
      { given: 'Miriam', relationship: 'MTH', custody: 'yes' },
      { given: 'Aron', relationship: 'FTH', custody: 'no' },
    ],
    organisations: EVERYBODY,
  },
  {
    given: 'Luuk',
    bsn: '999903238',
    poli: 'huil-slaap-eet',
    patient: person('Luuk', 'van Proefhoeve', '2024-07-09', 'male', '999903238'),
    parents: [
      { given: 'Sanne', relationship: 'MTH', custody: 'yes' },
      { given: 'Bas', relationship: 'FTH', custody: 'yes' },
    ],
    organisations: EVERYBODY,
  },
  {
    given: 'Laila',
    bsn: '999903032',
    poli: 'mamaplus',
    patient: person('Laila', 'Voorbeeld-van Testdorp', '1999-02-14', 'female', '999903032'),
    parents: [],
    organisations: ['jgz', 'ziekenhuis', 'wijkteam'],
  },
];

/** The transaction that enters a family: patient, parents with custody, care team, poli and, where it was signed, the consent of everyone with custody. */
export function familyBundle(family: Family, signedAt: string | undefined): Bundle {
  const parents = family.parents.map((parent, index) => ({
    url: `urn:uuid:00000000-0000-4000-8000-00000000000${index + 1}`,
    parent,
  }));
  const subject = { reference: PATIENT };
  const relatives = parents.map(({ url, parent }) => ({
    fullUrl: url,
    resource: relative(parent, family, subject),
    request: { method: 'POST' as const, url: 'RelatedPerson' },
  }));
  const team = {
    resourceType: 'CareTeam' as const,
    status: 'active' as const,
    subject,
    participant: family.organisations.map((one) => ({ member: { reference: `Organization/${one}` } })),
  };
  const episode: EpisodeOfCare = {
    resourceType: 'EpisodeOfCare',
    status: 'active',
    type: [{ coding: [{ system: POLI_SYSTEM, code: family.poli }] }],
    patient: subject,
  };
  // An adult signs for herself.
  const signers =
    parents.length === 0
      ? [subject]
      : parents.filter((one) => one.parent.custody === 'yes').map((one) => ({ reference: one.url }));
  const consent =
    signedAt === undefined
      ? []
      : [
          {
            fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000009',
            resource: consentFor(subject, signers, family.organisations, signedAt),
            request: { method: 'POST' as const, url: 'Consent' },
          },
        ];
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: PATIENT, resource: family.patient, request: { method: 'POST', url: 'Patient' } },
      ...relatives,
      {
        fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000007',
        resource: team,
        request: { method: 'POST', url: 'CareTeam' },
      },
      {
        fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000008',
        resource: episode,
        request: { method: 'POST', url: 'EpisodeOfCare' },
      },
      ...consent,
    ],
  };
}

const PATIENT = 'urn:uuid:00000000-0000-4000-8000-000000000000';

function relative(parent: Family['parents'][number], family: Family, patient: { reference: string }): RelatedPerson {
  return {
    resourceType: 'RelatedPerson',
    patient,
    relationship: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: parent.relationship }] },
    ],
    name: [{ given: [parent.given], family: family.patient.name?.[0]?.family }],
    extension: [{ url: EXTENSIONS.custody, valueCode: parent.custody }],
  };
}

/** A consent to exchange everything that is not sensitive with these organisations, for treatment. */
export function consentFor(
  patient: { reference: string },
  performer: { reference: string }[],
  organisations: readonly string[],
  dateTime: string,
): Consent {
  const participation = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
  };
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient,
    dateTime,
    performer,
    organization: [{ reference: `Organization/${organisations[0]}` }],
    sourceAttachment: { title: 'Toestemmingsformulier IGP, versie 2', language: 'nl' },
    policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|2' }],
    provision: {
      type: 'permit',
      actor: organisations.map((one) => ({ role: participation, reference: { reference: `Organization/${one}` } })),
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
    },
  };
}
