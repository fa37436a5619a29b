import type { Generated, Insertable, JSONColumnType, Selectable } from 'kysely';

/** The tables, as the migrations make them. What is encrypted is a Buffer called `body`, `raw`, `value` or `wrapped_key`; nothing else may hold personal data. */
export interface Database {
  organisation: OrganisationTable;
  client: ClientTable;
  receiver: ReceiverTable;
  patient: PatientTable;
  treatment_relation: TreatmentRelationTable;
  resource: ResourceTable;
  consent: ConsentTable;
  exchange: ExchangeTable;
  delivery: DeliveryTable;
  patient_number: { sender: string; number: string; patient: string; since: Date };
  consent_paper: ConsentPaperTable;
  review: ReviewTable;
  mitz_statement: { patient: string; holder: string; received_at: Date; body: Buffer };
  waiting_exchange: { exchange: string; sender: string; number: string };
  audit: AuditTable;
  /** What messages held and no rule read: paths, never values. */
  unread_element: { source: string; month: string; path: string; count: string; first_seen: Date };
  receipt: ReceiptTable;
  /** Every policy that ever decided something, as canonical JSON. */
  policy: { version: string; content: string; kept_at: Date };
  policy_release: PolicyReleaseTable;
  used_assertion: { issuer: string; jti: string; expires_at: Date };
  secret: { name: string; value: Buffer; created_at: Generated<Date> };
}

interface OrganisationTable {
  id: string;
  ura: string | null;
  name: string;
  sector: string;
}

interface ClientTable {
  id: string;
  organisation: string;
  jwks: JSONColumnType<{ keys: Record<string, unknown>[] }>;
  scopes: string[];
  sources: string[];
  disciplines: string[];
  purposes: string[];
  roles: string[];
  mllp: JSONColumnType<MllpPeer> | null;
  active: Generated<boolean>;
}

/** Who may speak HL7 v2 for a client: the addresses it comes from and the names in MSH-3 and MSH-4. */
export interface MllpPeer {
  source: string;
  addresses: string[];
  application: string;
  facility: string;
}

interface ReceiverTable {
  id: string;
  organisation: string;
  discipline: string;
  categories: string[];
  kind: string;
  address: string;
  active: Generated<boolean>;
}

interface PatientTable {
  id: string;
  bsn_index: Buffer | null;
  wrapped_key: Buffer | null;
  /** Raised by whatever may change a decision about this patient: consents, custody, treatment relations. */
  gate: Generated<number>;
  created_at: Generated<Date>;
  erased_at: Date | null;
  /** When it was last looked whether the copies have to go. */
  looked_at: Generated<Date | null>;
  /** Nothing is released until a privacy officer has looked. */
  held: Generated<boolean>;
}

interface TreatmentRelationTable {
  patient: string;
  organisation: string;
  source: string;
  since: Date;
  until: Date | null;
  /** The organisation that said that it ended. */
  ended_by: Generated<string | null>;
}

interface ResourceTable {
  patient: string;
  type: string;
  id: string;
  version: number;
  current: boolean;
  category: string;
  labels: string[];
  author: string;
  source: string;
  exchange: string | null;
  recorded_at: Date;
  body: Buffer;
}

interface ConsentTable {
  patient: string;
  id: string;
  version: number;
  current: boolean;
  recorder: string;
  recorded_at: Date;
  body: Buffer;
}

/** The form or the signature of a consent, as it was entered: never changed. */
interface ConsentPaperTable {
  patient: string;
  id: string;
  type: string;
  consent: string;
  consent_version: number;
  recorder: string;
  recorded_at: Date;
  body: Buffer;
}

interface ReviewTable {
  id: string;
  kind: string;
  patient: string;
  organisation: string;
  subject: string;
  asker: string | null;
  opened_at: Date;
  until: Date | null;
  body: Buffer;
  closed_at: Generated<Date | null>;
  closed_by: Generated<string | null>;
  outcome: Generated<string | null>;
}

interface ExchangeTable {
  id: string;
  sender: string;
  source: string;
  message_id: string;
  digest: Buffer | null;
  patient: string | null;
  state: string;
  outcome: JSONColumnType<object>;
  referral_known: Generated<boolean>;
  received_at: Date;
  raw: Buffer | null;
  raw_expires_at: Date | null;
}

interface DeliveryTable {
  id: string;
  exchange: string;
  receiver: string;
  patient: string;
  sequence: Generated<string>;
  state: string;
  attempts: Generated<number>;
  next_attempt_at: Date | null;
  failure: string | null;
  receipt: JSONColumnType<object> | null;
  created_at: Date;
  updated_at: Date;
  /** What the receiver is told about copies it holds; absent where the delivery carries content. */
  notice: JSONColumnType<Notice> | null;
}

/** What a receiver is told: a code, and which of the things it was sent are meant (`Type/id`, ids of the inside). */
export interface Notice {
  readonly code: 'consent-withdrawn' | 'sharing-ended' | 'corrected';
  readonly items: readonly string[];
}

interface AuditTable {
  seq: Generated<string>;
  index: string | null;
  kind: string;
  patient: string | null;
  exchange: string | null;
  recorded_at: Date;
  salt: Buffer;
  event: string;
  leaf: Buffer;
}

interface ReceiptTable {
  seq: Generated<string>;
  /** Of the answer: what the asker got in a header. */
  id: string;
  patient: string;
  at: Date;
  organisation: string;
  discipline: string;
  purpose: string;
  mode: string;
  policy: string;
  code: string;
  input: Buffer;
  output: Buffer;
  gate: number;
  body: Buffer;
}

interface PolicyReleaseTable {
  seq: Generated<string>;
  id: string;
  version: string;
  /** The policy that was in force when this one was proposed; what `back` returns to. */
  replaces: string | null;
  proposed_by: string;
  proposed_at: Date;
  reason: string;
  holds_from: Date;
  approvals: JSONColumnType<{ by: string; at: string }[]>;
  released_at: Date | null;
  withdrawn_at: Date | null;
}

export type ExchangeRow = Selectable<ExchangeTable>;
export type DeliveryRow = Selectable<DeliveryTable>;
export type ReceiverRow = Selectable<ReceiverTable>;
export type OrganisationRow = Selectable<OrganisationTable>;
export type ClientRow = Selectable<ClientTable>;
export type ResourceRow = Selectable<ResourceTable>;
export type ReviewRow = Selectable<ReviewTable>;
export type ConsentRow = Selectable<ConsentTable>;
export type NewResource = Insertable<ResourceTable>;
export type NewAudit = Insertable<AuditTable>;
export type ReceiptRow = Selectable<ReceiptTable>;
export type NewReceipt = Insertable<ReceiptTable>;
export type PolicyReleaseRow = Selectable<PolicyReleaseTable>;
