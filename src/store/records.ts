import type { KeyObject } from 'node:crypto';
import type { Consent, Resource } from '@medplum/fhirtypes';
import { type Insertable, sql } from 'kysely';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';
import { type Db, prepared } from './database.ts';
import type { Database } from './schema.ts';
import { open, seal, type Vault } from './vault.ts';

/** A resource of one patient as it lies in the store, opened. `author` is the organisation that sent it. */
export interface StoredResource {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly category: string;
  readonly labels: readonly string[];
  readonly author: string;
  /** The exchange that brought this version, if it came in one. */
  readonly exchange?: string;
  readonly resource: Resource;
}

/** Everything on record about one patient, opened. It never leaves `exchange/`: the way out is `release`. */
export interface PatientFile {
  readonly patient: string;
  readonly dataKey: KeyObject;
  readonly resources: readonly StoredResource[];
  readonly consents: readonly Consent[];
  /** Organisations with a treatment relation now. */
  readonly relations: readonly string[];
  /** State of consents, custody and relations that was read; a decision holds only while it is the current one. */
  readonly gate: number;
  /** Two records may be of one person, or one of two: nothing is released until a privacy officer has looked. */
  readonly held?: boolean;
}

/** A version to be written. The store sets `meta.versionId` and `meta.lastUpdated` when it is read. */
export interface NewRecord {
  readonly resource: Resource & { id: string };
  readonly category: string;
  readonly labels: readonly string[];
  readonly author: string;
  readonly source: string;
  readonly exchange?: string;
}

export type ResourceInsert = Insertable<Database['resource']>;

interface FileRow {
  /** The first row is the patient: `labels` are its treatment relations, `body` its wrapped key, `version` its gate. */
  kind: 'patient' | 'resource' | 'consent';
  type: string;
  id: string;
  version: number;
  category: string;
  /** Separated by spaces. */
  labels: string;
  author: string;
  exchange: string | null;
  /** Milliseconds since 1970. */
  recorded: number;
  /** Base64. */
  body: string;
}

/** The associated data of a body: patient, type, id and version. */
const aad = (patient: string, type: string, id: string, version: number) => `${patient}/${type}/${id}/${version}`;

/** Finds a patient by BSN and holds it for the rest of the transaction: writers of one patient take turns, so versions and lanes keep their order. */
export async function lockPatientByBsn(trx: Db, vault: Vault, bsn: string): Promise<string | undefined> {
  const { rows } = await sql<{
    id: string;
  }>`select id from patient where bsn_index = ${vault.bsnIndex(bsn)} and erased_at is null for no key update`.execute(
    trx,
  );
  return rows[0]?.id;
}

/** Finds a patient by BSN through the keyed index. Erased patients are not found. */
export async function findPatient(db: Db, vault: Vault, bsn: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('patient')
    .select('id')
    .where('bsn_index', '=', vault.bsnIndex(bsn))
    .where('erased_at', 'is', null)
    .executeTakeFirst();
  return row?.id;
}

/** The patient in whose register a Consent stands. */
export async function consentHolder(db: Db, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('consent')
    .select('patient')
    .where('id', '=', id)
    .where('current', '=', true)
    .executeTakeFirst();
  return row?.patient;
}

/** All versions of a Consent, oldest first, opened. */
export async function consentVersions(db: Db, dataKey: KeyObject, patient: string, id: string): Promise<Consent[]> {
  const { rows } = await sql<FileRow>`
    select 'consent' as kind, ${sql.raw(CONSENT)} from consent where patient = ${patient} and id = ${id} order by version`.execute(
    db,
  );
  return rows.map((row) => openBody(dataKey, patient, row) as Consent);
}

/** Seals something that is kept beside a patient's record; it opens only under the same name. */
export const sealBeside = (dataKey: KeyObject, name: string, value: unknown): Buffer =>
  seal(dataKey, Buffer.from(JSON.stringify(value)), name);

