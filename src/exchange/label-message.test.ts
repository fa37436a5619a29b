import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabelRules } from './label.ts';
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
