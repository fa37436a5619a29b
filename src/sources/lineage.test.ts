import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LineageEntry } from '../mapping/index.ts';
import type { ReadMessage, Traced } from './registry.ts';
import type { SystemFile } from './system.ts';
import { at, changed, leaves } from './testing/change.ts';
import { counter, file, json, MAPPINGS, read, sources } from './testing/maps-testkit.ts';

const systems = readdirSync(MAPPINGS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const samples = systems.flatMap(({ name: system }) => {
  const { inputs, samples: all = [] } = json<SystemFile>(system, 'system.json');
  return all.map((one) => {
    const contentType = inputs.find((input) => input.id === one.input)?.contentType;
    return { system, name: one.file, message: read(system, file(system, 'samples', one.file), contentType) };
  });
});

function traced(message: ReadMessage): Traced {
  const result = sources.trace(message, counter());
  if (!result.ok) throw new Error('The message is refused.');
  return result;
}

const isBelow = (path: string, above: string): boolean =>
  path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`);

/** The entries that a value belongs to: its own, or those of the nearest element around it that came whole. */
function entriesOf(lineage: readonly LineageEntry[], path: string): LineageEntry[] {
  const around = lineage.filter((one) => one.holdsValue && isBelow(path, one.target));
  const nearest = Math.max(...around.map((one) => one.target.length));
  return around.filter((one) => one.target.length === nearest);
}

describe.each(samples)('the lineage of $system $name', ({ message }) => {
  const { bundle, lineage } = traced(message);

  it('comes with the same result', () => {
    expect(sources.map(message, counter())).toMatchObject({ ok: true, bundle });
  });

  it('has the rule of every value, and only places that are there', () => {
    const values = leaves(bundle, 'Bundle');
    expect(values.filter((path) => entriesOf(lineage, path).length === 0)).toEqual([]);
    for (const { target, sources: from, conditions, rule } of lineage) {
      expect([target, at({ Bundle: bundle }, target)]).not.toEqual([target, undefined]);
      for (const path of [...from, ...conditions])
        expect([path, at(message.body, path)]).not.toEqual([path, undefined]);
      expect(rule.file).toMatch(/\.map$/);
    }
  });

  it('names sources that make the value: another value there gives another one here, another set of elements, or a refusal', () => {
    const pairs = lineage.flatMap(({ target, sources: from }) => from.map((source) => ({ target, source })));
    const scalars = pairs.filter(({ source }) => typeof at(message.body, source) !== 'object');
    expect(scalars.length).toBeGreaterThan(20);
    const values = leaves(bundle, 'Bundle').join();
    const same = scalars.filter(({ target, source }) =>
      changed(message.body, source).every((body) => {
        const result = sources.map({ ...message, body }, counter());
        // Where elements come or go, others can take their place: that is a change.
        if (!result.ok || leaves(result.bundle, 'Bundle').join() !== values) return false;
        return JSON.stringify(at({ Bundle: result.bundle }, target)) === JSON.stringify(at({ Bundle: bundle }, target));
      }),
    );
    expect(same).toEqual([]);
  });

  it('forgets none: a value that changes with another one names it, as source or as condition', () => {
    const values = leaves(bundle, 'Bundle');
    const changes = leaves(message.body, '').flatMap((source) =>
      changed(message.body, source).map((body) => ({ source, body })),
    );
    const missed = changes.flatMap(({ source, body }) => {
      const result = sources.map({ ...message, body }, counter());
      // Where elements come or go, places cannot be compared.
      if (!result.ok || leaves(result.bundle, 'Bundle').join() !== values.join()) return [];
      const moved = values.filter((path) => at({ Bundle: bundle }, path) !== at({ Bundle: result.bundle }, path));
      return moved
        .filter((path) => !entriesOf(lineage, path).some((one) => [...one.sources, ...one.conditions].includes(source)))
        .map((path) => ({ source, path }));
    });
    expect(missed).toEqual([]);
  });
});
