import { readdirSync } from 'node:fs';
import { validateResource } from '@medplum/core';
import type { Patient } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { validate } from '../fhir/validate.ts';
import type { SystemFile } from './system.ts';
import { bundleOf, contentTypeOf, definitions, file, json, MAPPINGS, read, resources } from './testing/maps-testkit.ts';
import { officialSchema } from './testing/official-schema.ts';

const SYSTEMS = readdirSync(MAPPINGS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const SAMPLES = SYSTEMS.flatMap(({ name }) => {
  const system = json<SystemFile>(name, 'system.json');
  return (system.samples ?? []).map((sample) => {
    const kind = system.inputs.find((input) => input.id === sample.input);
    return { ...sample, system: name, contentType: kind ? contentTypeOf(kind) : '' };
  });
});

const official = officialSchema();

describe.each(SAMPLES)('sample $system/$file', ({ system, file: name, expected, contentType }) => {
  const bundle = bundleOf(system, file(system, 'samples', name), contentType);

  it('gives the expected Bundle', () => {
    expect(bundle).toEqual(json(system, 'samples', expected));
  });

  it('gives resources that are valid R4', () => {
    for (const resource of [...resources(bundle), bundle]) {
      expect(() => validateResource(resource)).not.toThrow();
      expect(validate(resource, definitions)).toEqual([]);
    }
  });

  it.skipIf(!official)(
    'is right by the official JSON Schema of R4 too (skipped where ../shared/corpora is not at hand)',
    () => {
      for (const resource of resources(bundle)) expect(official?.(resource)).toEqual([]);
    },
  );

  it('has one Patient with a BSN of the test range, and references that all lead to an entry', () => {
    const patients = resources(bundle).filter((resource): resource is Patient => resource.resourceType === 'Patient');
    const bsn =
      patients
        .flatMap((patient) => patient.identifier ?? [])
        .find(({ system }) => system === 'http://fhir.nl/fhir/NamingSystem/bsn')?.value ?? '';
    expect(patients).toHaveLength(1);
    expect(bsn).toMatch(/^9999\d{5}$/);
    expect([9, 8, 7, 6, 5, 4, 3, 2, -1].reduce((sum, weight, index) => sum + weight * Number(bsn[index]), 0) % 11).toBe(
      0,
    );
    const urls = new Set(bundle.entry?.map((entry) => entry.fullUrl));
    expect(urls.size).toBe(bundle.entry?.length);
    const references = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)].map((match) => match[1]);
    expect(references.filter((reference) => !urls.has(reference))).toEqual([]);
  });

  it('gives each fact an identifier of its own', () => {
    const keys = resources(bundle)
      .filter(({ resourceType }) => resourceType !== 'Practitioner')
      .flatMap((resource) =>
        [resource]
          .flatMap((one) => ('identifier' in one ? [one.identifier].flat() : []))
          .map((identifier) => `${resource.resourceType} ${JSON.stringify(identifier)}`),
      );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('what the samples are about', () => {
  it('every input has a sample', () => {
    const inputs = SYSTEMS.flatMap(({ name }) =>
      json<SystemFile>(name, 'system.json').inputs.map(({ id }) => `${name} ${id}`),
    );
    expect(new Set(SAMPLES.map(({ system, input }) => `${system} ${input}`))).toEqual(new Set(inputs));
  });

  it.each([
    ['hix', 'luuk-consult.json', 'application/json', true],
    ['hix', 'laila-mamaplus.json', 'application/json', false],
    ['hix', 'yonathan-consult.json', 'application/json', true],
    ['hix', 'yonathan-oru.hl7', 'application/hl7-v2', false],
    ['hix', 'yonathan-mdm.hl7', 'application/hl7-v2', true],
    ['hix', 'yonathan-letter.hl7', 'application/hl7-v2', false],
    ['kdplus', 'yonathan-contact.json', 'application/json', true],
    ['kdplus', 'luuk-contacts.json', 'application/json', false],
  ])('%s %s: the family knows of the referral only where the message says so', (system, name, contentType, known) => {
    expect(read(system, file(system, 'samples', name), contentType).referralKnown).toBe(known);
  });
});
