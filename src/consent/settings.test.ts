import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, isChoice, SETTING_NAMES, SETTINGS } from './settings.ts';
import {
  ANNA,
  type Ask,
  ask,
  BRAM,
  category,
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
  topic,
  verdict,
} from './testing/invented.ts';
import type { DecisionConfig, DecisionInput } from './types.ts';

const both = consent(permit());
const child = (more = {}) => consent(permit(), { by: [KIND], ...more });
const TWELVE_TODAY = '2014-07-01';
const THIRTEEN = '2012-08-01';

/** The decision for each choice of one setting, in one line per choice. */
const byChoice = <K extends keyof DecisionConfig>(name: K, changes: Ask) =>
  Object.fromEntries(
    SETTINGS[name].choices.map((choice) => [
      `${choice}`,
      verdict({ ...changes, config: { ...changes.config, [name]: choice } }),
    ]),
  );

describe('every setting', () => {
  it.each(SETTING_NAMES)('%s has a default that may be chosen, a title and a legal note in both languages', (name) => {
    const { default: chosen, choices, title, note, noteNl } = SETTINGS[name];
    expect(isChoice(name, chosen)).toBe(true);
    expect(choices.length).toBeGreaterThan(0);
    for (const text of [title.nl, title.en, note, noteNl]) expect(text).toMatch(/^.{4,}/);
    for (const text of [note, noteNl]) expect(text).toMatch(/\.$/);
    expect(DEFAULT_CONFIG[name]).toBe(chosen);
  });

  it('takes its choices and the whole numbers of its range, nothing else', () => {
    expect(isChoice('bothParents', 'one-unless-objection')).toBe(true);
    expect(isChoice('bothParents', 'both')).toBe(false);
    expect(isChoice('mitzDenyWins', 'true')).toBe(false);
    expect(isChoice('consentMaxAgeMonths', 0)).toBe(true);
    expect(isChoice('consentMaxAgeMonths', 120)).toBe(true);
    expect(isChoice('consentMaxAgeMonths', 121)).toBe(false);
    expect(isChoice('consentMaxAgeMonths', -1)).toBe(false);
    expect(isChoice('consentMaxAgeMonths', 1.5)).toBe(false);
    expect(isChoice('consentMaxAgeMonths', '12')).toBe(false);
    expect(isChoice('decisionMaxAgeSeconds', 60)).toBe(false);
    expect(isChoice('copiesKeptDays', 365)).toBe(true);
    expect(isChoice('copiesKeptDays', 0)).toBe(false);
  });
});

