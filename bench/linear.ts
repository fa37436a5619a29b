import { outward } from '../src/exchange/externalise.ts';
import { judge } from '../src/exchange/judge.ts';
import { loadDefinitions, loadSearchParameters } from '../src/fhir/load.ts';
import { parseSearch } from '../src/fhir/search/parse.ts';
import { shippedPolicy } from '../src/policy/policy.ts';
import { createVault } from '../src/store/vault.ts';
import { loadViews } from '../src/views/registry.ts';
import { AT, allowed, fileOf, observation, stored } from '../tests/support/family.ts';

/* Whether the cost of one resource stays what it was while a file grows: decision, view, ids, search and text of one answer, in this process, in processor time. `node bench/linear.ts` */
const definitions = await loadDefinitions();
loadSearchParameters();
const policy = shippedPolicy(await loadViews('profiles/views', definitions));
const ids = createVault(Buffer.alloc(32, 1)).ids('jgz');
const question = {
  mode: 'pull' as const,
  organisation: 'jgz',
  sector: 'jgz',
  discipline: 'youth-nurse',
  purpose: 'TREAT',
  at: AT,
};
const search = parseSearch('Observation', [
  ['code', '29463-7'],
  ['_sort', 'date'],
  ['_count', '50'],
]);
if (!search.ok) throw new Error('The search is refused.');

for (const size of [50, 500, 5_000]) {
  const things = Array.from({ length: size - 2 }, (_, index) =>
    stored(observation(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`), 'development'),
  );
  const file = fileOf({ consents: [allowed('jgz', 'gp')] }, ...things);
  const answer = (): number => {
    const { released } = judge(file, [], question, policy);
    const out = outward(ids, () => true);
    const leaving = released.map((one) => out.write(one.resource));
    const page = search.ok ? search.select(leaving) : undefined;
    return JSON.stringify(leaving).length + (page?.resources.length ?? 0);
  };
  const rounds = Math.ceil(2_000 / size);
  for (let round = 0; round < rounds; round += 1) answer();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) answer();
  const { user, system } = process.cpuUsage(before);
  console.log(`${String(size).padStart(5)} resources: ${((user + system) / rounds / size).toFixed(1)} µs a resource`);
}
