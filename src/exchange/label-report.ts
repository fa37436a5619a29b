import type { Coding, Resource } from '@medplum/fhirtypes';
import { holds } from '../views/codes.ts';
import { type LabelledOk, type LabelRules, labelled } from './label.ts';
import { focusOf } from './label-about.ts';

/** A resource of a message with its own labels. */
export interface OwnLabels {
  readonly resource: Resource;
  readonly labels: LabelledOk;
}

/** Types whose text can repeat anything else of their message. */
const REPORTS: ReadonlySet<string> = new Set([
  'ClinicalImpression',
  'Communication',
  'Composition',
  'DiagnosticReport',
  'DocumentReference',
]);
const RESTRICTED: ReadonlySet<string> = new Set(['R', 'V']);
/** A working note never goes out; the report that it was made for does. */
const OWN_ONLY: ReadonlySet<string> = new Set(['WORKNOTE']);

/** What of a message counts for all of its parts; collected once. */
export interface Message {
  /** Labels of what it states. */
  readonly stated: readonly Coding[];
  /** Restrictions of its documents. */
  readonly restricted: readonly Coding[];
  /** The people that it is about beside the patient. */
  readonly about: readonly string[];
}

/** Collects what `withinMessage` needs. */
export function messageOf(all: readonly OwnLabels[], rules: LabelRules): Message {
  const stated = all.filter(({ resource }) => states(resource, rules)).flatMap(labelsOf);
  const documents = all.filter(({ resource }) => REPORTS.has(resource.resourceType)).flatMap(labelsOf);
  return {
    stated: distinct(stated.filter((label) => !OWN_ONLY.has(label.code ?? ''))),
    restricted: distinct(documents.filter((label) => RESTRICTED.has(label.code ?? ''))),
    about: [...new Set(all.flatMap(({ resource }) => focusOf(resource)))],
  };
}

/**
 * The labels of one resource within its message. A report gets those of all that the message states, because its text can repeat it, and the people whom
 * that is about; what comes with a restricted document (v3-Confidentiality R, V) is restricted like it. Relatives are not: they belong to every message.
 */
export function withinMessage(one: OwnLabels, message: Message): LabelledOk {
  if (one.resource.resourceType === 'RelatedPerson') return one.labels;
  const isReport = REPORTS.has(one.resource.resourceType);
  const inherited = [...(isReport ? message.stated : []), ...message.restricted];
  const about = isReport ? message.about : [];
  return {
    ...labelled(one.labels.category, distinct([...labelsOf(one), ...inherited])),
    ...(about.length > 0 && { about }),
  };
}

/** One label of each code: the last. */
const distinct = (labels: readonly Coding[]): Coding[] => [...new Map(labels.map((one) => [one.code, one])).values()];

const labelsOf = ({ labels }: OwnLabels): readonly Coding[] => labels.security.slice(1);

/** Whether a resource states that something is so: an answer "no" or "none", or a refuted problem, makes no report sensitive. */
function states(resource: Resource, rules: LabelRules): boolean {
  const { valueBoolean, valueCodeableConcept, verificationStatus, component } = resource as Answer;
  if (valueBoolean === false) return false;
  if (verificationStatus?.coding?.some((one) => one.code === 'refuted')) return false;
  const answers = valueCodeableConcept?.coding ?? [];
  return answers.length === 0 || component !== undefined || !answers.every((one) => holds(rules.denials, one));
}

interface Answer {
  valueBoolean?: boolean;
  valueCodeableConcept?: { coding?: Coding[] };
  verificationStatus?: { coding?: Coding[] };
  component?: unknown;
}
