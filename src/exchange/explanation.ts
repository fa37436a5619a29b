import type { Flip } from '../consent/flip.ts';
import { CATEGORIES } from '../fhir/categories.ts';
import type { Policy } from '../policy/policy.ts';
import {
  NOTHING_TEXTS,
  type NothingKind,
  REASON_TEXTS,
  REDACTION_REASONS,
  type ReasonText,
  VIEW_TEXTS,
} from '../policy/reason-texts.ts';
import { placeOfCategory, placeOfType } from '../views/place.ts';
import { resolveView } from '../views/resolve.ts';
import type { ItemOutcome } from './decision-receipt.ts';

/** One considered resource with its outcome; `sent`: it was in the answer. */
export interface Seen {
  readonly ref: string;
  readonly category: string;
  readonly outcome: ItemOutcome;
  readonly sent: boolean;
  /** It is about child protection or never leaves the house at all: no professional may learn that it exists. */
  readonly isSecret?: boolean;
  /** It also waits in the queue for a system of the asker's. */
  readonly onItsWay?: boolean;
}

/** One decision to be explained, and what is known beside it. */
export interface Decision {
  readonly discipline: string;
  readonly poli: string | undefined;
  readonly policy: Policy;
  readonly seen: readonly Seen[];
  /** Why items of a category came in and were not kept, by category. */
  readonly notKept: ReadonlyMap<string, readonly string[]>;
}

/** A reason with its text and, where a view decided, the line that did. */
export interface Reason extends ReasonText {
  readonly code: string;
  readonly place?: string;
}

export interface ExplainedItem {
  readonly ref: string;
  readonly category: string;
  readonly outcome: 'released' | 'redacted' | 'withheld';
  readonly reasons: readonly Reason[];
  readonly fields: readonly { readonly path: string; readonly reasons: readonly Reason[] }[];
  /** What would have to be otherwise for it to go out (whole). */
  readonly flip?: Flip;
}

/** What became of a category: something of it, or a kind of nothing. */
export interface ExplainedCategory {
  readonly category: string;
  readonly outcome: 'released' | 'redacted' | NothingKind;
  readonly count: number;
  readonly reasons: readonly Reason[];
}

export interface Explanation {
  readonly items: readonly ExplainedItem[];
  readonly categories: readonly ExplainedCategory[];
}

/** How much a reader may know: what went out, also what was withheld (the setting tellWithheld), or everything (a privacy officer). */
export type Telling = 'released' | 'withheld' | 'everything';

/** Reasons for which an item may have been dropped because it is secret. */
const COULD_BE_SECRET = ['VIEW_NOT_ENTITLED', 'SENSITIVE_NOT_INCLUDED'];

/**
 * Explains a decision from its outcomes; computes none again. Where withheld items are not told, only what went out is explained, and a category of which nothing did gets a text that is the same whether it was withheld or never there; that a view does not give a
 * category at all may be told: it is so for every patient. Pure.
 */
export function explanationOf(whole: Decision, telling: Telling): Explanation {
  const all = telling !== 'released';
  const decision = telling === 'everything' ? whole : withoutSecrets(whole);
  const shown = decision.seen.filter((one) => all || (one.sent && one.outcome.outcome === 'released'));
  return {
    items: shown.map((one) => (all ? itemOf(decision, one) : sentItem(decision, one))),
    categories: CATEGORIES.map((category) => categoryOf(decision, category, all)),
  };
}

/** Items for which the smallest change is looked for, at most: each is decided many times over. */
const MOST_FLIPS = 20;

/** What the view withholds no statement of anybody can change. */
const isOfView = ({ outcome, reasons }: ExplainedItem): boolean =>
  outcome === 'withheld' && reasons.some(({ code }) => code in VIEW_TEXTS);

/** The same with what would have to be otherwise for each item that is not released whole. `flipOf` gives the smallest change for a resource. */
export function withFlips(explanation: Explanation, flipOf: (ref: string) => Flip | undefined): Explanation {
  const wanted = new Set(
    explanation.items.filter((one) => one.outcome !== 'released' && !isOfView(one)).slice(0, MOST_FLIPS),
  );
  const items = explanation.items.map((one) => {
    const flip = wanted.has(one) ? flipOf(one.ref) : undefined;
    return flip ? { ...one, flip } : one;
  });
  return { ...explanation, items };
}

/** What is said about a patient who is unknown, or of whom nothing may be known: only what is so for every patient. */
export const nothingToTell = (policy: Policy, discipline: string): Explanation =>
  explanationOf({ discipline, poli: undefined, policy, seen: [], notKept: new Map() }, 'released');

function withoutSecrets(decision: Decision): Decision {
  return {
    ...decision,
    seen: decision.seen.filter((one) => !one.isSecret),
    notKept: new Map(
      [...decision.notKept].filter(([, reasons]) => !reasons.some((one) => COULD_BE_SECRET.includes(one))),
    ),
  };
}

