import type { Resource } from '@medplum/fhirtypes';
import type { CodeList } from './codes.ts';
import type { Title } from './policy.ts';

/** What must be left out although the item goes out: facts about somebody else, a protected address, the BSN. */
export type Redaction = 'third-party' | 'address' | 'bsn';

/** Why a resource does not go out at all. */
export type WithheldReason =
  /** No data category, or more than one. */
  | 'label-missing'
  | 'category-not-in-view'
  | 'type-not-in-view'
  /** The view gives only listed codes of this category, and this resource has none of them. */
  | 'code-not-in-view'
  /** A label of items that never leave the house. */
  | 'label-never-shared'
  /** This discipline gets no sensitive items at all. */
  | 'sensitive-not-in-view'
  /** A modifierExtension or implicitRules: without it the rest would mean something else. */
  | 'modifier-not-understood'
  /** It must be redacted, and no rule says how for this type. */
  | 'no-redaction-rule'
  /** Nothing of its content may go out. */
  | 'nothing-left';

/**
 * What goes out of one resource. `removed` holds element paths in JSON names without indexes (`Patient.telecom`, `Observation._effectiveDateTime`), never values; `hidden` those of
 * them that the view gives, and that a redaction or the rule about the BSN took away.
 */
export type Projection =
  | {
      readonly resource: Resource;
      readonly removed: readonly string[];
      readonly hidden: readonly string[];
      readonly reason: 'whole' | 'reduced';
    }
  | { readonly resource: undefined; readonly removed: readonly string[]; readonly reason: WithheldReason };

/** A view, resolved for one poli and compiled: per category what goes out. */
export interface View {
  readonly discipline: string;
  /** Undefined: the view outside any poli. */
  readonly poli: string | undefined;
  readonly title: Title;
  readonly bsn: boolean;
  readonly breakGlass: boolean;
  readonly sensitive: 'with-consent' | 'never';
  readonly categories: ReadonlyMap<string, CategoryView>;
  /** For professionals and organisations, which carry no category. */
  readonly directory: CategoryView;
  readonly limits: CompiledLimits;
}

/** What goes out of the resources of one category. */
export interface CategoryView {
  /** Name of the set of elements. */
  readonly use: string;
  /** Whether sensitivity labels go along. */
  readonly labels: boolean;
  readonly types: ReadonlyMap<string, TypeView>;
  /** Only resources with a code in this list. */
  readonly codes?: CodeList;
}

/** What goes out of one resource type. */
export interface TypeView {
  readonly root: Branch;
  /** JSON keys in which a restriction to codes looks; 'any' = it does not concern this type; undefined = a restricted view does not get it. */
  readonly codesAt: 'any' | readonly string[] | undefined;
}

export interface CompiledLimits {
  readonly directory: ReadonlySet<string>;
  readonly neverLabels: ReadonlySet<string>;
  readonly thirdParty: ReadonlyMap<string, { readonly keep: ReadonlySet<string>; readonly masked: boolean }>;
}

/** The tree of allowed elements: a leaf is a primitive, a branch an element with parts. */
export type Node = Leaf | Branch;

interface NodeBase {
  /** Path in JSON names, for `removed`. */
  readonly path: string;
  /** Name in the policy (`effective[x]`). */
  readonly element: string;
  /** Bits of HIDDEN: the redactions that leave this element out. */
  readonly hidden: number;
}

export interface Leaf extends NodeBase {
  readonly kind: 'leaf';
  readonly json: 'string' | 'number' | 'boolean';
  /** Whether it could hold a BSN: a text, or the code of a Coding, where nine digits may be a concept of SNOMED CT. */
  readonly scan: 'none' | 'text' | 'code';
  /** Allowed extensions by URL: each the branch of that extension. */
  readonly extensions: ReadonlyMap<string, Branch> | undefined;
}

export interface Branch extends NodeBase {
  readonly kind: 'branch';
  readonly children: ReadonlyMap<string, Node>;
  /** Whether one item of a repeating element may go out. */
  readonly only: ((item: Record<string, unknown>) => boolean) | undefined;
  readonly type: string;
  /** For a reference that may name a patient or relative: what goes out then. */
  readonly plain: Branch | undefined;
}

/** Why an element is left out under a redaction. */
export const HIDDEN = {
  /** Addresses and contact points. */
  address: 1,
  /** Text that somebody typed. */
  freetext: 2,
  /** Documents and other bytes that cannot be looked through. */
  opaque: 4,
} as const;
