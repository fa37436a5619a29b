import type { PackedElement, PackedStructure } from '../pack-types.ts';

/** One element of a profile: what is said about it, its child elements and its slices. */
export interface Rule {
  /** The last step of its path: `coding`, `value[x]`. */
  readonly name: string;
  /** The id in the profile: `Patient.name:official.given`. */
  readonly id: string;
  /** Absent where a differential names only what lies deeper. */
  element: PackedElement | undefined;
  readonly children: Rule[];
  readonly slices: Rule[];
}

/** The elements of a profile as a tree, by their ids (FHIR R4, ElementDefinition: ids of elements and slices). Takes snapshots and differentials. */
export function ruleTree(profile: PackedStructure): Rule {
  const [first, ...rest] = profile.snapshot.element;
  const root: Rule = open(first?.id ?? profile.type);
  root.element = first;
  for (const element of rest) place(root, element);
  return root;
}

function place(root: Rule, element: PackedElement): void {
  let rule = root;
  for (const step of (element.id ?? element.path).split('.').slice(1)) {
    const [name = '', slices] = step.split(':');
    rule = childOf(rule.children, name, `${rule.id}.${name}`);
    // `a/b` is slice b of slice a.
    for (const slice of slices?.split('/') ?? []) rule = childOf(rule.slices, rule.name, `${rule.id}:${slice}`);
  }
  rule.element = element;
}

function childOf(list: Rule[], name: string, id: string): Rule {
  const known = list.find((one) => one.id === id);
  if (known) return known;
  const rule = open(id, name);
  list.push(rule);
  return rule;
}

const open = (id: string, name = id): Rule => ({ name, id, element: undefined, children: [], slices: [] });
