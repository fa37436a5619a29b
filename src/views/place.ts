import type { Views } from './registry.ts';

/** Where a view says what a discipline gets of a category at a poli: file and JSON pointer of the line that decides. */
export function placeOfCategory(
  views: Views,
  discipline: string,
  poli: string | undefined,
  category: string,
): string | undefined {
  const policy = views.policies.get(discipline);
  if (!policy) return undefined;
  const own = poli !== undefined && Object.hasOwn(policy.polis, poli) ? policy.polis[poli] : undefined;
  const line = own && Object.hasOwn(own.categories, category) ? `/polis/${poli}/categories` : '/categories';
  return `profiles/views/${discipline}.json#${line}/${category}`;
}

/** Where a set of elements says what goes out of a resource type. */
export const placeOfType = (set: string, type: string): string => `profiles/views/elements/${set}.json#/types/${type}`;
