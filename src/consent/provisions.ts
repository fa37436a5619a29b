import { type Period, readMoment } from './dutch-date.ts';
import { type LabelRule, readLabels } from './labels.ts';
import { isPurpose } from './purpose.ts';
import { codingsOf, hasOnly, isObject, type Json, objectsOf, readAll, referenceOf } from './shape.ts';

/** A recipient. `other` (a person, a device, another group) cannot be told from the request: it is never permitted, and a refusal of it is not understood. */
export type Actor =
  | { readonly kind: 'org' | 'sector' | 'discipline'; readonly value: string }
  | { readonly kind: 'other' };

/** What a provision itself states, narrowest first: it names an objection. */
export type Stated = 'item' | 'label' | 'data-period' | 'discipline' | 'org' | 'general';

/** One provision with everything inherited filled in. An absent attribute is no limit; within one attribute any value will do (FHIR R4, Consent.provision). */
export interface Provision {
  readonly path: string;
  readonly type: 'permit' | 'deny';
  readonly periods: readonly Period[];
  readonly actors?: readonly Actor[];
  readonly purposes?: readonly string[];
  readonly labels?: LabelRule;
  readonly instances?: ReadonlySet<string>;
  readonly dataPeriod?: Period;
  readonly stated: Stated;
  /** Every value it states is one that can be compared with a request or an item. */
  readonly understood: boolean;
}

const KEYS = new Set([
  'id',
  'extension',
  'type',
  'period',
  'actor',
  'securityLabel',
  'purpose',
  'dataPeriod',
  'data',
  'provision',
]);
/** No family states more; rules are compared pairwise, so that a list without end would hold up every decision. */
const MOST_EXCEPTIONS = 100;
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

/**
 * The provisions of a Consent as separate rules. A nested provision inherits what it does not state; what it states replaces the parent's value; only
 * `period` is cumulative. Undefined when the tree is not of the shape this gateway interprets: no explicit type, a third level (IHE PCF), action, class,
 * code, a modifierExtension, data by relation, or anything that is not FHIR.
 */
export function flatten(root: unknown): Provision[] | undefined {
  const parent = isObject(root) ? readProvision(root, 'provision') : undefined;
  if (!isObject(root) || !parent) return undefined;
  if (root.provision === undefined) return [parent];
  if (Array.isArray(root.provision) && root.provision.length > MOST_EXCEPTIONS) return undefined;
  let at = 0;
  const children = readAll(root.provision, (child) => {
    const path = `provision.provision[${at++}]`;
    return child.provision !== undefined ? undefined : inherit(parent, readProvision(child, path));
  });
  return children && [parent, ...children];
}

function inherit(parent: Provision, child: Provision | undefined): Provision | undefined {
  if (!child) return undefined;
  return {
    ...child,
    periods: [...parent.periods, ...child.periods],
    actors: child.actors ?? parent.actors,
    purposes: child.purposes ?? parent.purposes,
    labels: child.labels ?? parent.labels,
    instances: child.instances ?? parent.instances,
    dataPeriod: child.dataPeriod ?? parent.dataPeriod,
    stated: child.stated === 'general' && statesNothing(child) ? parent.stated : child.stated,
    understood: child.understood && parent.understood,
  };
}

const statesNothing = (one: Provision): boolean => one.purposes === undefined && one.periods.length === 0;

function readProvision(raw: Json, path: string): Provision | undefined {
  const { type } = raw;
  if ((type !== 'permit' && type !== 'deny') || !hasOnly(raw, KEYS)) return undefined;
  const period = optional(raw, 'period', readPeriod);
  const dataPeriod = optional(raw, 'dataPeriod', readPeriod);
  const actors = optional(raw, 'actor', (value) => readAll(value, readActor));
  const purposes = optional(raw, 'purpose', (value) => readAll(value, readPurpose));
  const codings = optional(raw, 'securityLabel', objectsOf);
  const instances = optional(raw, 'data', (value) => readAll(value, readInstance));
  if (
    period === null ||
    dataPeriod === null ||
    actors === null ||
    purposes === null ||
    codings === null ||
    instances === null
  )
    return undefined;
  const labels = codings && readLabels(codings);
  return {
    path,
    type,
    periods: period ? [period] : [],
    actors,
    purposes,
    labels,
    instances: instances && new Set(instances),
    dataPeriod,
    stated: instances ? 'item' : labels ? 'label' : dataPeriod ? 'data-period' : statedActor(actors),
    understood:
      !actors?.some((one) => one.kind === 'other') &&
      !purposes?.includes('') &&
      !instances?.includes('') &&
      labels?.understood !== false,
  };
}

/** An element that may be absent (undefined); null when it is there and cannot be read. */
const optional = <T>(raw: Json, key: string, read: (value: unknown) => T | undefined): T | undefined | null =>
  raw[key] !== undefined ? (read(raw[key]) ?? null) : undefined;

function statedActor(actors: readonly Actor[] | undefined): Stated {
  if (!actors) return 'general';
  return actors.some((one) => one.kind === 'discipline') ? 'discipline' : 'org';
}

const PERIOD_KEYS = new Set(['id', 'extension', 'start', 'end']);

function readPeriod(raw: unknown): Period | undefined {
  if (!isObject(raw) || !hasOnly(raw, PERIOD_KEYS) || (raw.start === undefined && raw.end === undefined))
    return undefined;
  const start = readMoment(raw.start);
  const end = readMoment(raw.end);
  if ((raw.start !== undefined && !start) || (raw.end !== undefined && !end)) return undefined;
  return { start, end };
}

const ACTOR_KEYS = new Set(['id', 'extension', 'role', 'reference']);

/** The role must be that of an information recipient (IHE PCF); another role says something about the holder or the author. */
function readActor(raw: Json): Actor | undefined {
  const roles = codingsOf(raw.role);
  if (
    !hasOnly(raw, ACTOR_KEYS) ||
    !isObject(raw.reference) ||
    !roles?.every((one) => one.system === PARTICIPATION && one.code === 'IRCP')
  )
    return undefined;
  const reference = referenceOf(raw.reference);
  if (reference?.startsWith('Organization/')) return { kind: 'org', value: reference };
  const group = /^Group\/(sector|discipline)-(.+)$/.exec(reference ?? '');
  return group ? { kind: group[1] as 'sector' | 'discipline', value: group[2] as string } : { kind: 'other' };
}

/** The code, or an empty text for a purpose that is not known: it matches no request. */
function readPurpose(raw: Json): string {
  const known = raw.system === ACT_REASON && typeof raw.code === 'string' && isPurpose(raw.code);
  return known ? (raw.code as string) : '';
}

const DATA_KEYS = new Set(['id', 'extension', 'meaning', 'reference']);

/** Only data named by itself: `related`, `dependents` and `authoredby` need knowledge of other resources. An empty text matches no item. */
function readInstance(raw: Json): string | undefined {
  if (raw.meaning !== 'instance' || !hasOnly(raw, DATA_KEYS) || !isObject(raw.reference)) return undefined;
  return referenceOf(raw.reference) ?? '';
}
