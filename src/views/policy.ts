/** The shapes of the files in profiles/views/, as their JSON Schemas fix them. */

export interface Title {
  readonly nl: string;
  readonly en: string;
}

/** A set of elements by name, 'none', or a set restricted to resources with a code in one of these ValueSets. */
export type CategoryPolicy = string | { readonly use: string; readonly codes: readonly string[] };

export type CategoryPolicies = Readonly<Record<string, CategoryPolicy>>;

/** profiles/views/<discipline>.json */
export interface ViewPolicy {
  readonly discipline: string;
  readonly title: Title;
  readonly basis: string;
  readonly bsn: boolean;
  readonly breakGlass: boolean;
  readonly directory: string;
  readonly sensitive: 'with-consent' | 'never';
  readonly categories: CategoryPolicies;
  readonly polis: Readonly<Record<string, { readonly basis: string; readonly categories: CategoryPolicies }>>;
}

/** One element: data types ("Quantity | string"), a primitive with extensions, or named children. */
export type ElementPolicy = string | PrimitivePolicy | ChildrenPolicy;

export interface PrimitivePolicy {
  readonly $type: string;
  readonly $extensions: readonly string[];
}

export interface ChildrenPolicy {
  readonly $only?: OnlyPolicy;
  readonly [element: string]: ElementPolicy | OnlyPolicy | undefined;
}

export interface OnlyPolicy {
  readonly in?: readonly string[];
  readonly code?: string;
}

/** The elements of one resource type; `$codes` says where a view's restriction to codes looks. */
export interface TypePolicy {
  readonly $codes?: 'any' | readonly string[];
  readonly [element: string]: ElementPolicy | 'any' | readonly string[] | undefined;
}

/** profiles/views/elements/<set>.json */
export interface ElementSet {
  readonly set: string;
  readonly title: Title;
  readonly description: Title;
  readonly labels: boolean;
  readonly types: Readonly<Record<string, TypePolicy>>;
}

/** profiles/views/elements/datatypes.json */
export interface Datatypes {
  readonly primitives: Readonly<Record<string, 'string' | 'number' | 'boolean'>>;
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly extensions: Readonly<Record<string, { readonly url: string; readonly 'value[x]': string }>>;
  readonly directory: readonly string[];
}

export interface Shape {
  readonly of: string;
  readonly professionalsOnly?: boolean;
  readonly elements: ChildrenPolicy;
}

/** profiles/views/elements/limits.json */
export interface Limits {
  readonly neverLabels: readonly string[];
  readonly 'third-party': {
    readonly basis: string;
    readonly types: Readonly<
      Record<string, { readonly keep: readonly string[]; readonly masked?: 'dataAbsentReason' }>
    >;
  };
}
