import { addMonths } from './calendar.ts';
import type { ConsentRef, StatementState } from './derivation.ts';
import { isAfter, type Moment, periodState, readMoment } from './dutch-date.ts';
import { policyState } from './policies.ts';
import { flatten, type Provision } from './provisions.ts';
import { codingsOf, hasOnly, isObject, type Json, readAll, referenceOf } from './shape.ts';

/** A Consent as this gateway reads it at one moment. */
export interface Statement {
  readonly ref: ConsentRef;
  readonly state: StatementState;
  /** The record it is about; undefined when that cannot be read. */
  readonly patient?: string;
  /** Who made it; undefined when that cannot be read, empty when it names nobody. */
  readonly performers?: readonly string[];
  readonly madeAt?: Moment;
  /** The rules in force now; none unless `state` is valid, too-old or rejected. Those of a rejected statement, or of one that is too old, are all refusals. */
  readonly rules: readonly Provision[];
}

const KEYS = new Set(
  'resourceType id meta language text contained extension identifier status scope category patient dateTime performer organization sourceAttachment sourceReference policy policyRule verification provision'.split(
    ' ',
  ),
);
const SCOPES = 'http://terminology.hl7.org/CodeSystem/consentscope';
const SCOPE_CODES = new Set(['adr', 'research', 'patient-privacy', 'treatment']);
const DORMANT: Readonly<Record<string, StatementState>> = {
  inactive: 'withdrawn',
  draft: 'not-active',
  proposed: 'not-active',
  'entered-in-error': 'not-active',
};
/** A refusal that was recorded without saying of what: of everything. */
const EVERYTHING: Provision = { path: 'status', type: 'deny', periods: [], stated: 'general', understood: true };

/**
 * Reads one Consent, whatever it is: never throws. Withdrawn, draft and mistaken statements are not read further, so that a privacy officer can end one
 * that is not understood by setting its status. `disciplines`: the codes that are known, for refusals that name one.
 */
export function readStatement(
  raw: unknown,
  now: Moment,
  disciplines?: ReadonlySet<string>,
  maxAgeMonths: number = NO_END,
): Statement {
  if (!isObject(raw)) return { ref: consentRefOf(raw), state: 'unsupported', rules: [] };
  const head = readHead(raw);
  const dormant =
    typeof raw.status === 'string' && Object.hasOwn(DORMANT, raw.status) ? DORMANT[raw.status] : undefined;
  if (dormant) return { ...head, state: dormant, rules: [] };
  const active = raw.status === 'active';
  if ((!active && raw.status !== 'rejected') || raw.resourceType !== 'Consent' || !hasOnly(raw, KEYS))
    return { ...head, state: 'unsupported', rules: [] };
  const scope = readScope(raw.scope);
  if (scope !== 'privacy') return { ...head, state: scope, rules: [] };
  const rules = active || raw.provision !== undefined ? flatten(raw.provision) : [EVERYTHING];
  const effective = active ? rules : rules?.map(asRefusal);
  const dated = raw.dateTime === undefined || head.madeAt !== undefined;
  if (!effective || !dated || !effective.every((rule) => isUnderstood(rule, disciplines)))
    return { ...head, state: 'unsupported', rules: [] };
  const state = currentState(raw, head.madeAt, effective, now);
  if (state !== 'valid') return { ...head, state, rules: [] };
  const inForce = effective.filter((rule) => rule.periods.every((period) => periodState(period, now) === 'in-force'));
  if (active && isTooOld(head.madeAt, maxAgeMonths, now))
    return { ...head, state: 'too-old', rules: inForce.filter((rule) => rule.type === 'deny') };
  return { ...head, state: active ? 'valid' : 'rejected', rules: inForce };
}

/** The setting consentMaxAgeMonths: no term. */
const NO_END = 0;

/** Whether a permission of this age counts no more; one that says no date is as old as can be. An objection never grows old. */
function isTooOld(madeAt: Moment | undefined, months: number, now: Moment): boolean {
  if (months === NO_END) return false;
  return !madeAt || !(months > 0) || addMonths(madeAt.from, months) < now.from;
}

function readHead(raw: Json): Omit<Statement, 'state' | 'rules'> {
  return {
    ref: consentRefOf(raw),
    patient: referenceOf(raw.patient),
    performers: raw.performer !== undefined ? readAll(raw.performer, referenceOf) : [],
    madeAt: readMoment(raw.dateTime),
  };
}

/** How a derivation names a Consent, whatever it is. */
export function consentRefOf(raw: unknown): ConsentRef {
  const { id, meta } = isObject(raw) ? raw : {};
  const version = idOf(isObject(meta) ? meta.versionId : undefined);
  return { id: idOf(id) ?? 'unidentified', ...(version !== undefined && { version }) };
}

/** Only what FHIR allows as an id goes into a derivation: it is kept and shown. */
const idOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(value) ? value : undefined;

function readScope(raw: unknown): 'privacy' | 'other-scope' | 'unsupported' {
  const codings = codingsOf(raw);
  if (!codings?.every((one) => one.system === SCOPES && typeof one.code === 'string' && SCOPE_CODES.has(one.code)))
    return 'unsupported';
  return codings.some((one) => one.code === 'patient-privacy') ? 'privacy' : 'other-scope';
}

/** What a rejected statement asked for is what was refused; its exceptions were not agreed to either. */
const asRefusal = (rule: Provision): Provision => ({ ...rule, type: 'deny', stated: 'general' });

/** A permit may name what cannot be compared (it then permits nothing); a refusal that does might be meant for this very request. */
function isUnderstood(rule: Provision, disciplines?: ReadonlySet<string>): boolean {
  if (rule.type === 'permit') return true;
  return (
    rule.understood &&
    !rule.actors?.some((actor) => actor.kind === 'discipline' && disciplines?.has(actor.value) === false)
  );
}

function currentState(raw: Json, madeAt: Moment | undefined, rules: readonly Provision[], now: Moment): StatementState {
  const policy = readPolicies(raw);
  if (policy === 'unsupported') return 'unsupported';
  if (policy === 'unknown') return 'policy-unknown';
  const root = rules[0]?.periods ?? [];
  const states = root.map((period) => periodState(period, now));
  if (states.includes('expired')) return 'expired';
  if ((madeAt && isAfter(madeAt, now)) || states.includes('not-yet-valid')) return 'not-yet-valid';
  return policy === 'superseded' ? 'policy-superseded' : 'valid';
}

const POLICY_KEYS = new Set(['id', 'extension', 'authority', 'uri']);

function readPolicies(raw: Json): 'current' | 'superseded' | 'unknown' | 'unsupported' {
  if (raw.policyRule !== undefined) return 'unknown';
  if (raw.policy === undefined) return 'unknown';
  const entries = readAll(raw.policy, (entry) => (hasOnly(entry, POLICY_KEYS) ? entry : undefined));
  return entries ? policyState(entries.map(({ uri }) => (typeof uri === 'string' ? uri : undefined))) : 'unsupported';
}
