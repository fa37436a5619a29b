import type { Consent, EpisodeOfCare, Resource } from '@medplum/fhirtypes';
import { type Moment, readMoment } from '../consent/dutch-date.ts';
import { readStatement } from '../consent/statement.ts';
import type { PatientFile } from '../store/records.ts';
import { polisOf } from './family-ids.ts';

/**
 * The Dutch day on which the ground for keeping copies ended: the family left the IGP (no active EpisodeOfCare at a poli, after there was one) or no consent permits anything any more.
 * Undefined while both last. Pure.
 */
export function endedOn(file: Pick<PatientFile, 'resources' | 'consents'>, now: Date): string | undefined {
  const days = [leftOn(file), consentEndedOn(file, now)].filter((one) => one !== undefined);
  return days.sort()[0];
}

function leftOn({ resources }: Pick<PatientFile, 'resources'>): string | undefined {
  const episodes = resources
    .map((one) => one.resource)
    .filter((one): one is EpisodeOfCare => one.resourceType === 'EpisodeOfCare' && polisOf(one).length > 0);
  if (episodes.length === 0 || episodes.some((one) => one.status === 'active')) return undefined;
  return latest(episodes.map((one) => readMoment(one.period?.end)?.to ?? recordedOn(one)));
}

function consentEndedOn(
  { resources, consents }: Pick<PatientFile, 'resources' | 'consents'>,
  now: Date,
): string | undefined {
  const at = readMoment(now.toISOString()) as Moment;
  const statements = consents.map((consent) => ({ consent, state: readStatement(consent, at) }));
  const permits = statements.some(
    ({ state }) => state.state === 'not-yet-valid' || state.rules.some((rule) => rule.type === 'permit'),
  );
  if (permits) return undefined;
  // Where nobody ever consented, the copies of who the family is are kept from when they were last entered.
  const ends = statements.map(({ consent, state }) =>
    state.state === 'expired' ? expiredOn(consent) : recordedOn(consent),
  );
  return latest(ends.length > 0 ? ends : resources.map((one) => recordedOn(one.resource)));
}

const expiredOn = (consent: Consent): string => readMoment(consent.provision?.period?.end)?.to ?? recordedOn(consent);

const recordedOn = (resource: Resource): string => readMoment(resource.meta?.lastUpdated)?.to ?? '9999-12-31';

const latest = (days: readonly string[]): string | undefined => [...days].sort().at(-1);
