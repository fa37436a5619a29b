import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Consent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { verdict } from './testing/invented.ts';
import type { PatientParty } from './types.ts';

const SAMPLES = join(process.env.SHARED_DIR ?? '../shared', 'cases/samples');

function read(folder: string): Consent[] {
  const path = join(SAMPLES, folder);
  if (!existsSync(path)) return [];
  const all = readdirSync(path).map((file) => JSON.parse(readFileSync(join(path, file), 'utf8')));
  return all.filter((one) => one.resourceType === 'Consent');
}

const pcf = read('ihe-pcf');
const hl7 = read('hl7-r4');

/** Asked for the patient of the example, by the performer who signed it, as an adult who decides alone. */
function reasonFor(consent: Consent, policy?: string): string {
  const patient: PatientParty = {
    ref: consent.patient?.reference ?? '',
    birthDate: '1980-01-01',
    selfRefs: (consent.performer ?? []).map((one) => one.reference ?? ''),
  };
  const resources = [
    { ref: 'Observation/ex-weight', subject: patient.ref, category: 'development', date: '2022-06-01' },
  ];
  const consents = [policy ? { ...consent, policy: [{ uri: policy }] } : consent];
  return verdict({ consents, patients: [patient], resources, request: { patient: patient.ref } });
}

describe.skipIf(pcf.length === 0)('the examples of IHE Privacy Consent on FHIR', () => {
  const unsupported = ['authoredby', 'not-authoredby', 'encounter', 'not-encounter']
    .map((name) => `ex-consent-intermediate-${name}`)
    .sort();

  it('are refused as they are: four cannot be interpreted, the others have a policy of their own', () => {
    expect(pcf).toHaveLength(23);
    const refused = pcf.filter((one) => reasonFor(one) === 'deny UNSUPPORTED_CONSENT').map((one) => one.id);
    expect(refused.sort()).toEqual(unsupported);
    expect(pcf.filter((one) => reasonFor(one) === 'deny POLICY_UNKNOWN')).toHaveLength(19);
  });

  it('under our policy are evaluated, all but the four', () => {
    const found = Object.fromEntries(
      pcf.map((one) => [
        one.id?.replace(/^ex-(consent-)?/, ''),
        reasonFor(one, 'http://gezinspoort.nl/policy/igp-exchange|2'),
      ]),
    );
    expect(found).toEqual({
      'advanced-normal': 'permit CONSENT',
      'advanced-normal-break-glass-restricted': 'permit CONSENT',
      'advanced-normal-focused-psy': 'permit CONSENT',
      'advanced-normal-focused-psy-or-sdv': 'permit CONSENT',
      'advanced-normal-focused-restricted': 'permit CONSENT',
      'advanced-normal-not-restricted': 'permit CONSENT',
      'advanced-normal-restricted': 'permit CONSENT',
      'basic-ink': 'permit CONSENT',
      'basic-reject': 'deny CONSENT_REFUSED',
      'basic-research': 'deny PURPOSE_MISMATCH',
      'basic-treat': 'permit CONSENT',
      'basic-treat-infant': 'permit CONSENT',
      'expired-treat': 'deny CONSENT_EXPIRED',
      'intermediate-authoredby': 'deny UNSUPPORTED_CONSENT',
      'intermediate-data': 'permit CONSENT',
      'intermediate-encounter': 'deny UNSUPPORTED_CONSENT',
      'intermediate-not-authoredby': 'deny UNSUPPORTED_CONSENT',
      'intermediate-not-data': 'permit CONSENT',
      'intermediate-not-encounter': 'deny UNSUPPORTED_CONSENT',
      'intermediate-not-timeframe': 'deny OUTSIDE_DATA_PERIOD',
      'intermediate-purpose': 'deny RECIPIENT_NOT_COVERED',
      'intermediate-timeframe': 'permit CONSENT',
      'dissent-intermediate-break-glass': 'deny CONSENT_REFUSED',
    });
  });
});

describe.skipIf(hl7.length === 0)('the examples of HL7 FHIR R4', () => {
  it('are twelve', () => expect(hl7).toHaveLength(12));
  it.each(hl7.map((one) => [one.id, one] as const))('%s cannot be interpreted, under any policy', (_, one) => {
    expect(reasonFor(one)).toBe('deny UNSUPPORTED_CONSENT');
    expect(reasonFor({ ...one, policyRule: undefined }, 'http://gezinspoort.nl/policy/igp-exchange|2')).toBe(
      'deny UNSUPPORTED_CONSENT',
    );
  });
});
