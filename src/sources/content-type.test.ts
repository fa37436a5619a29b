import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contentTypeOf } from './content-type.ts';
import type { SystemFile } from './system.ts';
import { contentTypeOf as declared, json } from './testing/maps-testkit.ts';

const samples = ['hix', 'kdplus'].flatMap((system) => {
  const { inputs, samples: all = [] } = json<SystemFile>(system, 'system.json');
  return all.flatMap(({ file, input }) =>
    inputs
      .filter(({ id }) => id === input)
      .map((kind) => ({ file: `mappings/${system}/samples/${file}`, type: declared(kind) })),
  );
});

describe('the content type of a message without one', () => {
  it.each(samples)('$file', ({ file, type }) => {
    expect(contentTypeOf(readFileSync(file))).toBe(type);
  });
});