describe('age12to15: who decides from 12 to 15', () => {
  const at13 = (consents: Ask['consents'], more: Ask = {}) =>
    byChoice('age12to15', { born: THIRTEEN, consents, ...more });

  it('only the child permits', () =>
    expect(at13([child()])).toEqual({
      both: 'deny CUSTODIAN_CONSENT_MISSING',
      'child-alone': 'permit CONSENT',
      either: 'permit CONSENT',
    }));

  it('only the parents permit', () =>
    expect(at13([both])).toEqual({
      both: 'deny CHILD_COCONSENT_MISSING',
      'child-alone': 'deny CHILD_COCONSENT_MISSING',
      either: 'permit CONSENT',
    }));

  it('one of two parents permits, the child says nothing', () =>
    expect(at13([consent(permit(), { by: [ANNA] })])).toEqual({
      both: 'deny CUSTODIAN_CONSENT_MISSING CHILD_COCONSENT_MISSING',
      'child-alone': 'deny CUSTODIAN_CONSENT_MISSING CHILD_COCONSENT_MISSING',
      either: 'deny CUSTODIAN_CONSENT_MISSING CHILD_COCONSENT_MISSING',
    }));

  it('the child permits and a parent objects', () =>
    expect(at13([child(), consent(deny(), { by: [BRAM] })])).toEqual({
      both: 'deny CUSTODIAN_OBJECTION',
      'child-alone': 'permit CONSENT',
      either: 'deny CUSTODIAN_OBJECTION',
    }));

  it('the parents permit and the child objects', () =>
    expect(at13([both, consent(deny(), { by: [KIND] })])).toEqual({
      both: 'deny CHILD_OBJECTION',
      'child-alone': 'deny CHILD_OBJECTION',
      either: 'deny CHILD_OBJECTION',
    }));

  it('the child permits and custody is not known', () =>
    expect(at13([child()], { custody: [] })).toEqual({
      both: 'deny CUSTODY_UNKNOWN',
      'child-alone': 'permit CONSENT',
      either: 'deny CUSTODY_UNKNOWN',
    }));

  it('the child has withdrawn what it permitted: the objection of a parent stands again, also for break-glass', () =>
    expect(
      at13([child({ status: 'inactive' }), consent(deny(), { by: [BRAM] })], {
        request: { purpose: 'BTG', btgReason: 'stuip' },
      }),
    ).toEqual({
      both: 'deny CUSTODIAN_OBJECTION',
      'child-alone': 'deny CUSTODIAN_OBJECTION',
      either: 'deny CUSTODIAN_OBJECTION',
    }));

  it('one parent may be presumed where one side is enough, whatever the child has not said', () =>
    expect(
      at13([consent(permit(), { by: [ANNA] })], { config: { bothParents: 'one-unless-objection' } }),
    ).toMatchObject({
      both: 'deny CUSTODIAN_CONSENT_MISSING CHILD_COCONSENT_MISSING',
      either: 'permit PRESUMED_SECOND_PARENT',
    }));

  it('where one side is enough a parent of uncertain custody does not count, and the child still does', () => {
    const custody = [custodian(ANNA), custodian(BRAM, 'unknown')];
    expect(at13([both], { custody }).either).toBe('deny CUSTODY_UNKNOWN');
    expect(at13([child()], { custody }).either).toBe('permit CONSENT');
  });

  it('a child under 12 has no say, and from 16 it decides alone, in every choice', () => {
    for (const said of Object.values(byChoice('age12to15', { born: '2014-07-02', consents: [child()] })))
      expect(said).toBe('deny PERFORMER_NOT_AUTHORISED');
    for (const said of Object.values(byChoice('age12to15', { born: '2010-07-01', consents: [child()] })))
      expect(said).toBe('permit CONSENT');
  });

  it('nobody with custody: a guardian is still to be named, whatever the child says', () =>
    expect(at13([child()], { custody: [custodian(ANNA, false)] })).toEqual({
      both: 'deny PERFORMER_NOT_AUTHORISED',
      'child-alone': 'permit CONSENT',
      either: 'deny PERFORMER_NOT_AUTHORISED',
    }));
});

