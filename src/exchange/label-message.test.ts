import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LabelRules, withLabels } from './label.ts';
import { SPEAKS_OF } from './label-about.ts';
import { labelMessage } from './label-message.ts';
import { loadLabelRules } from './label-rules.ts';

let rules: LabelRules;
beforeAll(async () => {
  rules = await loadLabelRules(join(import.meta.dirname, '../../profiles'));
});

const item = (url: string, resource: object) => ({ url, resource: resource as Resource });
const psy = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' };
const letter = (url: string, of: string) =>
  item(url, {
    resourceType: 'DocumentReference',
    meta: { security: [psy] },
    type: { coding: [{ system: 'http://loinc.org', code: '57133-1' }] },
    content: [{ attachment: { url: of } }],
  });
const outcome = (items: ReturnType<typeof item>[]) =>
  labelMessage(items, rules).map((one) =>
    one.ok ? [one.category, ...one.labels].join(' ') : `missing at ${one.path}`,
  );

describe('labelMessage', () => {
  it('a document follows the reference to it, wherever it stands in the message', () => {
    expect(
      outcome([item('urn:b', { resourceType: 'Binary', contentType: 'application/pdf' }), letter('urn:d', 'urn:b')]),
    ).toEqual(['referral PSY', 'referral PSY']);
  });

  it('a Provenance follows its targets: the category of the first, the labels of all', () => {
    const provenance = item('urn:p', {
      resourceType: 'Provenance',
      target: [{ reference: 'urn:e' }, { reference: 'urn:d' }],
      agent: [],
    });
    expect(outcome([item('urn:e', { resourceType: 'Encounter' }), letter('urn:d', 'urn:x'), provenance])).toEqual([
      'consult',
      'referral PSY',
      'consult PSY',
    ]);
  });

  const own = { system: 'http://gezinspoort.nl/fhir/CodeSystem/label', code: 'CHILDPROT' };
  const bds = (element: string, content: object = {}) =>
    item(`urn:${element}`, {
      resourceType: 'Observation',
      code: { coding: [{ system: 'urn:oid:2.16.840.1.113883.2.4.4.40.267', code: element }] },
      ...content,
    });
  const answer = (code: string) => ({
    valueCodeableConcept: { coding: [{ system: 'urn:oid:2.16.840.1.113883.2.4.4.40.81', code }] },
  });
  const report = (content: object = {}) => item('urn:r', { resourceType: 'Composition', ...content });
  const depression = item('urn:c', {
    resourceType: 'Condition',
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-nl', code: 'F53.0' }] },
  });
  const referral = item('urn:s', { resourceType: 'ServiceRequest' });

  it('a report and a letter get the labels of what their message states; the rest keeps its own', () => {
    const plain = item('urn:l', { resourceType: 'DocumentReference', content: [{ attachment: { url: 'urn:b' } }] });
    const binary = item('urn:b', { resourceType: 'Binary' });
    expect(outcome([report(), depression, plain, binary, referral])).toEqual([
      'consult PSY',
      'history PSY',
      'consult PSY',
      'consult PSY',
      'referral',
    ]);
  });

  it('an answer "none" labels no report, a suspicion does', () => {
    expect(outcome([report(), bds('481', answer('01'))])).toEqual(['consult', 'risk CHILDPROT']);
    expect(outcome([report(), bds('481', answer('03'))])).toEqual(['consult CHILDPROT', 'risk CHILDPROT']);
    expect(outcome([report(), bds('770', { valueBoolean: false })])).toEqual(['consult', 'development SEX']);
    expect(outcome([report({ meta: { security: [own] } }), bds('481', answer('01'))])[0]).toBe('consult CHILDPROT');
  });

  it('a working note beside a report does not hide the report', () => {
    expect(outcome([report(), bds('493')])).toEqual(['consult', 'consult WORKNOTE']);
  });

  it.each(['R', 'V'])(
    'what comes with a document of confidentiality %s is as restricted, its relatives are not',
    (confidentiality) => {
      const relative = item('urn:m', { resourceType: 'RelatedPerson' });
      expect(outcome([referral, report({ confidentiality }), relative])).toEqual([
        `referral ${confidentiality}`,
        `consult ${confidentiality}`,
        'naw',
      ]);
      expect(outcome([referral, report({ confidentiality: 'N' })])).toEqual(['referral', 'consult']);
    },
  );

  it('a report names whom its message speaks of beside the patient, and carries it', () => {
    const subject = { reference: 'urn:patient' };
    const debts = bds('70', { subject, focus: [{ reference: 'urn:mother' }, subject] });
    const items = [report({ subject }), debts, referral];
    const [first, ...others] = labelMessage(items, rules);
    if (!first?.ok) throw new Error('it has a category');
    expect(first.about).toEqual(['urn:mother']);
    expect(others.every((one) => one.ok && one.about === undefined)).toBe(true);
    const marked = withLabels(report({ subject }).resource, first) as { extension?: unknown };
    expect(marked.extension).toEqual([{ url: SPEAKS_OF, valueReference: { reference: 'urn:mother' } }]);
    expect(labelMessage([report({ subject }), bds('70', { subject, focus: [subject] })], rules)[0]).not.toHaveProperty(
      'about',
    );
  });

  it('what follows nothing has no category, whatever the source says', () => {
    const security = [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code: 'cat-naw' }];
    const binary = item('urn:b', { resourceType: 'Binary', meta: { security } });
    const provenance = item('urn:p', {
      resourceType: 'Provenance',
      target: [{ reference: 'urn:elsewhere' }],
      agent: [],
    });
    expect(outcome([binary, provenance])).toEqual(['missing at Binary', 'missing at Provenance.target']);
  });
});
