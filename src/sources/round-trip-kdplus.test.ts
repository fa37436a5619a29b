import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showResult } from '../../tests/support/results.ts';
import { covers, type Losses, parseLosses } from './losses.ts';
import { roundTrip } from './round-trip.ts';
import type { SystemFile } from './system.ts';
import { domainOf, ELEMENTS, type KdPlus, messageWith, valuesFor } from './testing/maps-kdplus-testkit.ts';
import { bytes, counter, file, json, read, sources } from './testing/maps-testkit.ts';

// KD+ → FHIR → KD+.

const losses: Losses = parseLosses(json('kdplus', 'losses.json'));
const { samples = [], inputs } = json<SystemFile>('kdplus', 'system.json');
const parse = (written: Uint8Array): unknown => JSON.parse(Buffer.from(written).toString('utf8'));
const trip = (body: Uint8Array) => roundTrip(sources, read('kdplus', body), losses, parse, counter());

describe('KD+ → FHIR → KD+', () => {
  const lost = new Set<string>();
  const counted = { back: 0, elements: 0 };
  it('every input goes back, or losses.json says why not', () => {
    for (const { id } of inputs)
      expect([id, losses.roundTrips[id] !== undefined || losses.oneWay?.[id] !== undefined]).toEqual([id, true]);
  });

  const jsons = samples.filter((one) => losses.roundTrips[one.input]).map((one) => one.file);

  it.each(jsons)('%s: what does not come back is in losses.json', (name) => {
    const { losses: paths, unexplained, back, elements } = trip(file('kdplus', 'samples', name));
    expect(unexplained).toEqual([]);
    counted.back += back;
    counted.elements += elements;
    expect(elements - back).toBeGreaterThanOrEqual(paths.length);
    for (const path of paths) lost.add(path);
  });

  it.each(ELEMENTS)('$group element $number: every value comes back', ({ group, number }) => {
    for (const value of valuesFor(domainOf(number)[0] as ReturnType<typeof domainOf>[number])) {
      const { losses: paths, unexplained } = trip(bytes(messageWith(group, { bdsNumber: number, value })));
      expect([value, unexplained]).toEqual([value, []]);
      for (const path of paths) lost.add(path);
    }
  });

  it('needs every line of losses.json', (context) => {
    showResult(context, {
      what: 'round trip: values of samples, KD+ → FHIR → KD+',
      passed: counted.back,
      of: counted.elements,
      note: `${losses.roundTrips['contact-json']?.losses.length} known losses with reasons`,
    });
    for (const one of losses.roundTrips['contact-json']?.losses ?? [])
      expect([one.path, [...lost].some((path) => covers(one, path))]).toEqual([one.path, true]);
  });
});

describe('measured values', () => {
  const growth = (weight: number, length: number, head: number): KdPlus => {
    const message = messageWith('R027', { bdsNumber: 245, value: weight });
    message.contacts[0]?.groups
      .at(-1)
      ?.elements.push({ bdsNumber: 235, value: length }, { bdsNumber: 252, value: head });
    return message;
  };
  const back = (message: KdPlus, group: string) => {
    const mapped = sources.map(read('kdplus', bytes(message)), counter());
    if (!mapped.ok) throw new Error('not mapped');
    const written = sources.write('kdplus', 'contact-json', mapped.bundle);
    if (!written.ok) throw new Error(JSON.stringify(written.issues));
    const record = parse(written.messages[0] as Uint8Array) as KdPlus;
    return record.contacts[0]?.groups.find((one) => one.group === group)?.elements;
  };

  it('come back to the gram and the millimetre', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 300_000 }),
        fc.integer({ min: 200, max: 2400 }),
        fc.integer({ min: 200, max: 700 }),
        (weight, length, head) => {
          const message = growth(weight, length, head);
          expect(back(message, 'R027')).toEqual(message.contacts[0]?.groups.at(-1)?.elements);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('come back to the day of the pregnancy', () => {
    fc.assert(
      fc.property(fc.integer({ min: 112, max: 320 }), (days) => {
        expect(back(messageWith('R014', { bdsNumber: 82, value: days }), 'R014')).toEqual([
          { bdsNumber: 82, value: days },
        ]);
      }),
      { numRuns: 30 },
    );
  });
});