describe('at12: from the 12th birthday until the child has spoken', () => {
  const on = (born: string, consents: Ask['consents'], more: Ask = {}) => byChoice('at12', { born, consents, ...more });
  const carried = (said: string) => ({
    'nothing-until-confirmed': 'deny CHILD_COCONSENT_MISSING',
    'parents-until-confirmed': said,
  });

  it('what the parents permitted before goes on', () =>
    expect(on(TWELVE_TODAY, [both])).toEqual(carried('permit CONSENT')));

  it('the derivation says that the parents decide until then', () => {
    const { people } = ask({
      born: TWELVE_TODAY,
      consents: [both],
      config: { at12: 'parents-until-confirmed' },
    }).derivation;
    expect(people.map(({ name, basis, until }) => [name, basis, until])).toEqual([
      ['anna', 'custody', 'child-speaks'],
      ['bram', 'custody', 'child-speaks'],
    ]);
  });

  it('what they permit on or after the birthday does not', () => {
    const late = (dateTime: string | undefined) => consent(permit(), { dateTime });
    expect(on(THIRTEEN, [late('2025-01-01')])).toEqual(carried('deny CHILD_COCONSENT_MISSING'));
    expect(on(THIRTEEN, [late('2024-08-01')])).toEqual(carried('deny CHILD_COCONSENT_MISSING'));
    expect(on(THIRTEEN, [late('2024-07-31')])).toEqual(carried('permit CONSENT'));
    expect(on(THIRTEEN, [late('2024-08')])).toEqual(carried('deny CHILD_COCONSENT_MISSING'));
    expect(on(THIRTEEN, [late(undefined)])).toEqual(carried('deny CHILD_COCONSENT_MISSING'));
  });

  it('one parent who permitted before and one who did after: not', () =>
    expect(
      on(THIRTEEN, [
        consent(permit(), { by: [ANNA], dateTime: '2020-01-01' }),
        consent(permit(), { by: [BRAM], dateTime: '2025-01-01' }),
      ]),
    ).toEqual(carried('deny CHILD_COCONSENT_MISSING')));

  it('as soon as anything of the child is on record the child is needed, also when it was withdrawn', () => {
    const early = consent(permit(), { dateTime: '2020-01-01' });
    expect(on(THIRTEEN, [early, child()])).toEqual({
      'nothing-until-confirmed': 'permit CONSENT',
      'parents-until-confirmed': 'permit CONSENT',
    });
    const withdrawn = on(THIRTEEN, [early, child({ status: 'inactive' })]);
    expect(withdrawn['parents-until-confirmed']).toBe('deny CONSENT_WITHDRAWN');
    const objects = on(THIRTEEN, [early, consent(deny(), { by: [KIND] })]);
    expect(objects['parents-until-confirmed']).toBe('deny CHILD_OBJECTION');
    const draft = on(THIRTEEN, [early, child({ status: 'draft' })]);
    expect(draft['parents-until-confirmed']).toBe('permit CONSENT');
  });

  it('holds as well where the child will decide alone, and is of no matter where one side is enough', () => {
    const early = consent(permit(), { dateTime: '2020-01-01' });
    const late = consent(permit(), { dateTime: '2025-01-01' });
    expect(on(THIRTEEN, [early], { config: { age12to15: 'child-alone' } })).toEqual(carried('permit CONSENT'));
    expect(on(THIRTEEN, [late], { config: { age12to15: 'either' } })).toEqual({
      'nothing-until-confirmed': 'permit CONSENT',
      'parents-until-confirmed': 'permit CONSENT',
    });
  });

  it('nobody permitted anything: the ordinary reasons', () =>
    expect(on(THIRTEEN, [])).toEqual({
      'nothing-until-confirmed': 'deny NO_CONSENT',
      'parents-until-confirmed': 'deny NO_CONSENT',
    }));

  it('one of the parents is missing: nobody is told that it is the child', () =>
    expect(on(THIRTEEN, [consent(permit(), { by: [ANNA], dateTime: '2020-01-01' })])['parents-until-confirmed']).toBe(
      'deny CUSTODIAN_CONSENT_MISSING',
    ));

  it('an objection of a parent stands, whenever it was made', () =>
    expect(
      on(THIRTEEN, [
        consent(permit(), { dateTime: '2020-01-01' }),
        consent(permit({ type: 'deny' }), { by: [BRAM], dateTime: '2025-01-01' }),
      ])['parents-until-confirmed'],
    ).toBe('deny ORG_OBJECTION'));
});

describe('breakGlass: whether there is an emergency button', () => {
  const emergency = { request: { purpose: 'BTG', btgReason: 'stuip' } };

  it('without consent', () =>
    expect(byChoice('breakGlass', emergency)).toEqual({
      never: 'deny BTG_NOT_AVAILABLE',
      allowed: 'permit BTG_OVERRIDE',
    }));

  it('with consent by name the purpose is refused all the same: the button is not there', () =>
    expect(byChoice('breakGlass', { ...emergency, consents: [both] }).never).toBe('deny BTG_NOT_AVAILABLE'));

  it('lasts as long as breakGlassMinutes says', () => {
    expect(ask({ ...emergency, config: { breakGlassMinutes: 15 } }).obligations).toContain('expire:15min');
    expect(ask(emergency).obligations).toContain('expire:60min');
  });
});

