import type { Bundle, BundleEntry, Patient } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import { readFamilyBundle } from './family-bundle.ts';

const [yonathan] = FAMILIES as [Family];
const signed = (): Bundle => structuredClone(familyBundle(yonathan, '2026-10-01T09:00:00+02:00'));
const read = (bundle: unknown) => readFamilyBundle(knowledge, bundle as Bundle);
const codesOf = (bundle: unknown): string[] => {
  const result = read(bundle);
  return result.ok ? [] : result.issues.map((one) => one.code);
};
const change = (type: string, edit: (resource: Record<string, unknown>) => void): Bundle => {
  const bundle = signed();
  const entry = bundle.entry?.find((one) => one.resource?.resourceType === type);
  edit(entry?.resource as unknown as Record<string, unknown>);
  return bundle;
};
const withEntry = (entry: unknown): Bundle => ({
  ...signed(),
  entry: [...(signed().entry ?? []), entry as BundleEntry],
});

describe('a family that can be entered', () => {
  it.each(FAMILIES.map((one) => [one.given, one] as const))('%s, with and without consent', (_name, family) => {
    for (const at of [undefined, '2026-10-01T09:00:00+02:00']) {
      const result = read(familyBundle(family, at));
      expect(result).toMatchObject({ ok: true, bsn: family.bsn, patient: { birthDate: family.patient.birthDate } });
    }
  });
});

describe('a family that cannot', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'fhir-invalid'],
    ['no Bundle', { resourceType: 'Patient' }, 'fhir-invalid'],
    ['a batch', { ...signed(), type: 'batch' }, 'fhir-invalid'],
    ['no entries', { resourceType: 'Bundle', type: 'transaction' }, 'fhir-invalid'],
    ['an empty list', { resourceType: 'Bundle', type: 'transaction', entry: [] }, 'identity-missing'],
    ['entries that are no list', { resourceType: 'Bundle', type: 'transaction', entry: {} }, 'fhir-invalid'],
    ['an entry of null', withEntry(null), 'fhir-invalid'],
    ['an entry without content', withEntry({}), 'fhir-invalid'],
    [
      'clinical content',
      withEntry({ resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' } } }),
      'fhir-invalid',
    ],
    ['two patients', withEntry({ resource: yonathan.patient }), 'identity-missing'],
    ['no BSN', change('Patient', (one) => delete one.identifier), 'identity-missing'],
    [
      'a BSN that fails the 11-test',
      change(
        'Patient',
        (one) =>
          ((one as unknown as Patient).identifier = [{ ...yonathan.patient.identifier?.[0], value: '999903148' }]),
      ),
      'bsn-invalid',
    ],
    ['no birth date', change('Patient', (one) => delete one.birthDate), 'fhir-invalid'],
    [
      'a second care team',
      withEntry(signed().entry?.find((one) => one.resource?.resourceType === 'CareTeam')),
      'fact-twice',
    ],
    [
      'a second active episode',
      withEntry(signed().entry?.find((one) => one.resource?.resourceType === 'EpisodeOfCare')),
      'fact-twice',
    ],
    ['an invalid resource', change('CareTeam', (one) => (one.status = 'perhaps')), 'fhir-invalid'],
    [
      'a consent that cannot be interpreted',
      change('Consent', (one) => (one.modifierExtension = [{ url: 'http://example.org/not', valueBoolean: true }])),
      'consent-not-understood',
    ],
  ])('%s', (_name, bundle, code) => expect(codesOf(bundle)[0]).toBe(code));

  it('gives every fault with its entry, and quotes none of them', () => {
    const bundle = change('Patient', (one) => (one.birthDate = 'Proefdatum'));
    for (const entry of bundle.entry ?? [])
      if (entry.resource?.resourceType === 'CareTeam') entry.resource.status = 'Proefstatus' as 'active';
    const result = read(bundle);
    expect(codesOf(bundle)).toEqual(['fhir-invalid', 'fhir-invalid']);
    expect(result.ok ? [] : result.issues.map((one) => one.path)).toEqual([
      'Bundle.entry[0].resource Patient.birthDate',
      'Bundle.entry[3].resource CareTeam.status',
    ]);
    expect(JSON.stringify(result)).not.toContain('Proef');
  });
});
