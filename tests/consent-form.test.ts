import { readFile } from 'node:fs/promises';
import type { Coding, Consent, ConsentProvision } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { CASE_ENTITLEMENTS } from '../src/consent/case-entitlements.ts';
import { decide } from '../src/consent/decide.ts';
import { SETTING_NAMES, SETTINGS, type Setting, type SettingName } from '../src/consent/settings.ts';
import type { DecisionInput, Item } from '../src/consent/types.ts';
import { isUnderstood } from '../src/consent/understood.ts';

const LABEL = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const CATEGORY = 'http://gezinspoort.nl/fhir/CodeSystem/data-category';
const category = (code: string): Coding => ({ system: CATEGORY, code: `cat-${code}` });
const topic = (code: string): Coding => ({ system: LABEL, code });

/** The form, filled in by the mother who has custody alone: for her child, for the JGZ organisation. */
function signed(provision: Partial<ConsentProvision>): Consent {
  return {
    resourceType: 'Consent',
    id: 'form',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/child' },
    dateTime: '2026-09-01T10:00:00+02:00',
    performer: [{ reference: 'RelatedPerson/mother' }],
    organization: [{ reference: 'Organization/jgz' }],
    sourceReference: { reference: 'DocumentReference/form' },
    policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|2' }],
    provision: {
      type: 'permit',
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: 'Organization/jgz' },
        },
      ],
      ...provision,
    },
  };
}

function outcomes(
  consent: Consent,
  items: Record<string, Partial<Item>>,
  discipline = 'youth-nurse',
  asOf?: string,
  more: { emergency?: object; never?: Consent } = {},
) {
  expect(isUnderstood(consent)).toBe(true);
  const input: DecisionInput = {
    asOf: asOf ?? '2026-10-01T10:00:00+02:00',
    request: {
      mode: 'pull',
      purpose: 'TREAT',
      org: 'Organization/jgz',
      sector: 'jgz',
      discipline,
      patient: 'Patient/child',
      treatmentRelation: true,
      ...more.emergency,
    },
    patients: [
      {
        ref: 'Patient/child',
        birthDate: '2026-06-15',
        selfRefs: ['Patient/child'],
        custody: [{ name: 'mother', refs: ['RelatedPerson/mother'], custodial: true }],
      },
    ],
    consents: more.never ? [consent, more.never] : [consent],
    resources: Object.entries(items).map(([ref, item]) => ({ ref, subject: 'Patient/child', labels: [], ...item })),
  };
  return decide(input, CASE_ENTITLEMENTS).items;
}

const ITEMS = {
  'Observation/growth': { category: 'development' },
  'Observation/debts': { category: 'risk' },
  'Observation/mood': { category: 'risk', labels: ['PSY'] },
};

