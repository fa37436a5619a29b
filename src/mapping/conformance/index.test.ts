import { describe, expect, it } from 'vitest';
import { showResult } from '../../../tests/support/results.ts';
import { loadDefinitions } from '../../fhir/load.ts';
import { CONSTRUCTS, conformanceResults, outcomeOf } from './index.ts';

const definitions = await loadDefinitions();

describe('every construct of the FHIR Mapping Language', () => {
  it.each(CONSTRUCTS.map((one) => [one.construct, one] as const))('%s', (_, one) => {
    const before = structuredClone(one.input);
    expect(outcomeOf(one, definitions)).toEqual(one.expected);
    expect(one.input).toEqual(before);
  });

  it('stands in the table once', () => {
    const names = CONSTRUCTS.map(({ construct }) => construct);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('is counted', (context) => {
    const { passed, total } = conformanceResults(definitions);
    showResult(context, { what: 'conformance: constructs of the mapping language', passed, of: total });
    expect(total).toBeGreaterThanOrEqual(58);
    expect(passed).toBe(total);
  });
});
