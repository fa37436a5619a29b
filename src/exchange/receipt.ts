import type { OperationOutcome } from '@medplum/fhirtypes';
import type { Refusal } from '../fhir/problems.ts';
import { refuse } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import type { Plan } from './plan.ts';

/** What a sender gets and may ask for again: no content, only what became of the message. */
export interface Receipt {
  readonly id: string;
  readonly state: string;
  readonly messageId: string;
  /** The same for a FHIR reader: accepted, and one piece of information for each kind that was not kept. */
  readonly outcome: OperationOutcome;
  /** Items that nobody may get, and that are therefore not kept: kind and number. */
  readonly notKept: readonly {
    readonly type: string;
    readonly category: string;
    readonly count: number;
    readonly reasons: readonly string[];
  }[];
  readonly deliveries: readonly {
    readonly receiver: string;
    readonly state: string;
    readonly attempts: number;
    /** Receipt of the decision by which it was sent; for the privacy officer. */
    readonly decision?: string;
  }[];
}

interface Outcome {
  readonly messageId: string;
  readonly notKept?: Plan['dropped'];
  readonly unchecked?: readonly string[];
}

/** Puts a receipt together from the ledger's rows. */
export function receiptOf(row: {
  id: string;
  state: string;
  outcome: Outcome;
  deliveries: readonly { receiver: string; state: string; attempts?: number; receipt?: object | null }[];
}): Receipt {
  return {
    id: row.id,
    state: row.state,
    messageId: row.outcome.messageId,
    outcome: toInformation(row.state, row.outcome),
    notKept: row.outcome.notKept ?? [],
    deliveries: row.deliveries.map(({ receiver, state, attempts, receipt }) => {
      const { decision } = (receipt ?? {}) as { decision?: string };
      return { receiver, state, attempts: attempts ?? 0, ...(decision && { decision }) };
    }),
  };
}

function toInformation(state: string, { notKept = [], unchecked = [] }: Outcome): OperationOutcome {
  const taken = { severity: 'information' as const, code: 'informational' as const, details: { text: state } };
  const left = notKept.map(({ type, category, count, reasons }) => ({
    severity: 'information' as const,
    code: 'suppressed' as const,
    details: { text: `Not kept, because nobody may get it: ${count} ${type} (${category}): ${reasons.join(', ')}` },
  }));
  const open = unchecked.map((one) => ({
    severity: 'information' as const,
    code: 'incomplete' as const,
    details: { text: `Not checked at ${one}` },
  }));
  return { resourceType: 'OperationOutcome', issue: [taken, ...left, ...open] };
}

/** The receipt of an exchange, for the organisation that sent it. */
export async function findReceipt(db: Db, id: string, sender: string): Promise<Receipt | undefined> {
  const row = await db
    .selectFrom('exchange')
    .select(['id', 'state', 'outcome'])
    .where('id', '=', id)
    .where('sender', '=', sender)
    .executeTakeFirst();
  if (!row) return undefined;
  const deliveries = await db
    .selectFrom('delivery')
    .select(['receiver', 'state', 'attempts', 'receipt'])
    .where('exchange', '=', id)
    .orderBy('sequence')
    .execute();
  return receiptOf({ id: row.id, state: row.state, outcome: row.outcome as Outcome, deliveries });
}

/** A message id that was accepted before: the same content gives the same receipt, other content is a conflict. */
export async function previous(
  db: Db,
  sender: string,
  source: string,
  messageId: string,
  digest: Buffer,
): Promise<{ ok: true; receipt: Receipt; deliveries: string[] } | Refusal | undefined> {
  const row = await db
    .selectFrom('exchange')
    .select(['id', 'digest'])
    .where('sender', '=', sender)
    .where('source', '=', source)
    .where('message_id', '=', messageId)
    .where('state', '<>', 'refused')
    .executeTakeFirst();
  if (!row) return undefined;
  if (!row.digest?.equals(digest)) return refuse('message-conflict');
  const receipt = await findReceipt(db, row.id, sender);
  return receipt ? { ok: true, receipt, deliveries: [] } : undefined;
}
