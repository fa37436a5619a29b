import type { Json } from '../fhir/path/node.ts';
import type { Place } from './errors.ts';
import type { LineageEntry, TargetNode } from './model.ts';

/** One write of a rule. */
export interface Write {
  readonly sources: readonly string[];
  readonly conditions: readonly string[];
  readonly rule: Place;
  /** Whether it came with a value, or only made the element. */
  readonly isFilled: boolean;
  /** The place of the object of the input that it is a copy of. */
  readonly copied: string | undefined;
}

/**
 * The writes of a run, each kept with the thing that was written, because places still shift: `first` puts items before others, and what stays empty goes.
 * Objects are known by themselves; a single value by its holder and key; a value in a list by a list that is kept in step.
 */
export interface Writes {
  readonly objects: Map<object, Write[]>;
  readonly singles: Map<object, Map<string, Write[]>>;
  readonly lists: Map<object, Write[][]>;
}

export const noWrites = (): Writes => ({ objects: new Map(), singles: new Map(), lists: new Map() });

/** Keeps a write. `isOwn`: it set the value of an element that had been made before. `extra`: the place of the `_` sibling that came along. */
export function keepWrite(
  writes: Writes,
  written: TargetNode,
  write: Write,
  isOwn: boolean,
  extra: string | undefined,
): void {
  const { value, holder, holderKey, at } = written;
  if (typeof value === 'object' && value !== null) {
    push(writes.objects, value, write);
    return;
  }
  if (!holder) return;
  if (at < 0) push(inner(writes.singles, holder), holderKey, write);
  else {
    const items = list(writes, holder[holderKey] as unknown[]);
    if (isOwn) items[at]?.push(write);
    else items.splice(at, 0, [write]);
  }
  const sibling = holder[`_${holderKey}`];
  const copy = at < 0 ? sibling : (sibling as unknown[] | undefined)?.[at];
  if (extra !== undefined && copy) push(writes.objects, copy, { ...write, copied: extra });
}

interface Entry extends LineageEntry {
  holdsValue: boolean;
}

/** An element with entries, to which what stands below it without entries of its own belongs. */
interface Owner {
  readonly path: string;
  readonly entries: readonly { readonly write: Write; readonly entry: Entry }[];
}

/** Spells the writes out for what is left of the result, in the order of the result. `root`: the group that the run began with. */
export function resolveWrites(result: unknown, root: Place, writes: Writes): LineageEntry[] {
  const out: Entry[] = [];
  const known = new Set<string>();

  const entryOf = (target: string, { sources, conditions, rule }: Write, holdsValue: boolean): Entry => {
    const entry = { target, sources, conditions, rule, holdsValue };
    // An element that a rule finds made already is made once.
    const key = JSON.stringify([target, sources, rule]);
    if (!known.has(key)) out.push(entry);
    known.add(key);
    return entry;
  };
  const ownerOf = (path: string, own: readonly Write[]): Owner => ({
    path,
    entries: own.map((write) => ({ write, entry: entryOf(path, write, false) })),
  });
  const leaf = (path: string, own: readonly Write[] | undefined, owner: Owner): void => {
    const filled = own?.filter((one) => one.isFilled) ?? [];
    for (const write of filled) entryOf(path, write, true);
    if (filled.length > 0) return;
    for (const { write, entry } of owner.entries) {
      if (write.copied === undefined) entry.holdsValue = true;
      else entryOf(path, { ...write, sources: [write.copied + path.slice(owner.path.length)] }, true);
    }
  };
  const child = (value: unknown, path: string, own: readonly Write[] | undefined, owner: Owner): void => {
    if (Array.isArray(value)) {
      const items = inStep(writes.lists.get(value), value.length);
      for (const [index, item] of value.entries()) child(item, `${path}[${index}]`, items?.[index], owner);
    } else if (typeof value === 'object' && value !== null) walk(value as Json, path, owner);
    else if (value !== null) leaf(path, own, owner);
  };
  const walk = (json: Json, path: string, above: Owner): void => {
    const own = writes.objects.get(json);
    const owner = own ? ownerOf(path, own) : above;
    const singles = writes.singles.get(json);
    for (const [key, value] of Object.entries(json)) child(value, `${path}.${key}`, singles?.get(key), owner);
  };

  const start: Write = { sources: [], conditions: [], rule: root, isFilled: true, copied: undefined };
  const name = (result as Json | undefined)?.resourceType;
  const path = typeof name === 'string' ? name : '';
  if (typeof result === 'object' && result !== null) walk(result as Json, path, ownerOf(path, [start]));
  return out;
}

/** The writes of a list's items after those without a value have gone. */
const inStep = (items: Write[][] | undefined, length: number): Write[][] | undefined =>
  items && items.length > length ? items.filter((one) => one.some((write) => write.isFilled)) : items;

function push<K>(map: Map<K, Write[]>, key: K, write: Write): void {
  map.set(key, [...(map.get(key) ?? []), write]);
}

function inner(singles: Writes['singles'], holder: object): Map<string, Write[]> {
  const known = singles.get(holder) ?? new Map<string, Write[]>();
  singles.set(holder, known);
  return known;
}

function list(writes: Writes, items: object): Write[][] {
  const known = writes.lists.get(items) ?? [];
  writes.lists.set(items, known);
  return known;
}
