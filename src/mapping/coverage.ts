type Json = Record<string, unknown>;

/** An input that remembers what of it was read. */
export interface Watched {
  /** The same input, to be given to a map in its place. */
  readonly input: unknown;
  /** Paths of the values (never the values) that were not read so far, without positions in lists: `contacts.elements[235].value`. */
  unread(): string[];
  /** How many values each of these paths stands for. */
  counts(): ReadonlyMap<string, number>;
}

/**
 * Watches an input while a map runs on it. Reading is seen where it happens, so conditions, expressions and whole copies count as they do in the run, and a run
 * that nobody watches pays nothing. A value counts as read only when it itself was taken, not when something around it was.
 * `named`: the member that says what an item of a list is (an element number, checked by a schema); it then stands in the paths. `numbered`: the list in which
 * the position says it, counted from 1.
 */
export function watch(input: unknown, named?: string, numbered?: string): Watched {
  const read = new Set<string>();
  const known = new WeakMap<object, unknown>();
  const leaves: { path: string; key: string }[] = [];
  const ids = new WeakMap<object, number>();
  let next = 0;

  const idOf = (holder: object): number => {
    const id = ids.get(holder) ?? next++;
    ids.set(holder, id);
    return id;
  };
  const collect = (value: unknown, path: string, key: string): void => {
    if (typeof value !== 'object' || value === null) {
      if (value !== null) leaves.push({ path, key });
      return;
    }
    const isList = Array.isArray(value);
    const isNumbered = numbered !== undefined && (path === numbered || path.endsWith(`.${numbered}`));
    for (const [name, child] of Object.entries(value)) {
      const item = isNumbered ? `[${Number(name) + 1}]` : nameOf(child, named);
      collect(child, isList ? path + item : join(path, name), `${idOf(value)}.${name}`);
    }
  };
  const wrap = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const wrapped = known.get(value) ?? new Proxy(value, { get });
    known.set(value, wrapped);
    return wrapped;
  };
  const get = (holder: object, name: string | symbol): unknown => {
    const value = (holder as Json)[name as string];
    if (typeof name === 'string' && Object.hasOwn(holder, name)) read.add(`${idOf(holder)}.${name}`);
    return typeof value === 'function' ? value : wrap(value);
  };

  const counts = (): Map<string, number> => {
    const all = new Map<string, number>();
    for (const { path, key } of leaves) if (!read.has(key)) all.set(path, (all.get(path) ?? 0) + 1);
    return all;
  };

  collect(input, '', '');
  return {
    input: wrap(input),
    unread: () => [...counts().keys()].sort(),
    counts,
  };
}

const nameOf = (item: unknown, named: string | undefined): string => {
  const name = named === undefined ? undefined : (item as Json | null)?.[named];
  return typeof name === 'number' ? `[${name}]` : '';
};

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
