import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CASE_ENTITLEMENTS } from '../src/consent/case-entitlements.ts';
import { decide } from '../src/consent/decide.ts';
import type { DecisionInput } from '../src/consent/types.ts';
import { consentFor } from '../src/demo/families.ts';
import { loadDefinitions } from '../src/fhir/load.ts';
import { validate } from '../src/fhir/validate.ts';
import { loadSources } from '../src/sources/registry.ts';

/** The pure parts, one call after another in this process: transforms, validations, decisions. */
export async function inProcess(): Promise<string[]> {
  const definitions = await loadDefinitions();
  const sources = await loadSources('mappings', definitions);
  const bytes = await readFile('mappings/hix/samples/luuk-consult.json');
  const message = sources.read('hix', 'application/json', bytes);
  if (!message.ok) throw new Error('The sample is not accepted.');
  const mapped = sources.map(message, randomUUID);
  if (!mapped.ok) throw new Error('The sample cannot be mapped.');
  const resources = (mapped.bundle.entry ?? []).flatMap((one) => one.resource ?? []);
  const input = decisionInput();
  return [
    rate(`transforms (consult → ${resources.length} resources)`, () => sources.map(message, randomUUID)),
    rate('read and schema check', () => sources.read('hix', 'application/json', bytes)),
    rate(`validations (Bundle of ${resources.length})`, () => resources.map((one) => validate(one, definitions))),
    rate(`decisions (${input.resources.length} items, 2 persons with a say)`, () => decide(input, CASE_ENTITLEMENTS)),
  ];
}

function rate(name: string, run: () => unknown): string {
  for (let index = 0; index < 200; index += 1) run();
  const times: number[] = [];
  const until = performance.now() + 2_000;
  while (performance.now() < until) {
    const from = performance.now();
    run();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 1;
  return `  ${name.padEnd(46)}${String(Math.round(times.length / 2)).padStart(7)}/s   median ${(median * 1_000).toFixed(0)} µs`;
}

function decisionInput(): DecisionInput {
  const consent = consentFor(
    { reference: 'Patient/child' },
    [{ reference: 'RelatedPerson/mother' }, { reference: 'RelatedPerson/father' }],
    ['jgz', 'ziekenhuis', 'huisarts'],
    '2026-07-01T10:00:00+02:00',
  );
  return {
    asOf: '2026-10-01T10:00:00+02:00',
    request: {
      mode: 'pull',
      purpose: 'TREAT',
      org: 'Organization/jgz',
      sector: 'jgz',
      discipline: 'youth-nurse',
      patient: 'Patient/child',
      treatmentRelation: true,
    },
    patients: [
      {
        ref: 'Patient/child',
        birthDate: '2026-06-15',
        selfRefs: ['Patient/child'],
        custody: [
          { name: 'mother', refs: ['RelatedPerson/mother'], custodial: true },
          { name: 'father', refs: ['RelatedPerson/father'], custodial: true },
        ],
      },
    ],
    consents: [{ ...consent, id: 'c1' }],
    resources: Array.from({ length: 50 }, (_, index) => ({
      ref: `Observation/${index}`,
      subject: 'Patient/child',
      category: 'development',
      date: '2026-08-20',
      labels: [],
    })),
  };
}
