import type { Consent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import {
  ANNA,
  ask,
  BRAM,
  category,
  consent,
  custodian,
  deny,
  item,
  KIND,
  org,
  permit,
  purpose,
  question,
  sector,
  verdict,
} from './testing/invented.ts';

const both = consent(permit());
const refusal = (by: string) => consent(permit({ type: 'deny' }), { by: [by] });
const POLICY = (version: string) => [{ uri: `http://gezinspoort.nl/policy/igp-exchange|${version}` }];
const THIRTEEN = '2012-08-01';

describe('a statement that might be anybody’s', () => {
  const nobody = { performer: [] };
  const unread = { patient: { reference: 'urn:x' } };

  it.each<[string, Consent, string]>([
    ['of an unknown policy, by nobody', consent(permit(), { ...nobody, policy: POLICY('9') }), 'deny POLICY_UNKNOWN'],
    [
      'of an unknown policy, about nobody knows whom',
      consent(permit(), { ...unread, policy: POLICY('9') }),
      'deny POLICY_UNKNOWN',
    ],
    [
      'that cannot be interpreted, by nobody',
      consent({ type: 'permit', code: [] }, nobody),
      'deny UNSUPPORTED_CONSENT',
    ],
    [
      'that refuses, about nobody knows whom',
      consent(permit(), { ...unread, status: 'rejected' }),
      'deny UNSUPPORTED_CONSENT',
    ],
    [
      'under a superseded policy, about nobody knows whom',
      consent(permit(), { ...unread, policy: POLICY('1') }),
      'deny UNSUPPORTED_CONSENT',
    ],
    ['that is withdrawn stops nobody', consent(permit(), { ...unread, status: 'inactive' }), 'permit CONSENT'],
    [
      'about another patient stops nobody',
      consent({ type: 'permit', code: [] }, { ...nobody, patient: { reference: 'Patient/broer' } }),
      'permit CONSENT',
    ],
    [
      'by nobody, under the policy of today, permits nothing and stops nobody',
      consent(permit(), { performer: undefined }),
      'permit CONSENT',
    ],
  ])('%s', (_, odd, expected) => expect(verdict({ consents: [both, odd] })).toBe(expected));

  it('one that is withdrawn and about nobody knows whom is no other patient’s', () => {
    const { unused } = ask({ consents: [both, consent(permit(), { ...unread, status: 'inactive' })] }).derivation;
    expect(unused).toEqual([{ id: expect.any(String), state: 'withdrawn', because: 'performer-has-no-say' }]);
  });
});

describe('who speaks', () => {
  it('a child that is born today has a record, and its parents decide', () =>
    expect(verdict({ born: '2026-07-01', consents: [both] })).toBe('permit CONSENT'));

  it('custody that is not recorded at all is unknown', () => {
    const patients = [{ ref: KIND, birthDate: '2026-01-10', selfRefs: [KIND] }];
    expect(verdict({ patients, consents: [both] })).toBe('deny CUSTODY_UNKNOWN');
  });

  it('whoever stands first in the list of patients, the asked one counts', () => {
    const patients = [{ ref: 'Patient/anna', birthDate: '1995-01-01', selfRefs: [ANNA] }, ...question({}).patients];
    expect(verdict({ patients, consents: [both] })).toBe('permit CONSENT');
  });

  it('a court speaks for a parent only, never for the child, a patient of 16 or a representative', () => {
    const court = consent(permit(), { by: ['Organization/court'] });
    expect(verdict({ born: THIRTEEN, consents: [both, court] })).toBe('deny CHILD_COCONSENT_MISSING');
    expect(verdict({ born: '2000-01-01', consents: [court] })).toBe('deny PERFORMER_NOT_AUTHORISED');
    const patients = [{ ref: KIND, birthDate: '1980-01-01', selfRefs: [KIND], representative: BRAM }];
    expect(verdict({ patients, consents: [court] })).toBe('deny PERFORMER_NOT_AUTHORISED');
  });

  it('the statement of a court in place of a parent is used', () => {
    const court = consent(permit(), { by: ['Organization/court'] });
    const custody = [custodian(ANNA), custodian(BRAM, true, { court: true })];
    const { derivation, decision } = ask({ custody, consents: [consent(permit(), { by: [ANNA] }), court] });
    expect([decision, derivation.unused]).toEqual(['permit', []]);
  });

  it('the derivation names everyone, with a reference to speak under', () => {
    const named = (changes: Parameters<typeof ask>[0]) =>
      ask(changes).derivation.people.map(({ name, basis, ref }) => `${name} ${basis} ${ref}`);
    expect(named({ born: THIRTEEN })).toEqual([
      `anna custody ${ANNA}`,
      `bram custody ${BRAM}`,
      `child child-12-to-15 ${KIND}`,
    ]);
    expect(named({ born: '2000-01-01' })).toEqual([`patient decides-alone ${KIND}`]);
    const patients = [{ ref: KIND, birthDate: '1980-01-01', selfRefs: [KIND], representative: BRAM }];
    expect(named({ patients })).toEqual([`representative represents ${BRAM}`]);
  });

  it('from 16 the statement of a parent is told apart from that of a stranger, in any company', () => {
    const stranger = consent(permit(), { by: ['RelatedPerson/vreemd'] });
    const born = '2010-07-01';
    expect(verdict({ born, consents: [stranger] })).toBe('deny PERFORMER_NOT_AUTHORISED');
    expect(verdict({ born, consents: [both] })).toBe('deny AGE16_OWN_CONSENT_REQUIRED');
    expect(verdict({ born, consents: [stranger, both] })).toBe('deny AGE16_OWN_CONSENT_REQUIRED');
  });

  it('one parent may be presumed, not both: what the child permits stands for neither', () =>
    expect(
      verdict({
        born: THIRTEEN,
        consents: [consent(permit(), { by: [KIND] })],
        config: { bothParents: 'one-unless-objection' },
      }),
    ).toBe('deny CUSTODIAN_CONSENT_MISSING'));

  it('a parent of uncertain custody is never presumed, also where one side is enough', () =>
    expect(
      verdict({
        born: THIRTEEN,
        custody: [custodian(ANNA), custodian(BRAM, 'unknown')],
        consents: [consent(permit(), { by: [ANNA] })],
        config: { bothParents: 'one-unless-objection', age12to15: 'either' },
      }),
    ).toBe('deny CUSTODY_UNKNOWN'));

  it('a child that decides alone does so with any permission that stands, beside one that was withdrawn or narrowed', () => {
    const config = { age12to15: 'child-alone' } as const;
    const withdrawn = consent(permit(), { by: [KIND], status: 'inactive' });
    const narrowed = consent({ ...permit(), provision: [deny({ securityLabel: [category('risk')] })] }, { by: [KIND] });
    expect(verdict({ born: THIRTEEN, config, consents: [withdrawn, narrowed, refusal(BRAM)] })).toBe('permit CONSENT');
  });

  it('of two permissions of a parent of a child that is silent one from before the birthday is enough', () => {
    const made = (dateTime: string) => consent(permit(), { dateTime });
    const config = { at12: 'parents-until-confirmed' } as const;
    expect(verdict({ born: THIRTEEN, config, consents: [made('2020-01-01'), made('2025-01-01')] })).toBe(
      'permit CONSENT',
    );
  });
});

describe('the reason that is told', () => {
  const far = consent(permit({ actor: [org('ander')] }));
  const near = consent(permit({ purpose: [purpose('HRESCH')] }));

  it('is that of the permission that came nearest, in any order', () => {
    expect(verdict({ consents: [far, near] })).toBe('deny PURPOSE_MISMATCH');
    expect(verdict({ consents: [near, far] })).toBe('deny PURPOSE_MISMATCH');
  });

  it('a refusal of other data is no permission that nearly covers it', () =>
    expect(verdict({ consents: [consent(deny({ securityLabel: [category('risk')] }))] })).toBe('deny NO_CONSENT'));

  const ended = (status: Consent['status'], dateTime: string | undefined) => consent(permit(), { status, dateTime });
  const expired = (dateTime: string) => consent(permit({ period: { end: '2026-06-01' } }), { dateTime });
  it.each<[string, Consent[], string]>([
    ['the newest of those that ended', [ended('inactive', '2026-01-01'), expired('2026-02-01')], 'CONSENT_EXPIRED'],
    ['the newest, the other way round', [ended('inactive', '2026-02-01'), expired('2026-01-01')], 'CONSENT_WITHDRAWN'],
    [
      'by the hour on the same day',
      [ended('inactive', '2026-01-01T12:00:00Z'), expired('2026-01-01T13:00:00Z')],
      'CONSENT_EXPIRED',
    ],
    [
      'by the hour, the other way round',
      [ended('inactive', '2026-01-01T13:00:00Z'), expired('2026-01-01T12:00:00Z')],
      'CONSENT_WITHDRAWN',
    ],
    ['a draft never counted, however new', [ended('draft', '2026-06-01'), expired('2026-01-01')], 'CONSENT_EXPIRED'],
    [
      'one that has a date before one that has none',
      [ended('inactive', undefined), expired('2026-01-01')],
      'CONSENT_EXPIRED',
    ],
  ])('%s', (_, consents, expected) => {
    expect(verdict({ consents })).toBe(`deny ${expected}`);
    expect(verdict({ consents: consents.toReversed() })).toBe(`deny ${expected}`);
  });

  it('two objections that cannot be compared are both told', () => {
    const general = consent({ type: 'deny', purpose: [purpose('TREAT')] }, { by: [ANNA] });
    const ofCategory = consent(deny({ securityLabel: [category('development')] }), { by: [ANNA] });
    expect(verdict({ custody: [custodian(ANNA)], consents: [general, ofCategory] })).toBe(
      'deny CUSTODIAN_OBJECTION CATEGORY_OBJECTION',
    );
  });

  it('a refusal is ended by a newer permission also where that makes an exception', () => {
    const old = consent(permit(), { status: 'rejected', dateTime: '2026-01-01' });
    const newer = consent({ ...permit(), provision: [deny({ securityLabel: [category('risk')] })] });
    expect(verdict({ consents: [old, newer] })).toBe('permit CONSENT');
  });
});

describe('what the derivation of an item says', () => {
  const only = (changes: Parameters<typeof ask>[0]) => ask(changes).derivation.items['Observation/lengte'];

  it('withheld by a hard stop: the reason and nothing else', () =>
    expect(only({ request: { discipline: 'x' } })).toEqual({
      outcome: 'withhold',
      reasons: ['ROLE_UNKNOWN'],
      redactions: [],
      carriedBy: [],
      people: [],
    }));

  it('wholly about somebody who is not named: that person is unknown and permits nothing', () =>
    expect(
      only({ consents: [both], resources: [item('Observation/lengte', { aboutWhole: true })] })?.thirdParty,
    ).toEqual({
      ref: 'unknown',
      permits: false,
      people: [],
    }));

  it('about a sibling: everyone who decides there must permit', () => {
    const broer = {
      ref: 'Patient/broer',
      birthDate: '2020-01-01',
      selfRefs: ['Patient/broer'],
      custody: [custodian(ANNA), custodian(BRAM)],
    };
    const about = {
      resources: [item('Observation/lengte', { about: 'Patient/broer' })],
      patients: [...question({}).patients, broer],
    };
    const there = (by: string[]) => consent(permit(), { by, patient: { reference: 'Patient/broer' } });
    expect(only({ ...about, consents: [both, there([ANNA])] })?.outcome).toBe('redact');
    const all = only({ ...about, consents: [both, there([ANNA, BRAM])] });
    expect([all?.outcome, all?.carriedBy.length]).toEqual(['release', 2]);
  });

  it('break-glass against an objection is carried by no consent', () => {
    const found = only({
      consents: [refusal(ANNA)],
      request: { purpose: 'BTG', btgReason: 'stuip' },
      config: { btgOverridesObjection: true },
    });
    expect([found?.outcome, found?.carriedBy]).toEqual(['release', []]);
  });

  it('break-glass is no ground where consent is', () =>
    expect(
      verdict({
        consents: [both],
        request: { purpose: 'BTG', btgReason: 'stuip' },
        config: { btgOverridesObjection: true },
      }),
    ).toBe('permit CONSENT'));

  it('items that are alike have one derivation, those that differ in anything have their own', () => {
    const alike = ask({ consents: [both], resources: [item('Observation/a'), item('Observation/b')] }).derivation.items;
    expect(alike['Observation/a']).toBe(alike['Observation/b']);
    const differing = [
      { category: 'risk' },
      { labels: ['PSY'] },
      { labels: ['R'] },
      { about: BRAM },
      { aboutWhole: true },
      { protectedAddress: true },
      { hasBsn: true },
      { subject: 'Patient/broer' },
    ].map((more, index) => item(`Observation/${index}`, more));
    const told = ask({ consents: [both], resources: [item(), ...differing], request: { discipline: 'gp' } }).derivation
      .items;
    expect(new Set(Object.values(told)).size).toBe(9);
  });

  it('where a statement names items or dates every item is looked at by itself', () => {
    const resources = [item('Observation/a', { date: '2026-05-01' }), item('Observation/b', { date: '2026-06-01' })];
    const dated = consent(permit({ dataPeriod: { start: '2026-05-15' } }));
    expect(ask({ consents: [dated], resources }).items).toEqual({
      'Observation/a': 'withhold',
      'Observation/b': 'release',
    });
    const mother = { ref: 'Patient/anna', birthDate: '1995-01-01', selfRefs: ['Patient/anna', ANNA] };
    const hers = consent(permit({ dataPeriod: { start: '2026-05-15' } }), {
      by: ['Patient/anna'],
      patient: { reference: 'Patient/anna' },
    });
    expect(
      ask({
        consents: [both, hers],
        resources: resources.map((one) => ({ ...one, about: 'Patient/anna' })),
        patients: [...question({}).patients, mother],
      }).items,
    ).toEqual({ 'Observation/a': 'redact', 'Observation/b': 'release' });
  });

  it('a sector is no organisation: a permission of the sector is wider', () => {
    const wide = consent(permit({ actor: [sector('jgz')] }));
    expect(verdict({ consents: [wide, refusal(ANNA)] })).toBe('deny ORG_OBJECTION');
  });
});
