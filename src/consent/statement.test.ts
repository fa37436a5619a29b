import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { readMoment } from './dutch-date.ts';
import { readStatement } from './statement.ts';
import {
  ANNA,
  actor,
  category,
  consent,
  deny,
  discipline,
  instance,
  org,
  permit,
  purpose,
  topic,
} from './testing/invented.ts';

const NOW = readMoment('2026-07-01T12:00:00+02:00') ?? { from: '', to: '' };
const read = (raw: unknown) => readStatement(raw, NOW, new Set(['gp', 'midwife']));
const state = (raw: unknown) => read(raw).state;
const raw = (change: object): object => ({ ...consent(permit()), ...change });
const provision = (change: object) => state(consent({ ...permit(), ...change } as ConsentProvision));

describe('the state of a statement', () => {
  it.each([
    [consent(permit()), 'valid'],
    [consent(permit(), { status: 'rejected' }), 'rejected'],
    [consent(permit(), { status: 'inactive' }), 'withdrawn'],
    [consent(permit(), { status: 'draft' }), 'not-active'],
    [consent(permit(), { status: 'proposed' }), 'not-active'],
    [consent(permit(), { status: 'entered-in-error' }), 'not-active'],
    [consent(permit({ period: { end: '2026-06-30' } })), 'expired'],
    [consent(permit({ period: { start: '2026-07-02' } })), 'not-yet-valid'],
    [consent(permit(), { dateTime: '2026-07-01T12:00:01+02:00' }), 'not-yet-valid'],
    [consent(permit(), { policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|1' }] }), 'policy-superseded'],
    [consent(permit(), { policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|3' }] }), 'policy-unknown'],
    [
      consent(permit(), { policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|2' }, { uri: 'urn:x' }] }),
      'policy-unknown',
    ],
    [consent(permit(), { policyRule: { text: 'iets' } }), 'policy-unknown'],
    [consent(permit(), { policy: undefined }), 'policy-unknown'],
  ] as [Consent, string][])('%#: %s', (one, expected) => expect(state(one)).toBe(expected));

  it('of another scope is none of ours', () => {
    const scope = (code: string) => ({
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code }] },
    });
    expect(state(raw(scope('research')))).toBe('other-scope');
    expect(state(raw(scope('iets')))).toBe('unsupported');
  });

  it('that is ended is not read further, so that what is not understood can be ended', () =>
    expect(state(raw({ status: 'inactive', modifierExtension: [{ url: 'urn:x' }], provision: 7 }))).toBe('withdrawn'));
});

describe('not understood is refused', () => {
  it.each(
    [null, 7, 'Consent', [], {}, { resourceType: 'Consent' }, raw({ status: 'ja' }), raw({ status: ['active'] })].map(
      (one) => [one],
    ),
  )('%j', (one) => expect(state(one)).toBe('unsupported'));
  it.each([
    { modifierExtension: [{ url: 'urn:x', valueBoolean: true }] },
    { implicitRules: 'urn:x' },
    { _status: { extension: [] } },
    { onbekend: 1 },
    { resourceType: 'Contract' },
    { scope: undefined },
    { scope: { text: 'privacy' } },
    { dateTime: 'gisteren' },
    { dateTime: 20260301 },
    { policy: 'urn:x' },
    { policy: [] },
    { policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|2', modifierExtension: [] }] },
    { provision: undefined },
    { provision: [permit()] },
  ])('on the Consent: %j', (change) => expect(state(raw(change))).toBe('unsupported'));

  it.each([
    { type: undefined },
    { type: 'PERMIT' },
    { action: [{ text: 'access' }] },
    { class: [{ code: 'Observation' }] },
    { code: [{ text: 'x' }] },
    { class: [] },
    { modifierExtension: [{ url: 'urn:x' }] },
    { data: [{ meaning: 'related', reference: { reference: 'Encounter/e' } }] },
    { data: [{ meaning: 'instance' }] },
    { data: [] },
    { actor: [] },
    { actor: [{ reference: { reference: 'Organization/jgz' } }] },
    {
      actor: [
        {
          ...org('jgz'),
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }] },
        },
      ],
    },
    { actor: { 0: org('jgz') } },
    { purpose: 'TREAT' },
    { purpose: [null] },
    { securityLabel: [] },
    { period: {} },
    { period: { end: '30-06-2026' } },
    { period: { start: null } },
    { dataPeriod: { _end: {} } },
    { provision: [] },
    { provision: [{}] },
    { provision: [deny(), 7] },
    { provision: [{ actor: [org('jgz')] }] },
    { provision: [deny({ provision: [permit()] })] },
    { provision: Array.from({ length: 101 }, () => deny()) },
  ])('in the provision: %j', (change) => expect(provision(change)).toBe('unsupported'));

  it.each([
    { actor: [actor('Practitioner/p')] },
    { actor: [actor('https://elders.nl/fhir/Organization/jgz')] },
    { actor: [actor('Organization/jgz/_history/2')] },
    { actor: [{ ...org('jgz'), reference: { identifier: { value: '1' } } }] },
    { actor: [discipline('waarzegger')] },
    { purpose: [{ system: 'urn:x', code: 'TREAT' }] },
    { purpose: [purpose('FooBar')] },
    { securityLabel: [{ system: 'urn:x', code: 'PSY' }] },
    { securityLabel: [category('onbekend')] },
    { data: [instance('https://elders.nl/fhir/Observation/1')] },
  ])('a refusal of what cannot be compared, where a permit just permits nothing: %j', (change) => {
    expect(state(consent(deny(change)))).toBe('unsupported');
    expect(state(consent(permit(change), { status: 'rejected' }))).toBe('unsupported');
    expect(state(consent(permit(change)))).toBe('valid');
  });

  it('also where the refusal inherits it', () =>
    expect(provision({ actor: [actor('Practitioner/p')], provision: [deny()] })).toBe('unsupported'));
});

describe('nested provisions', () => {
  const rules = (one: ConsentProvision) => read(consent(one)).rules;

  it('inherit what they do not state and replace what they do', () => {
    const [, nested] = rules(
      permit({ securityLabel: [category('risk')], provision: [deny({ actor: [discipline('gp')] })] }),
    );
    expect(nested).toMatchObject({
      path: 'provision.provision[0]',
      type: 'deny',
      purposes: ['TREAT'],
      actors: [{ kind: 'discipline', value: 'gp' }],
    });
    expect(nested?.labels?.categories).toEqual(new Set(['risk']));
  });

  it('are in force only within the period of the parent', () => {
    expect(rules(permit({ provision: [deny({ period: { start: '2026-08-01' } })] })).map((one) => one.path)).toEqual([
      'provision',
    ]);
    expect(
      state(consent(permit({ period: { end: '2026-06-01' }, provision: [permit({ period: { end: '2027-01-01' } })] }))),
    ).toBe('expired');
  });
});

describe('a rejected statement', () => {
  it('refuses what its provision says, exceptions included', () => {
    const rejected = read(
      consent(permit({ provision: [deny({ securityLabel: [topic('PSY')] })] }), { status: 'rejected' }),
    );
    expect(rejected.rules.map((one) => one.type)).toEqual(['deny', 'deny']);
  });
  it('without a provision refuses everything', () =>
    expect(read(consent(undefined, { status: 'rejected' })).rules).toMatchObject([
      { type: 'deny', stated: 'general' },
    ]));
});

describe('what a derivation keeps of a statement', () => {
  it('is its id and version, when they are what FHIR allows', () => {
    expect(read(raw({ id: 'a1', meta: { versionId: '3' } })).ref).toEqual({ id: 'a1', version: '3' });
    expect(read(raw({ id: 'Jan Jansen, 1 januari', meta: 4 })).ref).toEqual({ id: 'unidentified' });
  });
  it('and references that can be compared', () => {
    expect(read(consent(permit(), { by: [ANNA] })).performers).toEqual([ANNA]);
    expect(read(raw({ performer: [{ display: 'moeder' }] })).performers).toBeUndefined();
    expect(read(raw({ performer: undefined })).performers).toEqual([]);
    expect(read(raw({ patient: { reference: 'https://elders.nl/Patient/1' } })).patient).toBeUndefined();
  });
});
