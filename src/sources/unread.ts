import type { PackedStructure } from '../fhir/pack-types.ts';

/**
 * The elements of logical models that no rule and no expression of the maps reads, by their path in the message (`patient.phone`).
 * `reads`: what the compiled maps read, by path of the model. Only elements with a value of their own are listed: who reads them reads
 * what is around them. It does not see what only the message tells: the items of a list by their content (`elements[630]`), and what
 * `children()` or a record of unknown type leads to; the watched run of each sample does (docs/decisions/0008).
 */
export function unreadElements(models: readonly PackedStructure[], reads: ReadonlySet<string>): string[] {
  return models.flatMap(({ snapshot: { element } }) => {
    const root = element[0]?.path ?? '';
    // A model that no map takes as its source has nothing to say of the maps.
    if (!reads.values().some((path) => path.startsWith(`${root}.`))) return [];
    const parents = new Set(element.map(({ path }) => path.slice(0, path.lastIndexOf('.'))));
    return element
      .filter(({ path, contentReference }) => !parents.has(path) && path !== root && !contentReference)
      .filter(({ path }) => !reads.has(path))
      .map(({ path }) => path.slice(root.length + 1));
  });
}
