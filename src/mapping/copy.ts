import type { Json } from '../fhir/path/node.ts';

/** A deep copy of a JSON value: the result of a run shares nothing with its input. */
export function copyJson(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copyJson);
  const out: Json = {};
  for (const key of Object.keys(value)) out[key] = copyJson((value as Json)[key]);
  return out;
}

/**
 * Removes what FHIR does not allow in JSON: empty objects and arrays, and absent values, left by elements that were created
 * and never filled. Primitive arrays keep their gaps (`null`) where the `_` sibling has an entry. Returns true when
 * nothing is left.
 */
export function prune(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return pruneArray(value);
  const json = value as Json;
  let empty = true;
  for (const key in json) {
    const child = json[key];
    if (typeof child === 'string') {
      empty = false;
      continue;
    }
    const goes = Array.isArray(child) && mayBePaired(child) && isPaired(json, key) ? prunePaired(child) : prune(child);
    if (goes) delete json[key];
    else empty = false;
  }
  return empty;
}

/** A list of records whose first is one is no list of primitives, nor of their extensions, which hold `id` and `extension` only. */
function mayBePaired(items: unknown[]): boolean {
  const [first] = items;
  if (typeof first !== 'object' || first === null) return true;
  for (const key in first) if (key !== 'extension' && key !== 'id') return false;
  return true;
}

/** True for a list of primitives that a list of their extensions accompanies, and for that list. */
function isPaired(json: Json, key: string): boolean {
  return Array.isArray(key.startsWith('_') ? json[key.slice(1)] : json[`_${key}`]);
}

function pruneArray(items: unknown[]): boolean {
  let kept = 0;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (!prune(item)) items[kept++] = item;
  }
  if (kept < items.length) items.length = kept;
  return kept === 0;
}

/** Two arrays in step keep their positions; one that holds nothing goes. */
function prunePaired(items: unknown[]): boolean {
  let empty = true;
  for (let index = 0; index < items.length; index++) {
    if (prune(items[index])) items[index] = null;
    else empty = false;
  }
  return empty;
}
