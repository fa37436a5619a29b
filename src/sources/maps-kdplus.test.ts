import type { RelatedPerson } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { type Element, type Group, type KdPlus, messageWith, without } from './testing/maps-kdplus-testkit.ts';
import { bundleOf, bytes, json, observations, refusedAt, resources } from './testing/maps-testkit.ts';

const YONATHAN = json<KdPlus>('kdplus', 'samples', 'yonathan-contact.json');
const LUUK = json<KdPlus>('kdplus', 'samples', 'luuk-contacts.json');

describe('kdplus contact', () => {
  it('dates what is measured at birth on the day of birth', () => {
    const found = observations(bundleOf('kdplus', bytes(messageWith('R016', { bdsNumber: 110, value: 1720 }))));
    expect(found.map(({ effectiveDateTime }) => effectiveDateTime)).toEqual(['2026-05-04']);
  });

  it.each([
    ['01', 'FTH'],
    ['02', 'MTH'],
  ])('a trait of parent %s has that parent (%s) as its focus, named in the message or not', (which, role) => {
    for (const named of [true, false]) {
      const message = messageWith('G020', { bdsNumber: 1200, value: which });
      if (named)
        message.client.groups.push({
          group: 'G014',
          elements: [
            { bdsNumber: 62, value: which },
            { bdsNumber: 61, value: 'Miriam' },
          ],
        });
      const bundle = bundleOf('kdplus', bytes(message));
      const [trait] = observations(bundle);
      const parent = bundle.entry?.find((entry) => entry.fullUrl === trait?.focus?.[0]?.reference)
        ?.resource as RelatedPerson;
      expect(parent.relationship?.[0]?.coding?.[0]?.code).toBe(role);
      expect(parent.name?.[0]?.given?.[0]).toBe(named ? 'Miriam' : undefined);
      expect(resources(bundle).filter(({ resourceType }) => resourceType === 'RelatedPerson')).toHaveLength(1);
    }
  });

  it('names the sending organisation as the author where an activity names no professional', () => {
    const numbers = [730, 1508, 1523, 1599, 1501];
    const bundle = bundleOf(
      'kdplus',
      bytes(
        everyContact(YONATHAN, (groups) =>
          groups.map((one) => ({ ...one, elements: one.elements.filter((each) => !numbers.includes(each.bdsNumber)) })),
        ),
      ),
    );
    const author = {
      type: 'Organization',
      identifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: YONATHAN.ura },
    };
    const found = resources(bundle);
    expect(found.filter(({ resourceType }) => resourceType === 'Practitioner')).toEqual([]);
    expect(found.find(({ resourceType }) => resourceType === 'Encounter')).not.toHaveProperty('participant');
    expect(found.find(({ resourceType }) => resourceType === 'Composition')).toMatchObject({ author: [author] });
    for (const one of observations(bundle)) expect(one.performer).toEqual([author]);
  });

  it('never lets a secret address in', () => {
    const text = JSON.stringify(bundleOf('kdplus', bytes(LUUK)));
    for (const part of ['Bedachte', 'Verzinstad', '1234AB']) expect(text).not.toContain(part);
    expect(text).toContain('data-absent-reason');
  });

  const everyContact = (message: KdPlus, change: (groups: Group[]) => Group[]): KdPlus => ({
    ...message,
    contacts: message.contacts.map((contact) => ({ ...contact, groups: change(contact.groups) })),
  });
  const put = (group: string, ...elements: Element[]) =>
    everyContact(messageWith('R003'), (groups) => [...groups, { group, elements }]);

  const below = (parent: string, nested: Group): KdPlus => {
    const message = messageWith(parent);
    return {
      ...message,
      client: {
        groups: message.client.groups.map((one) => (one.group === parent ? { ...one, groups: [nested] } : one)),
      },
    };
  };

  it.each([
    [
      'an element nobody knows',
      put('R027', { bdsNumber: 99999, value: '1' }),
      '/contacts/0/groups/1/elements/0/bdsNumber',
    ],
    [
      'an element in the wrong group',
      put('R027', { bdsNumber: 928, value: '1' }),
      '/contacts/0/groups/1/elements/0/bdsNumber',
    ],
    ['a group nobody knows', put('R999', { bdsNumber: 245, value: 5000 }), '/contacts/0/groups/1/group'],
    ['a code outside its domain', put('R042', { bdsNumber: 879, value: '3' }), '/contacts/0/groups/1/elements/0/value'],
    [
      'kilograms where BDS has grams',
      put('R027', { bdsNumber: 245, value: 5.12 }),
      '/contacts/0/groups/1/elements/0/value',
    ],
    [
      'centimetres where BDS has millimetres',
      put('R027', { bdsNumber: 235, value: 57 }),
      '/contacts/0/groups/1/elements/0/value',
    ],
    [
      'one element twice',
      put('R027', { bdsNumber: 245, value: 5120 }, { bdsNumber: 245, value: 5130 }),
      '/contacts/0/groups/1/elements',
    ],
    [
      'an element of 4.2.0 in 4.1.3',
      put('R042', { bdsNumber: 1660, value: '1' }),
      '/contacts/0/groups/1/elements/0/bdsNumber',
    ],
    [
      'an element of 4.1.3 in 4.2.0',
      { ...put('R034', { bdsNumber: 339, value: true }), bdsVersion: '4.2.0' },
      '/contacts/0/groups/1/elements/0/bdsNumber',
    ],
    [
      'a prefix without its surname',
      (() => {
        const message = messageWith('R003', { bdsNumber: 1, value: 'van' });
        for (const one of message.client.groups) one.elements = one.elements.filter(({ bdsNumber }) => bdsNumber !== 2);
        return message;
      })(),
      '/client/groups/0/elements',
    ],
    [
      'a group below a group that it does not belong to',
      below('G014', { group: 'G005', elements: [{ bdsNumber: 710, value: 'K. Meedenker' }] }),
      '/client/groups/1/groups/0/group',
    ],
    [
      'a group below one that has none',
      below('G002', { group: 'G017', elements: [{ bdsNumber: 736, value: '0612345671' }] }),
      '/client/groups/1/groups',
    ],
    [
      'a group that belongs below another beside it',
      {
        ...YONATHAN,
        client: {
          groups: [...YONATHAN.client.groups, { group: 'G116', elements: [{ bdsNumber: 1565, value: 'Ja' }] }],
        },
      },
      `/client/groups/${YONATHAN.client.groups.length}/group`,
    ],
    [
      'a consent that does not say what it is about',
      without(messageWith('G012', { bdsNumber: 1165, value: true }), 'G012', 1407),
      '/client/groups/1/elements',
    ],
    [
      'a file that is no base64',
      messageWith('G072', { bdsNumber: 1185, value: 'geen bestand' }),
      '/client/groups/1/elements/3/value',
    ],
    [
      'a code of 4.2.0 that is not published',
      messageWith('R019', { bdsNumber: 1665, value: '05' }),
      '/contacts/0/groups/1/elements/0/value',
    ],
    ['a version nobody knows', { ...messageWith('R003'), bdsVersion: '3.2.6' }, '/bdsVersion'],
    [
      'a contact without an activity',
      everyContact(YONATHAN, (groups) => groups.filter(({ group }) => group !== 'R018')),
      '/contacts/0/groups',
    ],
    [
      'a client without a BSN',
      {
        ...YONATHAN,
        client: { groups: [{ group: 'R003', elements: (YONATHAN.client.groups[0]?.elements ?? []).slice(1) }] },
      },
      '/client/groups/0/elements',
    ],
    ['a text with a control character', put('R034', { bdsNumber: 349, value: 'a\u0000b' }), undefined],
  ])('refuses %s', (_what, message, path) => {
    const places = refusedAt('kdplus', bytes(message));
    expect(places.length).toBeGreaterThan(0);
    if (path !== undefined) expect(places).toContain(path);
  });

  it.each([
    [
      'a date of the activity that is not the date of the contact',
      everyContact(messageWith('R018', { bdsNumber: 724, value: '2026-08-26' }), (groups) => groups),
    ],
    [
      'two mothers',
      {
        ...YONATHAN,
        client: {
          groups: [
            ...YONATHAN.client.groups,
            {
              group: 'G014',
              elements: [
                { bdsNumber: 62, value: '02' },
                { bdsNumber: 61, value: 'Vera' },
              ],
            },
          ],
        },
      },
    ],
    [
      'one follow-up twice with other words for the same',
      everyContact(YONATHAN, (groups) => [
        ...groups,
        {
          group: 'G058',
          elements: [
            { bdsNumber: 483, value: '4' },
            { bdsNumber: 485, value: '09' },
          ],
        },
      ]),
    ],
    [
      'a child that is both the first and the second of twins',
      {
        ...messageWith('R016', { bdsNumber: 109, value: 1 }),
        contacts: [1, 2].flatMap((value) => messageWith('R016', { bdsNumber: 109, value }).contacts),
      },
    ],
  ])('refuses %s while mapping', (_what, message) => {
    expect(refusedAt('kdplus', bytes(message))).toHaveLength(1);
  });
});
