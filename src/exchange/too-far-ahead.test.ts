import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { tooFarAhead } from './too-far-ahead.ts';

const now = new Date('2026-08-20T10:00:00Z');
const late = (resource: object) => tooFarAhead(resource as Resource, now).map((one) => `${one.code} ${one.path}`);

describe('tooFarAhead', () => {
  it.each([
    [{ resourceType: 'Composition', date: '2099-08-20T10:00:00+02:00' }, 'Composition.date'],
    [{ resourceType: 'Observation', effectiveDateTime: '2027-08-22' }, 'Observation.effectiveDateTime'],
    [{ resourceType: 'Encounter', status: 'finished', period: { start: '2028' } }, 'Encounter.period'],
    [{ resourceType: 'Appointment', start: '2099-01-01T10:00:00Z' }, 'Appointment.start'],
    [{ resourceType: 'Patient', birthDate: '2062-05-04' }, 'Patient.birthDate'],
  ])('refuses %o', (resource, path) => expect(late(resource)).toEqual([`date-in-future ${path}`]));

  it.each([
    { resourceType: 'Composition', date: '2026-08-21T09:00:00Z' },
    { resourceType: 'Observation', effectiveDateTime: '2026' },
    { resourceType: 'Observation', effectiveDateTime: '2026-08' },
    { resourceType: 'Encounter', status: 'planned', period: { start: '2027-03-01' } },
    { resourceType: 'ServiceRequest', occurrencePeriod: { start: '2026-09-01', end: '2099-01-01' } },
    { resourceType: 'Appointment', start: '2027-06-01T10:00:00+02:00' },
  ])('accepts %o', (resource) => expect(late(resource)).toEqual([]));
});
