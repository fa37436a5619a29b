import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsBsn, isBsnCoding, isBsnIdentifier, isBsnNumber, isProfessionalSystem } from './bsn-guard.ts';

describe('holdsBsn', () => {
  it.each([
    '999911120',
    'BSN 999911120.',
    'bsn:999911120',
    '9999.11.120',
    '9999 11 120',
    '999-911-120',
    '<b>999911120</b>',
    'x999911120x',
    '12 34 999911120',
    '+31 999911120',
    '9999.11-120',
    '99991-1120',
    '9 9 9 9 1 1 1 2 0',
    '999/911/120',
    '9999_11_120',
    '9999\u00a011\u00a0120',
    '9999\u201111\u2011120',
    '９９９９１１１２０',
    '9999\u200b11\u200d1\u00ad20',
    'op 2026-08-20 9999-11-120',
    '99991-1120 2 jaar',
    '1 99991-1120',
    '9999:11:120',
    '9999,11,120',
    '999:911:120',
    '999,911,120',
    '99991.1120',
    '99991/1120',
    '99991_1120',
    '99991 1120',
    '9.9.9.9.1.1.1.2.0 7',
    '7/9/9 99991_1120',
    '9999 11121 en 9999 11120',
    'niet 999911121 maar 999911120',
    'geboren 20-8-2026 99991-1120',
  ])('finds the number in %s', (text) => {
    expect(holdsBsn(text)).toBe(true);
  });

  it.each([
    ['fails the 11-test', '999911121'],
    ['all zeros', '000000000'],
    ['ten digits in a row', '9999111200'],
    ['eight digits', '99991112'],
    ['thirteen digits in a row', '0031999911120'],
    ['a date and time', '2026-08-20T10:15:00Z'],
    ['an id', 'Patient/3f2504e0-4f89-41d3-9a0c-0305e82c3301'],
    ['an id with groups of digits', 'a999911b-1120-4999-9111-20a9b8c7d6e5'],
    ['a mobile number', '+31 6 99991112'],
    ['a code system', 'urn:oid:2.16.840.1.113883.2.4.4.40.267'],
    ['a date and a number', '12-03-2026 7'],
    ['two separators', '9999, 11120'],
    ['ten digits in groups', '9999-111200'],
    ['eight digits in groups', '9999-1112'],
    ['a Dutch date among digits', '99/20/08/2026/11'],
    ['nine letters', 'negentien'],
    ['nothing', ''],
  ])('lets pass: %s', (_, text) => {
    expect(holdsBsn(text)).toBe(false);
  });
});

describe('a number in groups', () => {
  it('is found however it is cut, as long as single separators join it', () => {
    const cuts = fc.array(fc.constantFrom('', ' ', '-', '.', '/', '_', '\u00a0', '\u2011', '\u200b'), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.constantFrom('999911120', '999903147'), cuts, (bsn, separators) => {
        const text = [...bsn].map((digit, i) => digit + (separators[i] ?? '')).join('');
        expect(holdsBsn(`Nummer ${text}, genoteerd op 2026-08-20.`)).toBe(true);
      }),
    );
  });
});

describe('isBsnIdentifier', () => {
  it.each([
    [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: 'anything' }, true],
    [{ system: 'urn:oid:2.16.840.1.113883.2.4.6.3', value: 'anything' }, true],
    [{ system: 'http://example.org/BSN', value: 'anything' }, true],
    [{ system: 'http://example.org/patient-number', value: '999911120' }, true],
    [{ value: '999911120' }, true],
    [{ system: 'http://fhir.nl/fhir/NamingSystem/uzi-nr-pers', value: '999911120' }, false],
    [{ system: 'http://fhir.nl/fhir/NamingSystem/agb-z', value: '999911120' }, false],
    [{ system: 'http://fhir.nl/fhir/NamingSystem/uzi-nr-sys', value: '999911120' }, false],
    [{ system: 'http://fhir.nl/fhir/NamingSystem/ura', value: '999911120' }, false],
    [{ system: 'http://fhir.nl/fhir/NamingSystem/big', value: '999911120' }, false],
    [{ system: 'https://fhir.nl/fhir/NamingSystem/bsn', value: 'anything' }, true],
    [{ system: 'http://example.org/patient-number', value: 'P-17' }, false],
    [{ system: 'http://example.org/patient-number' }, false],
    [{ system: 7, value: 999911120 }, false],
  ])('%j', (identifier, expected) => {
    expect(isBsnIdentifier(identifier)).toBe(expected);
  });
});

describe('isBsnCoding', () => {
  it.each([
    [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', code: 'x' }, true],
    [{ system: 'http://example.org', code: '999911120' }, true],
    [{ system: 'http://snomed.info/sct', code: '160933000' }, false],
    [{ system: 'http://snomed.info/sct', code: '999902106' }, false],
    [{ system: 'http://example.org', code: '999902106' }, true],
    [{ code: '999902106' }, true],
    [{ system: 'http://snomed.info/sct', code: '999911120' }, true],
    [{ system: 'http://snomed.info/sct', code: 7 }, false],
    [{ code: 'final' }, false],
    [{}, false],
  ])('%j', (coding, expected) => {
    expect(isBsnCoding(coding)).toBe(expected);
  });
});

describe('isBsnNumber', () => {
  it.each([
    [999911120, true],
    [10000008, true],
    [999911121, false],
    [4.98, false],
    [3450, false],
    [1004, false],
    [9999111200, false],
    [1e21, false],
  ])('%d', (value, expected) => {
    expect(isBsnNumber(value)).toBe(expected);
  });
});

describe('isProfessionalSystem', () => {
  it('knows the numbers of professionals and organisations, and nothing else', () => {
    for (const name of ['agb-z', 'uzi-nr-pers', 'uzi-nr-sys', 'ura', 'big'])
      expect(isProfessionalSystem(`http://fhir.nl/fhir/NamingSystem/${name}`)).toBe(true);
    for (const other of ['http://fhir.nl/fhir/NamingSystem/bsn', undefined, ''])
      expect(isProfessionalSystem(other)).toBe(false);
  });
});
