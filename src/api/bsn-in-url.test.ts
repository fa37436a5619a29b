import { describe, expect, it } from 'vitest';
import { hasBsn } from './bsn-in-url.ts';

describe('a BSN in a URL', () => {
  it.each([
    '/fhir/Patient/999903147',
    '/fhir/Patient?identifier=999903147',
    '/fhir/Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|1',
    '/fhir/Patient?identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C1',
    '/fhir/Patient?x=%39%399903147',
    '/fhir/Patient?x=%ff999903147%',
    '/exchange/999903147',
    '/a999903147b',
  ])('%s', (url) => expect(hasBsn(url)).toBe(true));

  it.each([
    '/fhir/Patient/6f9619ff-8b86-4011-b42d-00c04fc964ff/$everything',
    '/fhir/Patient/11111111-1111-4111-8111-111111111111',
    '/fhir/Observation?patient=11111111-1111-4111-8111-111111111111&code=29463-7&date=ge2026-01-01T12:00:00.123Z',
    '/fhir/Observation?code=12345678',
    '/fhir/Observation?code=1234567890',
    '/%ff%',
    '',
  ])('not %s', (url) => expect(hasBsn(url)).toBe(false));
});
