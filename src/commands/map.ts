import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadDefinitions } from '../fhir/load.ts';
import { compileMaps, type MapIssue } from '../mapping/index.ts';
import { besideMap } from './map-files.ts';

const USAGE = 'Usage: gezinspoort map run <map> <input.json> [--structures DIR]';

/** `map run`: transforms one JSON file with one map. 0: the result is on standard output; 1: standard error says what is wrong; 2: usage. */
export async function map(args: string[]): Promise<number> {
  const [what, ...rest] = args;
  if (what === 'explain') return (await import('./map-explain.ts')).explain(rest);
  if (what === 'unread') return (await import('./map-unread.ts')).unread(rest);
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
