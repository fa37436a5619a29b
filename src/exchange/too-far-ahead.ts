import type { Resource } from '@medplum/fhirtypes';
import type { Issue } from '../fhir/problems.ts';

/** Elements in which R4 resources say when something was, or is planned. */
const MOMENTS = [
  'effectiveDateTime',
  'effectivePeriod',
  'effectiveInstant',
  'issued',
  'occurrenceDateTime',
  'occurrencePeriod',
  'performedDateTime',
  'performedPeriod',
  'onsetDateTime',
  'onsetPeriod',
  'recordedDate',
  'authoredOn',
  'dateAsserted',
  'date',
  'period',
  'start',
  'created',
  'birthDate',
  'deceasedDateTime',
] as const;

/** Kinds that speak of what is still to come. */
const PLANS: ReadonlySet<string> = new Set([
  'Appointment',
  'ServiceRequest',
  'Task',
  'CarePlan',
  'Goal',
  'Communication',
]);

const DAY = 86_400_000;
/** Generous, because clocks and typing differ: what lies further ahead was not meant, be it a fact or a plan. */
const AHEAD = { fact: 365 * DAY, plan: 5 * 365 * DAY };

/** The moments of a resource that lie too far in the future to be meant: a consult or an appointment in 2099. Ends of periods may be open. */
export function tooFarAhead(resource: Resource, now: Date): Issue[] {
  const { status } = resource as { status?: string };
  const isPlan = PLANS.has(resource.resourceType) || status === 'planned';
  const latest = new Date(now.getTime() + (isPlan ? AHEAD.plan : AHEAD.fact)).toISOString();
  const own = resource as unknown as Record<string, unknown>;
  return MOMENTS.flatMap((key) => {
    const at = typeof own[key] === 'object' ? (own[key] as { start?: unknown } | null)?.start : own[key];
    // A date that is no more than a year or a month is compared as far as it goes.
    const isLate = typeof at === 'string' && (at.includes('T') ? Date.parse(at) > Date.parse(latest) : at > latest);
    return isLate ? [{ code: 'date-in-future' as const, path: `${resource.resourceType}.${key}` }] : [];
  });
}
