import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Resource } from '@medplum/fhirtypes';
import { CASE_ENTITLEMENTS } from '../src/consent/case-entitlements.ts';
import { decide } from '../src/consent/decide.ts';
import type { DecisionInput } from '../src/consent/types.ts';
import { consentFor } from '../src/demo/families.ts';
import type { Definitions } from '../src/fhir/definitions.ts';
import { CATEGORY_SYSTEM } from '../src/fhir/extensions.ts';
import { loadDefinitions } from '../src/fhir/load.ts';
import { validate } from '../src/fhir/validate.ts';
import { loadSources } from '../src/sources/registry.ts';
import { entitlementsOf } from '../src/views/entitlements.ts';
import { project } from '../src/views/project.ts';
import { loadViews } from '../src/views/registry.ts';
import { resolveView } from '../src/views/resolve.ts';
import type { View } from '../src/views/types.ts';

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
    ...(await minimising(definitions, resources)),
  ];
}

/** Decision and projection together, per resource: of one child with few, more and very many resources, those of a mapped consult over and over. */
async function minimising(definitions: Definitions, consult: readonly Resource[]): Promise<string[]> {
  const views = await loadViews('profiles/views', definitions);
  const view = resolveView(views, 'youth-nurse', 'huil-slaap-eet') as View;
  const entitlements = entitlementsOf(views, 'huil-slaap-eet');
  const labelled = consult.filter((one) => one.resourceType !== 'Practitioner' && one.resourceType !== 'Organization');
  return [50, 500, 5_000].map((count) => {
    const resources = Array.from({ length: count }, (_, at) => ({
      ...(labelled[at % labelled.length] as Resource),
      id: `r${at}`,
      meta: { security: [{ system: CATEGORY_SYSTEM, code: 'cat-development' }] },
    }));
    const input = decisionInput(resources.map((one) => `${one.resourceType}/${one.id}`));
    let released = 0;
    const line = rate(
      `decided and projected, per resource of ${count}`,
      () => {
        const { items } = decide(input, entitlements).derivation;
        released = 0;
        for (const one of resources) {
          const found = items[`${one.resourceType}/${one.id}`];
          if (found && found.outcome !== 'withhold' && project(one, view, new Set(found.redactions)).resource)
            released += 1;
        }
      },
      count,
    );
    return `${line} (${released} released)`;
  });
}

/** How often a second, and the median. `per`: how many things one run does; then all is told per thing. */
function rate(name: string, run: () => unknown, per = 1): string {
  for (let index = 0; index < 10 || index * per < 200; index += 1) run();
  const times: number[] = [];
  const until = performance.now() + 2_000;
  while (performance.now() < until) {
    const from = performance.now();
    run();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 1;
  const each = (median * 1_000) / per;
  const perSecond = String(Math.round((times.length * per) / 2)).padStart(7);
  return `  ${name.padEnd(46)}${perSecond}/s   median ${each.toFixed(each < 10 ? 1 : 0)} µs`;
}

const FIFTY = Array.from({ length: 50 }, (_, index) => `Observation/${index}`);

function decisionInput(refs: readonly string[] = FIFTY): DecisionInput {
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
    resources: refs.map((ref) => ({
      ref,
      subject: 'Patient/child',
      category: 'development',
      date: '2026-08-20',
      labels: [],
    })),
  };
}
