import type { ConceptMap } from '@medplum/fhirtypes';
import type { Node } from '../fhir/path/node.ts';
import { compileRules } from './compile-rule.ts';
import type { Place } from './errors.ts';
import { mapError, record } from './fault.ts';
import { inverseOf } from './inverse.ts';
import type { FoundGroup, Frame, GroupStep, MapEnvironment, RuleContext, Run, Scope, Variable } from './model.ts';
import type { Group, GroupInput, MapSource } from './parse/ast.ts';
import { compileExpression } from './scope.ts';

/** How deep groups may call each other on one message before it is refused. */
const MAX_DEPTH = 200;

/** All maps, with what lets them find each other. */
export type Linker = {
  /** Compiles a group of a map for inputs of these types; the same types give the same function. */
  groupFor(map: MapSource, group: Group, types: (string | undefined)[]): GroupStep;
  resolveType(map: MapSource, name: string, mode: GroupInput['mode']): string | undefined;
  /** Elements of known types that the groups compiled so far read: `HumanName.family`. */
  reads: ReadonlySet<string>;
};

/** Links parsed maps: names of groups, types, imports and concept maps are resolved here, once. */
export function link(maps: MapSource[], environment: MapEnvironment): Linker {
  const { definitions } = environment;
  const compiled = new Map<string, { step: GroupStep }>();
  const reads = new Set<string>();
  const read = (type: string, element: string): void => void reads.add(`${type}.${element}`);
  const byUrl = new Map(maps.map((map) => [map.url, map]));
  const visible = new Map(maps.map((map) => [map, visibleFrom(map, byUrl, maps)]));

  const resolveType = (map: MapSource, name: string, mode: GroupInput['mode']): string | undefined => {
    const named = map.structures.filter((each) => each.alias === name || lastSegment(each.url) === name);
    const structure = named.find((each) => MODES[mode].includes(each.mode)) ?? named[0];
    const type = structure ? definitions.typeOfUrl(structure.url) : undefined;
    if (structure) return type;
    return definitions.type(name) ? name : definitions.typeOfUrl(name);
  };

  const findGroup = (map: MapSource, name: string): { map: MapSource; group: Group } | undefined => {
    for (const other of visible.get(map) ?? []) {
      const group = other.groups.find((each) => each.name === name);
      if (group) return { map: other, group };
    }
    return undefined;
  };

  const inputsOf = (map: MapSource, group: Group): FoundGroup['inputs'] =>
    group.inputs.map(({ mode, type }) => ({
      mode,
      type: type === undefined ? undefined : resolveType(map, type, mode),
    }));

  const found = (entry: { map: MapSource; group: Group } | undefined): FoundGroup | undefined =>
    entry && { key: `${entry.map.url}#${entry.group.name}`, inputs: inputsOf(entry.map, entry.group) };

  const byKey = new Map<string, { map: MapSource; group: Group }>(
    maps.flatMap((map) => map.groups.map((group) => [`${map.url}#${group.name}`, { map, group }] as const)),
  );

  const defaultGroup = (
    map: MapSource,
    source: string | undefined,
    target: string,
  ): { map: MapSource; group: Group } | undefined => {
    for (const other of visible.get(map) ?? []) {
      for (const group of other.groups) {
        if (group.typeMode === 'none' || group.inputs.length !== 2) continue;
        const [from, to] = inputsOf(other, group);
        if (from?.type === source && source !== undefined && to?.type === target) return { map: other, group };
      }
    }
    return undefined;
  };

  const defaultGroupsBySource = (map: MapSource): FoundGroup[] =>
    (visible.get(map) ?? []).flatMap((other) =>
      other.groups
        .filter((group) => group.typeMode === 'type-and-types' && group.inputs.length === 2)
        .map((group) => found({ map: other, group }) as FoundGroup),
    );

  const findConceptMap = (map: MapSource, url: string): ConceptMap | undefined =>
    url.startsWith('#')
      ? map.conceptMaps.find((each) => each.url === url)
      : (environment.conceptMaps.find((each) => each.url === url.split('|')[0]) ??
        inverseOf(url, environment.conceptMaps));

  const groupFor = (map: MapSource, group: Group, types: (string | undefined)[]): GroupStep => {
    const key = `${map.url}#${group.name}(${types.map((type) => type ?? '?').join(',')})`;
    const known = compiled.get(key);
    if (known) return (inputs, run) => known.step(inputs, run);
    const holder = { step: (() => {}) as GroupStep };
    compiled.set(key, holder);
    holder.step = compileGroup(map, group, types);
    return holder.step;
  };

  const compileGroup = (map: MapSource, group: Group, types: (string | undefined)[]): GroupStep => {
    const place: Place = { file: map.file, map: map.name || map.url, group: group.name, line: group.line };
    let slots = 0;
    const newSlot = (): number => slots++;
    const context = contextFor(map, place, newSlot);
    const declared = inputsOf(map, group);
    const sources = new Map<string, Variable>();
    const targets = new Map<string, Variable>();
    for (const [index, input] of group.inputs.entries()) {
      const variable = { slot: newSlot(), type: types[index] ?? declared[index]?.type };
      const names = input.mode === 'source' ? sources : targets;
      if (names.has(input.name)) throw mapError('duplicate-input', place, input.line, `"${input.name}" stands twice`);
      names.set(input.name, variable);
    }
    const base = compileBase(map, group, types, place);
    const constants = compileConstants(map, sources, newSlot, context);
    const rules = compileRules(group.rules, { sources, targets }, context);
    return (inputs, run) => {
      const frame = openFrame(inputs, slots, run);
      for (const constant of constants) frame.slots[constant.slot] = constant.value;
      if (++run.depth > MAX_DEPTH) {
        run.depth--;
        record(run, place, group.line, inputs[0], new RangeError());
        return;
      }
      if (base) base(inputs, run);
      for (const rule of rules) rule(frame, run);
      run.depth--;
    };
  };

  /** The rules of the group that this one extends run first, on the same inputs. */
  const compileBase = (
    map: MapSource,
    group: Group,
    types: (string | undefined)[],
    place: Place,
  ): GroupStep | undefined => {
    if (group.extends === undefined) return undefined;
    const base = findGroup(map, group.extends);
    if (!base) throw mapError('unknown-group', place, group.line, `there is no group "${group.extends}" to extend`);
    if (base.group.inputs.length !== group.inputs.length) {
      throw mapError('wrong-inputs', place, group.line, `"${group.extends}" has other inputs`);
    }
    const seen = new Set([group]);
    for (
      let at: typeof base | undefined = base;
      at;
      at = at.group.extends ? findGroup(at.map, at.group.extends) : undefined
    ) {
      if (seen.has(at.group)) throw mapError('wrong-inputs', place, group.line, 'a group cannot extend itself');
      seen.add(at.group);
    }
    return groupFor(base.map, base.group, types);
  };

  const contextFor = (map: MapSource, place: Place, newSlot: () => number): RuleContext => ({
    definitions,
    place,
    newSlot,
    resolveType: (name, mode) => resolveType(map, name, mode),
    findGroup: (name) => found(findGroup(map, name)),
    groupFor: (key, types) => {
      const entry = byKey.get(key) as { map: MapSource; group: Group };
      return groupFor(entry.map, entry.group, types);
    },
    defaultGroup: (source, target) => found(defaultGroup(map, source, target)),
    defaultGroupsBySource: () => defaultGroupsBySource(map),
    findConceptMap: (url) => findConceptMap(map, url),
    read,
    within: (rule) => contextFor(map, { ...place, rule: rule.name, line: rule.line }, newSlot),
  });

  return { groupFor, resolveType, reads };
}

