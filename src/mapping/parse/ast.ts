import type { ConceptMap } from '@medplum/fhirtypes';

/** The syntax tree of one FHIR Mapping Language file: a StructureMap in which every part knows its line. */
export type MapSource = {
  file: string;
  url: string;
  name: string;
  line: number;
  structures: Structure[];
  imports: { url: string; line: number }[];
  constants: { name: string; expression: string; line: number }[];
  conceptMaps: ConceptMap[];
  groups: Group[];
};

export type Structure = { url: string; alias: string | undefined; mode: string; line: number };

export type Group = {
  name: string;
  line: number;
  inputs: GroupInput[];
  extends: string | undefined;
  typeMode: 'none' | 'types' | 'type-and-types';
  rules: Rule[];
};

export type GroupInput = { mode: 'source' | 'target'; name: string; type: string | undefined; line: number };

export type Rule = {
  name: string;
  line: number;
  sources: Source[];
  targets: Target[];
  rules: Rule[];
  dependents: Dependent[];
};

export type ListModeSource = 'first' | 'not_first' | 'last' | 'not_last' | 'only_one';
export type ListModeTarget = 'first' | 'share' | 'last' | 'collate' | 'single';

export type Source = {
  line: number;
  context: string;
  /** Elements on the way, for `ctx.a.b.element`: none as a rule. */
  through: string[];
  element: string | undefined;
  type: string | undefined;
  min: number | undefined;
  max: number | undefined;
  default: Parameter | undefined;
  listMode: ListModeSource | undefined;
  variable: string | undefined;
  where: string | undefined;
  check: string | undefined;
  log: string | undefined;
};

export type Target = {
  line: number;
  context: string | undefined;
  element: string | undefined;
  transform: string | undefined;
  parameters: Parameter[];
  variable: string | undefined;
  listMode: ListModeTarget | undefined;
  /** Name of a shared element (`share <id>`). */
  shareId: string | undefined;
  /** A step on the way to the next target (`ctx.a` of `ctx.a.b = …`), which has no name in the map. */
  isStep: boolean;
};

/** A parameter of a transform, of a dependent group or of `default`. */
export type Parameter =
  | { kind: 'variable'; name: string }
  | { kind: 'literal'; type: 'string' | 'integer' | 'decimal' | 'boolean'; value: string | number | boolean }
  | { kind: 'expression'; text: string };

export type Dependent = { name: string; line: number; parameters: Parameter[] };
