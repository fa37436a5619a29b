import type { KeyObject } from 'node:crypto';
import type { Flip } from '../consent/flip.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/database.ts';
import { keyOf, loadVersions, type PatientFile, type StoredResource } from '../store/records.ts';
import type { ReceiptRow } from '../store/schema.ts';
import type { Vault } from '../store/vault.ts';
import { openReceipt, outputOf, type ReceiptInput, type ReceiptOutput } from './decision-receipt.ts';
import { flipIn, type Judgement, judge, type Question, type Relative } from './judge.ts';
import { toRelative } from './relatives.ts';

export interface ReplayPorts {
  readonly db: Db;
  readonly vault: Vault;
  /** A policy that was in force at some time, compiled; undefined when it is not known. */
  policyOf(version: string): Promise<Policy | undefined>;
}

/** A decision put together again from its receipt, or why that cannot be. */
export type Recalled =
  | {
      readonly ok: true;
      readonly file: PatientFile;
      readonly relatives: readonly Relative[];
      readonly considered: readonly StoredResource[];
      readonly input: ReceiptInput;
      readonly output: ReceiptOutput;
    }
  | { readonly ok: false; readonly why: 'erased' | 'relative-erased' | 'version-gone' | 'not-readable' };

/** Where the result differs from what was recorded, by reference (`decision` for the whole), with the outcomes of then and of now. */
export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export type Replayed =
  | { readonly kind: 'same'; readonly row: ReceiptRow; readonly items: number; readonly decision: string }
  | { readonly kind: 'different'; readonly row: ReceiptRow; readonly differences: readonly Difference[] }
  | {
      readonly kind: 'impossible';
      readonly row: ReceiptRow;
      readonly why: Exclude<Recalled, { ok: true }>['why'] | 'policy-gone';
    };

/** The decisions of an answer: one for each patient it was about. */
export const receiptRows = (db: Db, id: string): Promise<ReceiptRow[]> =>
  db.selectFrom('receipt').selectAll().where('id', '=', id).orderBy('seq').execute();

/**
 * Makes every decision of an answer again: the versions of then, under the policy of then. The same input gives the same result as long as the code decides alike; where it does not,
 * the differences are what a change of code did.
 */
export async function replay(ports: ReplayPorts, id: string): Promise<Replayed[]> {
  const done: Replayed[] = [];
  for (const row of await receiptRows(ports.db, id)) done.push(await replayOne(ports, row));
  return done;
}

async function replayOne(ports: ReplayPorts, row: ReceiptRow): Promise<Replayed> {
  const recalled = await recall(ports, row);
  if (!recalled.ok) return { kind: 'impossible', row, why: recalled.why };
  const policy = await ports.policyOf(row.policy);
  if (!policy) return { kind: 'impossible', row, why: 'policy-gone' };
  const again = outputOf(judgeAgain(recalled, policy), recalled.considered, []);
  const differences = differencesOf(recalled, again);
  if (differences.length > 0) return { kind: 'different', row, differences };
  return { kind: 'same', row, items: again.items.length, decision: again.decision };
}

/** The judgement of a recalled decision under a policy: that of then, or another to see what it would change. */
export const judgeAgain = (recalled: Extract<Recalled, { ok: true }>, policy: Policy): Judgement => {
  const { file, relatives, considered } = recalled;
  return judge(file, relatives, questionOf(recalled), policy, considered);
};

/** The smallest change that would have turned what became of one resource. */
export const flipAgain = (recalled: Extract<Recalled, { ok: true }>, policy: Policy, ref: string): Flip | undefined => {
  const { file, relatives, considered } = recalled;
  return flipIn(file, relatives, questionOf(recalled), policy, considered, ref);
};

function questionOf({ input }: Extract<Recalled, { ok: true }>): Question {
  const { btgReason, ...question } = input.question;
  return { ...question, ...(btgReason && { btgReason: 'given' }) };
}

