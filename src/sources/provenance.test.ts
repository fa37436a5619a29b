import { expect, it } from 'vitest';
import { EXTENSIONS } from '../fhir/extensions.ts';
import { validate } from '../fhir/validate.ts';
import { provenanceOf } from './provenance.ts';
import { leaves } from './testing/change.ts';
import { counter, definitions, file, json, read, resources, sources } from './testing/maps-testkit.ts';

const message = read('hix', file('hix', 'samples', 'yonathan-oru.hl7'), 'application/hl7-v2');
const traced = sources.trace(message, counter());
if (!traced.ok) throw new Error('refused');
const provenances = provenanceOf(message, traced, {
  author: { display: 'hospital' },
  message: { display: 'message' },
  recorded: '2026-11-25T10:00:00Z',
});
const parts = (index: number) =>
  (provenances[index]?.extension ?? []).map((one) =>
    (one.extension ?? []).map(({ url, valueString }) => [url, valueString]),
  );

it('there is one valid Provenance for each resource, with an entry for each of its elements', () => {
  expect(provenances.map((one) => one.target[0]?.type)).toEqual(
    resources(traced.bundle).map((one) => one.resourceType),
  );
  for (const [index, one] of provenances.entries()) {
    expect(validate(one, definitions)).toEqual([]);
    const elements = parts(index).map(([element]) => element?.[1]);
    expect(elements.length).toBeGreaterThan(3);
    expect(new Set(one.extension?.map(({ url }) => url))).toEqual(new Set([EXTENSIONS.lineage]));
  }
});

it('names rule, source and condition as the sender knows them', () => {
  const birth = parts(0).find(([element]) => element?.[1] === 'birthDate');
  expect(birth?.filter(([url]) => url === 'source')).toEqual([['source', 'PID-7']]);
  expect(birth?.[1]?.[1]).toMatch(/^hix\/\S+\.map:\d+ \S+/);
  expect(parts(0).find(([element]) => element?.[1] === 'Patient')).toContainEqual(['condition', 'PID']);
});

it('holds no value of the message', () => {
  const printed = JSON.stringify(provenances);
  const values = leaves(message.body, '').map((path) =>
    path
      .split(/[.[\]]+/)
      .reduce<unknown>((at, step) => (step === '' ? at : (at as Record<string, unknown>)?.[step]), message.body),
  );
  const telling = values.filter((one): one is string => typeof one === 'string' && one.length > 6);
  expect(telling.length).toBeGreaterThan(10);
  expect(telling.filter((one) => printed.includes(one))).toEqual([]);
});

it('is written as the extension that the project defines', () => {
  const profile = json<{ url: string; differential: { element: { fixedUri?: string }[] } }>(
    '..',
    'profiles',
    'structuredefinitions',
    'lineage.json',
  );
  expect(profile.url).toBe(EXTENSIONS.lineage);
  const known = profile.differential.element.map((one) => one.fixedUri);
  for (const index of provenances.keys()) for (const [url] of parts(index).flat()) expect(known).toContain(url);
});
