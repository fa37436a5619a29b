import type { Branch, CategoryView, Node, View } from '../views/types.ts';

/** Every element that a view gives of a category, as `Observation.value[x]`; codes that restrict it stand apart. */
export function elementsOf(view: View | undefined, category: string): ReadonlySet<string> {
  const given = category === DIRECTORY ? view?.directory : view?.categories.get(category);
  return given ? elementsOfCategory(given) : new Set();
}

/** Name under which the data of professionals and organisations stand beside the categories. */
export const DIRECTORY = 'directory';

const memory = new WeakMap<object, ReadonlySet<string>>();

function elementsOfCategory({ types }: CategoryView): ReadonlySet<string> {
  const known = memory.get(types);
  if (known) return known;
  const paths = new Set<string>();
  for (const [type, { root }] of types) walk(root, type, paths, new Set());
  memory.set(types, paths);
  return paths;
}

/** A choice (`valueQuantity`, `valueString`) stands under one name; a shape that holds itself is walked once. */
function walk(branch: Branch, path: string, paths: Set<string>, open: Set<Node>): void {
  if (open.has(branch)) return;
  paths.add(path);
  const inside = new Set(open).add(branch);
  for (const node of branch.children.values()) {
    const own = `${path}.${node.element}`;
    if (node.kind === 'branch') walk(node, own, paths, inside);
    else {
      paths.add(own);
      for (const url of node.extensions?.keys() ?? []) paths.add(`${own}.extension(${url})`);
    }
  }
}

/** Of paths only those whose parent is not among them: what is new or gone as a whole is named once. */
export function outermost(paths: Iterable<string>): string[] {
  const all = new Set(paths);
  return [...all].filter((path) => !path.includes('.') || !all.has(parentOf(path))).sort();
}

const parentOf = (path: string): string => path.replace(/\.(extension\(.*\)|[^.]+)$/, '');
