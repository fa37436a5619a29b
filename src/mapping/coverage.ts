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
  const readers = new WeakMap<object, Reader>();
  const watched = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const reader = readers.get(value) ?? new Reader(value, watched);
    readers.set(value, reader);
    return reader.proxy;
  };
  const counts = (): Map<string, number> => {
    const all = new Map<string, number>();
    const collect = (value: unknown, path: string, isRead: boolean): void => {
      if (typeof value !== 'object' || value === null) {
        if (value !== null && !isRead) all.set(path, (all.get(path) ?? 0) + 1);
        return;
      }
      const read = readers.get(value)?.read;
      const isList = Array.isArray(value);
      const isNumbered = numbered !== undefined && (path === numbered || path.endsWith(`.${numbered}`));
      for (const [name, child] of Object.entries(value)) {
        const item = isNumbered ? `[${Number(name) + 1}]` : nameOf(child, named);
        collect(child, isList ? path + item : join(path, name), read?.has(name) === true);
      }
    };
    collect(input, '', false);
    return all;
  };
  return { input: watched(input), unread: () => [...counts().keys()].sort(), counts };
}

/** One object of the input: the proxy that stands in its place, and the members that were taken of it. */
class Reader implements ProxyHandler<object> {
  readonly proxy: object;
  readonly read = new Set<string>();
  readonly #watched: (value: unknown) => unknown;

  constructor(value: object, watched: (value: unknown) => unknown) {
    this.#watched = watched;
    this.proxy = new Proxy(value, this);
  }

  get(holder: object, name: string | symbol): unknown {
    const value = (holder as Json)[name as string];
    if (typeof name === 'string' && Object.hasOwn(holder, name)) this.read.add(name);
    return typeof value === 'object' ? this.#watched(value) : value;
  }
}

const nameOf = (item: unknown, named: string | undefined): string => {
  const name = named === undefined ? undefined : (item as Json | null)?.[named];
  return typeof name === 'number' ? `[${name}]` : '';
};

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
