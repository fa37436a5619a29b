import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { showResult } from '../../tests/support/results.ts';
import { loadDefinitions } from '../fhir/load.ts';
import { compileMaps, MapError } from './index.ts';
import { parseMap } from './parse/parser.ts';

/** The cases of the FHIR community for the mapping language (repository FHIR/fhir-test-cases). */
const CASES = join(process.env.SHARED_DIR ?? join(import.meta.dirname, '../../../shared'), 'corpora/fhir-test-cases');
const definitions = await loadDefinitions();

describe.skipIf(!existsSync(CASES)).each(['r4b', 'r5'])('fhir-test-cases, %s', (release) => {
  const text = (name: string): string => readFileSync(join(CASES, release, 'structure-mapping', name), 'utf8');
  const json = (name: string): unknown => JSON.parse(text(name));
  const run = (name: string, input: string): unknown => {
    const maps = compileMaps([{ file: name, text: text(name) }], { definitions, conceptMaps: [] });
    const result = maps.map(maps.urls[0] as string).run(json(input), { newId: () => 'id' });
    return result.ok ? result.target : result.issues;
  };

  it.each([
    ['qr2pat-assignment.map', 'qr2pat-assignment-res.json'],
    ['qr2pat-gender.map', 'qr2pat-gender-res.json'],
    ['qr2pat-gender-conformstoqr.map', 'qr2pat-gender-res.json'],
  ])('%s', (map, expected) => {
    expect(run(map, 'qr.json')).toEqual(json(expected));
  });

  it('cast.map', () => {
    expect(run('cast.map', 'qrext.json')).toEqual({
      resourceType: 'Observation',
      extension: [
        { url: 'urn:implicitstring', valueString: 'implicit' },
        { url: 'urn:explicitstring', valueString: 'explicit' },
        { url: 'urn:positiveInt', valuePositiveInt: 2147483647 },
        { url: 'urn:positiveIntString', valuePositiveInt: 2147483647 },
      ],
    });
  });

  it('ActivityDefinition.map: read whole; refused without the R3 maps that it imports', () => {
    const map = parseMap('ActivityDefinition.map', text('ActivityDefinition.map'));
    expect(map.groups.map((group) => [group.name, group.extends, group.typeMode, group.rules.length])).toEqual([
      ['ActivityDefinition', 'DomainResource', 'type-and-types', 41],
      ['ActivityDefinitionParticipant', 'BackboneElement', 'none', 2],
      ['ActivityDefinitionDynamicValue', 'BackboneElement', 'none', 2],
    ]);
    expect(() => run('ActivityDefinition.map', 'qr.json')).toThrow(MapError);
  });

  it('syntax.map: read whole; refused, because it writes an element that Basic does not have', () => {
    const map = parseMap('syntax.map', text('syntax.map'));
    expect(map).toMatchObject({ url: 'http://github.com/FHIR/fhir-test-cases/r5/fml/syntax', name: 'syntax' });
    expect(map.groups.map(({ name }) => name)).toEqual(['Patient', 'Patient2Patient']);
    expect(() => run('syntax.map', 'qr.json')).toThrow(/Basic has no element "identifer"/);
  });

  it('counts', (context) => {
    const names = readdirSync(join(CASES, release, 'structure-mapping')).filter((name) => name.endsWith('.map'));
    const read = names.filter((name) => parseMap(name, text(name)).groups.length > 0);
    showResult(context, {
      what: `conformance: maps of fhir-test-cases read, ${release}`,
      passed: read.length,
      of: names.length,
    });
    expect(read).toEqual(names);
  });

  it.skipIf(release === 'r4b')('syntaxshort.map: the default group for a type', () => {
    const maps = compileMaps([{ file: 's', text: text('syntaxshort.map') }], { definitions, conceptMaps: [] });
    const input = { resourceType: 'CapabilityStatement', name: 'n', title: 't', status: 'draft' };
    expect(maps.map('syntaxshort').run(input, { newId: () => 'id' })).toMatchObject({
      target: { resourceType: 'CapabilityStatement', name: 'n', title: 't' },
    });
  });
});
