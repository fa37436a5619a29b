import { createHash } from 'node:crypto';
import { decidingCode } from '../policy/deciding-code.ts';
import type { Policy } from '../policy/policy.ts';
import type { StoredResource } from '../store/records.ts';
import type { NewReceipt } from '../store/schema.ts';
import { open, seal } from '../store/vault.ts';
import type { Judgement, Question } from './judge.ts';
import type { Family } from './relatives.ts';

/** A reference and its version; with category and labels where they are not those of this version but of the current one. */
type Version = readonly [ref: string, version: number, category?: string, labels?: readonly string[]];

/** What a decision was made on: enough to make it again, and no content. */
export interface ReceiptInput {
  readonly question: Omit<Question, 'btgReason'> & { readonly btgReason?: true };
  /** Who the family is: patient, relatives, poli. */
  readonly family: readonly Version[];
  readonly considered: readonly Version[];
  readonly consents: readonly Version[];
  readonly relations: readonly string[];
  readonly relatives: readonly {
    readonly patient: string;
    readonly alias: string;
    readonly resources: readonly Version[];
    readonly consents: readonly Version[];
  }[];
}

/** What became of one resource, in names and codes: `removed` holds element paths. */
export interface ItemOutcome {
  readonly outcome: 'released' | 'withheld';
  readonly reasons: readonly string[];
  readonly redactions: readonly string[];
  readonly removed: readonly string[];
  /** Of `removed`: what a redaction or the rule about the BSN took away. */
  readonly hidden?: readonly string[];
  /** What the view made of it, or why it gives nothing; absent where consent decided. */
  readonly view?: string;
}

/** The outcomes, each different one once; `items` follows the order of `considered`: which outcome, and whether it was in the answer. */
export interface ReceiptOutput {
  readonly decision: string;
  readonly reasons: readonly string[];
  readonly outcomes: readonly ItemOutcome[];
  readonly items: readonly (readonly [outcome: number, sent: 0 | 1])[];
}

/** One decision as it is about to be recorded. `leaving`: what is in the answer. */
export interface Decided {
  readonly id: string;
  readonly family: Family;
  readonly question: Question;
  readonly policy: Policy;
  readonly judgement: Judgement;
  readonly considered: readonly StoredResource[];
  readonly leaving: readonly StoredResource[];
}

/** The receipt of a decision as a row: codes in clear, the rest sealed under the patient's key. */
export function toReceipt(decided: Decided): NewReceipt {
  const { id, family, question, policy } = decided;
  const { patient, dataKey, gate } = family.file;
  const input = JSON.stringify(inputOf(decided));
  const output = JSON.stringify(outputOf(decided.judgement, decided.considered, decided.leaving));
  const { organisation, discipline, purpose, mode } = question;
  return {
    id,
    patient,
    at: new Date(question.at),
    organisation,
    discipline,
    purpose,
    mode,
    policy: policy.version,
    code: decidingCode(),
    input: digest(input),
    output: digest(output),
    gate,
    body: seal(dataKey, Buffer.from(`[${input},${output}]`), aad(id, patient)),
  };
}

/** Opens the body of a receipt with the patient's key. Throws when it is not that of this row. */
export function openReceipt(
  dataKey: Parameters<typeof open>[0],
  row: { readonly id: string; readonly patient: string; readonly body: Uint8Array },
): { readonly input: ReceiptInput; readonly output: ReceiptOutput } {
  const [input, output] = JSON.parse(open(dataKey, row.body, aad(row.id, row.patient)).toString()) as [
    ReceiptInput,
    ReceiptOutput,
  ];
  return { input, output };
}

const aad = (id: string, patient: string) => `receipt/${id}/${patient}`;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Kinds that the judgement reads to know who the family is. */
const FAMILY: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson', 'EpisodeOfCare']);

function inputOf({ family: { file, relatives }, question, considered }: Decided): ReceiptInput {
  const { btgReason, ...rest } = question;
  const own = new Set(file.resources);
  return {
    // The reason itself may hold clinical text: that one was given is what the decision looks at.
    question: { ...rest, ...(btgReason?.trim() && { btgReason: true }) },
    family: file.resources.filter((one) => FAMILY.has(one.type)).map(versionOf),
    considered: considered.map((one) =>
      own.has(one) ? versionOf(one) : [...versionOf(one), one.category, one.labels],
    ) as Version[],
    consents: file.consents.map(consentVersion),
    relations: file.relations,
    relatives: relatives.map(({ party, consents, resources = [] }) => ({
      patient: party.ref.slice('Patient/'.length),
      alias: party.selfRefs.at(-1) ?? '',
      resources: resources.filter((one) => FAMILY.has(one.type)).map(versionOf),
      consents: consents.map(consentVersion),
    })),
  };
}

const versionOf = (one: StoredResource): [string, number] => [`${one.type}/${one.id}`, one.version];

const consentVersion = (one: { id?: string; meta?: { versionId?: string } }): Version => [
  one.id ?? '',
  Number(one.meta?.versionId ?? 0),
];

/** What a judgement came to, item by item. Pure; equal judgements give equal outputs. */
export function outputOf(
  { decision, released, withheld }: Judgement,
  considered: readonly StoredResource[],
  leaving: readonly StoredResource[],
): ReceiptOutput {
  const found = new Map<StoredResource, ItemOutcome>();
  for (const { stored, removed, hidden } of released) {
    const item = decision.derivation.items[`${stored.type}/${stored.id}`];
    const { reasons = [], redactions = [] } = item ?? {};
    found.set(stored, {
      outcome: 'released',
      reasons,
      redactions,
      removed,
      ...(hidden.length > 0 && { hidden }),
      view: removed.length > 0 ? 'reduced' : 'whole',
    });
  }
  for (const { stored, reasons, view } of withheld)
    found.set(stored, { outcome: 'withheld', reasons, redactions: [], removed: [], ...(view && { view }) });
  const sent = new Set(leaving);
  const places = new Map<string, number>();
  const outcomes: ItemOutcome[] = [];
  const items = considered.map((one): [number, 0 | 1] => {
    const outcome = found.get(one) ?? NOT_NAMED;
    const key = `${outcome.outcome} ${outcome.view} ${outcome.reasons.join()} ${outcome.redactions.join()} ${outcome.removed.join()} ${outcome.hidden?.join()}`;
    let place = places.get(key);
    if (place === undefined) {
      place = outcomes.push(outcome) - 1;
      places.set(key, place);
    }
    return [place, sent.has(one) ? 1 : 0];
  });
  return { decision: decision.decision, reasons: decision.reasons, outcomes, items };
}

/** A professional or organisation that nothing released names. */
const NOT_NAMED: ItemOutcome = { outcome: 'withheld', reasons: [], redactions: [], removed: [] };