/** Opens what `sealBeside` sealed. */
export const openBeside = (dataKey: KeyObject, name: string, sealed: Uint8Array): unknown =>
  JSON.parse(open(dataKey, sealed, name).toString());

/** The patient in whose file a current resource stands. */
export async function holderOf(db: Db, type: string, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('resource')
    .select('patient')
    .where('id', '=', id)
    .where('type', '=', type)
    .where('current', '=', true)
    .executeTakeFirst();
  return row?.patient;
}

/** The versions of a resource before the current one, opened, newest first. */
export async function earlierVersions(
  db: Db,
  file: Pick<PatientFile, 'patient' | 'dataKey'>,
  type: string,
  id: string,
): Promise<StoredResource[]> {
  const { rows } = await prepared<FileRow>(db, { name: 'versions', text: VERSIONS, values: [file.patient, type, id] });
  return rows.map((one) => toStored(one, openBody(file.dataKey, file.patient, one)));
}

/** Which part of a file is wanted: all of it, or who the family is (patient, relatives, poli, consents, professionals), what one exchange brought, and certain ids. */
export type FilePart = 'all' | { readonly exchange?: string; readonly ids?: readonly string[] };

/** Loads and opens the current file of a patient, or undefined when unknown or erased. One round trip, whatever the file holds. */
export async function loadFile(
  db: Db,
  vault: Vault,
  patient: string,
  now: Date,
  part: FilePart = 'all',
): Promise<PatientFile | undefined> {
  const isPart = part !== 'all';
  const { rows } = await prepared<FileRow>(db, {
    name: isPart ? 'part-of-file' : 'file',
    text: isPart ? PART_OF_FILE : FILE,
    values: [patient, now, ...(isPart ? [FAMILY_TYPES, part.exchange ?? null, part.ids ?? []] : [])],
  });
  const [head, ...rest] = rows;
  if (head?.kind !== 'patient') return undefined;
  const dataKey = vault.dataKey(patient, Buffer.from(head.body, 'base64'));
  const resources: StoredResource[] = [];
  const consents: Consent[] = [];
  for (const one of rest) {
    const resource = openBody(dataKey, patient, one);
    if (one.kind === 'consent') consents.push(resource as Consent);
    else resources.push(toStored(one, resource));
  }
  const held = head.category === 'held';
  return {
    patient,
    dataKey,
    resources,
    consents,
    relations: words(head.labels),
    gate: head.version,
    ...(held && { held }),
  };
}

/** A patient's data key and gate; undefined when unknown, `erased` when the key is gone. */
export async function keyOf(db: Db, vault: Vault, patient: string): Promise<KeyObject | 'erased' | undefined> {
  const row = await db
    .selectFrom('patient')
    .select(['wrapped_key', 'erased_at'])
    .where('id', '=', patient)
    .executeTakeFirst();
  if (!row) return undefined;
  return row.wrapped_key && !row.erased_at ? vault.dataKey(patient, row.wrapped_key) : 'erased';
}

/** Versions of one patient's resources and consents, opened: those of the asked ones that are still there. */
export async function loadVersions(
  db: Db,
  dataKey: KeyObject,
  patient: string,
  asked: { readonly resources: readonly VersionRef[]; readonly consents: readonly VersionRef[] },
): Promise<{ readonly resources: readonly StoredResource[]; readonly consents: readonly Consent[] }> {
  const named = (refs: readonly VersionRef[]) =>
    sql`(select * from unnest(${refs.map((one) => one.id)}::uuid[], ${refs.map((one) => one.version)}::int[]))`;
  const { rows } = await sql<FileRow>`
    select 'resource' as kind, ${sql.raw(RESOURCE)} from resource
    where patient = ${patient} and (id, version) in ${named(asked.resources)}
    union all
    select 'consent', ${sql.raw(CONSENT)} from consent
    where patient = ${patient} and (id, version) in ${named(asked.consents)}`.execute(db);
  const opened = rows.map((row) => ({ row, resource: openBody(dataKey, patient, row) }));
  return {
    resources: opened.filter(({ row }) => row.kind === 'resource').map(({ row, resource }) => toStored(row, resource)),
    consents: opened.filter(({ row }) => row.kind === 'consent').map(({ resource }) => resource as Consent),
  };
}

