import type { Consent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { allowed } from '../../tests/support/family.ts';
import { consentView } from './consent-view.ts';

const SECRET = 'Proefgeheim';
const named = { identifier: { system: 'urn:x', value: SECRET }, display: SECRET };
const wordy = (): Consent => {
  const plain = allowed('jgz', 'gp');
  const [actor] = plain.provision?.actor ?? [];
  return {
    ...plain,
    meta: { versionId: '3', lastUpdated: '2026-10-01T10:00:00Z', source: SECRET, tag: [{ code: SECRET }] },
    text: { status: 'generated', div: `<div>${SECRET}</div>` },
    identifier: [{ value: SECRET }],
    extension: [{ url: 'http://example.org/x', valueString: SECRET }],
    contained: [{ resourceType: 'Patient', name: [{ text: SECRET }] }],
    scope: { ...plain.scope, text: SECRET },
    category: plain.category?.map((one) => ({ coding: [{ ...one.coding?.[0], display: SECRET }], text: SECRET })),
    patient: { ...plain.patient, ...named },
    performer: plain.performer?.map((one) => ({ ...one, ...named })),
    organization: [{ reference: 'Organization/jgz', ...named }, { display: SECRET }],
    sourceAttachment: { title: 'Formulier', language: 'nl', data: 'UHJvZWY=', url: `http://x/${SECRET}` },
    verification: [{ verified: true, verifiedWith: { display: SECRET } }],
    provision: {
      ...plain.provision,
      actor: [{ role: { ...actor?.role, text: SECRET }, reference: { ...actor?.reference, ...named } }],
      provision: [
        {
          type: 'deny',
          period: { start: '2026-01-01' },
          securityLabel: [{ system: 's', code: 'c', display: SECRET }],
          actor: [{ role: { text: SECRET }, reference: named }],
          code: [{ text: SECRET }],
          data: [{ meaning: 'instance', reference: { reference: 'Observation/1', ...named } }],
        },
      ],
    },
  };
};

describe('a consent for output', () => {
  it('keeps what was agreed', () => {
    const plain = { ...allowed('jgz', 'gp'), meta: { versionId: '1', lastUpdated: '2026-10-01T10:00:00Z' } };
    expect(consentView(plain)).toEqual(plain);
  });

  it('leaves out every text, name, identifier and attachment, at any depth', () => {
    const view = consentView(wordy());
    expect(JSON.stringify(wordy()).split(SECRET).length).toBeGreaterThan(20);
    expect(JSON.stringify(view)).not.toContain(SECRET);
    expect(view).toMatchObject({
      meta: { versionId: '3', lastUpdated: '2026-10-01T10:00:00Z' },
      organization: [{ reference: 'Organization/jgz' }],
      sourceAttachment: { title: 'Formulier', language: 'nl' },
      provision: {
        type: 'permit',
        provision: [
          {
            type: 'deny',
            period: { start: '2026-01-01' },
            securityLabel: [{ system: 's', code: 'c' }],
            data: [{ meaning: 'instance', reference: { reference: 'Observation/1' } }],
          },
        ],
      },
    });
    expect(Object.keys(view)).not.toEqual(expect.arrayContaining(['text']));
    expect(view.sourceAttachment).not.toHaveProperty('data');
  });
});