/** Where what is withheld may not be known, neither may what is missing of an item: the name of an element that was left out says that it was there. */
const sentItem = (decision: Decision, { ref, category }: Seen): ExplainedItem => ({
  ref,
  category,
  outcome: 'released',
  reasons: [whatIsNeeded(decision, category)],
  fields: [],
});

/** What is so for every patient: that of a category goes out what the view names. */
function whatIsNeeded({ policy, discipline, poli }: Decision, category: string): Reason {
  return withText(VIEW_TEXTS, 'reduced', placeOfCategory(policy.views, discipline, poli, category));
}

function itemOf(decision: Decision, { ref, category, outcome }: Seen): ExplainedItem {
  const withheld = outcome.outcome === 'withheld';
  return {
    ref,
    category,
    outcome: withheld ? 'withheld' : outcome.redactions.length > 0 ? 'redacted' : 'released',
    reasons: reasonsOf(decision, category, outcome),
    fields: outcome.removed.map((path) => ({ path, reasons: fieldReasons(decision, ref, category, outcome, path) })),
  };
}

function reasonsOf(decision: Decision, category: string, { reasons, view }: ItemOutcome): Reason[] {
  const place = placeOfCategory(decision.policy.views, decision.discipline, decision.poli, category);
  const given = reasons
    .filter((code) => !(code === 'VIEW_NOT_ENTITLED' && view))
    .map((code) => withText(REASON_TEXTS, code, code === 'VIEW_NOT_ENTITLED' ? place : undefined));
  return [...given, ...(view ? [withText(VIEW_TEXTS, view, place)] : [])];
}

/** An element is missing because the view does not name it, or because of what had to be redacted. */
function fieldReasons(decision: Decision, ref: string, category: string, outcome: ItemOutcome, path: string): Reason[] {
  const { redactions, hidden = [] } = outcome;
  if (hidden.includes(path)) {
    const codes = redactions.length > 0 ? redactions.map((one) => REDACTION_REASONS[one] ?? one) : ['BSN_NOT_ENTITLED'];
    return codes.map((code) => withText(REASON_TEXTS, code, 'profiles/views/elements/limits.json'));
  }
  const view = resolveView(decision.policy.views, decision.discipline, decision.poli);
  const type = ref.slice(0, ref.indexOf('/'));
  const use = (view?.categories.get(category) ?? view?.directory)?.use ?? '';
  return [withText(VIEW_TEXTS, 'not-in-view', placeOfType(use, type))];
}

function categoryOf(decision: Decision, category: string, all: boolean): ExplainedCategory {
  const own = decision.seen.filter((one) => one.category === category);
  const released = own.filter((one) => one.outcome.outcome === 'released');
  const sent = released.filter((one) => one.sent);
  const result = (outcome: ExplainedCategory['outcome'], count: number, reasons: readonly Reason[]) => ({
    category,
    outcome,
    count,
    reasons,
  });
  const nothing = (kind: NothingKind, more: readonly Reason[] = []) =>
    result(kind, 0, [withText(NOTHING_TEXTS, kind), ...more]);
  if (released.some((one) => one.onItsWay)) return nothing('on-its-way');
  if (sent.length > 0 && !all) return result('released', sent.length, [whatIsNeeded(decision, category)]);
  if (sent.length > 0) {
    const redacted = sent.some((one) => one.outcome.redactions.length > 0);
    return result(
      redacted ? 'redacted' : 'released',
      sent.length,
      distinct(sent.flatMap((one) => reasonsOf(decision, category, one.outcome))),
    );
  }
  if (released.length > 0) return nothing('not-asked');
  const view = resolveView(decision.policy.views, decision.discipline, decision.poli);
  const place = placeOfCategory(decision.policy.views, decision.discipline, decision.poli, category);
  const notEntitled = [withText(VIEW_TEXTS, 'category-not-in-view', place)];
  if (!all)
    return view && !view.categories.has(category) ? result('not-permitted', 0, notEntitled) : nothing('not-told');
  if (own.length > 0)
    return nothing('not-permitted', distinct(own.flatMap((one) => reasonsOf(decision, category, one.outcome))));
  const notKept = decision.notKept.get(category);
  if (notKept)
    return nothing(
      'not-exchanged',
      notKept.map((code) => withText(REASON_TEXTS, code)),
    );
  return nothing('not-recorded', view && !view.categories.has(category) ? notEntitled : []);
}

function withText(texts: Readonly<Record<string, ReasonText>>, code: string, place?: string): Reason {
  const text = texts[code];
  if (!text) throw new Error(`There is no text for ${code}.`);
  return { code, ...text, ...(place && { place }) };
}

const distinct = (reasons: readonly Reason[]): Reason[] => [...new Map(reasons.map((one) => [one.code, one])).values()];
