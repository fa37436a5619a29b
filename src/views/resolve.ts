import { union } from './codes.ts';
import type { CategoryPolicy } from './policy.ts';
import type { CompiledSet, Views } from './registry.ts';
import type { CategoryView, View } from './types.ts';

/**
 * The view of a discipline at a poli, or outside any poli (undefined, or a poli that the policy does not name). Undefined for a
 * discipline without a policy: it sees nothing. The same arguments give the same object.
 */
export function resolveView(views: Views, discipline: string, poli: string | undefined): View | undefined {
  const policy = views.policies.get(discipline);
  if (!policy) return undefined;
  const own = poli !== undefined && Object.hasOwn(policy.polis, poli) ? poli : undefined;
  const resolved = memory.get(views) ?? new Map<string, View>();
  memory.set(views, resolved);
  const key = `${discipline} ${own ?? ''}`;
  const known = resolved.get(key);
  if (known) return known;
  const categories = { ...policy.categories, ...(own === undefined ? {} : policy.polis[own]?.categories) };
  const view: View = {
    discipline,
    poli: own,
    title: policy.title,
    bsn: policy.bsn,
    breakGlass: policy.breakGlass,
    sensitive: policy.sensitive,
    categories: new Map(
      Object.entries(categories)
        .filter(([, given]) => given !== 'none')
        .map(([category, given]) => [category, categoryView(views, given)]),
    ),
    directory: categoryView(views, policy.directory),
    limits: views.limits,
  };
  resolved.set(key, view);
  return view;
}

/** Per registry: a policy that is read anew gets views of its own. */
const memory = new WeakMap<Views, Map<string, View>>();

function categoryView(views: Views, given: CategoryPolicy): CategoryView {
  const use = typeof given === 'string' ? given : given.use;
  // The registry has checked that sets and lists exist.
  const set = views.sets.get(use) as CompiledSet;
  const lists = typeof given === 'string' ? [] : given.codes.flatMap((name) => views.codeLists.get(name) ?? []);
  return { use, labels: set.labels, types: set.types, ...(typeof given !== 'string' && { codes: union(lists) }) };
}
