import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Coding, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LabelRules, label, withLabels } from './label.ts';
import { loadLabelRules } from './label-rules.ts';

const ROOT = join(import.meta.dirname, '../..');
let rules: LabelRules;
beforeAll(async () => {
  rules = await loadLabelRules(join(ROOT, 'profiles'));
});

const BDS = 'urn:oid:2.16.840.1.113883.2.4.4.40.267';
const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';
const ICD = 'http://hl7.org/fhir/sid/icd-10-nl';
const ATC = 'http://www.whocc.no/atc';
const TRAIT = 'urn:oid:2.16.840.1.113883.2.4.4.40.5';
const ACTIVITY = 'urn:oid:2.16.840.1.113883.2.4.4.40.308';
const KIND = 'http://terminology.hl7.org/CodeSystem/observation-category';
const CATEGORY = 'http://gezinspoort.nl/fhir/CodeSystem/data-category';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const OWN = 'http://gezinspoort.nl/fhir/CodeSystem/label';

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const make = (resourceType: string, content: object = {}, ...security: Coding[]): Resource =>
  ({ resourceType, ...content, ...(security.length > 0 && { meta: { security } }) }) as unknown as Resource;
const observation = (system: string, code: string, content: object = {}) =>
  make('Observation', { code: concept(system, code), ...content });
/** 'risk', 'risk PSY SUD', or the path where a category is missing. */
const labelOf = (resource: Resource, record?: 'child' | 'mother'): string => {
  const result = label(resource, rules, record);
  return result.ok ? [result.category, ...result.labels].join(' ') : `missing at ${result.path}`;
};