/** What `uses … as` may say of a structure for it to stand on this side. */
const MODES = { source: ['source', 'queried'], target: ['target', 'produced'] };

function openFrame(inputs: Node[], slots: number, run: Run): Frame {
  const values: (Node | undefined)[] = new Array(slots);
  for (let index = 0; index < inputs.length; index++) values[index] = inputs[index];
  const { trace } = run;
  return {
    slots: trace ? trace.slots(values) : values,
    self: undefined,
    index: 0,
    resource: undefined,
    deciding: trace?.aside,
  };
}

/** `let name = expression;` is evaluated once, while compiling: it can only use other constants. */
function compileConstants(
  map: MapSource,
  sources: Map<string, Variable>,
  newSlot: () => number,
  context: RuleContext,
): { slot: number; value: Node | undefined }[] {
  const known: { slot: number; value: Node | undefined }[] = [];
  const names = new Map<string, Variable>();
  for (const { name, expression, line } of map.constants) {
    const scope: Scope = { sources: names, targets: new Map() };
    const { path } = compileExpression(expression, line, scope, undefined, context);
    const frame: Frame = { slots: [], self: undefined, index: 0, resource: undefined };
    for (const constant of known) frame.slots[constant.slot] = constant.value;
    const [value] = path([], frame);
    const variable = { slot: newSlot(), type: value?.type };
    known.push({ slot: variable.slot, value });
    names.set(name, variable);
    if (!sources.has(name)) sources.set(name, variable);
  }
  return known;
}

/** The map itself, then what it imports, near before far. `*` stands for any text in the url of an import. */
function visibleFrom(map: MapSource, byUrl: Map<string, MapSource>, maps: MapSource[]): MapSource[] {
  const seen = new Set([map]);
  for (const each of seen) {
    for (const { url, line } of each.imports) {
      const matches = url.includes('*') ? maps.filter((other) => isImported(url, other.url)) : [byUrl.get(url)];
      for (const other of matches) {
        if (!other) {
          const place = { file: each.file, map: each.name || each.url, line };
          throw mapError('unknown-import', place, line, `there is no map ${url} to import`);
        }
        seen.add(other);
      }
    }
  }
  return [...seen];
}

/** Whether an import (`*` stands for any text) names a map. */
export const isImported = (pattern: string, url: string): boolean =>
  new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`).test(url);

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const lastSegment = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
