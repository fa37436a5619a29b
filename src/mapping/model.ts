import type { ConceptMap } from '@medplum/fhirtypes';
import type { Definitions } from '../fhir/definitions.ts';
import type { PathContext } from '../fhir/path/compile.ts';
import type { Json, Node } from '../fhir/path/node.ts';
import type { Types } from '../fhir/path/reads.ts';
import type { MapIssue, Place } from './errors.ts';
import type { Rule, Source, Target } from './parse/ast.ts';

/** What maps are compiled with. */
export type MapEnvironment = { definitions: Definitions; conceptMaps: ConceptMap[] };

/** A place that rules write to: a node whose value is being built. */
export type TargetNode = Node & {
  value: unknown;
  /** The object that holds the value, with the JSON key and, in an array, the position. Roots hold themselves. */
  holder: Json | undefined;
  holderKey: string;
  at: number;
};

/** State of one run. Nothing else changes while a map runs, so runs never see each other. */
export type Run = {
  newId(): string;
  issues: MapIssue[];
  log: string[];
  /** How many groups are open inside each other. */
  depth: number;
  /** Elements shared between rules (`share name`), by their parent and name. */
  shared: Map<Json, Map<string, Shared>>;
  /** For arrays with `first` or `last` items: how many of each they hold. */
  ends: Map<unknown[], Ends>;
  /** Where lineage was asked for: what reads and writes are told to. */
  trace: Trace | undefined;
};

/** The elements that rules share under one name, in order, and how many of them each rule has come to. */
export type Shared = { nodes: TargetNode[]; taken: Map<Target, number> };

/** How many items of a list go first and last, and which rules said so. */
export type Ends = { first: number; last: number; firstBy: Target | undefined; lastBy: Target | undefined };

/**
 * Where one element of a result comes from. Paths hold names and positions, never values.
 * `sources`: what its value was made from; none for a constant. `conditions`: what only decided that it is there: what `where` and `check` of the rule and of
 * those around it looked at, and what the rule ran for.
 */
export interface LineageEntry {
  /** Place in the result: `Bundle.entry[3].resource.valueQuantity.value`. What stands below it and has no entry of its own comes from here too. */
  readonly target: string;
  readonly sources: readonly string[];
  readonly conditions: readonly string[];
  readonly rule: Place;
  /** False for an element that only holds others, which have entries of their own. */
  readonly holdsValue: boolean;
}

/** What a traced run is observed with. */
export interface Trace {
  /** The input, to be given to the map in its place. */
  readonly input: unknown;
  /** The variables of a group, whose uses are seen. */
  slots(values: (Node | undefined)[]): (Node | undefined)[];
  /** Reads a value: the nodes that come out know what they were made from. */
  reading<T extends Node | undefined | Node[]>(read: () => T): T;
  /** Runs what only decides while a value is read. */
  aside<T>(run: () => T): T;
  /** A value goes on as another node. */
  carry(from: Node | undefined, to: Node | undefined): void;
  /** Tests a condition of a rule's source on an item. */
  deciding(source: Source, item: Node, test: (item: Node) => boolean): boolean;
  /** Runs what a rule does for one match of its sources. */
  within(matches: readonly Match[], body: () => void): void;
  /** A rule wrote `item` (none: an element without a value yet). `isOwn`: it set the value of an element that was there. */
  wrote(written: TargetNode, item: Node | undefined, rule: Place, isOwn: boolean): void;
  /** The lineage of the finished result. `root`: the group that the run began with. */
  resolve(result: unknown, root: Place): LineageEntry[];
}

/** A source of a rule, with the item that it matched. */
export type Match = readonly [source: Source, item: Node | undefined];

/** The variables of one invocation of a group. */
export type Frame = PathContext;

/**
 * A compiled rule, source or target. Everything that reads is a step of compile-source, everything that writes one of
 * compile-target; they tell `run.trace` where lineage was asked for.
 */
export type Step = (frame: Frame, run: Run) => void;

/** A compiled group. */
export type GroupStep = (inputs: Node[], run: Run) => void;

/** A compiled expression that gives at most one value. */
export type Value = {
  type: string | undefined;
  types?: Types;
  get(frame: Frame, run: Run): Node | undefined;
  /** The value, where the map spells it out. */
  constant?: Node;
};

/** A variable: where it stands in the frame, and its type where that is known before the run. */
export type Variable = {
  slot: number;
  type: string | undefined;
  /** The types that it may have, where those are known and several. */
  types?: Types;
};

/** The names that a rule can see, sources and targets apart: a map may use one name for both. */
export type Scope = {
  sources: ReadonlyMap<string, Variable>;
  targets: ReadonlyMap<string, Variable>;
};

/** A group found by name, with the map that it belongs to. */
export type FoundGroup = { key: string; inputs: { mode: 'source' | 'target'; type: string | undefined }[] };

/** What compiling a rule needs from around it. */
export type RuleContext = {
  definitions: Definitions;
  place: Place;
  /** Takes a new position in the frame. */
  newSlot(): number;
  /** Type name for a name used in the map, or undefined where no StructureDefinition defines it. One name may stand for both sides. */
  resolveType(name: string, mode: 'source' | 'target'): string | undefined;
  findGroup(name: string): FoundGroup | undefined;
  /** A group compiled for inputs of these types. It may still be compiling (recursion): call it only in a run. */
  groupFor(key: string, types: (string | undefined)[]): GroupStep;
  /** The default group that maps one type to another (`<<types>>`, `<<type+>>`). */
  defaultGroup(source: string | undefined, target: string): FoundGroup | undefined;
  /** The default groups that the type of their source alone calls (`<<type+>>`). */
  defaultGroupsBySource(): FoundGroup[];
  /** A concept map by url, or `#name` of one in the same file. */
  findConceptMap(url: string): ConceptMap | undefined;
  /** Notes that the map reads an element of a known type. */
  read(type: string, element: string): void;
  /** The same context, speaking for another rule. */
  within(rule: Rule): RuleContext;
};
