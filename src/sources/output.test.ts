import type { Bundle, Observation } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { covers, parseLosses } from './losses.ts';
import { outgoing } from './round-trip.ts';
import type { SystemFile } from './system.ts';
import { domainOf, ELEMENTS, messageWith, valuesFor } from './testing/maps-kdplus-testkit.ts';
import { bundleOf, bytes, file, json, MAPPINGS, sources } from './testing/maps-testkit.ts';

// Every sample of every system, written for every output.

const SYSTEMS = ['hix', 'kdplus'];
const ENVELOPE = { messageId: 'M-1', at: new Date('2026-11-25T10:00:00Z'), ura: '90000123' };

const samples = SYSTEMS.flatMap((system) => {
  const { samples: all = [], inputs } = json<SystemFile>(system, 'system.json');
  return all.map((one) => ({
    name: `${system}/${one.file}`,
    bundle: bundleOf(system, file(system, 'samples', one.file), inputs.find(({ id }) => id === one.input)?.contentType),
  }));
});
const elements = ELEMENTS.flatMap(({ group, number }) =>
  domainOf(number)
    .flatMap(valuesFor)
    .map((value) => bundleOf('kdplus', bytes(messageWith(group, { bdsNumber: number, value })))),
);
const outputs = SYSTEMS.flatMap((system) =>
  (json<SystemFile>(system, 'system.json').outputs ?? []).map(({ id }) => ({ system, id })),
);

/** A report that is taken back: no output says so yet. */
const WITHDRAWN = 'hix/yonathan-mdm-t11.hl7';

const typesOf = (bundle: Bundle): string[] =>
  (bundle.entry ?? []).flatMap(({ resource }) => resource?.resourceType ?? []);

describe.each(outputs)('output $system/$id', ({ system, id }) => {
  const lost = new Set<string>();
  const types = new Set<string>();
  const write = (bundle: Bundle): void => {
    const written = sources.write(system, id, outgoing(bundle, ENVELOPE));
    expect(written.ok ? [] : written.issues).toEqual([]);
    // A Bundle of which an output sends nothing leaves nothing out either.
    if (!written.ok || written.messages.length === 0) return;
    for (const path of written.losses) lost.add(path);
    for (const type of typesOf(bundle)) types.add(type);
  };

  it.each(samples.filter(({ name }) => name !== WITHDRAWN))(
    'writes $name; what it leaves is in losses.json',
    ({ bundle }) => write(bundle),
  );

  it('writes every element of BDS', () => {
    for (const bundle of elements) write(bundle);
  });

  it('needs every line of losses.json that is about a resource type of the samples', () => {
    for (const one of parseLosses(json(system, 'losses.json')).outputs[id] ?? []) {
      const [type = ''] = one.path.split('.');
      if (!type.startsWith('*') && !types.has(type)) continue;
      expect([one.path, [...lost].some((path) => covers(one, path))]).toEqual([one.path, true]);
    }
  });
});

describe('what an output refuses', () => {
  const issues = (bundle: Bundle, system = 'kdplus', output = 'contact-json') => {
    const written = sources.write(system, output, outgoing(bundle, ENVELOPE));
    return written.ok ? [] : written.issues.map(({ code, path }) => `${code} ${path ?? ''}`.trim());
  };
  const contact = bundleOf('kdplus', bytes(messageWith('R027', { bdsNumber: 245, value: 5120 })));
  const changed = (change: (weight: Observation) => Observation): Bundle => ({
    ...contact,
    entry: contact.entry?.map((one) =>
      one.resource?.resourceType === 'Observation' ? { ...one, resource: change(one.resource) } : one,
    ),
  });

  it('writes what it is given when nothing is wrong', () => expect(issues(contact)).toEqual([]));

  it('a weight that is no whole number of grams: it is not rounded', () => {
    const bundle = changed((one) => ({ ...one, valueQuantity: { ...one.valueQuantity, value: 5.1234 } }));
    expect(issues(bundle)).toEqual([expect.stringMatching(/^output-failed /)]);
  });

  it('a weight in a unit that is none', () => {
    const bundle = changed((one) => ({ ...one, valueQuantity: { ...one.valueQuantity, code: '[lb_av]' } }));
    expect(issues(bundle)).toEqual(['output-unexplained Observation.valueQuantity.value']);
  });

  it('a fact that was withdrawn', () => {
    expect(issues(changed((one) => ({ ...one, status: 'entered-in-error' })))).toEqual([
      expect.stringMatching(/^output-failed entry\[\d+]/),
    ]);
  });

  it('a report that was taken back', () => {
    const bundle = samples.find(({ name }) => name === WITHDRAWN)?.bundle ?? contact;
    for (const [system, output] of [
      ['kdplus', 'contact-json'],
      ['hix', 'mdm-t02'],
    ] as const)
      expect(issues(bundle, system, output)).toEqual([expect.stringMatching(/^output-failed entry\[\d+]/)]);
  });

  it('an element that no rule reads and no line explains', () => {
    const bundle = changed((one) => ({ ...one, method: { text: 'op de weegschaal van oma' } }));
    expect(issues(bundle)).toEqual(['output-unexplained Observation.method.text']);
  });

  it('a system or an output that there is not', () => {
    expect(issues(contact, 'kdplus', 'none')).toEqual(['output-unknown']);
    expect(issues(contact, 'none')).toEqual(['output-unknown']);
  });

  it('reads references by id, as released resources have them', () => {
    const text = JSON.stringify(contact).replaceAll(/urn:uuid:([^"]+)/g, '$1');
    const plain = JSON.parse(text) as Bundle;
    const ids = new Map(plain.entry?.map((one) => [one.fullUrl, one.resource?.resourceType]));
    const entry = plain.entry?.map(({ fullUrl, resource }) => ({ resource: { ...resource, id: fullUrl } }));
    const released = JSON.parse(
      JSON.stringify({ ...plain, entry }).replaceAll(
        /"reference":"([^"]+)"/g,
        (_, id: string) => `"reference":"${ids.get(id)}/${id}"`,
      ),
    ) as Bundle;
    const [one, other] = [contact, released].map((bundle) =>
      sources.write('kdplus', 'contact-json', outgoing(bundle, ENVELOPE)),
    );
    expect(other).toEqual(one);
    expect(one?.ok).toBe(true);
  });
});

describe('the folder of a system', () => {
  it('has losses.json wherever it has outputs', () => {
    for (const { system, id } of outputs)
      expect(parseLosses(json(system, 'losses.json')).outputs[id], MAPPINGS).toBeDefined();
  });
});
