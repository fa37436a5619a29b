import type { Resource } from '@medplum/fhirtypes';
import type { Item } from '../consent/types.ts';
import { BSN_SYSTEM, EXTENSIONS, extension } from '../fhir/extensions.ts';
import type { StoredResource } from '../store/records.ts';

/** What the consent decision must know of one resource: whose, which category and labels, when, about whom. */
export function toItem(patient: string, stored: StoredResource): Item {
  const resource = stored.resource as Resource & Readable;
  const subject = `Patient/${patient}`;
  const about = aboutOf(resource, subject);
  const guarded = extension(resource, EXTENSIONS.protectedAddress)?.valueBoolean;
  return {
    ref: `${stored.type}/${stored.id}`,
    subject,
    category: stored.category,
    labels: [...stored.labels],
    ...dated(resource),
    ...(about && { about }),
    ...(about && extension(resource, EXTENSIONS.aboutWhole)?.valueBoolean && { aboutWhole: true }),
    ...(guarded && { protectedAddress: true }),
    ...(hasBsn(resource.identifier) && { hasBsn: true }),
  };
}

/** The elements in which R4 resources keep their clinical date and focus; each type has some of them. */
interface Readable {
  extension?: { url: string; valueBoolean?: boolean }[];
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

/** A fact in this record about somebody else: an Observation with a focus that is not its subject. */
function aboutOf(resource: Readable, subject: string): string | undefined {
  const focus = (Array.isArray(resource.focus) ? resource.focus : [resource.focus]) as (
    | { reference?: string }
    | undefined
  )[];
  return focus
    .map((one) => one?.reference)
    .find((reference) => reference && reference !== subject && /^(Patient|RelatedPerson)\//.test(reference));
}

const hasBsn = (identifier: unknown): boolean =>
  (Array.isArray(identifier) ? identifier : [identifier]).some(
    (one: { system?: string } | undefined) => one?.system === BSN_SYSTEM,
  );
