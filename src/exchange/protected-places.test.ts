import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { EXTENSIONS } from '../fhir/extensions.ts';
import { placesToHide } from './protected-places.ts';

const stored = (resource: object) => ({
  type: (resource as Resource).resourceType,
  resource: resource as Resource,
});
const protection = { extension: [{ url: EXTENSIONS.protectedAddress, valueBoolean: true }] };
const mother = stored({
  resourceType: 'RelatedPerson',
  ...protection,
  address: [{ line: ['Schuilstraat 7'], postalCode: '9999 ZZ', city: 'Verzinstad' }],
  telecom: [{ value: '06-99990001' }],
});
const child = stored({ resourceType: 'Patient', address: [{ line: ['Schuilstraat 7'] }] });
const note = (text: string) => stored({ resourceType: 'ServiceRequest', note: [{ text }] });

describe('Where somebody of a family is protected', () => {
  const tells = placesToHide([mother, child]);

  it('the address of everybody in the family is', () => {
    expect(tells(mother)).toBe(true);
    expect(tells(child)).toBe(true);
    expect(tells(stored({ resourceType: 'RelatedPerson', address: [{ city: 'Elders' }] }))).toBe(true);
  });
  it.each(['huisbezoek op Schuilstraat 7', 'huisbezoek: SCHUILSTRAAT-7!', 'woont op 9999zz', 'bellen op 06 9999 0001'])(
    'an item that says where is: %s',
    (text) => expect(tells(note(text))).toBe(true),
  );
  it('other items are not', () => {
    expect(tells(note('huisbezoek in Verzinstad, gewicht 4,2 kg'))).toBe(false);
  });
});

it('without a protected person nothing is hidden for its address', () => {
  const tells = placesToHide([child]);
  expect(tells(child)).toBe(false);
  expect(tells(note('Schuilstraat 7'))).toBe(false);
});
