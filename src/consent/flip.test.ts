import type { Consent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { CASE_ENTITLEMENTS } from './case-entitlements.ts';
import type { Change } from './change.ts';
import { flipOf } from './flip.ts';
import {
  ANNA,
  type Ask,
  BRAM,
  category,
  consent,
  custodian,
  deny,
  instance,
  item,
  permit,
  question,
  topic,
} from './testing/invented.ts';

const both = consent(permit());
const byAnna = consent(permit(), { by: [ANNA] });
const byBram = consent(permit(), { by: [BRAM] });
const refusal = consent(
  deny({ data: [instance('Observation/lengte')], actor: permit().actor, purpose: permit().purpose }),
  {
    by: [BRAM],
    id: 'weigering',
  },
);
const mother = { ref: 'Patient/anna', birthDate: '1995-01-01', selfRefs: ['Patient/anna', ANNA] };

const flip = (changes: Ask, ref = 'Observation/lengte') => flipOf(question(changes), CASE_ENTITLEMENTS, ref);

/** The flip in one line, as one would say it. */
function said(changes: Ask): string {
  const found = flip(changes);
  if (!found) return 'not asked';
  if (!('changes' in found)) return `${found.outcome}, nothing can: ${found.standing.join(' ')}`;
  return `${found.outcome} → ${found.becomes}: ${found.changes.map(inWords).join(', ')}`;
}

function inWords(change: Change): string {
  switch (change.change) {
    case 'permits':
      return `${change.person} permits${change.naming.length > 0 ? ` naming ${change.naming.join(' ')}` : ''}`;
    case 'ends':
      return `${change.person} ends ${change.consents.map((one) => one.id).join(' ')}`;
    case 'objects':
      return `${change.person} objects`;
    case 'custody-recorded':
      return `${change.person} ${change.custodial ? 'has' : 'has no'} custody`;
    default:
      return change.change;
  }
}

describe('the smallest change that turns an outcome', () => {
  const labelled = (...labels: string[]) => [item('Observation/lengte', { labels })];
  const about = (more = {}) => [item('Observation/lengte', { about: 'Patient/anna', ...more })];
  const withMother = (changes: Ask) => ({ ...changes, patients: [...question({}).patients, mother] });

  it.each<[string, Ask, string]>([
    ['nobody said anything', {}, 'withhold → release: anna permits, bram permits'],
    ['one parent is missing', { consents: [byAnna] }, 'withhold → release: bram permits'],
    ['all permit', { consents: [both] }, 'release → withhold: anna objects'],
    ['a parent refused this item', { consents: [byAnna, byBram, refusal] }, 'withhold → release: bram ends weigering'],
    [
      'a parent refused and never permitted',
      { consents: [byAnna, refusal] },
      'withhold → release: bram ends weigering, bram permits',
    ],
    [
      'a general refusal: a permission of this very item is narrower',
      { consents: [byAnna, consent(deny(), { by: [BRAM], id: 'algemeen' })] },
      'withhold → release: bram permits',
    ],
    [
      'the same where any objection wins',
      {
        consents: [byAnna, consent(deny(), { by: [BRAM], id: 'algemeen' })],
        config: { severalStatements: 'objection-wins' },
      },
      'withhold → release: bram ends algemeen, bram permits',
    ],
    [
      'a topic was not named',
      { consents: [both], resources: labelled('PSY') },
      'withhold → release: anna permits naming PSY, bram permits naming PSY',
    ],
    [
      'two topics',
      {
        consents: [byAnna, consent(permit({ securityLabel: [topic('PSY'), topic('SDV')] }), { by: [BRAM] })],
        resources: labelled('PSY', 'SDV'),
      },
      'withhold → release: anna permits naming PSY SDV',
    ],
    [
      'very restricted',
      { consents: [byBram], resources: labelled('V') },
      'withhold → release: anna permits naming V, bram permits naming V',
    ],
    [
      'a statement that cannot be interpreted',
      { consents: [both, consent({ type: 'permit', code: [] }, { by: [ANNA], id: 'raar' })] },
      'withhold → release: anna ends raar',
    ],
    [
      'a policy that is superseded',
      {
        consents: [
          byBram,
          consent(permit(), { by: [ANNA], policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|1' }] }),
        ],
      },
      'withhold → release: anna permits',
    ],
    [
      'no treatment relation',
      { consents: [both], request: { treatmentRelation: false } },
      'withhold → release: relation-recorded',
    ],
    [
      'no treatment relation and one parent missing',
      { consents: [byAnna], request: { treatmentRelation: false } },
      'withhold → release: relation-recorded, bram permits',
    ],
    ['the register is down', { consents: [both], env: { registry: 'down' } }, 'withhold → release: registers-answer'],
    ['Mitz refuses', { consents: [both], env: { mitz: 'deny' } }, 'withhold → release: mitz-permits'],
    ['Mitz is down', { consents: [both], env: { mitz: 'down' } }, 'withhold → release: registers-answer'],
    [
      'the register is down and Mitz refuses',
      { consents: [both], env: { registry: 'down', mitz: 'inactive' } },
      'withhold → release: registers-answer, mitz-permits',
    ],
    [
      'Mitz refuses, one parent is missing, explicit consent goes first',
      { consents: [byAnna], env: { mitz: 'deny' }, config: { mitzDenyWins: false } },
      'withhold → release: bram permits',
    ],
    [
      'a known referral that Mitz refuses, explicit consent goes first',
      { env: { mitz: 'deny' }, request: { mode: 'push-referral' }, config: { mitzDenyWins: false } },
      'withhold → release: mitz-permits',
    ],
    ['break-glass without a reason', { request: { purpose: 'BTG' } }, 'withhold → release: reason-given'],
    [
      'break-glass over several patients',
      { request: { purpose: 'BTG', btgReason: 'stuip', patientCount: 3 } },
      'withhold → release: asks-for-one-patient',
    ],
    [
      'break-glass in a push',
      { request: { purpose: 'BTG', btgReason: 'stuip', mode: 'push' } },
      'withhold → release: asks-for-one-patient',
    ],
    [
      'break-glass where there is none',
      { request: { purpose: 'BTG', btgReason: 'stuip' }, config: { breakGlass: 'never' } },
      'withhold, nothing can: BTG_NOT_AVAILABLE',
    ],
    [
      'break-glass released it',
      { request: { purpose: 'BTG', btgReason: 'stuip' } },
      'release → withhold: anna objects',
    ],
    [
      'break-glass goes against objections',
      { request: { purpose: 'BTG', btgReason: 'stuip' }, config: { btgOverridesObjection: true } },
      'release, nothing can: BTG_OVERRIDE',
    ],
    [
      'custody of a parent is uncertain',
      { consents: [byAnna], custody: [custodian(ANNA), custodian(BRAM, 'unknown')] },
      'withhold → release: bram has no custody',
    ],
    [
      'both permit, custody of one is uncertain',
      { consents: [both], custody: [custodian(ANNA), custodian(BRAM, 'unknown')] },
      'withhold → release: bram has no custody',
    ],
    [
      'a parent of uncertain custody objects',
      { consents: [byAnna, refusal], custody: [custodian(ANNA), custodian(BRAM, 'unknown')] },
      'withhold → release: bram has no custody',
    ],
    ['custody is not recorded', { consents: [both], custody: [] }, 'withhold, nothing can: CUSTODY_UNKNOWN'],
    [
      'nobody can sign for a custodian',
      { consents: [byAnna], custody: [custodian(ANNA), { name: 'voogd', refs: [], custodial: true }] },
      'withhold, nothing can: CUSTODIAN_CONSENT_MISSING',
    ],
    ['a child of 13 has not spoken', { born: '2013-01-10', consents: [both] }, 'withhold → release: child permits'],
    [
      'the parents permitted too late',
      { born: '2013-01-10', consents: [both], config: { at12: 'parents-until-confirmed' } },
      'withhold → release: child permits',
    ],
    [
      'a child of 13 alone',
      { born: '2013-01-10', config: { age12to15: 'child-alone' } },
      'withhold → release: child permits',
    ],
    [
      'one side is enough',
      { born: '2013-01-10', config: { age12to15: 'either' } },
      'withhold → release: child permits',
    ],
    [
      'a fact about the mother',
      withMother({ consents: [both], resources: about() }),
      'redact → release: patient permits',
    ],
    [
      'the mother refuses it on her own record',
      withMother({
        consents: [
          both,
          consent(permit({ type: 'deny', data: [instance('Observation/lengte')] }), {
            by: ['Patient/anna'],
            patient: { reference: 'Patient/anna' },
            id: 'eigen',
          }),
        ],
        resources: about(),
      }),
      'redact → release: patient ends eigen, patient permits',
    ],
    [
      'wholly about the mother, and a parent is missing',
      withMother({ consents: [byAnna], resources: about({ aboutWhole: true }) }),
      'withhold → release: bram permits, patient permits',
    ],
    [
      'a fact about somebody without a record',
      { consents: [both], resources: about() },
      'redact, nothing can: THIRD_PARTY_REDACTED',
    ],
    [
      'a protected address',
      { consents: [both], resources: [item('Observation/lengte', { protectedAddress: true })] },
      'redact, nothing can: PROTECTED_ADDRESS',
    ],
    [
      'withheld, with a protected address: it can go without it',
      { consents: [byAnna], resources: [item('Observation/lengte', { protectedAddress: true })] },
      'withhold → redact: bram permits',
    ],
    ['the view', { request: { discipline: 'volunteer' } }, 'withhold, nothing can: VIEW_NOT_ENTITLED'],
    [
      'an unknown discipline',
      { consents: [both], request: { discipline: 'x' } },
      'withhold, nothing can: ROLE_UNKNOWN',
    ],
    ['another legal route', { request: { mode: 'legal-duty' } }, 'withhold, nothing can: LEGAL_DUTY_ROUTE'],
    [
      'an item of another patient',
      { consents: [both], resources: [item('Observation/lengte', { subject: 'Patient/broer' })] },
      'withhold, nothing can: OTHER_PATIENT',
    ],
    [
      'an item without a category',
      { consents: [both], resources: [item('Observation/lengte', { category: undefined })] },
      'withhold, nothing can: LABEL_MISSING',
    ],
  ])('%s', (_, changes, expected) => expect(said(changes)).toBe(expected));

  it('an item that nobody asked for has none', () => expect(flip({}, 'Observation/x')).toBeUndefined());

  it('of two statements under one id the version tells which to end', () => {
    const [first, second] = ['1', '2'].map((versionId) => ({ ...refusal, meta: { versionId } }));
    const found = flip({ consents: [both, first as Consent, { ...(second as Consent), status: 'inactive' }] });
    expect(found).toMatchObject({ changes: [{ change: 'ends', consents: [{ id: 'weigering', version: '1' }] }] });
  });

  it('what is no statement at all can only be taken away, by anybody', () => {
    const found = flip({ consents: [both, 7 as unknown as Consent] });
    expect(found).toMatchObject({
      becomes: 'release',
      changes: [{ change: 'ends', consents: [{ id: 'unidentified' }] }],
    });
  });

  it('a hundred refusals by many persons are still answered, if not with the fewest', () => {
    const many = Array.from({ length: 12 }, (_, index) => `RelatedPerson/p${index}`);
    const custody = many.map((ref) => custodian(ref));
    const consents = many.flatMap((by) => [
      consent(
        permit({ type: 'deny', securityLabel: [category('development')], data: [instance('Observation/lengte')] }),
        { by: [by] },
      ),
    ]);
    const found = flip({ custody, consents });
    expect(found && 'changes' in found && found.changes.length).toBe(24);
  });
});
