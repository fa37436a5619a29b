import { rootNode } from '../fhir/path/node.ts';
import { prune } from './copy.ts';
import { MapError, type MapIssue } from './errors.ts';
import { mapError } from './fault.ts';
import { traceRun } from './lineage.ts';
import { isImported, type Linker, link } from './link.ts';
import type { GroupStep, LineageEntry, MapEnvironment, Run, TargetNode } from './model.ts';
import type { Group, MapSource } from './parse/ast.ts';
import { parseMap } from './parse/parser.ts';
import { MapSyntaxError } from './parse/tokens.ts';
import { uncalled } from './reach.ts';
import { newObject, rootTarget } from './write.ts';

export { MapError, type MapIssue, type Place } from './errors.ts';
export type { LineageEntry, MapEnvironment } from './model.ts';

/** The text of one map. `file` is only named in errors. */
export type MapText = { file: string; text: string };

/** What a run needs from outside: ids for `uuid()` and for resources that are referred to. `trace`: the lineage of the result is wanted. */
export type RunArguments = { newId(): string; trace?: boolean };

/**
 * What a run gives: the target, or every fault found, with the place in the input and never a value. `log`: texts of `log`
 * clauses; they hold what the map puts there, so treat them as patient data. `lineage`: where it was asked for.
 */
export type MapResult =
  | { ok: true; target: unknown; log: string[]; lineage?: LineageEntry[] }
  | { ok: false; issues: MapIssue[]; log: string[] };

/** A map made ready. `run` is pure but for `newId`: it changes neither the input nor anything that runs share. */
export type CompiledMap = {
  url: string;
  name: string;
  run(input: unknown, args: RunArguments): MapResult;
};

/** Maps by url or name. Throws MapError `unknown-map` for another one. */
export type CompiledMaps = {
  map(urlOrName: string): CompiledMap;
  urls: string[];
  /** What the rules and expressions of all maps read of sources with a StructureDefinition, by path: `HumanName.family`. */
  reads: ReadonlySet<string>;
};

/**
 * Compiles maps in the FHIR Mapping Language, once, into functions. Throws MapError (map, group, rule, line) where a map
 * cannot be right: syntax, names, types, elements. The first group of a map is where it starts.
 */
export function compileMaps(sources: MapText[], environment: MapEnvironment): CompiledMaps {
  const maps = sources.map(readMap);
  assertUnique(maps);
  const linker = link(maps, environment);
  const imports = maps.flatMap((map) => map.imports);
  const isLibrary = (map: MapSource): boolean => imports.some(({ url }) => isImported(url, map.url));
  const compiled = maps.map((map) => compileMap(map, isLibrary(map), linker, environment));
  return {
    urls: maps.map((map) => map.url),
    reads: linker.reads,
    map: (urlOrName) => {
      const found = compiled.find((each) => each.url === urlOrName) ?? compiled.find((each) => each.name === urlOrName);
      if (!found) throw new MapError('unknown-map', { file: '', map: urlOrName, line: 0 }, 'there is no such map');
      return found;
    },
  };
}

/** Parses one map; throws MapError (file and line) where the syntax is wrong. */
export function readMap({ file, text }: MapText): MapSource {
  try {
    return parseMap(file, text);
  } catch (error) {
    if (!(error instanceof MapSyntaxError)) throw error;
    throw new MapError('syntax', { file, map: '', line: error.line }, error.message);
  }
}

function assertUnique(maps: MapSource[]): void {
  const seen = new Set<string>();
  for (const map of maps) {
    const place = { file: map.file, map: map.name || map.url, line: map.line };
    if (seen.has(map.url)) throw mapError('duplicate-map', place, map.line, 'two maps have this url');
    seen.add(map.url);
    const names = new Set<string>();
    for (const group of map.groups) {
      if (names.has(group.name)) {
        throw mapError('duplicate-group', { ...place, group: group.name }, group.line, 'two groups have this name');
      }
      names.add(group.name);
    }
  }
}

/** Whether a group says by itself what it writes. */
const isTyped = (group: Group): boolean =>
  group.inputs.every((input) => input.mode === 'source' || input.type !== undefined);

function compileMap(map: MapSource, isLibrary: boolean, linker: Linker, environment: MapEnvironment): CompiledMap {
  const entry = map.groups[0] as Group;
  const typesOf = (group: Group): (string | undefined)[] =>
    group.inputs.map(({ type, mode }) => (type ? linker.resolveType(map, type, mode) : undefined));
  const types = typesOf(entry);
  const start = (): GroupStep => linker.groupFor(map, entry, types);
  // A library of groups need not say what its first one takes: its users do. Run by itself it fails.
  const step = isLibrary && !isTyped(entry) ? undefined : start();
  // Groups that the entry does not reach are compiled too where their inputs say enough: faults show at the start.
  for (const group of map.groups) {
    if (isTyped(group)) linker.groupFor(map, group, typesOf(group));
  }
  // Users of a library choose what they call.
  const [idle] = isLibrary ? [] : uncalled(map);
  if (idle) {
    const place = { file: map.file, map: map.name || map.url, group: idle.name, line: idle.line };
    throw mapError('unreachable-group', place, idle.line, `nothing calls the group "${idle.name}"`);
  }
  const root = { file: map.file, map: map.name || map.url, group: entry.name, line: entry.line };
  return {
    url: map.url,
    name: map.name,
    run: (given, { newId, trace: isTraced }) => {
      const trace = isTraced ? traceRun(given) : undefined;
      const input = trace ? trace.input : given;
      const run: Run = { newId, issues: [], log: [], depth: 0, shared: new Map(), ends: new Map(), trace };
      const targets: TargetNode[] = [];
      const inputs = entry.inputs.map(({ mode }, index) => {
        const type = types[index];
        if (mode === 'source') return rootNode(input, type);
        const isResource = type !== undefined && environment.definitions.type(type)?.kind === 'resource';
        const target = rootTarget(newObject({ type: type ?? '', isResource }), type);
        targets.push(target);
        return target;
      });
      (step ?? start())(inputs, run);
      if (run.issues.length > 0) return { ok: false, issues: run.issues, log: run.log };
      const target = targets[0]?.value;
      prune(target);
      if (!trace) return { ok: true, target, log: run.log };
      return { ok: true, target, log: run.log, lineage: trace.resolve(target, root) };
    },
  };
}