describe('severalStatements: the specific beats the general, or any objection wins', () => {
  const general = consent(deny(), { by: [ANNA] });
  const specific = consent(permit(), { by: [ANNA] });
  const bram = consent(permit(), { by: [BRAM] });

  it('a general refusal and a specific permission of the same person', () =>
    expect(byChoice('severalStatements', { consents: [general, specific, bram] })).toEqual({
      'objection-wins': 'deny CUSTODIAN_OBJECTION',
      'specific-beats-general': 'permit CONSENT',
    }));

  it('an exception within one statement stays an exception', () => {
    const except = consent({ ...deny(), provision: [permit()] });
    expect(byChoice('severalStatements', { consents: [except] })).toEqual({
      'objection-wins': 'permit CONSENT',
      'specific-beats-general': 'permit CONSENT',
    });
  });

  it('the derivation says which rule decided', () => {
    const losing = (severalStatements: 'objection-wins' | 'specific-beats-general') =>
      ask({ consents: [general, specific, bram], config: { severalStatements } }).derivation.items[
        'Observation/lengte'
      ]?.people[0]?.losing.map(({ type, because, lostTo }) => [type, because, lostTo.consent.id]);
    expect(losing('objection-wins')).toEqual([['permit', 'objection-wins', general.id]]);
    expect(losing('specific-beats-general')).toEqual([['deny', 'specific-beats-general', specific.id]]);
  });
});

describe('mitz: whether Mitz must have answered', () => {
  it.each([
    [{}, 'deny REGISTRY_UNAVAILABLE', 'permit CONSENT'],
    [{ mitz: 'permit' }, 'permit CONSENT', 'permit CONSENT'],
    [{ mitz: 'deny' }, 'deny MITZ_DENY', 'deny MITZ_DENY'],
    [{ mitz: 'inactive' }, 'deny MITZ_INACTIVE_IS_REFUSAL', 'deny MITZ_INACTIVE_IS_REFUSAL'],
    [{ mitz: 'down' }, 'deny REGISTRY_UNAVAILABLE', 'deny REGISTRY_UNAVAILABLE'],
    [undefined, 'deny REGISTRY_UNAVAILABLE', 'permit CONSENT'],
  ] as [DecisionInput['env'], string, string][])('answer %j', (env, used, notUsed) =>
    expect(byChoice('mitz', { consents: [both], env })).toEqual({ used, 'not-used': notUsed }),
  );
});

describe('sensitiveTopics: named, or along unless refused', () => {
  const psy = item('Condition/zorg', { category: 'risk', labels: ['PSY'] });

  it('a general permission', () =>
    expect(byChoice('sensitiveTopics', { consents: [both], resources: [psy] })).toEqual({
      'by-name': 'deny SENSITIVE_NOT_INCLUDED',
      'unless-refused': 'permit CONSENT',
    }));

  it('a general permission and a refusal of the topic', () => {
    const refused = consent(deny({ securityLabel: [topic('PSY')] }), { by: [ANNA] });
    expect(byChoice('sensitiveTopics', { consents: [both, refused], resources: [psy] })['unless-refused']).toBe(
      'deny CATEGORY_OBJECTION',
    );
  });

  it('presumption stays for normal data: a known referral', () =>
    expect(
      byChoice('sensitiveTopics', { request: { mode: 'push-referral' }, resources: [psy] })['unless-refused'],
    ).toBe('deny NO_CONSENT'));

  it('child protection must be named', () => {
    const resources = [item('Condition/zorg', { category: 'risk', labels: ['CHILDPROT'] })];
    expect(byChoice('sensitiveTopics', { consents: [both], resources })['unless-refused']).toBe(
      'deny SENSITIVE_NOT_INCLUDED',
    );
  });
});

