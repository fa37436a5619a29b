import { describe, expect, it } from 'vitest';
import { refuse } from '../fhir/problems.ts';
import { asSent } from '../sources/as-sent.ts';
import { counter, file, read, sources } from '../sources/testing/maps-testkit.ts';
import { withSendersPlaces } from './senders-places.ts';

const consult = read('hix', file('hix', 'samples', 'luuk-consult.json'));
const results = read('hix', file('hix', 'samples', 'yonathan-oru.hl7'), 'application/hl7-v2');

/** Where a problem at a FHIR path lies for the sender. */
const placeOf = (message: typeof consult, path: string, entry?: number): string | undefined => {
  const refusal = { ok: false as const, issues: [{ code: 'fhir-invalid' as const, path, entry }] as const };
  return withSendersPlaces(sources, message, refusal).issues[0].path;
};

describe('a refusal in the words of the sender', () => {
  it('names what an element was made from: a JSON pointer, or a segment and field', () => {
    expect(placeOf(consult, 'Patient.identifier[0].value')).toBe('/patient/bsn');
    expect(placeOf(consult, 'Patient.birthDate')).toBe('/patient/birthDate');
    expect(placeOf(results, 'Patient.birthDate')).toBe('PID-7');
  });

  it('names what several elements have in common', () => {
    expect(placeOf(consult, 'Patient.identifier')).toBe('/patient');
    expect(placeOf(consult, 'Patient.address[0].line[0]')).toBe('/patient/address');
    expect(placeOf(results, 'Patient.identifier')).toBe('PID-3');
  });

  it('names what a resource stands for where the element is not there', () => {
    expect(placeOf(consult, 'Patient.deceased')).toBe('/patient');
    expect(placeOf(results, 'Patient.maritalStatus')).toBe('PID');
    expect(placeOf(results, 'Patient.deceasedDateTime')).toBe('PID-29');
  });

  it('names the segment that a resource was made for, also where parts of it come from others', () => {
    const text = file('hix', 'samples', 'yonathan-adt-a01.hl7').toString('latin1').replace('UCUM|||||F|', 'UCUM||||||');
    const visit = read('hix', Buffer.from(text, 'latin1'), 'application/hl7-v2');
    const traced = sources.trace(visit, counter());
    if (!traced.ok) throw new Error('refused');
    const entry = traced.bundle.entry?.findIndex(({ resource }) => resource?.resourceType === 'Observation');
    expect(placeOf(visit, 'Observation.status', entry)).toBe('OBX[1]');
  });

  it('finds the entry of a type that stands there more than once, by its number', () => {
    const traced = sources.trace(consult, counter());
    if (!traced.ok) throw new Error('refused');
    const made = traced.lineage.filter(
      ({ target, sources: from }) => /valueQuantity\.value$/.test(target) && from.length === 1,
    );
    expect(made.length).toBeGreaterThan(1);
    for (const { target, sources: from } of made) {
      const [, entry = ''] = /\[(\d+)\]/.exec(target) ?? [];
      for (const path of ['Observation.valueQuantity.value', 'Observation.value'])
        expect(placeOf(consult, path, Number(entry))).toMatch(asSent(consult, from[0] ?? '').replace(/\/value$/, ''));
    }
    expect(placeOf(consult, 'Observation.valueQuantity.value')).toBe('Observation.valueQuantity.value');
  });

  it('keeps the FHIR element beside what was expected, and leaves other refusals as they are', () => {
    const [issue] = withSendersPlaces(sources, consult, refuse('bsn-invalid', 'Patient.identifier.value')).issues;
    expect(issue).toMatchObject({ code: 'bsn-invalid', expected: 'Patient.identifier.value' });
    const other = refuse('no-consent', undefined, 'NO_CONSENT');
    expect(withSendersPlaces(sources, consult, other)).toBe(other);
  });
});
