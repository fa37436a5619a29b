import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { BSN_SYSTEM, EXTENSIONS } from '../fhir/extensions.ts';
import type { StoredResource } from '../store/records.ts';
import { toItem } from './item.ts';
import { SPEAKS_OF } from './label-about.ts';

const itemOf = (content: object, labels: string[] = []) => {
  const resource = { resourceType: 'Observation', ...content } as Resource;
  const stored: StoredResource = {
    type: resource.resourceType,
    id: 'o1',
    version: 2,
    category: 'risk',
    labels,
    author: 'hospital',
    resource,
  };
  return toItem('child', stored);
};

describe('what the decision knows of a resource', () => {
  it('whose it is, which category and labels, and nothing of the content', () => {
    expect(itemOf({ valueString: 'gevoelige tekst', note: [{ text: 'meer' }] }, ['PSY'])).toEqual({
      ref: 'Observation/o1',
      subject: 'Patient/child',
      category: 'risk',
      labels: ['PSY'],
    });
  });

  it.each([
    ['Observation', { effectiveDateTime: '2026-01-01', issued: '2026-02-02' }],
    ['Observation', { effectivePeriod: { start: '2026-01-01', end: '2026-03-01' } }],
    ['Immunization', { occurrenceDateTime: '2026-01-01' }],
    ['Procedure', { performedDateTime: '2026-01-01' }],
    ['Encounter', { period: { start: '2026-01-01' } }],
    ['Condition', { onsetDateTime: '2026-01-01', recordedDate: '2026-02-02' }],
    ['Condition', { recordedDate: '2026-01-01' }],
    ['ServiceRequest', { authoredOn: '2026-01-01' }],
    ['MedicationStatement', { dateAsserted: '2026-01-01' }],
    ['Composition', { date: '2026-01-01' }],
    ['Appointment', { start: '2026-01-01', created: '2025-12-01' }],
    ['Condition', { onsetPeriod: { start: '2026-01-01' }, recordedDate: '2026-02-02' }],
    ['Communication', { sent: '2026-01-01' }],
    ['QuestionnaireResponse', { authored: '2026-01-01' }],
    ['Procedure', { performedPeriod: { start: '2026-01-01' } }],
    ['Immunization', { occurrenceDateTime: '2026-01-01', recorded: '2026-02-02' }],
  ])('the clinical date of a %s: %j', (resourceType, content) => {
    expect(itemOf({ resourceType, ...content }).date).toBe('2026-01-01');
  });

  it('no date where there is none', () => expect('date' in itemOf({})).toBe(false));

  it.each<[string, unknown, string | undefined]>([
    ['a mother with a record of her own', [{ reference: 'Patient/mother' }], 'Patient/mother'],
    ['a relative', [{ reference: 'RelatedPerson/father' }], 'RelatedPerson/father'],
    ['one focus that is no list', { reference: 'RelatedPerson/father' }, 'RelatedPerson/father'],
    [
      'the second focus, after the child itself',
      [{ reference: 'Patient/child' }, { reference: 'Patient/mother' }],
      'Patient/mother',
    ],
    [
      'two people, of whom neither can consent for the other',
      [{ reference: 'RelatedPerson/a' }, { reference: 'RelatedPerson/b' }],
      'RelatedPerson/several',
    ],
    ['the child itself', [{ reference: 'Patient/child' }], undefined],
    ['a thing', [{ reference: 'Device/d' }], undefined],
    ['nobody', [], undefined],
  ])('whom it is about: %s', (_name, focus, about) => expect(itemOf({ focus }).about).toBe(about));

  it('a report that was marked as speaking of somebody is about that person', () => {
    const marked = (...people: string[]) => ({
      resourceType: 'Composition',
      extension: people.map((reference) => ({ url: SPEAKS_OF, valueReference: { reference } })),
    });
    expect(itemOf(marked('RelatedPerson/mother')).about).toBe('RelatedPerson/mother');
    expect(itemOf(marked('RelatedPerson/mother', 'RelatedPerson/father')).about).toBe('RelatedPerson/several');
    expect('about' in itemOf(marked('Patient/child'))).toBe(false);
  });

  it('an address is protected where one of several statements says so', () => {
    const says = (valueBoolean: boolean) => ({ url: EXTENSIONS.protectedAddress, valueBoolean });
    expect(itemOf({ extension: [says(false), says(true)] }).protectedAddress).toBe(true);
  });

  it('wholly about somebody else only where it says so, known or not', () => {
    const extension = [{ url: EXTENSIONS.aboutWhole, valueBoolean: true }];
    expect(itemOf({ extension, focus: [{ reference: 'Patient/mother' }] }).aboutWhole).toBe(true);
    expect(itemOf({ extension }).aboutWhole).toBe(true);
    expect('aboutWhole' in itemOf({ focus: [{ reference: 'Patient/mother' }] })).toBe(false);
  });

  it('a protected address and a BSN', () => {
    expect(itemOf({ extension: [{ url: EXTENSIONS.protectedAddress, valueBoolean: true }] }).protectedAddress).toBe(
      true,
    );
    expect(
      'protectedAddress' in itemOf({ extension: [{ url: EXTENSIONS.protectedAddress, valueBoolean: false }] }),
    ).toBe(false);
    expect(itemOf({ identifier: [{ system: 'x' }, { system: BSN_SYSTEM, value: '999903147' }] }).hasBsn).toBe(true);
    expect(itemOf({ identifier: { system: BSN_SYSTEM } }).hasBsn).toBe(true);
    expect('hasBsn' in itemOf({ identifier: [{ system: 'x' }] })).toBe(false);
  });
});
