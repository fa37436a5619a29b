import type { ReasonCode } from './reasons.ts';

/** What happens to one item. */
export type Outcome = 'release' | 'withhold' | 'redact';

/** Which Consent, in which version. `id` is `unidentified` when the statement has no usable id. */
export interface ConsentRef {
  readonly id: string;
  readonly version?: string;
}

/** The state of one statement at the moment of the decision. */
export type StatementState =
  | 'valid'
  | 'rejected'
  | 'expired'
  | 'too-old'
  | 'not-yet-valid'
  | 'withdrawn'
  | 'not-active'
  | 'policy-superseded'
  | 'policy-unknown'
  | 'unsupported'
  | 'other-scope';

/** How a statement was used: it counts, it is in a state that gives no rules, or a newer one of the same person took its place. */
export interface ConsideredConsent extends ConsentRef {
  readonly state: StatementState;
  readonly replaced?: true;
}

/** One provision of one Consent, as flattened: `path` is its place in the Consent. */
export interface RuleRef {
  readonly consent: ConsentRef;
  readonly path: string;
  readonly type: 'permit' | 'deny';
}

/** A rule that matched and did not decide: a more specific one beat it, or an objection that is not less specific did. */
export interface LostRule extends RuleRef {
  readonly lostTo: RuleRef;
  readonly because: 'specific-beats-general' | 'objection-wins-ties' | 'objection-wins';
}

/** What one person says about one item. */
export interface PersonalVerdict {
  readonly person: string;
  /** A reference under which this person can make a statement. */
  readonly ref?: string;
  readonly verdict: 'permit' | 'objection' | 'stop' | 'nothing';
  /** Why, before the persons are put together; empty for a permit and for a person of whom nothing is on record. */
  readonly reasons: readonly ReasonCode[];
  readonly winning: readonly RuleRef[];
  readonly losing: readonly LostRule[];
  /** The statements that may not be interpreted (any more), where the verdict is `stop`. */
  readonly stoppedBy: readonly ConsentRef[];
}

export type Redaction = 'third-party' | 'address' | 'bsn';

/** Everything about one item. `carriedBy`: the consents that made the release possible, also that of a third person. */
export interface ItemDerivation {
  readonly outcome: Outcome;
  readonly reasons: readonly ReasonCode[];
  readonly redactions: readonly Redaction[];
  readonly carriedBy: readonly ConsentRef[];
  readonly people: readonly PersonalVerdict[];
  /** The third person whom the item is about, and what he or she says. */
  readonly thirdParty?: {
    readonly ref: string;
    readonly permits: boolean;
    readonly people: readonly PersonalVerdict[];
  };
}

/** Why someone has a say (Dutch rules of custody and age, see who-decides.ts). */
export type SayBasis = 'custody' | 'custody-unknown' | 'child-12-to-15' | 'decides-alone' | 'represents';

/** Someone with a say, and every statement of his or hers that was looked at. */
export interface PersonDerivation {
  readonly name: string;
  readonly basis: SayBasis;
  /** A reference under which this person can make a statement. */
  readonly ref?: string;
  /** Decides only until the child of 12 to 15 has said something itself (setting at12). */
  readonly until?: 'child-speaks';
  readonly consents: readonly ConsideredConsent[];
}

/** A statement in the input that gave nobody with a say a voice, and why not. */
export interface UnusedConsent extends ConsentRef {
  readonly state: StatementState;
  readonly because: 'performer-has-no-say' | 'other-patient' | 'other-scope';
}

/** Everything needed to explain the decision later without computing any of it again. Contains references and codes, no content. */
export interface Derivation {
  readonly hardStop?: ReasonCode;
  readonly breakGlass: boolean;
  readonly people: readonly PersonDerivation[];
  readonly unused: readonly UnusedConsent[];
  readonly items: Record<string, ItemDerivation>;
}
