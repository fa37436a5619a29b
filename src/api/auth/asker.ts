import type { ClientRecord } from './types.ts';

export const DISCIPLINE_SYSTEM = 'http://gezinspoort.nl/fhir/CodeSystem/discipline';
export const PURPOSE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const PURPOSE_OID = 'urn:oid:2.16.840.1.113883.5.8';
const URA_OID = 'urn:oid:2.16.528.1.1007.3.3';

/** The professional behind a request, as the client states it in `extensions.ihe_iua` (IHE IUA, JWT token extension). */
export interface Asker {
  name?: string;
  person?: string;
  discipline?: string;
  purpose?: string;
  btgReason?: string;
  organisationId?: string;
}

export type AskerResult =
  | { ok: true; asker: Asker }
  | { ok: false; error: 'invalid_request' | 'access_denied'; description: string };

/** How each member is read: undefined when absent, null when not acceptable. */
const READERS: {
  field: keyof Asker;
  member: string;
  expected: string;
  read(value: unknown): string | undefined | null;
}[] = [
  {
    field: 'name',
    member: 'subject_name',
    expected: 'text of at most 200 characters',
    read: (value) => text(value, 200),
  },
  {
    field: 'person',
    member: 'person_id',
    expected: 'text of at most 200 characters',
    read: (value) => text(value, 200),
  },
  {
    field: 'discipline',
    member: 'subject_role',
    expected: `one code of ${DISCIPLINE_SYSTEM}`,
    read: (value) => code(value, [DISCIPLINE_SYSTEM]),
  },
  {
    field: 'purpose',
    member: 'purpose_of_use',
    expected: `one code of ${PURPOSE_SYSTEM}`,
    read: (value) => code(value, [PURPOSE_SYSTEM, PURPOSE_OID]),
  },
  {
    field: 'btgReason',
    member: 'btg_reason',
    expected: 'text of at most 500 characters',
    read: (value) => text(value, 500),
  },
  {
    field: 'organisationId',
    member: 'subject_organization_id',
    expected: `${URA_OID}.<URA>`,
    read: (value) => text(value, 200),
  },
];

// Members of IHE IUA that are accepted and not copied: the registration, not the client, names the organisation.
const NOT_COPIED = ['subject_organization', 'home_community_id', 'national_provider_identifier'];
const MEMBERS = new Set([...READERS.map(({ member }) => member), ...NOT_COPIED]);

/** Reads the claim `extensions` of an assertion or an access token; a member that is not understood refuses it. Errors never repeat a value. */
export function readAsker(extensions: unknown): AskerResult {
  if (extensions === undefined) return { ok: true, asker: {} };
  const iua = isRecord(extensions) ? (extensions.ihe_iua ?? {}) : undefined;
  if (!isRecord(iua)) return malformed('extensions.ihe_iua', 'an object');
  if (Object.keys(iua).some((member) => !MEMBERS.has(member)))
    return malformed('extensions.ihe_iua', 'an object with members of IHE IUA only');

  const asker: Asker = {};
  for (const { field, member, expected, read } of READERS) {
    const value = read(iua[member]);
    if (value === null) return malformed(member, expected);
    if (value !== undefined) asker[field] = value;
  }
  if (asker.btgReason !== undefined && asker.purpose !== 'BTG')
    return malformed('btg_reason', 'absent unless purpose_of_use is BTG');
  return { ok: true, asker };
}

/** What the registration allows of it: a discipline, purpose or organisation that is not registered for the client refuses the whole statement. */
export function permitAsker(asker: Asker, record: ClientRecord): AskerResult {
  if (asker.discipline !== undefined && !record.disciplines.includes(asker.discipline)) return denied('subject_role');
  if (asker.purpose !== undefined && !record.purposes.includes(asker.purpose)) return denied('purpose_of_use');
  if (asker.organisationId !== undefined && asker.organisationId !== organisationId(record))
    return denied('subject_organization_id');
  return { ok: true, asker };
}

/** The claim `extensions` for the access token; the organisation comes from the registration. */
export function askerClaim(asker: Asker, record: ClientRecord): { ihe_iua: Record<string, unknown> } {
  const iua = {
    subject_name: asker.name,
    subject_role: asker.discipline && [{ system: DISCIPLINE_SYSTEM, code: asker.discipline }],
    subject_organization_id: organisationId(record),
    person_id: asker.person,
    purpose_of_use: asker.purpose && [{ system: PURPOSE_SYSTEM, code: asker.purpose }],
    btg_reason: asker.btgReason,
  };
  return { ihe_iua: Object.fromEntries(Object.entries(iua).filter(([, value]) => value !== undefined)) };
}

const organisationId = ({ ura }: ClientRecord): string | undefined => ura && `${URA_OID}.${ura}`;

const malformed = (member: string, expected: string): AskerResult => ({
  ok: false,
  error: 'invalid_request',
  description: `The member ${member} of the client assertion must be ${expected}.`,
});

const denied = (member: string): AskerResult => ({
  ok: false,
  error: 'access_denied',
  description: `The value of ${member} in the client assertion is not registered for this client.`,
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined: absent. Null: not acceptable; control characters and lone surrogates cannot be kept or logged safely. */
function text(value: unknown, max: number): string | undefined | null {
  if (value === undefined) return undefined;
  return typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= max &&
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value)
    ? value
    : null;
}

/** A code alone, a coding, or (as IHE IUA writes it) a list of exactly one coding. */
function code(value: unknown, systems: readonly string[]): string | undefined | null {
  const one: unknown = Array.isArray(value) ? (value.length === 1 ? value[0] : null) : value;
  if (one === undefined && !Array.isArray(value)) return undefined;
  const coding = typeof one === 'string' ? { code: one } : one;
  if (!isRecord(coding)) return null;
  if (coding.system !== undefined && !systems.includes(coding.system as string)) return null;
  return typeof coding.code === 'string' && /^[\w-]{1,64}$/.test(coding.code) ? coding.code : null;
}
