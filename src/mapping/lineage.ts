import type { Node } from '../fhir/path/node.ts';
import { type Reads, watchReads } from './lineage-reads.ts';
import { keepWrite, noWrites, resolveWrites } from './lineage-resolve.ts';
import type { Match, TargetNode, Trace } from './model.ts';
import type { Source } from './parse/ast.ts';

/** What the open rules looked at, and what the innermost of them runs for. */
interface Open {
  readonly conditions: readonly string[];
  readonly items: readonly string[];
}

type Decided = WeakMap<Node, Map<Source, ReadonlySet<string>>>;

/** Starts to trace a run on `input`. The engine says only what it reads for and what it wrote; what it reads is seen from outside. */
export function traceRun(input: unknown): Trace {
  const reads = watchReads(input);
  const writes = noWrites();
  const decided: Decided = new WeakMap();
  let open: Open = { conditions: [], items: [] };
  return {
    input: reads.input,
    slots: reads.slots,
    reading: reads.reading,
    aside: reads.aside,
    carry(from, to) {
      const origin = from && reads.originOf(from);
      if (origin && to) reads.setOrigin(to, origin);
    },
    deciding(source, item, test) {
      const { result, seen } = reads.observe(() => test(reads.tracked(item)));
      const node = reads.plain(item);
      decided.set(node, (decided.get(node) ?? new Map()).set(source, new Set([...seen.sources, ...seen.conditions])));
      return result;
    },
    within(matches, body) {
      const before = open;
      open = openRule(reads, decided, before, matches);
      try {
        body();
      } finally {
        open = before;
      }
    },
    wrote(written, item, rule, isOwn) {
      const origin = item && reads.originOf(item);
      const sources = [...(origin?.sources ?? [])];
      const conditions = new Set([...open.conditions, ...(origin?.conditions ?? []), ...open.items]);
      for (const path of sources) conditions.delete(path);
      const copied = item && reads.placeOf(item.value);
      const write = { sources, conditions: [...conditions], rule, isFilled: item !== undefined, copied };
      const target = reads.plain(written) as TargetNode;
      if (origin) reads.setOrigin(target, origin);
      keepWrite(writes, target, write, isOwn, item && reads.placeOf(item.extra));
    },
    resolve: (result, root) => resolveWrites(result, root, writes),
  };
}

function openRule(reads: Reads, decided: Decided, before: Open, matches: readonly Match[]): Open {
  const nodes = matches.flatMap(([source, item]) => (item ? [{ source, node: reads.plain(item) }] : []));
  const looked = nodes.flatMap(({ source, node }) => [...(decided.get(node)?.get(source) ?? [])]);
  const items = nodes.flatMap(({ node }) => [...(reads.originOf(node)?.sources ?? [])]).filter((path) => path !== '');
  // A rule that runs for the whole message, or for what a map made, is there for what the rule around it ran for.
  return {
    conditions: [...new Set([...before.conditions, ...looked])],
    items: items.length > 0 ? items : before.items,
  };
}