describe('category and labels by what a resource is', () => {
  it.each<[string, Resource, string]>([
    ['body weight', observation(LOINC, '29463-7'), 'development'],
    ['body height', observation(LOINC, '8302-2'), 'development'],
    ['head circumference', observation(LOINC, '9843-4'), 'development'],
    ['birth weight', observation(LOINC, '8339-4'), 'development'],
    ['birth length', observation(LOINC, '89269-5'), 'development'],
    [
      'a weight that is also called vital sign',
      observation(LOINC, '29463-7', { category: [concept(KIND, 'vital-signs')] }),
      'development',
    ],
    ['Apgar after five minutes', observation(LOINC, '9274-2'), 'history'],
    ['blood pressure', observation(LOINC, '85354-9', { category: [concept(KIND, 'vital-signs')] }), 'diagnostics'],
    [
      'a laboratory result of a local code',
      observation('http://example.org/lab', 'X', { category: [concept(KIND, 'laboratory')] }),
      'diagnostics',
    ],
    ['a Van Wiechen item', observation(BDS, '879'), 'development'],
    ['hip examination', observation(BDS, '223'), 'diagnostics'],
    ['general impression', observation(BDS, '1679'), 'consult'],
    ['balance of burden and capacity', observation(BDS, '348'), 'risk'],
    ['crying', observation(SNOMED, '28263002'), 'development'],
    ['an eating problem', make('Condition', { code: concept(SNOMED, '248124006') }), 'development'],
    ['a problem', make('Condition', { code: concept(SNOMED, '395507008') }), 'history'],
    ['a problem in words only', make('Condition', { code: { text: 'spuugt veel' } }), 'history'],
    ['debts', observation(SNOMED, '160933000'), 'risk'],
    ['inadequate housing', observation(SNOMED, '105531004'), 'risk'],
    ['tension in the family', observation(SNOMED, '105485001'), 'risk'],
    ['domestic violence in the past', observation(SNOMED, '412732008'), 'risk SDV'],
    ['victim of child abuse', make('Flag', { code: concept(SNOMED, '397940009') }), 'risk CHILDPROT'],
    ['postnatal depression score', observation(SNOMED, '450320001'), 'risk PSY'],
    ['depression', make('Condition', { code: concept(SNOMED, '35489007') }), 'history PSY'],
    ['depression in ICD-10', make('Condition', { code: concept(ICD, 'F32.1') }), 'history PSY'],
    ['mild intellectual disability', make('Condition', { code: concept(ICD, 'F70.9') }), 'history'],
    ['a sleeping problem in ICD-10', make('Condition', { code: concept(ICD, 'F51.0') }), 'history'],
    ['dependence on opioids', make('Condition', { code: concept(ICD, 'F11.2') }), 'history SUD'],
    ['HIV', make('Condition', { code: concept(ICD, 'B24') }), 'history HIV'],
    ['maltreatment in ICD-10', make('Condition', { code: concept(ICD, 'T74.1') }), 'history CHILDPROT SDV'],
    ['drug use', observation(SNOMED, '228366006'), 'risk SUD'],
    [
      'an antidepressant',
      make('MedicationStatement', { medicationCodeableConcept: concept(ATC, 'N06AB06') }),
      'medication PSY',
    ],
    ['iron', make('MedicationStatement', { medicationCodeableConcept: concept(ATC, 'B03AA07') }), 'medication'],
    [
      'a trait of a parent: minimum income',
      observation(BDS, '70', { valueCodeableConcept: concept(TRAIT, '11') }),
      'risk',
    ],
    [
      'a trait of a parent: addicted',
      observation(BDS, '70', { valueCodeableConcept: concept(TRAIT, '13') }),
      'risk SUD',
    ],
    [
      'a trait of a parent: psychiatric illness',
      observation(BDS, '70', { valueCodeableConcept: concept(TRAIT, '15') }),
      'risk PSY',
    ],
    [
      'a trait in a component',
      observation(BDS, '70', { component: [{ valueCodeableConcept: concept(TRAIT, '16') }] }),
      'risk SDV',
    ],
    ['a threat from the social surroundings', observation(BDS, '481'), 'risk CHILDPROT'],
    ['a step of the reporting code', observation(BDS, '1573'), 'risk CHILDPROT'],
    ['a report to Veilig Thuis', observation(BDS, '1326'), 'risk CHILDPROT'],
    ['genital mutilation', observation(BDS, '1414'), 'risk CHILDPROT SEX'],
    ['the scratch pad', observation(BDS, '493'), 'consult WORKNOTE'],
    ['a contact', make('Encounter', { class: { system: 'x', code: 'AMB' } }), 'consult'],
    ['a contact about the reporting code', make('Encounter', { type: [concept(ACTIVITY, '42')] }), 'consult CHILDPROT'],
    [
      'a contact because of depression',
      make('Encounter', { reasonCode: [concept(SNOMED, '35489007')] }),
      'consult PSY',
    ],
    ['consultation with third parties', make('Encounter', { type: [concept(ACTIVITY, '44')] }), 'thirdparty-consult'],
    ['a multidisciplinary meeting', make('Encounter', { type: [concept(SNOMED, '384682003')] }), 'thirdparty-consult'],
    ['a report', make('Composition', { type: concept(SNOMED, '11591000146107') }), 'consult'],
    ['a restricted report', make('Composition', { confidentiality: 'R' }), 'consult R'],
    ['a normal report', make('Composition', { confidentiality: 'N' }), 'consult'],
    ['a discharge letter', make('DocumentReference', { type: concept(LOINC, '18842-5') }), 'consult'],
    ['a letter of referral', make('DocumentReference', { type: concept(LOINC, '57133-1') }), 'referral'],
    ['a laboratory report', make('DocumentReference', { category: [concept(LOINC, '11502-2')] }), 'diagnostics'],
    [
      'a restricted letter',
      make('DocumentReference', {
        securityLabel: [concept('http://terminology.hl7.org/CodeSystem/v3-Confidentiality', 'V')],
      }),
      'consult V',
    ],
    ['a vaccination', make('Immunization'), 'history'],
    ['a patient', make('Patient'), 'naw'],
    ['a relative', make('RelatedPerson'), 'naw'],
    ...['ServiceRequest', 'Task', 'Appointment', 'CareTeam', 'EpisodeOfCare'].map(
      (type): [string, Resource, string] => [type, make(type), 'referral'],
    ),
    [
      'a referral to mental health care',
      make('ServiceRequest', { performerType: concept('urn:oid:2.16.840.1.113883.2.4.4.40.374', '08') }),
      'referral PSY',
    ],
    ['gravidity', observation(SNOMED, '161732006'), 'obstetric'],
    ['an unknown code', observation('http://example.org', 'X'), 'missing at Observation.code'],
    ['an element about consent', observation(BDS, '1165'), 'missing at Observation.code'],
    ['an observation in words only', make('Observation', { code: { text: 'x' } }), 'missing at Observation.code'],
    ['a type without a rule', make('Binary'), 'missing at Binary'],
  ])('%s', (_, resource, expected) => {
    expect(labelOf(resource)).toBe(expected);
  });

  it("facts of pregnancy and birth are obstetric in the mother's own record", () => {
    expect(labelOf(observation(BDS, '82'), 'child')).toBe('history');
    expect(labelOf(observation(BDS, '82'), 'mother')).toBe('obstetric');
    expect(labelOf(observation(BDS, '1324'), 'mother')).toBe('obstetric');
    expect(labelOf(observation(BDS, '879'), 'mother')).toBe('development');
  });

  it('codes count only with their system', () => {
    expect(labelOf(observation('http://example.org', '160933000'))).toBe('missing at Observation.code');
    expect(labelOf(make('Observation', { code: { coding: [{ code: '160933000' }] } }))).toBe(
      'missing at Observation.code',
    );
  });

  it.each<[string, Coding, string]>([
    ['ICD-10 of a local system', { system: 'http://gezinspoort.nl/fhir/CodeSystem/hix-local', code: 'F53.0' }, ' PSY'],
    ['ICD-10 without a dot, without a system', { code: 'f530' }, ' PSY'],
    ['ATC of a misspelt system', { system: 'ATC', code: 'N06AB06' }, ' PSY'],
    ['SNOMED CT of a local system', { system: 'http://example.org/local', code: '35489007' }, ' PSY'],
    ['SNOMED CT by its OID', { system: 'urn:oid:2.16.840.1.113883.6.96', code: '35489007' }, ' PSY'],
    ['SNOMED CT with a slash', { system: 'http://snomed.info/sct/', code: '35489007' }, ' PSY'],
    ['an edition of SNOMED CT', { system: 'http://snomed.info/sct/11000146104', code: '35489007' }, ' PSY'],
    ['SNOMED CT with a version', { system: 'http://snomed.info/sct|2024', code: '35489007' }, ' PSY'],
    ['SNOMED CT in capitals, over https', { system: 'HTTPS://SNOMED.INFO/sct', code: '35489007' }, ' PSY'],
    ['ICD-10 by its OID', { system: 'urn:oid:2.16.840.1.113883.6.3', code: 'F53.0' }, ' PSY'],
    ['another ICD-10', { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F53.0' }, ' PSY'],
    ['ICD-10 under an OID of a hospital', { system: 'urn:oid:2.16.840.1.113883.2.4.3.124.7.9', code: 'F53.0' }, ' PSY'],
    ['a short number of a local system', { system: 'http://gezinspoort.nl/fhir/CodeSystem/hix-local', code: '15' }, ''],
    [
      'a local code that only begins like one',
      { system: 'http://gezinspoort.nl/fhir/CodeSystem/hix-local', code: 'F30X22' },
      '',
    ],
    ['the same letters in another known system', { system: 'http://hl7.org/fhir/sid/icpc-1-nl', code: 'F30' }, ''],
  ])('sensitivity does not hang on the name of the system: %s', (_, coding, labels) => {
    expect(labelOf(make('Condition', { code: { coding: [coding] } }))).toBe(`history${labels}`);
  });

  it('a unit is no code of content', () => {
    const weight = observation(LOINC, '29463-7', { valueQuantity: { value: 1, system: SNOMED, code: '35489007' } });
    expect(labelOf(weight)).toBe('development');
  });
});

describe('what the source said', () => {
  const category = (code: string): Coding => ({ system: CATEGORY, code: `cat-${code}` });
  const psy = { system: ACT_CODE, code: 'PSY' };

  it.each<[string, Resource, string]>([
    ['a label is kept', make('Encounter', {}, psy), 'consult PSY'],
    [
      'a label of a system that nobody knows is kept',
      make('Encounter', {}, { system: 'http://example.org', code: 'SECRET' }),
      'consult SECRET',
    ],
    ['a label without system is kept', make('Encounter', {}, { code: 'SECRET' }), 'consult SECRET'],
    [
      'labels add to those of the rules',
      make('Flag', { code: concept(SNOMED, '397940009') }, psy),
      'risk CHILDPROT PSY',
    ],
    [
      'normal confidentiality is no label',
      make('Encounter', {}, { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }),
      'consult',
    ],
    [
      'another category than the rules give does not count',
      make('Condition', { code: concept(SNOMED, '35489007') }, category('naw')),
      'history PSY',
    ],
    [
      'where the rules are silent its category counts',
      make('Observation', { code: concept('http://example.org', 'X') }, category('diagnostics')),
      'diagnostics',
    ],
    [
      'two categories are none',
      make('Observation', { code: concept('http://example.org', 'X') }, category('naw'), category('risk')),
      'missing at Observation.code',
    ],
    [
      'an unknown category is none',
      make('Observation', { code: concept('http://example.org', 'X') }, category('all')),
      'missing at Observation.code',
    ],
  ])('%s', (_, resource, expected) => {
    expect(labelOf(resource)).toBe(expected);
  });

  it('never makes a resource less sensitive', () => {
    const codes = ['PSY', 'SUD', 'CHILDPROT', 'X'];
    const given = fc.array(
      fc.record({
        system: fc.constantFrom(ACT_CODE, OWN, 'http://example.org', CATEGORY),
        code: fc.constantFrom(...codes, 'cat-naw', 'cat-risk'),
      }),
      { maxLength: 4 },
    );
    const content = fc.constantFrom(
      observation(BDS, '481'),
      observation(SNOMED, '450320001'),
      make('Condition', { code: concept(ICD, 'F11') }),
      make('Encounter'),
    );
    fc.assert(
      fc.property(content, given, (resource, security) => {
        const bare = label(resource, rules);
        const labelled = label({ ...resource, meta: { security } }, rules);
        if (!bare.ok || !labelled.ok) throw new Error('these have a category');
        expect(labelled.category).toBe(bare.category);
        const said = security.filter((one) => one.system !== CATEGORY).map((one) => one.code);
        expect(labelled.labels).toEqual([...new Set([...bare.labels, ...said])].sort());
      }),
    );
  });
});

describe('withLabels', () => {
  it('writes exactly one category and the labels, in place of what was there', () => {
    const resource = make(
      'Flag',
      { code: concept(SNOMED, '397940009') },
      { system: CATEGORY, code: 'cat-naw' },
      { system: ACT_CODE, code: 'PSY' },
    );
    const result = label(resource, rules);
    if (!result.ok) throw new Error('it has a category');
    expect(withLabels(resource, result).meta?.security).toEqual([
      { system: CATEGORY, code: 'cat-risk' },
      { system: OWN, code: 'CHILDPROT' },
      { system: ACT_CODE, code: 'PSY' },
    ]);
    expect(resource.meta?.security).toHaveLength(2);
    expect(label(withLabels(resource, result), rules)).toEqual(result);
  });
});

const SHARED = join(process.env.SHARED_DIR ?? join(ROOT, '../shared'), 'reference/bds-jgz.csv');

describe.skipIf(!existsSync(SHARED))('every element of BDS JGZ (needs the shared material)', () => {
  const PROPOSED: Record<string, string> = {
    '1': 'naw',
    '2': 'history',
    '4': 'consult',
    '5': 'referral',
    '6': 'thirdparty-consult',
    '7': 'diagnostics',
    '8': 'medication',
  };
  const RISK = new Set(['R011', 'R012', 'R013', 'R034', 'R054']);

  it('has the category of the proposal; growth and reports to Veilig Thuis have their own', () => {
    const rows = existsSync(SHARED) ? parseCsv(readFileSync(SHARED, 'utf8')) : [];
    expect(rows.length).toBeGreaterThan(900);
    for (const { rubriek_nr: group = '', element_nr: number = '', igp_category_proposal: proposal = '' } of rows) {
      if (proposal.startsWith('0')) continue;
      let expected = PROPOSED[proposal.charAt(0)] ?? (RISK.has(group) ? 'risk' : 'development');
      if (group === 'R027' || ['110', '112', '113'].includes(number)) expected = 'development';
      if (group === 'R052') expected = 'risk';
      expect(labelOf(observation(BDS, number)).split(' ')[0], `element ${number}`).toBe(expected);
    }
  });
});

/** Comma-separated, fields in double quotes where they hold a comma. */
function parseCsv(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const cells = (line: string): string[] =>
    [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((one) => (one[1] ?? '').replace(/^"|"$/g, ''));
  const names = cells(head);
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, i) => [names[i] ?? '', cell])));
}
