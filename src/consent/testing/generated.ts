import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { SETTING_NAMES, SETTINGS } from '../settings.ts';
import type { DecisionConfig, DecisionInput, Item } from '../types.ts';
import * as invented from './invented.ts';

/** Statements and questions from small pools, so that they meet: the same people, organisations, labels, days. */
const pick = <T>(...values: T[]) => fc.constantFrom(...values);
const list = <T>(...values: T[]) => fc.subarray(values, { minLength: 1, maxLength: 2 });

const attributes = fc.record(
  {
    actor: list(
      invented.org('jgz'),
      invented.org('ander'),
      invented.sector('jgz'),
      invented.discipline('youth-nurse'),
      invented.discipline('gp'),
    ),
    purpose: list('TREAT', 'ETREAT', 'BTG', 'HRESCH').map((codes) => codes.map(invented.purpose)),
    securityLabel: list(
      invented.category('development'),
      invented.category('risk'),
      invented.topic('PSY'),
      invented.topic('SUD'),
      invented.confidentiality('N'),
      invented.confidentiality('R'),
    ),
    data: list('Observation/a', 'Observation/b').map((refs) => refs.map(invented.instance)),
    dataPeriod: pick({ start: '2026-05-01' }, { end: '2026-05-31' }),
    period: pick({ end: '2026-06-30' }, { start: '2026-06-01' }),
  },
  { requiredKeys: [] },
);

export const provisionOf = (types: ('permit' | 'deny')[]): fc.Arbitrary<ConsentProvision> => {
  const one = fc.tuple(pick(...types), attributes).map(([type, rest]): ConsentProvision => ({ type, ...rest }));
  return fc
    .tuple(one, fc.array(one, { maxLength: 2 }))
    .map(([root, nested]) => (nested.length > 0 ? { ...root, provision: nested } : root));
};

export const statementOf = (types: ('permit' | 'deny')[], statuses: Consent['status'][]): fc.Arbitrary<Consent> =>
  fc
    .record({
      provision: provisionOf(types),
      status: pick(...statuses),
      by: fc.subarray([invented.ANNA, invented.BRAM, invented.KIND, 'Patient/anna', 'Organization/court'], {
        minLength: 1,
      }),
      patient: pick(invented.KIND, invented.KIND, invented.KIND, 'Patient/anna'),
      dateTime: pick('2026-02-01', '2026-03-01T10:00:00+01:00', '2026-04-01', '2026-08-01', undefined),
      version: pick('2', '2', '2', '1', '9'),
    })
    .map(({ provision, patient, version, ...rest }) =>
      invented.consent(provision, {
        ...rest,
        patient: { reference: patient },
        policy: [{ uri: `http://gezinspoort.nl/policy/igp-exchange|${version}` }],
      }),
    );

const anyStatement = statementOf(
  ['permit', 'permit', 'deny'],
  ['active', 'active', 'active', 'active', 'rejected', 'inactive', 'draft'],
);
export const objection = fc.oneof(statementOf(['deny'], ['active']), statementOf(['permit', 'deny'], ['rejected']));

const items: fc.Arbitrary<Item[]> = fc.array(
  fc
    .record({
      ref: pick('Observation/a', 'Observation/b', 'Condition/c'),
      category: pick('development', 'risk', 'naw', undefined),
      labels: pick([], [], ['PSY'], ['PSY', 'SDV'], ['OPIOIDUD'], ['N'], ['ZZZ']),
      date: pick('2026-05-10', '2026-07-01', undefined),
      about: pick(undefined, undefined, invented.ANNA, 'RelatedPerson/x'),
      aboutWhole: pick(undefined, true),
      protectedAddress: pick(undefined, true),
      hasBsn: pick(undefined, true),
      subject: pick(invented.KIND, invented.KIND, invented.KIND, 'Patient/broer'),
    })
    .map(({ ref, ...rest }) => invented.item(ref, rest)),
  { minLength: 1, maxLength: 4 },
);

/** What a family signs that wants to share all there is, so that the other statements have something to take away. */
const everything = (): Consent =>
  invented.consent(
    { type: 'permit', securityLabel: [invented.confidentiality('R')] },
    { by: [invented.ANNA, invented.BRAM, invented.KIND] },
  );

/** Any family and question. */
export const questions: fc.Arbitrary<DecisionInput> = fc
  .record({
    consents: fc
      .tuple(fc.boolean(), fc.array(anyStatement, { maxLength: 4 }))
      .map(([agreed, more]) => (agreed ? [everything(), ...more] : more)),
    resources: items,
    config: fc.record(
      Object.fromEntries(SETTING_NAMES.map((name) => [name, pick(...SETTINGS[name].choices)])) as {
        [K in keyof DecisionConfig]: fc.Arbitrary<DecisionConfig[K]>;
      },
      { requiredKeys: [] },
    ),
    env: pick<DecisionInput['env']>(
      {},
      {},
      { mitz: 'deny' },
      { mitz: 'permit' },
      { mitz: 'permit' },
      { registry: 'down' },
    ),
    request: fc.record({
      mode: pick('pull' as const, 'pull' as const, 'push' as const, 'push-referral' as const),
      purpose: pick('TREAT', 'TREAT', 'ETREAT', 'BTG', 'HRESCH'),
      discipline: pick('youth-nurse', 'gp', 'volunteer', 'paediatrician'),
      btgReason: pick('stuip', undefined),
    }),
    born: pick('2026-01-10', '2026-06-10', '2013-01-10', '2014-07-01', '2009-01-10'),
    custody: pick(
      [invented.custodian(invented.ANNA), invented.custodian(invented.BRAM)],
      [invented.custodian(invented.ANNA)],
      [invented.custodian(invented.ANNA), invented.custodian(invented.BRAM, true, { court: true })],
      [invented.custodian(invented.ANNA), invented.custodian(invented.BRAM, 'unknown')],
    ),
  })
  .map((changes) => {
    const input = invented.question(changes);
    const anna = { ref: 'Patient/anna', birthDate: '1995-01-01', selfRefs: [invented.ANNA] };
    const [child, ...others] = input.patients;
    return {
      ...input,
      patients: [{ ...(child as (typeof input.patients)[number]), mother: [invented.ANNA] }, ...others, anna],
    };
  });
