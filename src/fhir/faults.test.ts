import { describe, expect, it } from 'vitest';
import { loadDefinitions } from './load.ts';
import { FAULTS, SOUND } from './testing/faults.ts';
import { validate } from './validate.ts';

const definitions = await loadDefinitions();

describe('the twelve faults that every validation must catch', () => {
  it('are twelve', () => {
    expect(FAULTS).toHaveLength(12);
  });

  it.each(FAULTS)('$fault, and its like', ({ like }) => {
    expect(like.map((resource) => validate(resource, definitions).length > 0)).toEqual(like.map(() => true));
  });

  it('are not seen where there are none', () => {
    expect(SOUND.flatMap((resource) => validate(resource, definitions))).toEqual([]);
  });
});
