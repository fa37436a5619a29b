import type { Consent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import {
  ANNA,
  actor,
  ask,
  BRAM,
  category,
  confidentiality,
  consent,
  custodian,
  deny,
  discipline,
  instance,
  item,
  KIND,
  org,
  permit,
  purpose,
  question,
  sector,
  topic,
  verdict,
} from './testing/invented.ts';

const both = consent(permit());
const sensitive = (...labels: string[]) => item('Condition/zorg', { category: 'risk', labels });

describe('hard stops, in order', () => {
  it.each([
    [{ mode: 'legal-duty' }, {}, 'LEGAL_DUTY_ROUTE'],
    [{}, { registry: 'down' }, 'REGISTRY_UNAVAILABLE'],
    [{}, { mitz: 'down' }, 'REGISTRY_UNAVAILABLE'],
    [{}, { mitz: 'misschien' as 'deny' }, 'REGISTRY_UNAVAILABLE'],
    [{ mode: 'legal-duty', discipline: 'x' }, { registry: 'down' }, 'LEGAL_DUTY_ROUTE'],
    [{ discipline: 'constructor' }, {}, 'ROLE_UNKNOWN'],
    [{ treatmentRelation: false }, {}, 'NO_TREATMENT_RELATION'],
    [{ treatmentRelation: undefined }, {}, 'NO_TREATMENT_RELATION'],
    [{ purpose: 'FooBar' }, {}, 'PURPOSE_MISMATCH'],
  ] as const)('%j %j: %s', (request, env, reason) => {
    const { decision, reasons, items, derivation } = ask({ consents: [both], request, env });
    expect([decision, reasons, items]).toEqual(['deny', [reason], { 'Observation/lengte': 'withhold' }]);
    expect(derivation.hardStop).toBe(reason);
  });

  it('a patient who has died', () => {
    const input = question({ consents: [both] });
    const patients = input.patients.map((one) => ({ ...one, deceased: '2026-06-01' }));
    expect(verdict({ consents: [both], patients })).toBe('deny PATIENT_DECEASED');
  });
});

describe('who decides', () => {
  const child = (by: string[], more = {}) => consent(permit(), { by, ...more });
  it.each([
    ['the day before the 12th birthday: the parents', '2014-07-02', [both], 'permit CONSENT'],
    ['on the 12th birthday: also the child', '2014-07-01', [both], 'deny CHILD_COCONSENT_MISSING'],
    ['12 to 15: the parents and the child', '2012-07-01', [both, child([KIND])], 'permit CONSENT'],
    ['12 to 15: not the child alone', '2012-07-01', [child([KIND])], 'deny CUSTODIAN_CONSENT_MISSING'],
    ['12 to 15: one parent and the child', '2012-07-01', [child([KIND, ANNA])], 'deny CUSTODIAN_CONSENT_MISSING'],
    [
      '12 to 15: one parent alone',
      '2012-07-01',
      [child([ANNA])],
      'deny CUSTODIAN_CONSENT_MISSING CHILD_COCONSENT_MISSING',
    ],
    ['12 to 15: nobody', '2012-07-01', [], 'deny NO_CONSENT'],
    [
      '12 to 15: a parent objects',
      '2012-07-01',
      [child([KIND, ANNA]), consent(deny(), { by: [BRAM] })],
      'deny CUSTODIAN_OBJECTION',
    ],
    [
      'the day before the 16th birthday: still the parents too',
      '2010-07-02',
      [child([KIND])],
      'deny CUSTODIAN_CONSENT_MISSING',
    ],
    ['on the 16th birthday: the young person alone', '2010-07-01', [child([KIND])], 'permit CONSENT'],
    ['from 16: not the parents', '2010-07-01', [both], 'deny AGE16_OWN_CONSENT_REQUIRED'],
    [
      'from 16: a refusal by the parents has no force',
      '2010-07-01',
      [child([KIND]), consent(deny())],
      'permit CONSENT',
    ],
    ['from 16: an own refusal', '2010-07-01', [both, consent(deny(), { by: [KIND] })], 'deny CONSENT_REFUSED'],
    [
      'under 12: a refusal by the child has no force',
      '2015-07-01',
      [both, consent(deny(), { by: [KIND] })],
      'permit CONSENT',
    ],
    ['birth date not known', '', [both], 'deny CUSTODY_UNKNOWN'],
    ['birth date of a year that leaves it open', '2014', [both], 'deny CUSTODY_UNKNOWN'],
    ['birth date of a year that does not', '2020', [both], 'permit CONSENT'],
    ['before birth there is no record of the child', '2026-07-02', [both], 'deny SUBJECT_MISMATCH'],
  ] as [string, string, Consent[], string][])('%s', (_, born, consents, expected) =>
    expect(verdict({ born, consents })).toBe(expected),
  );

  it.each([
    ['Dutch midnight, not UTC, makes the birthday', '2026-06-30T22:30:00Z', 'deny CHILD_COCONSENT_MISSING'],
    ['an hour earlier it is the day before', '2026-06-30T21:30:00Z', 'permit CONSENT'],
  ])('%s', (_, asOf, expected) => expect(verdict({ asOf, born: '2014-07-01', consents: [both] })).toBe(expected));

  it.each([
    ['sole custody', [custodian(ANNA), custodian(BRAM, false)], [child([ANNA])], 'permit CONSENT'],
    [
      'the parent without custody',
      [custodian(ANNA), custodian(BRAM, false)],
      [child([BRAM])],
      'deny PERFORMER_NOT_AUTHORISED',
    ],
    [
      'the objection of a parent without custody',
      [custodian(ANNA), custodian(BRAM, false)],
      [child([ANNA]), consent(deny(), { by: [BRAM] })],
      'permit CONSENT',
    ],
    [
      'a guardian',
      [custodian(ANNA, false), custodian('Organization/gi')],
      [child(['Organization/gi'])],
      'permit CONSENT',
    ],
    ['a stranger', [custodian(ANNA)], [child(['RelatedPerson/pleegouder'])], 'deny PERFORMER_NOT_AUTHORISED'],
    [
      'nobody signed',
      [custodian(ANNA)],
      [consent(permit(), { performer: undefined })],
      'deny PERFORMER_NOT_AUTHORISED',
    ],
    ['custody of one unknown', [custodian(ANNA), custodian(BRAM, 'unknown')], [both], 'deny CUSTODY_UNKNOWN'],
    [
      'custody of one unknown, who objects',
      [custodian(ANNA), custodian(BRAM, 'unknown')],
      [child([ANNA]), consent(deny(), { by: [BRAM] })],
      'deny CUSTODIAN_OBJECTION',
    ],
    ['no custody on record', [], [both], 'deny CUSTODY_UNKNOWN'],
    ['nobody has custody', [custodian(ANNA, false)], [child([ANNA])], 'deny PERFORMER_NOT_AUTHORISED'],
  ] as const)('custody: %s', (_, custody, consents, expected) => expect(verdict({ custody, consents })).toBe(expected));

  it('a court in the place of a parent, unless that parent objects', () => {
    const custody = [custodian(ANNA), custodian(BRAM, true, { court: true })];
    const consents = [child([ANNA]), child(['Organization/court'])];
    expect(verdict({ custody, consents })).toBe('permit CONSENT');
    expect(verdict({ custody, consents: [...consents, consent(deny(), { by: [BRAM] })] })).toBe(
      'deny CUSTODIAN_OBJECTION',
    );
    expect(verdict({ custody: [custodian(ANNA), custodian(BRAM)], consents })).toBe('deny CUSTODIAN_CONSENT_MISSING');
  });

  it('a court whose consent has ended', () => {
    const custody = [custodian(ANNA), custodian(BRAM, true, { court: true })];
    const ended = consent(permit({ period: { end: '2026-06-01' } }), { by: ['Organization/court'] });
    expect(verdict({ custody, consents: [child([ANNA]), ended] })).toBe('deny CONSENT_EXPIRED');
  });

  describe('an adult', () => {
    const woman = { ref: 'Patient/carla', birthDate: '1999-05-05', selfRefs: ['Patient/carla', 'RelatedPerson/carla'] };
    const adult = (consents: Consent[], more = {}) =>
      verdict({
        request: { patient: 'Patient/carla' },
        patients: [{ ...woman, ...more }],
        consents,
        resources: [item('Observation/foetus', { subject: 'Patient/carla', category: 'obstetric' })],
      });
    const hers = (by: string) => consent(permit(), { by: [by], patient: { reference: 'Patient/carla' } });
    it('decides herself, under any of her references', () => {
      expect(adult([hers('Patient/carla')])).toBe('permit CONSENT');
      expect(adult([hers('RelatedPerson/carla')])).toBe('permit CONSENT');
    });
    it('is not spoken for by a partner, or by what she said as a parent', () => {
      expect(adult([hers('RelatedPerson/partner')])).toBe('deny PERFORMER_NOT_AUTHORISED');
      expect(adult([consent(permit(), { by: ['RelatedPerson/carla'] })])).toBe('deny SUBJECT_MISMATCH');
    });
    it.each([['RelatedPerson/mentor'], [['RelatedPerson/mentor', 'Patient/mentor']]])(
      'with a representative %j is spoken for',
      (representative) => {
        expect(adult([hers('RelatedPerson/mentor')], { representative })).toBe('permit CONSENT');
        expect(adult([hers('Patient/carla')], { representative })).toBe('deny PERFORMER_NOT_AUTHORISED');
      },
    );
  });
});

describe('several persons', () => {
  const says = (anna: Consent['provision'], bram: Consent['provision']) => [
    consent(anna, { by: [ANNA] }),
    ...(bram ? [consent(bram, { by: [BRAM] })] : []),
  ];
  it('the answers are AND-ed; each says why', () => {
    expect(verdict({ consents: says(permit(), permit()) })).toBe('permit CONSENT');
    expect(verdict({ consents: says(permit(), undefined) })).toBe('deny CUSTODIAN_CONSENT_MISSING');
    expect(verdict({ consents: says(permit(), permit({ purpose: [purpose('HRESCH')] })) })).toBe(
      'deny PURPOSE_MISMATCH',
    );
    expect(verdict({ consents: says(permit({ actor: [org('ander')] }), undefined) })).toBe(
      'deny CUSTODIAN_CONSENT_MISSING RECIPIENT_NOT_COVERED',
    );
  });
  it('a more specific permit of one never lifts the objection of the other', () => {
    const narrow = permit({ data: [instance('Observation/lengte')], securityLabel: [category('development')] });
    expect(verdict({ consents: says(narrow, deny()) })).toBe('deny CUSTODIAN_OBJECTION');
  });
  it('an objection is final whatever the other lacks; two make a refusal', () => {
    expect(verdict({ consents: [consent(deny(), { by: [BRAM] })] })).toBe('deny CUSTODIAN_OBJECTION');
    expect(verdict({ consents: says(deny(), deny()) })).toBe('deny CONSENT_REFUSED');
    expect(verdict({ consents: says(deny(), deny({ actor: [org('jgz')] })) })).toBe(
      'deny CUSTODIAN_OBJECTION ORG_OBJECTION',
    );
  });
  it('the setting one-unless-objection presumes the silent parent', () => {
    const config = { bothParents: 'one-unless-objection' } as const;
    expect(verdict({ config, consents: says(permit(), undefined) })).toBe('permit PRESUMED_SECOND_PARENT');
    expect(verdict({ config, consents: says(permit(), permit()) })).toBe('permit CONSENT');
    expect(verdict({ config, consents: says(permit(), deny()) })).toBe('deny CUSTODIAN_OBJECTION');
    expect(verdict({ config, consents: [] })).toBe('deny NO_CONSENT');
    expect(verdict({ config, consents: says(permit(), undefined), born: '2012-01-01' })).toBe(
      'deny CUSTODIAN_CONSENT_MISSING CHILD_COCONSENT_MISSING',
    );
    expect(verdict({ config, consents: [consent(permit(), { by: [ANNA, KIND] })], born: '2012-01-01' })).toBe(
      'permit PRESUMED_SECOND_PARENT',
    );
    expect(
      verdict({ config, consents: says(permit(), undefined), custody: [custodian(ANNA), custodian(BRAM, 'unknown')] }),
    ).toBe('deny CUSTODY_UNKNOWN');
  });
  it('and presumes nothing for sensitive data', () => {
    const named = permit({ provision: [permit({ securityLabel: [topic('PSY')] })] });
    const input = { config: { bothParents: 'one-unless-objection' } as const, resources: [sensitive('PSY')] };
    expect(verdict({ ...input, consents: says(named, undefined) })).toBe('deny CUSTODIAN_CONSENT_MISSING');
    expect(verdict({ ...input, consents: says(named, named) })).toBe('permit CONSENT');
  });
});

describe('statements of one person', () => {
  const custody = [custodian(ANNA)];
  const hers = (provision: Consent['provision'], more: Partial<Consent> = {}) =>
    consent(provision, { by: [ANNA], ...more });
  const only = (consents: Consent[], more = {}) => verdict({ custody, consents, ...more });

  it('the state of the last one that would have counted is the reason', () => {
    const expired = hers(permit({ period: { end: '2026-06-01' } }), { dateTime: '2026-01-20' });
    const withdrawn = hers(permit(), { status: 'inactive', dateTime: '2026-02-20' });
    const draft = hers(permit(), { status: 'draft', dateTime: '2026-03-20' });
    expect(only([withdrawn, expired])).toBe('deny CONSENT_WITHDRAWN');
    expect(only([expired, draft])).toBe('deny CONSENT_EXPIRED');
    expect(only([draft])).toBe('deny CONSENT_NOT_ACTIVE');
    expect(only([withdrawn, hers(permit())])).toBe('permit CONSENT');
    expect(only([withdrawn, hers(permit({ actor: [org('ander')] }))])).toBe('deny RECIPIENT_NOT_COVERED');
  });

  it('a rejected one stands until the same person permits something later', () => {
    const rejected = hers(permit(), { status: 'rejected', dateTime: '2026-03-10' });
    expect(only([rejected, hers(permit(), { dateTime: '2026-03-09' })])).toBe('deny CONSENT_REFUSED');
    expect(only([rejected, hers(permit(), { dateTime: '2026-03-11' })])).toBe('permit CONSENT');
    expect(only([rejected, hers(permit(), { dateTime: '2026-03-10' })])).toBe('deny CONSENT_REFUSED');
    expect(only([hers(permit(), { status: 'rejected', dateTime: undefined }), hers(permit())])).toBe(
      'deny CONSENT_REFUSED',
    );
    const other = hers(deny({ securityLabel: [category('medication')] }), { dateTime: '2026-03-12' });
    expect(only([rejected, other, hers(permit(), { dateTime: '2026-03-09' })])).toBe('deny CONSENT_REFUSED');
  });

  it('a rejected one is as wide as its provision', () => {
    const rejected = hers(permit({ actor: [org('ander')] }), { status: 'rejected' });
    expect(only([rejected])).toBe('deny NO_CONSENT');
    expect(only([rejected], { request: { org: 'Organization/ander' } })).toBe('deny CONSENT_REFUSED');
  });

  it('a superseded one stops, until a newer one stands', () => {
    const old = hers(permit(), {
      policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|1' }],
      dateTime: '2026-02-01',
    });
    expect(only([old])).toBe('deny POLICY_VERSION_SUPERSEDED');
    expect(only([old, hers(permit(), { dateTime: '2026-01-20' })])).toBe('deny POLICY_VERSION_SUPERSEDED');
    expect(only([old, hers(permit(), { dateTime: '2026-03-01' })])).toBe('permit CONSENT');
    expect(only([old, hers(deny(), { dateTime: '2026-03-01' })])).toBe('deny CONSENT_REFUSED');
  });

  it('one that may not be interpreted stops all of that person, and only of that person', () => {
    const odd = hers(permit(), { modifierExtension: [{ url: 'urn:x' }] });
    expect(only([hers(permit()), odd])).toBe('deny UNSUPPORTED_CONSENT');
    expect(only([hers(permit()), hers(permit(), { policy: [{ uri: 'urn:x' }] })])).toBe('deny POLICY_UNKNOWN');
    expect(only([hers(permit()), consent(permit(), { by: [BRAM], modifierExtension: [{ url: 'urn:x' }] })])).toBe(
      'permit CONSENT',
    );
    expect(
      only([
        hers(permit()),
        consent(permit(), {
          by: [ANNA],
          patient: { reference: 'Patient/broer' },
          modifierExtension: [{ url: 'urn:x' }],
        }),
      ]),
    ).toBe('permit CONSENT');
  });

  it('one that could be anybody’s stops everybody', () => {
    for (const change of [
      { performer: [{ display: 'moeder' }] },
      { patient: undefined },
      { patient: { reference: 'https://elders.nl/Patient/1' } },
    ]) {
      expect(only([hers(permit()), { ...hers(deny()), ...change }])).toBe('deny UNSUPPORTED_CONSENT');
    }
    expect(only([hers(permit()), null as unknown as Consent])).toBe('deny UNSUPPORTED_CONSENT');
    expect(
      only([hers(permit()), { ...hers(permit()), performer: undefined, modifierExtension: [{ url: 'urn:x' }] }]),
    ).toBe('deny UNSUPPORTED_CONSENT');
  });
});

describe('the specific beats the general, ties go to the objection', () => {
  const custody = [custodian(ANNA)];
  const resources = [sensitive('PSY')];
  /** The verdict on two statements of one person, which must not depend on their order. */
  const pair = (a: Consent['provision'], b: Consent['provision'], more = {}) => {
    const [one, other] = [a, b].map((provision) => consent(provision, { by: [ANNA] })) as [Consent, Consent];
    const found = verdict({ custody, consents: [one, other], ...more });
    expect(verdict({ custody, consents: [other, one], ...more })).toBe(found);
    return found;
  };
  it.each([
    ['organisation over sector', deny({ actor: [sector('jgz')] }), permit(), 'permit CONSENT'],
    [
      'sector over nobody named',
      deny({ purpose: [purpose('TREAT')] }),
      permit({ actor: [sector('jgz')] }),
      'permit CONSENT',
    ],
    [
      'refused organisation over permitted sector',
      permit({ actor: [sector('jgz')] }),
      deny({ actor: [org('jgz')], purpose: [purpose('TREAT')] }),
      'deny ORG_OBJECTION',
    ],
    [
      'discipline and organisation cannot be compared',
      deny({ actor: [org('jgz')] }),
      permit({ actor: [discipline('youth-nurse')] }),
      'deny ORG_OBJECTION',
    ],
    ['nor the other way round', permit(), deny({ actor: [discipline('youth-nurse')] }), 'deny DISCIPLINE_OBJECTION'],
    [
      'data named over all data',
      deny({ actor: [org('jgz')] }),
      permit({ securityLabel: [category('development')] }),
      'permit CONSENT',
    ],
    [
      'an item over its category',
      deny({ securityLabel: [category('development')] }),
      permit({ data: [instance('Observation/lengte')] }),
      'permit CONSENT',
    ],
    [
      'a period over none',
      deny({ actor: [org('jgz')] }),
      permit({ dataPeriod: { start: '2026-01-01' } }),
      'permit CONSENT',
    ],
    [
      'an item over a period',
      deny({ actor: [org('jgz')], dataPeriod: { start: '2026-01-01' } }),
      permit({ data: [instance('Observation/lengte')] }),
      'permit CONSENT',
    ],
    [
      'a period and a category cannot be compared',
      permit({ securityLabel: [category('development')] }),
      deny({ dataPeriod: { end: '2026-12-31' } }),
      'deny OUTSIDE_DATA_PERIOD',
    ],
    ['an item refused', permit(), deny({ data: [instance('Observation/lengte')] }), 'deny ITEM_OBJECTION'],
    ['the same twice', permit(), { ...permit(), type: 'deny' as const }, 'deny ORG_OBJECTION'],
  ])('%s', (_, a, b, expected) => expect(pair(a, b)).toBe(expected));

  it('a discipline and a sector cannot be compared', () =>
    expect(pair(deny({ actor: [sector('jgz')] }), permit({ actor: [discipline('youth-nurse')] }))).toBe(
      'deny ORG_OBJECTION',
    ));

  it('an exception is named after what it states itself, or else after what it inherits', () => {
    const nested = (exception: Consent['provision'] & object, more = {}) =>
      verdict({
        consents: [consent(permit({ securityLabel: [category('development')], provision: [exception] }))],
        ...more,
      });
    expect(nested(deny())).toBe('deny CATEGORY_OBJECTION');
    expect(nested(deny({ actor: [org('jgz')] }))).toBe('deny ORG_OBJECTION');
    expect(nested(deny({ purpose: [purpose('ETREAT')] }), { request: { purpose: 'ETREAT' } })).toBe(
      'deny CONSENT_REFUSED',
    );
  });

  it('a topic over restricted data at large, refused or permitted', () => {
    const all = deny({ actor: [org('jgz')], purpose: [purpose('TREAT')], securityLabel: [confidentiality('R')] });
    expect(pair(all, permit({ securityLabel: [topic('PSY')] }), { resources })).toBe('permit CONSENT');
    expect(
      pair(permit({ securityLabel: [confidentiality('R')] }), deny({ securityLabel: [topic('PSY')] }), { resources }),
    ).toBe('deny CATEGORY_OBJECTION');
  });

  it('a narrower purpose over a wider', () => {
    const request = { purpose: 'ETREAT' };
    expect(pair(permit(), deny({ actor: [org('jgz')], purpose: [purpose('ETREAT')] }), { request })).toBe(
      'deny ORG_OBJECTION',
    );
    expect(
      pair(deny({ actor: [org('jgz')], purpose: [purpose('TREAT')] }), permit({ purpose: [purpose('ETREAT')] }), {
        request,
      }),
    ).toBe('permit CONSENT');
  });

  it('the derivation tells by which rule the loser lost', () => {
    const general = consent(deny(), { by: [ANNA] });
    const specific = consent(permit(), { by: [ANNA], meta: { versionId: '4' } });
    const { derivation } = ask({ custody, consents: [general, specific] });
    const [anna] = derivation.items['Observation/lengte']?.people ?? [];
    const won = { consent: { id: specific.id, version: '4' }, path: 'provision', type: 'permit' };
    expect(anna).toMatchObject({ person: 'anna', verdict: 'permit', winning: [won] });
    expect(anna?.losing).toEqual([
      { consent: { id: general.id }, path: 'provision', type: 'deny', lostTo: won, because: 'specific-beats-general' },
    ]);
    expect(derivation.items['Observation/lengte']?.carriedBy).toEqual([{ id: specific.id, version: '4' }]);
    expect(derivation.people).toEqual([
      {
        name: 'anna',
        basis: 'custody',
        ref: ANNA,
        consents: [
          { id: general.id, state: 'valid' },
          { id: specific.id, version: '4', state: 'valid' },
        ],
      },
    ]);
  });

  it('and which objection won the tie', () => {
    const { derivation } = ask({
      custody,
      consents: [consent(permit(), { by: [ANNA] }), consent({ ...permit(), type: 'deny' }, { by: [ANNA] })],
    });
    expect(derivation.items['Observation/lengte']?.people[0]?.losing).toMatchObject([
      { type: 'permit', because: 'objection-wins-ties', lostTo: { type: 'deny' } },
    ]);
  });
});

describe('which data and what for', () => {
  it('the first permit test that fails longest is the reason', () => {
    const reason = (provision: Consent['provision'], one = item()) =>
      verdict({ consents: [consent(provision)], resources: [one] });
    expect(reason(permit({ actor: [org('ander')] }))).toBe('deny RECIPIENT_NOT_COVERED');
    expect(reason(permit({ actor: [actor('Practitioner/p')] }))).toBe('deny RECIPIENT_NOT_COVERED');
    expect(reason(permit({ purpose: [purpose('HPAYMT')] }))).toBe('deny PURPOSE_MISMATCH');
    expect(reason(permit({ purpose: [{ system: 'urn:x', code: 'TREAT' }] }))).toBe('deny PURPOSE_MISMATCH');
    expect(reason(permit({ securityLabel: [category('consult')] }))).toBe('deny RECIPIENT_NOT_COVERED');
    expect(reason(permit({ dataPeriod: { start: '2026-06-11' } }))).toBe('deny OUTSIDE_DATA_PERIOD');
    expect(reason(permit({ dataPeriod: { start: '2026-06-01' } }), item('Observation/x', { date: undefined }))).toBe(
      'deny OUTSIDE_DATA_PERIOD',
    );
    expect(reason(permit(), sensitive('ZZZ'))).toBe('deny SENSITIVE_NOT_INCLUDED');
  });
  it('a refusal of a period also hits what has no date', () => {
    const consents = [consent(permit({ provision: [deny({ dataPeriod: { end: '2025-12-31' } })] }))];
    expect(verdict({ consents })).toBe('permit CONSENT');
    expect(verdict({ consents, resources: [item('Observation/x', { date: undefined })] })).toBe(
      'deny OUTSIDE_DATA_PERIOD',
    );
  });
  it('a narrower purpose than permitted is covered, a wider is not', () => {
    expect(verdict({ consents: [both], request: { purpose: 'COC' } })).toBe('permit CONSENT');
    expect(verdict({ consents: [consent(permit({ purpose: [purpose('ETREAT')] }))] })).toBe('deny PURPOSE_MISMATCH');
  });
  it.each([undefined, '', 'onbekend', 'cat-risk'])('an item of category %j has no label', (cat) =>
    expect(verdict({ consents: [both], resources: [item('Observation/x', { category: cat })] })).toBe(
      'deny LABEL_MISSING',
    ),
  );
  it('an item of another patient stays, also with consent there', () => {
    const consents = [both, consent(permit(), { patient: { reference: 'Patient/broer' } })];
    expect(verdict({ consents, resources: [item('Observation/x', { subject: 'Patient/broer' })] })).toBe(
      'deny OTHER_PATIENT',
    );
    expect(verdict({ consents, resources: [item('Observation/x', { subject: '' })] })).toBe('deny OTHER_PATIENT');
  });
  it('the same reference twice gets the stricter answer', () => {
    const twice = [item('Observation/x'), item('Observation/x', { labels: ['PSY'] })];
    for (const resources of [twice, twice.toReversed()])
      expect(ask({ consents: [both], resources }).items).toEqual({ 'Observation/x': 'withhold' });
  });
  it('nothing asked is nothing released', () => expect(verdict({ consents: [both], resources: [] })).toBe('deny'));
});

describe('push and referral', () => {
  const referral = { mode: 'push-referral' } as const;
  it.each(['push', 'deliver', 'pull'] as const)('%s needs consent', (mode) => {
    expect(verdict({ request: { mode } })).toBe('deny NO_CONSENT');
    expect(verdict({ request: { mode }, consents: [both] })).toBe('permit CONSENT');
  });
  it('a known referral needs none, for normal data and for treatment', () => {
    expect(verdict({ request: referral })).toBe('permit IMPLIED_REFERRAL');
    expect(verdict({ request: referral, consents: [both] })).toBe('permit CONSENT');
    expect(verdict({ request: referral, resources: [sensitive('SDV')] })).toBe('deny NO_CONSENT');
    expect(verdict({ request: { ...referral, purpose: 'HRESCH' } })).toBe('deny NO_CONSENT');
    expect(verdict({ request: { ...referral, treatmentRelation: false } })).toBe('deny NO_TREATMENT_RELATION');
  });
  it('an objection, or what might be one, ends it', () => {
    expect(verdict({ request: referral, consents: [consent(deny(), { by: [BRAM] })] })).toBe(
      'deny CUSTODIAN_OBJECTION',
    );
    expect(verdict({ request: referral, consents: [consent(undefined, { by: [BRAM], status: 'rejected' })] })).toBe(
      'deny CUSTODIAN_OBJECTION',
    );
    expect(verdict({ request: referral, consents: [consent(deny({ class: [{ code: 'x' }] }), { by: [BRAM] })] })).toBe(
      'deny UNSUPPORTED_CONSENT',
    );
    expect(verdict({ request: referral, consents: [consent(deny({ securityLabel: [category('risk')] }))] })).toBe(
      'permit IMPLIED_REFERRAL',
    );
  });
  it('nobody to object is no consent', () =>
    expect(verdict({ request: referral, custody: [] })).toBe('deny CUSTODY_UNKNOWN'));
});

describe('Mitz only restricts', () => {
  it('a permit there gives nothing', () => expect(verdict({ env: { mitz: 'permit' } })).toBe('deny NO_CONSENT'));
  it('a refusal there stands', () => {
    expect(verdict({ env: { mitz: 'deny' }, consents: [both] })).toBe('deny MITZ_DENY');
    expect(verdict({ env: { mitz: 'inactive' }, consents: [both] })).toBe('deny MITZ_INACTIVE_IS_REFUSAL');
    expect(verdict({ env: { mitz: 'deny' }, request: { mode: 'push-referral' } })).toBe('deny MITZ_DENY');
  });
  it('unless the setting puts explicit consent first', () => {
    const config = { mitzDenyWins: false };
    expect(verdict({ config, env: { mitz: 'deny' }, consents: [both] })).toBe('permit CONSENT');
    expect(verdict({ config, env: { mitz: 'deny' }, request: { mode: 'push-referral' } })).toBe('deny MITZ_DENY');
  });
});

describe('break-glass', () => {
  const glass = { purpose: 'BTG', treatmentRelation: false, discipline: 'paediatrician', btgReason: 'stuip' };
  const broken = (more: Parameters<typeof verdict>[0] = {}) =>
    verdict({ ...more, request: { ...glass, ...more.request } });
  it('stands in for what is missing', () => {
    expect(broken()).toBe('permit BTG_OVERRIDE');
    expect(broken({ consents: [consent(permit({ actor: [org('ander')] }))] })).toBe('permit BTG_OVERRIDE');
    expect(broken({ custody: [] })).toBe('permit BTG_OVERRIDE');
    expect(broken({ resources: [sensitive('PSY')] })).toBe('permit BTG_OVERRIDE');
    expect(broken({ consents: [both] })).toBe('permit CONSENT');
  });
  it.each([
    [{ discipline: 'social-domain' }, 'BTG_NOT_ENTITLED'],
    [{ btgReason: undefined }, 'BTG_NO_REASON'],
    [{ btgReason: ' \n' }, 'BTG_NO_REASON'],
    [{ patientCount: 2 }, 'BTG_NOT_AVAILABLE'],
    [{ mode: 'push' }, 'BTG_NOT_AVAILABLE'],
    [{ mode: 'push-referral' }, 'BTG_NOT_AVAILABLE'],
    [{ discipline: 'waarzegger' }, 'ROLE_UNKNOWN'],
  ] as const)('%j: %s', (request, reason) => expect(broken({ consents: [both], request })).toBe(`deny ${reason}`));
  it('not for an objection, or what might be one, unless the setting says so', () => {
    const config = { btgOverridesObjection: true };
    for (const [consents, env, reason] of [
      [[consent(deny())], {}, 'CONSENT_REFUSED'],
      [[consent(deny(), { by: [ANNA] })], {}, 'CUSTODIAN_OBJECTION'],
      [[consent(permit(), { modifierExtension: [{ url: 'urn:x' }] })], {}, 'UNSUPPORTED_CONSENT'],
      [[], { mitz: 'deny' }, 'MITZ_DENY'],
    ] as const) {
      expect(broken({ consents, env })).toBe(`deny ${reason}`);
      expect(broken({ consents, env, config })).toBe('permit BTG_OVERRIDE');
    }
  });
  it('never without the register, a label, or for another patient', () => {
    expect(broken({ env: { registry: 'down' } })).toBe('deny REGISTRY_UNAVAILABLE');
    expect(broken({ resources: [item('Observation/x', { category: undefined })] })).toBe('deny LABEL_MISSING');
    expect(broken({ resources: [item('Observation/x', { subject: 'Patient/broer' })] })).toBe('deny OTHER_PATIENT');
  });
  it('has obligations as soon as something is released', () => {
    const duties = ['audit:break-glass', 'notify:privacy-officer', 'inform:patient', 'expire:60min'];
    expect(ask({ request: glass }).obligations).toEqual(duties);
    expect(ask({ request: glass, consents: [both] }).obligations).toEqual(duties);
    expect(ask({ request: glass, consents: [consent(deny())] }).obligations).toEqual([]);
  });
});

describe('limits that consent cannot lift', () => {
  const everything = consent(permit({ actor: [org('jgz')], securityLabel: [confidentiality('R')] }));
  const about = (more = {}) => item('Observation/roken', { category: 'history', about: 'RelatedPerson/anna', ...more });
  const anna = { ref: 'Patient/anna', birthDate: '1995-01-01', selfRefs: [ANNA] };
  const known = (consents: Consent[], resources = [about()], mother = anna) =>
    ask({ consents, resources, patients: [...question({}).patients, mother] });
  const hers = consent(permit(), { by: ['Patient/anna'], patient: { reference: 'Patient/anna' } });

  it('the view of the discipline', () => {
    expect(verdict({ consents: [everything], request: { discipline: 'planner' } })).toBe('deny VIEW_NOT_ENTITLED');
    const request = { discipline: 'gp', purpose: 'BTG', btgReason: 'stuip' };
    expect(verdict({ request })).toBe('deny VIEW_NOT_ENTITLED');
  });
  it('facts about a third person, without that person’s own consent on the own record', () => {
    expect(known([everything])).toMatchObject({
      decision: 'partial',
      reasons: ['THIRD_PARTY_REDACTED'],
      obligations: ['redact:third-party'],
    });
    expect(known([everything, hers])).toMatchObject({ decision: 'permit', reasons: ['CONSENT'], obligations: [] });
    expect(known([everything, { ...hers, status: 'inactive' }]).decision).toBe('partial');
    expect(known([everything, hers], [about()], { ...anna, deceased: true } as typeof anna).decision).toBe('partial');
    expect(known([everything, hers], [about({ labels: ['HIV'] })]).decision).toBe('partial');
    expect(known([everything, hers], [about({ about: 'RelatedPerson/onbekend' })]).decision).toBe('partial');
  });
  it('an item wholly about a third person goes or stays as a whole', () => {
    expect(known([everything], [about({ aboutWhole: true })])).toMatchObject({
      decision: 'deny',
      reasons: ['THIRD_PARTY_REDACTED'],
      obligations: [],
    });
    expect(known([everything, hers], [about({ aboutWhole: true })]).decision).toBe('permit');
    expect(known([everything], [about({ about: undefined, aboutWhole: true })]).decision).toBe('deny');
  });
  it('the derivation names the consent of the third person', () => {
    const found = known([everything, hers]).derivation.items['Observation/roken'];
    expect(found?.thirdParty).toMatchObject({
      ref: ANNA,
      permits: true,
      people: [{ person: 'patient', verdict: 'permit' }],
    });
    expect(found?.carriedBy.map((one) => one.id)).toEqual([everything.id, hers.id]);
  });
  it('what is about the patient is about no third person', () =>
    expect(known([everything], [about({ about: KIND })]).decision).toBe('permit'));
  it('break-glass lifts none of them', () => {
    const request = { purpose: 'BTG', discipline: 'paediatrician', btgReason: 'stuip' };
    expect(ask({ request, resources: [about({ protectedAddress: true })] })).toMatchObject({
      decision: 'partial',
      reasons: ['THIRD_PARTY_REDACTED', 'PROTECTED_ADDRESS'],
    });
  });
  it('redactions add up, and the union is what is owed', () => {
    const contact = item('Patient/kind', {
      category: 'naw',
      hasBsn: true,
      protectedAddress: true,
      about: 'RelatedPerson/x',
    });
    const request = { discipline: 'volunteer' };
    const { reasons, obligations, derivation } = ask({
      consents: [both],
      request,
      resources: [contact, item('Patient/naam', { category: 'naw' })],
    });
    expect(reasons).toEqual(['CONSENT', 'THIRD_PARTY_REDACTED', 'PROTECTED_ADDRESS', 'BSN_NOT_ENTITLED']);
    expect(obligations).toEqual(['redact:third-party', 'redact:address', 'strip:bsn']);
    expect(derivation.items['Patient/kind']?.redactions).toEqual(['third-party', 'address', 'bsn']);
  });
  it('the BSN goes to those with a legal ground', () =>
    expect(verdict({ consents: [both], resources: [item('Patient/kind', { category: 'naw', hasBsn: true })] })).toBe(
      'permit CONSENT',
    ));
});

describe('the derivation', () => {
  it('lists what was not used and why', () => {
    const other = consent(permit(), { patient: { reference: 'Patient/broer' } });
    const stranger = consent(permit(), { by: ['RelatedPerson/buurvrouw'] });
    const research = consent(permit(), {
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
    });
    expect(ask({ consents: [both, other, stranger, research] }).derivation.unused).toEqual([
      { id: other.id, state: 'valid', because: 'other-patient' },
      { id: stranger.id, state: 'valid', because: 'performer-has-no-say' },
      { id: research.id, state: 'other-scope', because: 'other-scope' },
    ]);
  });
  it('marks a statement that a newer one replaced', () => {
    const rejected = consent(permit(), { status: 'rejected', dateTime: '2026-02-01', by: [ANNA] });
    const { derivation } = ask({ consents: [rejected, both] });
    expect(derivation.people[0]?.consents).toContainEqual({ id: rejected.id, state: 'rejected', replaced: true });
  });
});

it('refuses to decide at no time', () => {
  expect(() => ask({ asOf: '2026-07-01' })).toThrow(RangeError);
  expect(() => ask({ asOf: 'gisteren' })).toThrow('asOf must be an instant');
});

it('decides for a patient of whom nothing is known: nothing', () => {
  expect(
    decide(
      { ...question({ consents: [both] }), patients: [] },
      {
        disciplines: { 'youth-nurse': { categories: ['development'], breakGlass: false, bsn: false } },
        sensitiveLabels: [],
      },
    ).reasons,
  ).toEqual(['CUSTODY_UNKNOWN']);
});
