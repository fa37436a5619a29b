import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fhirChecks } from './checks.ts';
import { loadFhir } from './load.ts';
import { validate } from './validate.ts';

const FOLDER = join(import.meta.dirname, '../../profiles');
const knowledge = await loadFhir(FOLDER);
const { conforms } = fhirChecks(knowledge);

type Json = Record<string, unknown>;
const label = (code: string): Json => ({ system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code });
const check = (resource: Json): string[] =>
  conforms(resource).map(({ code, path, message }) =>
    `${code} ${path} ${/^rule \S+:/.exec(message)?.[0] ?? ''}`.trim(),
  );

const patient: Json = {
  resourceType: 'Patient',
  meta: { security: [label('cat-naw')] },
  identifier: [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '999900006' }],
  birthDate: '2026-05-02',
};
const observation: Json = {
  resourceType: 'Observation',
  meta: { security: [label('cat-development')] },
  status: 'final',
  code: { text: 'x' },
  subject: { reference: 'Patient/1' },
  valueBoolean: false,
};
const consent: Json = {
  resourceType: 'Consent',
  status: 'active',
  scope: { text: 'x' },
  category: [{ text: 'x' }],
  patient: { reference: 'Patient/1' },
  dateTime: '2026-07-01',
  performer: [{ reference: 'RelatedPerson/1' }],
  policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|2' }],
  provision: { type: 'permit' },
};

describe("this project's profiles", () => {
  it.each([patient, observation, consent])('take a good resource', (resource) => {
    expect(check(resource)).toEqual([]);
  });

  it('are valid StructureDefinitions', () => {
    const files = globSync(join(FOLDER, 'structuredefinitions/*.json'));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files)
      expect([file, validate(JSON.parse(readFileSync(file, 'utf8')), knowledge.definitions)]).toEqual([file, []]);
  });

  it.each<[string, Json, string]>([
    ['a Patient without category', { ...patient, meta: {} }, 'invariant Patient rule gz-pat-1:'],
    [
      'a Patient with two BSNs',
      { ...patient, identifier: [patient.identifier, patient.identifier].flat() },
      'invariant Patient rule gz-pat-2:',
    ],
    [
      'a Patient with a short BSN',
      { ...patient, identifier: [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '99990000' }] },
      'invariant Patient rule gz-pat-2:',
    ],
    [
      'an Observation with two categories',
      { ...observation, meta: { security: [label('cat-naw'), label('cat-risk')] } },
      'invariant Observation rule gz-obs-1:',
    ],
    [
      'an Observation that says nothing',
      { ...observation, valueBoolean: undefined },
      'invariant Observation rule gz-obs-2:',
    ],
    ['a Consent without a root type', { ...consent, provision: { code: [] } }, 'required Consent.provision.type'],
    ['a Consent without provision', { ...consent, provision: undefined }, 'required Consent.provision'],
    [
      'a Consent without policy uri',
      { ...consent, policy: [{ authority: 'http://x.nl' }] },
      'invariant Consent rule gz-con-1:',
    ],
    ['a Consent without performer', { ...consent, performer: undefined }, 'required Consent.performer'],
  ])('refuse %s', (_, resource, expected) => {
    expect(check(resource)).toContain(expected);
  });
});
