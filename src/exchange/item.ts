import type { Resource } from '@medplum/fhirtypes';
import type { Item } from '../consent/types.ts';
import { BSN_SYSTEM, EXTENSIONS, extension } from '../fhir/extensions.ts';
import type { StoredResource } from '../store/records.ts';
import { SPEAKS_OF } from './label-about.ts';
import type { TellsPlace } from './protected-places.ts';

/** What the consent decision must know of one resource: whose, which category and labels, when, about whom, and whether it tells a protected address (its own mark, or `tellsPlace`). */
export function toItem(patient: string, stored: StoredResource, tellsPlace: TellsPlace = () => false): Item {
  const resource = stored.resource as Resource & Readable;
  const subject = `Patient/${patient}`;
  const about = aboutOf(resource, subject);
  const guarded =
    resource.extension?.some((one) => one.url === EXTENSIONS.protectedAddress && one.valueBoolean) ||
    tellsPlace(stored);
  return {
    ref: `${stored.type}/${stored.id}`,
    subject,
    category: stored.category,
    labels: [...stored.labels],
    ...dated(resource),
    ...(about && { about }),
    ...(extension(resource, EXTENSIONS.aboutWhole)?.valueBoolean && { aboutWhole: true }),
    ...(guarded && { protectedAddress: true }),
    ...(hasBsn(resource.identifier) && { hasBsn: true }),
  };
}

/** The elements in which R4 resources keep their clinical date and focus; each type has some of them. */
interface Readable {
  extension?: { url: string; valueBoolean?: boolean; valueReference?: { reference?: string } }[];
  identifier?: unknown;
  focus?: unknown;
  effectiveDateTime?: string;
  effectivePeriod?: { start?: string };
  occurrenceDateTime?: string;
  occurrencePeriod?: { start?: string };
  performedDateTime?: string;
  performedPeriod?: { start?: string };
  onsetDateTime?: string;
  onsetPeriod?: { start?: string };
  recordedDate?: string;
  authoredOn?: string;
  authored?: string;
  dateAsserted?: string;
  date?: string;
  period?: { start?: string };
  start?: string;
  created?: string;
  issued?: string;
  sent?: string;
}

function dated(r: Readable): { date?: string } {
  const date =
    r.effectiveDateTime ??
    r.effectivePeriod?.start ??
    r.occurrenceDateTime ??
    r.occurrencePeriod?.start ??
    r.performedDateTime ??
    r.performedPeriod?.start ??
    r.period?.start ??
    r.start ??
    r.onsetDateTime ??
    r.onsetPeriod?.start ??
    r.recordedDate ??
    r.authoredOn ??
    r.authored ??
    r.dateAsserted ??
    r.date ??
    r.created ??
    r.issued ??
    r.sent;
  return date ? { date } : {};
}

/**
 * Whom else a fact or a report in this record is about: the focus of an Observation, the marks that `labelMessage` put on a report. Where they
 * are several, no one of them can consent for the others, so the answer is nobody's reference.
 */
function aboutOf(resource: Readable, subject: string): string | undefined {
  const focus = (Array.isArray(resource.focus) ? resource.focus : [resource.focus]) as (
    | { reference?: string }
    | undefined
  )[];
  const marks = (resource.extension ?? []).filter((one) => one.url === SPEAKS_OF).map((one) => one.valueReference);
  const people = [...focus, ...marks].flatMap((one) => {
    const reference = one?.reference;
    return reference && reference !== subject && /^(Patient|RelatedPerson)\//.test(reference) ? [reference] : [];
  });
  return new Set(people).size > 1 ? 'RelatedPerson/several' : people[0];
}

const hasBsn = (identifier: unknown): boolean =>
  (Array.isArray(identifier) ? identifier : [identifier]).some(
    (one: { system?: string } | undefined) => one?.system === BSN_SYSTEM,
  );
