import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDefinitions } from '../fhir/load.ts';
import { compileMaps, type MapIssue } from '../mapping/index.ts';
import { isDropped, parseDropped } from '../sources/dropped.ts';
import { hl7ReadModel } from '../sources/hl7v2/read-model.ts';
import { modelOfSchema } from '../sources/json/model.ts';
import { printModel } from '../sources/logical.ts';
import { loadSources } from '../sources/registry.ts';
import { besideMap } from './map-files.ts';

const USAGE = [
  'Usage: gezinspoort map run <map> <input.json> [--structures DIR]',
  '       gezinspoort map model <schema.json | hl7v2> <url>',
  '       gezinspoort map coverage <system>',
].join('\n');

/** `map`: runs a map, prints the logical model of a schema, or lists what the maps of a system never read. 2: usage. */
export async function map(args: string[]): Promise<number> {
  const [what, ...rest] = args;
  const [one, two, ...more] = rest;
  if (what === 'explain') return (await import('./map-explain.ts')).explain(rest);
  if (what === 'unread') return (await import('./map-unread.ts')).unread(rest);
  if (what === 'model' && one && two && more.length === 0) return printLogicalModel(one, two);
  if (what === 'coverage' && one && two === undefined) return printCoverage(one);
  return run(args);
}

/** Prints the logical model that stands beside the maps as `<name>.logical.json`. */
function printLogicalModel(schemaFile: string, url: string): number {
  const model = schemaFile === 'hl7v2' ? hl7ReadModel(url) : modelOfSchema(json(schemaFile) as object, url);
  process.stdout.write(printModel(model));
  return 0;
}

/** Lists the elements of a system's logical models that no rule reads and `dropped.json` does not explain; 1 where there are any. */
async function printCoverage(system: string): Promise<number> {
  const sources = await loadSources(MAPPINGS, await loadDefinitions());
  if (!sources.has(system)) throw new Error(`There is no system ${system} in ${MAPPINGS}.`);
  const dropped = parseDropped(json(join(MAPPINGS, system, 'dropped.json')));
  const unread = sources.unread(system);
  for (const path of unread) console.log(isDropped(dropped, path) ? `${path} (dropped.json says why)` : path);
  return unread.every((path) => isDropped(dropped, path)) ? 0 : 1;
}

/** Where every system has its folder, seen from where the command is run. */
const MAPPINGS = 'mappings';

/** `map run`: transforms one JSON file with one map. 0: the result is on standard output; 1: standard error says what is wrong. */
async function run(args: string[]): Promise<number> {
  const parsed = read(args);
  if (!parsed) {
    console.error(USAGE);
    return 2;
  }
  const { mapFile, inputFile, structures } = parsed;
  const beside = besideMap(mapFile, structures);
  const definitions = await loadDefinitions(beside.structures);
  const maps = compileMaps(beside.maps, { definitions, conceptMaps: beside.conceptMaps });
  const result = maps.map(maps.urls[0] as string).run(json(inputFile), { newId: randomUUID });
  if (!result.ok) {
    for (const issue of result.issues) console.error(sentence(issue));
    return 1;
  }
  console.log(JSON.stringify(result.target, undefined, 2));
  return 0;
}

function read(args: string[]): { mapFile: string; inputFile: string; structures: string | undefined } | undefined {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { structures: { type: 'string' } },
    });
    const [what, mapFile, inputFile, ...more] = positionals;
    if (what !== 'run' || !mapFile || !inputFile || more.length > 0) return undefined;
    return { mapFile, inputFile, structures: values.structures };
  } catch {
    return undefined;
  }
}

function json(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the input.
    throw new Error(`${file} is not JSON.`);
  }
}

/** One fault as a line: where in the input, what, and which rule says so. */
const sentence = ({ path, message, map: name, group, rule, line }: MapIssue): string =>
  `${path || '(input)'}: ${message} [${[name, group, rule].filter(Boolean).join(' › ')}, line ${line}]`;
