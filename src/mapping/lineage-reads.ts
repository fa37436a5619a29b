import type { Json, Node } from '../fhir/path/node.ts';

/** What a value was made from, and what was only looked at on the way. Paths in the input. */
export interface Origin {
  readonly sources: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
}

/** Sees what a run reads, and knows of each node what it was made from. */
export interface Reads {
  readonly input: unknown;
  /** A node that is seen when its value is used. */
  tracked(node: Node): Node;
  /** The node behind a tracked one. */
  plain(node: Node): Node;
  slots(values: (Node | undefined)[]): (Node | undefined)[];
  /** Runs something and tells what it used. */
  observe<T>(run: () => T): { result: T; seen: Origin };
  reading<T extends Node | undefined | Node[]>(read: () => T): T;
  /** Runs what only decides: what it uses is a condition. */
  aside<T>(run: () => T): T;
  /** What a node was made from; undefined for what the map itself wrote down. */
  originOf(node: Node): Origin | undefined;
  /** Says what a node was made from. */
  setOrigin(node: Node, origin: Origin): void;
  /** Place of a node of the input, by its JSON keys. */
  pathOf(node: Node): string | undefined;
  /** Place of an object of the input. */
  placeOf(value: unknown): string | undefined;
}

/** For a node that is seen when used: whose value it has, and who is told. */
const uses = new WeakMap<object, { readonly node: Node & { value: unknown }; use(node: Node): void }>();

/** One accessor for all such nodes, not a proxy each: the engine's own code stays as fast for other runs as it was. */
const SEEN: PropertyDescriptor & ThisType<object> = {
  enumerable: true,
  get() {
    const seen = uses.get(this);
    if (seen) seen.use(seen.node);
    return seen?.node.value;
  },
  set(value: unknown) {
    const seen = uses.get(this);
    if (seen) seen.node.value = value;
  },
};

interface Seen {
  sources: Set<string>;
  conditions: Set<string>;
}

/**
 * Watches the uses of an input: a proxy around it tells which values are taken, one around variables tells which of them are used. A value that is computed
 * was made from all that its expression used; one that an expression only picked was made from itself, and the rest of what was used are conditions.
 */
export function watchReads(input: unknown): Reads {
  const wrappers = new WeakMap<object, object>();
  const places = new WeakMap<object, string>();
  const trackers = new WeakMap<Node, Node>();
  const behind = new WeakMap<Node, Node>();
  const origins = new WeakMap<Node, Origin>();
  let seen: Seen | undefined;
  const note = ({ sources, conditions }: Origin): void => {
    for (const path of sources) seen?.sources.add(path);
    for (const path of conditions) seen?.conditions.add(path);
  };

  const wrap = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = wrappers.get(value);
    if (known) return known;
    const get = (holder: object, name: string | symbol): unknown => {
      const child = (holder as Json)[name as string];
      if (typeof name !== 'string' || child === null || !Object.prototype.propertyIsEnumerable.call(holder, name))
        return child;
      const at = step(path, name, Array.isArray(holder));
      if (typeof child === 'object') return wrap(child, at);
      seen?.sources.add(at);
      return child;
    };
    const wrapper = new Proxy(value, { get });
    wrappers.set(value, wrapper);
    places.set(wrapper, path);
    return wrapper;
  };
  const plain = (node: Node): Node => behind.get(node) ?? node;
  const placeOf = (value: unknown): string | undefined =>
    typeof value === 'object' && value !== null ? places.get(value) : undefined;

  const pathOfNode = (given: Node): string | undefined => {
    const node = plain(given);
    const own = placeOf(node.value);
    if (own !== undefined || !node.parent) return own;
    const parent = plain(node.parent);
    const holder = placeOf(parent.value) !== undefined ? parent.value : parent.extra;
    const place = placeOf(holder);
    if (place === undefined) return undefined;
    const at = step(place, keyOf(holder as Json, node), false);
    return node.index < 0 ? at : step(at, String(node.index), true);
  };
  const originOf = (node: Node): Origin | undefined => {
    const known = origins.get(plain(node));
    const path = known ? undefined : pathOfNode(node);
    return path === undefined ? known : { sources: new Set([path]), conditions: new Set() };
  };
  const use = (node: Node): void => {
    const isObject = typeof node.value === 'object';
    // Of an object its members tell, when they are used; a computed one has nothing else to tell with.
    if (!seen || (isObject && ('holder' in node || !origins.has(node)))) return;
    const origin = originOf(node);
    if (origin) note(origin);
  };
  const tracked = (given: Node): Node => {
    const node = plain(given);
    const known = trackers.get(node);
    if (known) return known;
    const tracker = { ...node };
    Object.defineProperty(tracker, 'value', SEEN);
    uses.set(tracker, { node, use });
    trackers.set(node, tracker);
    behind.set(tracker, node);
    return tracker;
  };
  const observe = <T>(run: () => T): { result: T; seen: Origin } => {
    const before = seen;
    const own: Seen = { sources: new Set(), conditions: new Set() };
    seen = own;
    try {
      return { result: run(), seen: own };
    } finally {
      seen = before;
    }
  };
  const aside = <T>(run: () => T): T => {
    const { result, seen: own } = observe(run);
    note({ sources: new Set(), conditions: new Set([...own.sources, ...own.conditions]) });
    return result;
  };
  /** A node that a reading gave, with what it was made from. */
  const settle = (node: Node, all: Origin): Node => {
    const isPicked = behind.has(node) || pathOfNode(node) !== undefined;
    if (isPicked && all.sources.size === 0 && all.conditions.size === 0) return node;
    if ('holder' in node) return node;
    const own = isPicked ? originOf(node) : all;
    const copy = { ...plain(node) };
    const others = [...all.sources, ...all.conditions, ...(own?.conditions ?? [])];
    const sources = own?.sources ?? new Set();
    origins.set(copy, { sources, conditions: new Set(others.filter((path) => !sources.has(path))) });
    return copy;
  };
  const reading = <T extends Node | undefined | Node[]>(read: () => T): T => {
    const { result, seen: all } = observe(read);
    if (result === undefined) return result;
    return (Array.isArray(result) ? result.map((one) => settle(one, all)) : settle(result, all)) as T;
  };

  return {
    input: wrap(input, ''),
    tracked,
    plain,
    slots: (values) => {
      const variables: (Node | undefined)[] = [];
      for (const [slot, value] of [...values].entries()) {
        let now = value;
        Object.defineProperty(variables, slot, {
          get: () => now && tracked(now),
          set: (next: Node | undefined) => {
            now = next;
          },
        });
      }
      return variables;
    },
    observe,
    aside,
    reading,
    originOf,
    setOrigin: (node, origin) => void origins.set(plain(node), origin),
    pathOf: (node) => pathOfNode(node),
    placeOf,
  };
}

/** The JSON key of a node: for a choice element (`value`) the one that is there (`valueQuantity`). */
function keyOf(holder: Json, { key, type }: Node): string {
  if (Object.hasOwn(holder, key) || type === undefined) return key;
  const typed = key + type.charAt(0).toUpperCase() + type.slice(1);
  return Object.hasOwn(holder, typed) ? typed : key;
}

const step = (path: string, name: string, isItem: boolean): string =>
  isItem ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
