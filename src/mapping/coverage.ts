type Json = Record<string, unknown>;

/** An input that remembers what of it was read. */
export interface Watched {
  /** The same input, to be given to a map in its place. */
  readonly input: unknown;
  /** Paths of the values (never the values) that were not read so far, without positions in lists: `contacts.elements[235].value`. */
  unread(): string[];
}

/**
 * Watches an input while a map runs on it. Reading is seen where it happens, so conditions, expressions and whole copies count as they do in the run, and a run
 * that nobody watches pays nothing. A value counts as read only when it itself was taken, not when something around it was.
 * `named`: the member that says what an item of a list is (an element number, checked by a schema); it then stands in the paths.
 */
export function watch(input: unknown, named?: string): Watched {
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
    for (const [name, child] of Object.entries(value))
      collect(child, isList ? path + nameOf(child, named) : join(path, name), `${idOf(value)}.${name}`);
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

  collect(input, '', '');
  return {
    input: wrap(input),
    unread: () => [...new Set(leaves.filter(({ key }) => !read.has(key)).map(({ path }) => path))].sort(),
  };
}

const nameOf = (item: unknown, named: string | undefined): string => {
  const name = named === undefined ? undefined : (item as Json | null)?.[named];
  return typeof name === 'number' ? `[${name}]` : '';
};

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
