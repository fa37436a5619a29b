import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AuditEvent, Bundle, Consent, EpisodeOfCare, Patient, RelatedPerson, Resource } from '@medplum/fhirtypes';
import { consentFor } from '../../src/demo/families.ts';
import { BSN_SYSTEM, EXTENSIONS, POLI_SYSTEM } from '../../src/fhir/extensions.ts';
import type { Network } from './network.ts';

/** A family that a recorder of the JGZ enters: who it is, who has a say, who is involved. All invented. */
export interface StoryFamily {
  readonly bsn: string;
  readonly birthDate: string;
  readonly given: string;
  readonly parents: readonly { readonly given: string; readonly custody: 'yes' | 'no'; readonly is?: string }[];
  readonly team: readonly string[];
  readonly poli?: string;
  readonly episode?: EpisodeOfCare['status'];
  /** Signed by everyone with custody, or by the patient where there is nobody else, for these organisations. */
  readonly consentFor?: readonly string[];
}

/** BSNs of the test range that pass the 11-test, a new one at each call. */
export function bsns(from: number): () => string {
  let next = from;
  return () => {
    for (;;) {
      const text = String(next++);
      const sum = [...text].reduce((total, digit, index) => total + Number(digit) * (index === 8 ? -1 : 9 - index), 0);
      if (sum % 11 === 0) return text;
    }
  };
}

