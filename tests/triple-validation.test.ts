import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { afterAll, describe, expect, it } from 'vitest';
import { showResult } from './support/results.ts';
import { sharedDir } from './support/shared.ts';
import { keptResources, knownFalse, openJudges } from './support/triple.ts';

const shared = sharedDir();

describe.skipIf(!shared)(
  'every resource of every sample, three times validated (needs ../shared/corpora)',
  async () => {
    if (!shared) return;
    const judges = await openJudges(join(shared, 'corpora'));
    afterAll(() => judges.end());
    const kept = await keptResources(judges.knowledge);
    const rows = await judges.rows(kept);

    it.for(rows)('$validator: $passed of $resources pass, $knownFalse refused wrongly and listed', (row, context) => {
      showResult(context, {
        what: `validation: resources of all samples, ${row.validator}`,
        passed: row.passed,
        of: row.resources,
        note: row.knownFalse > 0 ? `${row.knownFalse} known false errors, listed with reasons` : undefined,
      });
      expect(row.resources).toBeGreaterThan(80);
      expect(row.refused).toEqual([]);
      expect(row.passed + row.knownFalse).toBe(row.resources);
    });

    it('none of the three passes what is wrong', async () => {
      const wrong = { resourceType: 'Patient', gender: 'x', birthDate: 'tomorrow' } as unknown as Resource;
      const judged = await judges.rows([{ name: 'wrong', resource: wrong }]);
      expect(judged.map((one) => [one.validator, one.refused.length])).toEqual(rows.map((one) => [one.validator, 1]));
    });

    it('most pass without an excuse, and claim a profile of nl-core or of this project', () => {
      for (const { passed, resources } of rows) expect(passed / resources).toBeGreaterThan(0.5);
      const claiming = kept.filter(({ resource }) => resource.meta?.profile?.length);
      expect(claiming.length / kept.length).toBeGreaterThan(0.8);
    });
  },
);

it('every excuse has a reason', () => {
  for (const { reason, matches } of knownFalse) {
    expect(reason.length).toBeGreaterThan(20);
    expect(() => new RegExp(matches)).not.toThrow();
  }
});