describe('motherForNewborn: facts about the mother in the record of the newborn', () => {
  const mother = { ref: 'Patient/anna', birthDate: '1995-01-01', selfRefs: ['Patient/anna', ANNA] };
  const ofMother = (changes: {
    born?: string;
    category?: string;
    labels?: string[];
    about?: string;
    consents?: Ask['consents'];
    purpose?: string;
    config?: DecisionConfig;
    env?: DecisionInput['env'];
    whole?: true;
  }) => {
    const {
      born = '2026-06-20',
      category: kind = 'medication',
      labels = [],
      about = 'Patient/anna',
      purpose = 'TREAT',
    } = changes;
    const byName = consent(permit({ purpose: undefined, securityLabel: [topic('HIV'), topic('PSY'), category(kind)] }));
    const input = question({
      born,
      consents: [byName, ...(changes.consents ?? [])],
      resources: [item('Observation/moeder', { category: kind, labels, about, aboutWhole: changes.whole })],
      request: { purpose, btgReason: 'stuip' },
    });
    const [kid] = input.patients;
    return byChoice('motherForNewborn', {
      ...input,
      patients: [{ ...(kid as typeof mother), mother: [ANNA, 'Patient/anna'] }, mother],
      config: changes.config,
      env: changes.env,
    });
  };
  const implied = { 'own-consent': 'partial THIRD_PARTY_REDACTED', implied: 'permit CONSENT' };
  const never = { 'own-consent': 'partial THIRD_PARTY_REDACTED', implied: 'partial THIRD_PARTY_REDACTED' };

  it.each(['history', 'diagnostics', 'medication', 'obstetric'])('%s goes along', (kind) =>
    expect(ofMother({ category: kind })).toEqual(implied),
  );

  it.each(['naw', 'risk', 'development', 'consult', 'referral', 'thirdparty-consult'])('%s does not', (kind) =>
    expect(ofMother({ category: kind })).toEqual(never),
  );

  it('HIV goes along, another sensitive topic does not', () => {
    expect(ofMother({ labels: ['HIV'] })).toEqual(implied);
    expect(ofMother({ labels: ['PSY'] })).toEqual(never);
    expect(ofMother({ labels: ['HIV', 'PSY'] })).toEqual(never);
  });

  it('for six weeks', () => {
    expect(ofMother({ born: '2026-05-20' })).toEqual(implied);
    expect(ofMother({ born: '2026-05-19' })).toEqual(never);
  });

  it('also when it is wholly about her', () =>
    expect(ofMother({ whole: true })).toEqual({
      'own-consent': 'deny THIRD_PARTY_REDACTED',
      implied: 'permit CONSENT',
    }));

  it('not for another purpose than treatment', () => {
    const research = ofMother({ purpose: 'HRESCH' });
    expect(research).toEqual(never);
  });

  it('not about somebody else than the mother', () => expect(ofMother({ about: BRAM })).toEqual(never));

  it('not against her own objection on her own record, nor when a statement of hers cannot be read', () => {
    const own = { by: ['Patient/anna'], patient: { reference: 'Patient/anna' } };
    expect(ofMother({ consents: [consent(deny(), own)] })).toEqual(never);
    expect(ofMother({ consents: [consent({ type: 'permit', code: [] }, own)] })).toEqual(never);
  });

  it('not while a register cannot be asked', () =>
    expect(ofMother({ purpose: 'BTG', env: { registry: 'down' }, config: { registerDown: 'break-glass' } })).toEqual(
      never,
    ));
});

