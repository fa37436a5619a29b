import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StructureDefinition } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { packed, withStructures } from '../fhir/extend.ts';
import { compileMaps } from '../mapping/index.ts';
import { isDropped, parseDropped } from './dropped.ts';
import { hl7ReadModel } from './hl7v2/read-model.ts';
import { modelOfSchema } from './json/model.ts';
import type { SystemFile } from './system.ts';
import { definitions, json, MAPPINGS, sources } from './testing/maps-testkit.ts';

const systems = readdirSync(MAPPINGS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const URL = 'http://gezinspoort.nl/fhir/StructureDefinition';

/** Every model that should stand in `mappings/`, with what it is made from. */
const MODELS = systems.flatMap((system) => {
  const { inputs } = json<SystemFile>(system, 'system.json');
  const schemas = [...new Set(inputs.flatMap(({ schema }) => schema ?? []))];
  const ofHl7 = inputs.some(({ contentType }) => contentType === 'application/hl7-v2');
  return [
    ...schemas.map((schema) => {
      const name = schema.replace('.schema.json', '');
      const url = `${URL}/${system}-${name}`;
      const from = `mappings/${system}/${schema}`;
      return {
        file: `${system}/${name}.logical.json`,
        from,
        url,
        made: () => modelOfSchema(json(system, schema), url),
      };
    }),
    ...(ofHl7
      ? [
          {
            file: `${system}/hl7v2.logical.json`,
            from: 'hl7v2',
            url: `${URL}/hl7v2`,
            made: () => hl7ReadModel(`${URL}/hl7v2`),
          },
        ]
      : []),
  ];
});

describe('the logical model', () => {
  it.each(MODELS)('$file is what its source says now', ({ file, from, url, made }) => {
    const command = `npx gezinspoort map model ${from} ${url} > mappings/${file}`;
    const checkedIn: unknown = existsSync(join(MAPPINGS, file)) ? json(file) : undefined;
    // Compared as a whole; a difference of thousands of lines says less than the command that mends it.
    expect(JSON.stringify(checkedIn) === JSON.stringify(made()) || `run: ${command}`).toBe(true);
  });

  it('of one system is not known to another', () => {
    expect(definitions.type('HixConsult')).toBeUndefined();
    const hix = withStructures(definitions, [packed(json<StructureDefinition>('hix', 'consult.logical.json'))]);
    expect(hix.type('HixConsult.patient')?.elements.has('bsn')).toBe(true);
    expect(hix.typeOfUrl(`${URL}/hix-consult`)).toBe('HixConsult');
    expect(definitions.typeOfUrl(`${URL}/hix-consult`)).toBeUndefined();
  });

  it('stops the start where a map names an element that the system does not have: map, group, rule, line', () => {
    const model = packed(json<StructureDefinition>('hix', 'consult.logical.json'));
    const text = readFileSync(join(MAPPINGS, 'hix/consult.map'), 'utf8');
    const common = { file: 'common.map', text: readFileSync(join(MAPPINGS, 'hix/common.map'), 'utf8') };
    const compile = (changed: string) => () =>
      compileMaps([{ file: 'consult.map', text: changed }, common], {
        definitions: withStructures(definitions, [model]),
        conceptMaps: conceptMaps('hix'),
      });
    expect(compile(text)).not.toThrow();
    const line = text.split('\n').findIndex((one) => one.includes('person.phone as phone')) + 1;
    expect(compile(text.replace('person.phone as phone', 'person.fax as phone'))).toThrow(
      `consult.map:${line} (HixConsult › PatientOf › phone) HixConsult.patient has no element "fax"`,
    );
    // In an expression as well.
    const check = text.split('\n').findIndex((one) => one.includes('%src.medication.where(name')) + 1;
    expect(compile(text.replace('%src.medication.where(name', '%src.medication.where(naam'))).toThrow(
      `consult.map:${check} (HixConsult › Consult › one-of-each-medicine) HixConsult.medication has no element "naam"`,
    );
  });
});

describe.each(systems)('what no map of %s ever reads', (system) => {
  it('is explained in dropped.json', () => {
    const dropped = parseDropped(json(system, 'dropped.json'));
    expect(sources.unread(system).filter((path) => !isDropped(dropped, path))).toEqual([]);
  });
});

function conceptMaps(system: string): Parameters<typeof compileMaps>[1]['conceptMaps'] {
  return readdirSync(join(MAPPINGS, system))
    .filter((name) => name.endsWith('.conceptmap.json'))
    .map((name) => json(system, name));
}