/** One version of something of a known patient. */
export interface VersionRef {
  readonly id: string;
  readonly version: number;
}

const toStored = (row: FileRow, resource: Resource): StoredResource => ({
  type: row.type,
  id: row.id,
  version: row.version,
  ...labelsOf(resource, row),
  author: row.author,
  exchange: row.exchange ?? undefined,
  resource,
});

/** Category and labels as sealed in the body: the columns beside it only count and index, so changing them in the database releases nothing. */
function labelsOf(resource: Resource, row: FileRow): Pick<StoredResource, 'category' | 'labels'> {
  const security = resource.meta?.security ?? [];
  const category = security.find((one) => one.system === CATEGORY_SYSTEM)?.code;
  if (category === undefined) return { category: row.category, labels: words(row.labels) };
  const labels = security.filter((one) => one.system !== CATEGORY_SYSTEM).map((one) => one.code ?? '');
  return { category: category.replace(/^cat-/, ''), labels };
}

const words = (text: string): string[] => (text === '' ? [] : text.split(' '));

/** Kinds that say who the family is and who the professionals are; by type, so that the primary key finds them in a file of any size. */
const FAMILY_TYPES = [
  'Patient',
  'RelatedPerson',
  'EpisodeOfCare',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
];

/** Columns as texts that cost nothing to read: base64 is two thirds of the hexadecimal that bytes come in otherwise, and arrays and times have readers of their own. */
const columns = (
  of: Record<'type' | 'id' | 'version' | 'category' | 'labels' | 'author' | 'exchange' | 'recorded' | 'body', string>,
): string =>
  `${of.type} as type, ${of.id} as id, ${of.version} as version, ${of.category} as category, array_to_string(${of.labels}, ' ') as labels,
    ${of.author} as author, ${of.exchange} as exchange, (extract(epoch from ${of.recorded}) * 1000)::float8 as recorded, encode(${of.body}, 'base64') as body`;

const RESOURCE = columns({
  type: 'type',
  id: 'id',
  version: 'version',
  category: 'category',
  labels: 'labels',
  author: 'author',
  exchange: 'exchange',
  recorded: 'recorded_at',
  body: 'body',
});
const PATIENT = columns({
  type: "''",
  id: 'id',
  version: 'gate',
  category: "case when held then 'held' else '' end",
  labels:
    'array(select distinct organisation from treatment_relation where patient = p.id and since <= $2 and (until is null or until > $2) order by organisation)',
  author: "''",
  exchange: 'null::uuid',
  recorded: "'-infinity'::timestamptz",
  body: 'wrapped_key',
});
const CONSENT = columns({
  type: "'Consent'",
  id: 'id',
  version: 'version',
  category: "''",
  labels: "'{}'::text[]",
  author: 'recorder',
  exchange: 'null::uuid',
  recorded: 'recorded_at',
  body: 'body',
});

const fileStatement = (within: string): string => `
  select 'patient' as kind, ${PATIENT} from patient p where id = $1 and erased_at is null and wrapped_key is not null
  union all
  select 'resource', ${RESOURCE} from resource where patient = $1 and current ${within}
  union all
  select 'consent', ${CONSENT} from consent where patient = $1 and current
  order by recorded, type, id`;

const FILE = fileStatement('');
const PART_OF_FILE = fileStatement('and (type = any($3::text[]) or exchange = $4::uuid or id = any($5::uuid[]))');
const VERSIONS = `
  select 'resource' as kind, ${RESOURCE} from resource where patient = $1 and type = $2 and id = $3 and not current order by version desc`;

function openBody(dataKey: KeyObject, patient: string, row: FileRow): Resource {
  const body = open(dataKey, Buffer.from(row.body, 'base64'), aad(patient, row.type, row.id, row.version));
  const resource = JSON.parse(body.toString()) as Resource;
  const lastUpdated = new Date(row.recorded).toISOString();
  resource.meta = { ...resource.meta, versionId: String(row.version), lastUpdated };
  return resource;
}

