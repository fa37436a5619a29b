import type { ConsentRef, ConsideredConsent, StatementState } from './derivation.ts';
import { isAfter } from './dutch-date.ts';
import { type Asked, type Candidate, candidatesOf, MISSES, type Miss } from './match.ts';
import type { ReasonCode } from './reasons.ts';
import type { Statement } from './statement.ts';

/** What one person's statements come to for one request, before any item is looked at. */
export interface Voice {
  readonly candidates: readonly Candidate[];
  /** How near the permits came that do not cover the request; absent when the person permits nothing at all. */
  readonly nearest?: Miss;
  /** Statements that may not be interpreted: nothing of this person counts. */
  readonly stops: readonly { readonly consent: ConsentRef; readonly reason: ReasonCode }[];
  /** Statements under a superseded policy that stand unreplaced: permits do not count, objections do. */
  readonly superseded: readonly ConsentRef[];
  /** Why the last statement gives no rules, when none of the others permits anything. */
  readonly dormant?: ReasonCode;
  readonly considered: readonly ConsideredConsent[];
}

const STOPS: Partial<Record<StatementState, ReasonCode>> = {
  unsupported: 'UNSUPPORTED_CONSENT',
  'policy-unknown': 'POLICY_UNKNOWN',
};
const DORMANT: Partial<Record<StatementState, ReasonCode>> = {
  expired: 'CONSENT_EXPIRED',
  'too-old': 'CONSENT_EXPIRED',
  'not-yet-valid': 'CONSENT_NOT_YET_VALID',
  withdrawn: 'CONSENT_WITHDRAWN',
  'not-active': 'CONSENT_NOT_ACTIVE',
};

/** Puts the statements of one person about one record together. `statements` must be only those. */
export function voiceOf(statements: readonly Statement[], asked: Asked): Voice {
  const candidates: Candidate[] = [];
  const considered: ConsideredConsent[] = [];
  const stops: Voice['stops'][number][] = [];
  const superseded: ConsentRef[] = [];
  let nearest: Miss | undefined;
  for (const statement of statements) {
    const replaced = isReplaced(statement, statements);
    considered.push({ ...statement.ref, state: statement.state, ...(replaced && { replaced }) });
    if (replaced) continue;
    const reason = STOPS[statement.state];
    if (reason) stops.push({ consent: statement.ref, reason });
    if (statement.state === 'policy-superseded') superseded.push(statement.ref);
    for (const rule of statement.rules) {
      const found = candidatesOf(rule, statement.ref, statement.madeAt, asked);
      if (typeof found !== 'string') candidates.push(...found);
      else if (rule.type === 'permit') nearest = nearer(nearest, found);
    }
  }
  return { candidates, nearest, stops, superseded, dormant: dormantReason(statements), considered };
}

/** The miss that came further; undefined is no miss at all. */
export const nearer = (a: Miss | undefined, b: Miss | undefined): Miss | undefined =>
  MISSES.indexOf(a as Miss) >= MISSES.indexOf(b as Miss) ? a : b;

/**
 * A rejected statement stands until the same person makes a newer one that is active, a superseded one until a newer one stands. Only a newer one that
 * permits something does this: a further objection must never lift an earlier one.
 */
function isReplaced(statement: Statement, all: readonly Statement[]): boolean {
  if (statement.state !== 'rejected' && statement.state !== 'policy-superseded') return false;
  const { madeAt } = statement;
  return all.some((one) => mayPermit(one) && madeAt && one.madeAt && isAfter(one.madeAt, madeAt));
}

/** Whether a statement permits anything to anybody: only one that is valid has rules that do. */
export const mayPermit = ({ rules }: Statement): boolean => rules.some((rule) => rule.type === 'permit');

/** The newest statement that would have counted; a draft or a mistake never did, so it speaks only when there is nothing else. */
function dormantReason(statements: readonly Statement[]): ReasonCode | undefined {
  const dormant = statements.filter((one) => DORMANT[one.state]);
  const last = dormant.reduce<Statement | undefined>((a, b) => (a && lateness(a) > lateness(b) ? a : b), undefined);
  return last && DORMANT[last.state];
}

/** To compare as text: whether it ever counted, when it was made, and its state, so that the order of the input is of no matter. */
const lateness = ({ state, madeAt }: Statement): string =>
  [Number(state !== 'not-active'), madeAt?.from, String(madeAt?.ms).padStart(16), state].join();
