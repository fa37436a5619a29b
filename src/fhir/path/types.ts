import type { Definitions } from '../definitions.ts';
import type { Node } from './node.ts';

/** What an expression can reach while it runs. One object per run; `self` and `index` change inside `where(…)` and its like. */
export type PathContext = {
  /** Values of variables by the position that `slotOf` gave them. */
  slots: (Node | undefined)[];
  /** `$this` */
  self: Node | undefined;
  /** `$index` */
  index: number;
  /** `%resource` */
  resource: Node | undefined;
  /** Where somebody watches what values are made from: runs a criterion, whose reads only decide. */
  deciding?: (<T>(criterion: () => T) => T) | undefined;
};

/** A compiled expression: from the input collection to the result. Must not change either. */
export type Path = (input: Node[], context: PathContext) => Node[];

/** What is known while an expression is compiled. */
export type PathScope = {
  definitions: Definitions;
  /** Position of a variable in `slots`, or undefined where there is none. `marked`: written with `%`, so surely a variable. */
  slotOf(name: string, marked: boolean): number | undefined;
  /** A ConceptMap by url, for `mapsTo`: a code to the code that it is mapped to. */
  conceptMap?(url: string): ((code: string, system: string | undefined) => string | undefined) | undefined;
};

/** A compiled condition on one item. */
export type Condition = (item: Node, context: PathContext) => boolean;