/** Adds a patient with a fresh data key; `bsn` may follow later. */
export async function createPatient(trx: Db, vault: Vault, id: string, bsn: string | undefined): Promise<KeyObject> {
  const wrapped = vault.newDataKey(id);
  await trx
    .insertInto('patient')
    .values({ id, bsn_index: bsn ? vault.bsnIndex(bsn) : null, wrapped_key: wrapped, erased_at: null })
    .execute();
  return vault.dataKey(id, wrapped);
}

/** Holds a known patient for the rest of the transaction. */
export async function lockPatient(trx: Db, patient: string): Promise<void> {
  await sql`select 1 from patient where id = ${patient} for no key update`.execute(trx);
}

/** New versions of resources as rows, each sealed under the patient's data key. `current` is what they replace: their version is one higher. */
export function sealRecords(
  dataKey: KeyObject,
  patient: string,
  records: readonly NewRecord[],
  current: readonly StoredResource[],
  now: Date,
): ResourceInsert[] {
  const versions = new Map(current.map((one) => [`${one.type}/${one.id}`, one.version]));
  return records.map(({ resource, category, labels, author, source, exchange }) => {
    const { resourceType: type, id } = resource;
    const version = (versions.get(`${type}/${id}`) ?? 0) + 1;
    const body = seal(dataKey, Buffer.from(JSON.stringify(resource)), aad(patient, type, id, version));
    return {
      patient,
      type,
      id,
      version,
      current: true,
      category,
      labels: [...labels],
      author,
      source,
      exchange: exchange ?? null,
      recorded_at: now,
      body,
    };
  });
}

/** Writes new versions; what they replace is current no longer. Call with the patient locked. */
export async function writeRecords(trx: Db, rows: readonly ResourceInsert[]): Promise<void> {
  const patient = rows[0]?.patient;
  if (patient === undefined) return;
  const types = rows.map((one) => one.type);
  const ids = rows.map((one) => one.id);
  await trx
    .with('replaced', (db) =>
      db
        .updateTable('resource')
        .set({ current: false })
        .where('patient', '=', patient)
        .where('current', '=', true)
        .where(sql<boolean>`(type, id) in (select * from unnest(${types}::text[], ${ids}::uuid[]))`),
    )
    .insertInto('resource')
    .values([...rows])
    .execute();
}

/** Writes a version of a Consent. `version` is the one it replaces plus one; a concurrent writer fails on the primary key. */
export async function writeConsent(
  trx: Db,
  dataKey: KeyObject,
  patient: string,
  consent: Consent & { id: string },
  version: number,
  recorder: string,
  now: Date,
): Promise<void> {
  await trx
    .updateTable('consent')
    .set({ current: false })
    .where('patient', '=', patient)
    .where('id', '=', consent.id)
    .where('current', '=', true)
    .execute();
  const body = seal(dataKey, Buffer.from(JSON.stringify(consent)), aad(patient, 'Consent', consent.id, version));
  await trx
    .insertInto('consent')
    .values({ patient, id: consent.id, version, current: true, recorder, recorded_at: now, body })
    .execute();
  await raiseGate(trx, patient);
}

/** Decisions made before this count no longer. Call in the transaction of the change. */
export async function raiseGate(trx: Db, patient: string): Promise<void> {
  await sql`update patient set gate = gate + 1 where id = ${patient}`.execute(trx);
}

/** Seals a raw message under the patient's key; it opens only as the raw message of that exchange. */
export const sealRaw = (dataKey: KeyObject, exchange: string, bytes: Uint8Array): Buffer =>
  seal(dataKey, bytes, `raw/${exchange}`);

/** Opens the raw message of an exchange. */
export const openRaw = (dataKey: KeyObject, exchange: string, sealed: Uint8Array): Buffer =>
  open(dataKey, sealed, `raw/${exchange}`);