describe('consentMaxAgeMonths: how long a permission counts', () => {
  const made = (dateTime: string | undefined, months: number, more = {}) =>
    verdict({ consents: [consent(permit(), { dateTime, ...more })], config: { consentMaxAgeMonths: months } });

  it.each([
    ['2025-07-01', 12, 'permit CONSENT'],
    ['2025-06-30', 12, 'deny CONSENT_EXPIRED'],
    ['2025-06-30T23:30:00Z', 12, 'permit CONSENT'],
    ['2025', 12, 'deny CONSENT_EXPIRED'],
    ['2026-04-01', 3, 'permit CONSENT'],
    ['2026-03-31', 3, 'deny CONSENT_EXPIRED'],
    ['2026-03-01', 3, 'deny CONSENT_EXPIRED'],
    ['2024-12-05', 19, 'permit CONSENT'],
    ['2024-11-30', 19, 'deny CONSENT_EXPIRED'],
    ['1990-01-01', 0, 'permit CONSENT'],
    [undefined, 0, 'permit CONSENT'],
    [undefined, 120, 'deny CONSENT_EXPIRED'],
  ])('made %s, at most %i months: %s', (dateTime, months, said) => expect(made(dateTime, months)).toBe(said));

  it('a number that is none permits nothing', () =>
    expect(made('2026-06-30', Number.NaN)).toBe('deny CONSENT_EXPIRED'));

  it('an objection never grows old', () => {
    const old = { dateTime: '2010-01-01', by: [ANNA] };
    const config = { consentMaxAgeMonths: 12 };
    const bram = consent(permit(), { by: [BRAM] });
    expect(verdict({ consents: [both, consent(permit({ type: 'deny' }), old)], config })).toBe('deny ORG_OBJECTION');
    expect(verdict({ consents: [bram, consent(permit(), { ...old, status: 'rejected' })], config })).toBe(
      'deny CUSTODIAN_OBJECTION',
    );
    const mixed = consent({ ...permit(), provision: [deny({ securityLabel: [category('development')] })] }, old);
    expect(verdict({ consents: [both, mixed], config })).toBe('deny CATEGORY_OBJECTION');
  });

  it('the derivation says that it is too old', () =>
    expect(
      ask({ consents: [consent(permit(), { dateTime: '2010-01-01' })], config: { consentMaxAgeMonths: 12 } }).derivation
        .people[0]?.consents[0]?.state,
    ).toBe('too-old'));

  it('one that is too old and does not say whose it is stops everybody all the same', () =>
    expect(
      verdict({
        consents: [both, consent(permit(), { dateTime: '2010-01-01', patient: undefined })],
        config: { consentMaxAgeMonths: 12 },
      }),
    ).toBe('deny UNSUPPORTED_CONSENT'));
});

describe('registerDown: when a register cannot be asked', () => {
  const down = (env: DecisionInput['env'], more: Ask = {}) =>
    byChoice('registerDown', { consents: [both], env, ...more });
  const emergency = { request: { purpose: 'BTG', btgReason: 'stuip' } };

  it('an ordinary question gets nothing', () =>
    expect(down({ registry: 'down' })).toEqual({
      nothing: 'deny REGISTRY_UNAVAILABLE',
      'break-glass': 'deny REGISTRY_UNAVAILABLE',
    }));

  it.each([{ registry: 'down' }, { mitz: 'down' }] as const)('break-glass with %j', (env) =>
    expect(down(env, emergency)).toEqual({
      nothing: 'deny REGISTRY_UNAVAILABLE',
      'break-glass': 'permit BTG_OVERRIDE',
    }),
  );

  it('every other condition of break-glass stands', () => {
    const reason = down({ registry: 'down' }, { request: { purpose: 'BTG' } });
    expect(reason['break-glass']).toBe('deny BTG_NO_REASON');
    const role = down({ registry: 'down' }, { request: { ...emergency.request, discipline: 'social-domain' } });
    expect(role['break-glass']).toBe('deny BTG_NOT_ENTITLED');
  });

  it('an objection that is known still counts, a permission does not', () => {
    const refusal = consent(deny(), { by: [ANNA] });
    const exception = consent(
      permit({
        purpose: [purpose('BTG')],
        actor: [org('jgz'), discipline('youth-nurse')],
        data: [instance('Observation/lengte')],
      }),
    );
    expect(verdict({ consents: [refusal, exception], ...emergency })).toBe('permit CONSENT');
    expect(down({ registry: 'down' }, { consents: [refusal, exception], ...emergency })['break-glass']).toBe(
      'deny CUSTODIAN_OBJECTION',
    );
  });
});