const PATIENT = 'urn:uuid:00000000-0000-4000-8000-000000000000';
const parentUrl = (index: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${index + 1}`;

/** The transaction that enters it. `more`: further entries, such as the signed form. */
export function storyBundle(family: StoryFamily, signedAt: string, more: Bundle['entry'] = []): Bundle {
  const subject = { reference: PATIENT };
  const post = (url: string) => ({ method: 'POST' as const, url });
  const patient: Patient = {
    resourceType: 'Patient',
    identifier: [{ system: BSN_SYSTEM, value: family.bsn }],
    name: [{ family: 'Verhaalstra', given: [family.given] }],
    birthDate: family.birthDate,
  };
  const relatives = family.parents.map((parent, index) => ({
    fullUrl: parentUrl(index),
    request: post('RelatedPerson'),
    resource: {
      resourceType: 'RelatedPerson',
      patient: subject,
      relationship: [
        {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: index === 0 ? 'MTH' : 'FTH' }],
        },
      ],
      name: [{ given: [parent.given], family: 'Verhaalstra' }],
      extension: [
        { url: EXTENSIONS.custody, valueCode: parent.custody },
        ...(parent.is ? [{ url: EXTENSIONS.samePerson, valueReference: { reference: parent.is } }] : []),
      ],
    } satisfies RelatedPerson as RelatedPerson,
  }));
  const signers = family.parents.flatMap((one, index) =>
    one.custody === 'yes' ? [{ reference: parentUrl(index) }] : [],
  );
  const consent: Bundle['entry'] = family.consentFor
    ? [
        {
          fullUrl: CONSENT,
          request: post('Consent'),
          resource: consentFor(subject, signers.length > 0 ? signers : [subject], family.consentFor, signedAt),
        },
      ]
    : [];
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: PATIENT, resource: patient, request: post('Patient') },
      ...relatives,
      {
        fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000007',
        request: post('CareTeam'),
        resource: {
          resourceType: 'CareTeam',
          status: 'active',
          subject,
          participant: family.team.map((one) => ({ member: { reference: `Organization/${one}` } })),
        },
      },
      {
        fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000008',
        request: post('EpisodeOfCare'),
        resource: {
          resourceType: 'EpisodeOfCare',
          status: family.episode ?? 'active',
          type: [{ coding: [{ system: POLI_SYSTEM, code: family.poli ?? 'nazorg-neonatologie' }] }],
          patient: subject,
        },
      },
      ...consent,
      ...more,
    ],
  };
}

export const CONSENT = 'urn:uuid:00000000-0000-4000-8000-000000000009';

const SAMPLE = fileURLToPath(new URL('../../mappings/hix/samples/yonathan-consult.json', import.meta.url));

/** A consult of the hospital about somebody: a weight, and what else is given. */
export function consult(
  about: { bsn: string; birthDate: string; given: string },
  messageId: string,
  more: object = {},
): string {
  const { poli, ura, sentAt, encounter, reason, conclusions, policy } = JSON.parse(
    readFileSync(SAMPLE, 'utf8'),
  ) as Record<string, object>;
  return JSON.stringify({
    messageId,
    reason,
    conclusions,
    policy,
    sentAt,
    ura,
    poli,
    patient: {
      bsn: about.bsn,
      hospitalNumber: `7${about.bsn.slice(3)}`,
      name: { firstNames: [about.given], surname: 'Verhaalstra', ownSurname: 'Verhaalstra', order: 'own' },
      birthDate: about.birthDate,
      gender: 'female',
    },
    encounter: { ...encounter, id: `POLI-${messageId}` },
    measurements: [{ type: 'body-weight', value: 5.1, unit: 'kg' }],
    ...more,
  });
}

/** An HL7 v2 message of the hospital about somebody: A31 (details changed) with more fields of PID, A40 with the number that is taken up. */
export function adt(
  about: { bsn: string; birthDate: string; given: string },
  messageId: string,
  { pid = '', segments = [] }: { pid?: string; segments?: readonly string[] } = {},
): Buffer {
  const event = segments.some((one) => one.startsWith('MRG')) ? 'A40^ADT_A39' : 'A31^ADT_A05';
  const born = about.birthDate.replaceAll('-', '');
  const name = `Verhaalstra&&Verhaalstra^${about.given}^^^^^L`;
  const lines = [
    `MSH|^~\\&|HIX|VERZINSTAD|GEZINSPOORT|VERZINSTAD|20261120101500+0100||ADT^${event}|${messageId}|P|2.5.1|||AL|NE|NLD|UNICODE UTF-8`,
    `EVN|${event.slice(0, 3)}|20261120101500+0100`,
    `PID|1||7${about.bsn.slice(3)}^^^HIX^PI~${about.bsn}^^^NLMINBIZA^NNNLD||${name}||${born}|F${pid}`,
    ...segments,
  ];
  return Buffer.from(`${lines.join('\r')}\r`);
}

/** Stories on a network: what each party does, in its own words. */
export function storyOn(network: Network) {
  const { db, vault } = network.gateway.ports;
  const inner = (organisation: string, id: string): string => vault.ids(organisation).in(id) ?? '';
  const iua = (role: string, purpose = 'TREAT', reason?: string) => ({
    subject_role: role,
    purpose_of_use: purpose,
    person_id: 'medewerker-17',
    ...(reason && { btg_reason: reason }),
  });
  return {
    /** The recorder of the JGZ enters a family; gives where each entry stands. */
    async enter(family: StoryFamily, more?: Bundle['entry'], signedAt = new Date(Date.now() - 60_000).toISOString()) {
      const answer = await network.doors.send('kdplus', 'POST', '/fhir', storyBundle(family, signedAt, more));
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      const places = ((answer.body as Bundle).entry ?? []).map((one) => one.response?.location ?? '');
      const patient = places.find((one) => one.startsWith('Patient/')) ?? '';
      const consent = places.find((one) => one.startsWith('Consent/')) ?? '';
      return { places, patient, consent, own: inner('jgz', patient.slice('Patient/'.length)) };
    },
    push: (body: string) =>
      network.doors.send('hix', 'POST', '/exchange/hix', body, { contentType: 'application/json' }),
    /** The nurse of the JGZ asks for everything. */
    async nurse(patient: string): Promise<{ status: number; types: string[] }> {
      const id = patient.slice('Patient/'.length);
      const answer = await network.doors.everything('kdplus', 'youth-nurse', id);
      const types = (answer.body.entry ?? []).map((one) => one.resource?.resourceType ?? '');
      return { status: answer.status, types: [...new Set(types)].sort() };
    },
    /** Somebody of the hospital asks for everything, by the hospital's own id. */
    hospital: (own: string, role: string, purpose = 'TREAT', reason?: string) =>
      network.doors.send('hix', 'GET', `/fhir/Patient/${vault.ids('ziekenhuis').out(own)}/$everything`, undefined, {
        iua: iua(role, purpose, reason),
      }),
    async readConsent(consent: string) {
      const answer = await network.doors.send('kdplus', 'GET', `/fhir/${consent}`);
      return { answer, consent: answer.body as Consent };
    },
    /** The recorder changes a consent as it stands. */
    async change(consent: string, change: (one: Consent) => Consent) {
      const read = await network.doors.send('kdplus', 'GET', `/fhir/${consent}`);
      return network.doors.send('kdplus', 'PUT', `/fhir/${consent}`, change(read.body as Consent), {
        headers: { 'if-match': read.etag ?? '' },
      });
    },
    register: (consent: Consent) => network.doors.send('kdplus', 'POST', '/fhir/Consent', consent),
    officer: (method: string, path: string, body?: unknown) => network.doors.send('jgz-privacy', method, path, body),
    held: (inbox: string) => [...network.inboxes.held(inbox).values()] as Resource[],
    /** The reasons of the last decision about a patient that the log holds. */
    async lastReasons(own: string): Promise<string[]> {
      const row = await db
        .selectFrom('audit')
        .select('event')
        .where('patient', '=', own)
        .where('kind', '=', 'decision')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      const event = row && (JSON.parse(row.event) as AuditEvent);
      const details = event?.entity?.find((one) => one.name === 'ground')?.detail ?? [];
      return details.filter((one) => one.type === 'reason').map((one) => one.valueString ?? '');
    },
    deliveries: (own: string) =>
      db.selectFrom('delivery').selectAll().where('patient', '=', own).orderBy('sequence').execute(),
    async kinds(own: string): Promise<string[]> {
      const rows = await db.selectFrom('audit').select('kind').where('patient', '=', own).orderBy('seq').execute();
      return rows.map((one) => one.kind);
    },
  };
}
export type Story = ReturnType<typeof storyOn>;