describe('What a parent ticks on the form (docs/parents/formulier.md) is what the gateway does', () => {
  it('question 3, all: everything but the sensitive topics', () => {
    expect(outcomes(signed({}), ITEMS)).toEqual({
      'Observation/growth': 'release',
      'Observation/debts': 'release',
      'Observation/mood': 'withhold',
    });
  });

  it('question 3, only some kinds: nothing else', () => {
    const consent = signed({ securityLabel: [category('development')] });
    expect(outcomes(consent, ITEMS)).toEqual({
      'Observation/growth': 'release',
      'Observation/debts': 'withhold',
      'Observation/mood': 'withhold',
    });
  });

  it('question 3, one letter must not go: that letter stays, the rest goes', () => {
    const letter = { meaning: 'instance' as const, reference: { reference: 'Observation/debts' } };
    const consent = signed({ provision: [{ type: 'deny', data: [letter] }] });
    expect(outcomes(consent, ITEMS)).toMatchObject({
      'Observation/growth': 'release',
      'Observation/debts': 'withhold',
    });
  });

  it('question 4: a sensitive topic goes once it is ticked, beside all of question 3', () => {
    const consent = signed({ provision: [{ type: 'permit', securityLabel: [topic('PSY')] }] });
    expect(outcomes(consent, ITEMS)).toMatchObject({ 'Observation/debts': 'release', 'Observation/mood': 'release' });
  });

  it('question 4 beside some kinds of question 3: the topic within those kinds only', () => {
    const consent = signed({
      securityLabel: [category('risk')],
      provision: [{ type: 'permit', securityLabel: [topic('PSY'), category('risk')] }],
    });
    expect(outcomes(consent, { ...ITEMS, 'Condition/old': { category: 'history', labels: ['PSY'] } })).toEqual({
      'Observation/growth': 'withhold',
      'Observation/debts': 'release',
      'Observation/mood': 'release',
      'Condition/old': 'withhold',
    });
  });

  it('question 2, a discipline that may see nothing: it sees nothing, its colleague does', () => {
    const role = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] };
    const actor = [{ role, reference: { reference: 'Group/discipline-youth-doctor' } }];
    const consent = signed({ provision: [{ type: 'deny', actor }] });
    expect(outcomes(consent, ITEMS, 'youth-doctor')['Observation/growth']).toBe('withhold');
    expect(outcomes(consent, ITEMS, 'youth-nurse')['Observation/growth']).toBe('release');
  });

  it('question 5, not in an emergency either: break-glass finds a no, treatment goes on', () => {
    const purpose = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'BTG' }];
    const never: Consent = { ...signed({}), id: 'never', provision: { type: 'deny', purpose } };
    const some = signed({ securityLabel: [category('development')] });
    const emergency = { purpose: 'BTG', btgReason: 'unconscious, no parent can be reached' };
    expect(outcomes(some, ITEMS, 'youth-nurse', undefined, { emergency })['Observation/debts']).toBe('release');
    expect(outcomes(some, ITEMS, 'youth-nurse', undefined, { emergency, never })['Observation/debts']).toBe('withhold');
    expect(outcomes(some, ITEMS, 'youth-nurse', undefined, { never })['Observation/growth']).toBe('release');
  });

  it('question 6, until a date: that whole day, and nothing after it', () => {
    const consent = signed({ period: { start: '2026-09-01', end: '2026-10-01' } });
    expect(outcomes(consent, ITEMS, 'youth-nurse', '2026-10-01T23:30:00+02:00')['Observation/growth']).toBe('release');
    expect(outcomes(consent, ITEMS, 'youth-nurse', '2026-10-02T00:30:00+02:00')['Observation/growth']).toBe('withhold');
  });

  it('rests on settings that exist, each with the default that the form says', async () => {
    const form = await readFile('docs/parents/formulier.md', 'utf8');
    const rows = form
      .slice(form.indexOf('## Wat een DPIA'))
      .split('\n')
      .filter((line) => /^\| [^|]+ \| `\w+`/.test(line));
    const told = rows.flatMap((row) => {
      const [, , names = '', defaults = ''] = row.split('|');
      const values = defaults.split(',').map((one) => one.replace(/`|\(.*\)/g, '').trim());
      return [...names.matchAll(/`(\w+)`/g)].map(([, name], at): [string, string] => [name ?? '', values[at] ?? '']);
    });
    expect(told.length).toBeGreaterThan(8);
    for (const [name, value] of told)
      expect([name, value]).toEqual([name, String(SETTINGS[name as SettingName]?.default)]);
  });
});

describe('The guide of the privacy officer (docs/privacy-officer.md)', () => {
  it('has every setting with its default, the other choices and the legal note', async () => {
    const guide = await readFile('docs/privacy-officer.md', 'utf8');
    for (const name of SETTING_NAMES) {
      const setting: Setting<unknown> = SETTINGS[name];
      const row = guide.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row, name).toContain(`| \`${setting.default}\` |`);
      for (const one of setting.choices) expect(row, name).toContain(`\`${one}\``);
      expect(row, name).toContain(setting.note);
    }
  });
});