/** Puts family, relatives and resources together as they were. */
export async function recall(ports: Pick<ReplayPorts, 'db' | 'vault'>, row: ReceiptRow): Promise<Recalled> {
  const dataKey = await keyOf(ports.db, ports.vault, row.patient);
  if (dataKey === 'erased' || dataKey === undefined) return { ok: false, why: 'erased' };
  const opened = tryOpen(dataKey, row);
  if (!opened) return { ok: false, why: 'not-readable' };
  const { input, output } = opened;
  const own = await versions(ports, row.patient, dataKey, [...input.family, ...input.considered], input.consents);
  if (!own) return { ok: false, why: 'version-gone' };
  const relatives: Relative[] = [];
  for (const one of input.relatives) {
    const key = await keyOf(ports.db, ports.vault, one.patient);
    if (key === 'erased' || key === undefined) return { ok: false, why: 'relative-erased' };
    const theirs = await versions(ports, one.patient, key, one.resources, one.consents);
    if (!theirs) return { ok: false, why: 'version-gone' };
    relatives.push(
      toRelative(
        {
          ...NOBODY,
          patient: one.patient,
          dataKey: key,
          consents: theirs.consents,
          resources: theirs.of(one.resources),
        },
        one.alias,
      ),
    );
  }
  const considered = own.of(input.considered);
  const family = own.of(input.family);
  const file: PatientFile = {
    ...NOBODY,
    patient: row.patient,
    dataKey,
    gate: row.gate,
    relations: input.relations,
    consents: own.consents,
    resources: family,
  };
  return { ok: true, file, relatives, considered, input, output };
}

const NOBODY = { relations: [], gate: 0, resources: [], consents: [] };

function tryOpen(dataKey: KeyObject, row: ReceiptRow) {
  try {
    return openReceipt(dataKey, row);
  } catch {
    return undefined;
  }
}

/** The asked versions in the asked order; undefined when one of them is gone (its term ended, or somebody removed it). */
async function versions(
  ports: Pick<ReplayPorts, 'db'>,
  patient: string,
  dataKey: KeyObject,
  refs: ReceiptInput['considered'],
  consentRefs: ReceiptInput['consents'],
) {
  const found = await loadVersions(ports.db, dataKey, patient, {
    resources: refs.map(([ref, version]) => ({ id: ref.slice(ref.indexOf('/') + 1), version })),
    consents: consentRefs.map(([id, version]) => ({ id, version })),
  });
  const resources = new Map(found.resources.map((one) => [`${one.type}/${one.id} ${one.version}`, one]));
  const consents = new Map(found.consents.map((one) => [`${one.id} ${one.meta?.versionId}`, one]));
  const ofConsents = consentRefs.flatMap(([id, version]) => consents.get(`${id} ${version}`) ?? []);
  if (refs.some(([ref, version]) => !resources.has(`${ref} ${version}`)) || ofConsents.length < consentRefs.length)
    return undefined;
  return {
    consents: ofConsents,
    of: (asked: ReceiptInput['considered']): StoredResource[] =>
      asked.flatMap(([ref, version, category, labels]) => {
        const one = resources.get(`${ref} ${version}`);
        return one ? [{ ...one, ...(category !== undefined && { category, labels: labels ?? [] }) }] : [];
      }),
  };
}

function differencesOf({ input, output }: Extract<Recalled, { ok: true }>, again: ReceiptOutput): Difference[] {
  const whole = (one: ReceiptOutput) => `${one.decision}: ${one.reasons.join(', ')}`;
  const items = input.considered.flatMap(([ref, version], at): Difference[] => {
    const [before, after] = [tell(output, at), tell(again, at)];
    return before === after ? [] : [{ what: `${ref}/_history/${version}`, before, after }];
  });
  return whole(output) === whole(again)
    ? items
    : [{ what: 'decision', before: whole(output), after: whole(again) }, ...items];
}

/** One outcome in words of the code: outcome, reasons, redactions, elements left out. */
function tell({ outcomes, items }: ReceiptOutput, at: number): string {
  const one = outcomes[items[at]?.[0] ?? -1];
  if (!one) return 'not considered';
  return [
    one.outcome,
    one.reasons.join(', '),
    one.redactions.length > 0 ? `redacted ${one.redactions.join(', ')}` : '',
    one.removed.length > 0 ? `without ${one.removed.join(', ')}` : '',
  ]
    .filter(Boolean)
    .join('; ');
}
