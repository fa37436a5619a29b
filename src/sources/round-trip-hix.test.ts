import { Hl7Message as Medplum } from '@medplum/core';
import type { Bundle, Composition, Observation } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { showResult } from '../../tests/support/results.ts';
import { readHl7 } from './hl7v2/read.ts';
import { covers, parseLosses } from './losses.ts';
import { outgoing, roundTrip } from './round-trip.ts';
import type { SystemFile } from './system.ts';
import { bundleOf, counter, file, json, observations, read, resources, sources } from './testing/maps-testkit.ts';

// HiX → FHIR → HiX, over HL7 v2; and what a contact of youth health care becomes there.

const HL7 = 'application/hl7-v2';
const losses = parseLosses(json('hix', 'losses.json'));
const { samples = [], inputs } = json<SystemFile>('hix', 'system.json');
const ENVELOPE = { messageId: 'GZP-1', at: new Date('2026-11-25T10:00:00Z'), ura: '90000456' };

const again = (written: Uint8Array): unknown => {
  const reading = readHl7(written);
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return reading.message;
};
const write = (output: string, bundle: Bundle): Uint8Array[] => {
  const written = sources.write('hix', output, outgoing(bundle, ENVELOPE));
  if (!written.ok) throw new Error(JSON.stringify(written.issues));
  return [...written.messages];
};
const lines = (bytes: Uint8Array | undefined): string[] =>
  Buffer.from(bytes ?? [])
    .toString('utf8')
    .split('\r');

describe('HiX → FHIR → HiX', () => {
  it('every input goes back, or losses.json says why not', () => {
    for (const { id } of inputs)
      expect([id, losses.roundTrips[id] !== undefined || losses.oneWay?.[id] !== undefined]).toEqual([id, true]);
    const known = new Set(inputs.map(({ id }) => id));
    for (const id of [...Object.keys(losses.roundTrips), ...Object.keys(losses.oneWay ?? {})])
      expect([id, known.has(id)]).toEqual([id, true]);
  });

  const lost = new Map<string, Set<string>>();
  const counted = { back: 0, elements: 0 };
  it.each(samples.filter((one) => losses.roundTrips[one.input]))(
    '$file: what does not come back is in losses.json',
    ({ input, file: name }) => {
      const message = read('hix', file('hix', 'samples', name), HL7);
      const trip = roundTrip(sources, message, losses, again, counter());
      expect(trip.unexplained).toEqual([]);
      counted.back += trip.back;
      counted.elements += trip.elements;
      expect(trip.back).toBeGreaterThan(trip.elements / 2);
      lost.set(input, new Set([...(lost.get(input) ?? []), ...trip.losses]));
    },
  );

  it('needs every line of losses.json', (context) => {
    showResult(context, {
      what: 'round trip: values of samples, HiX → FHIR → HiX',
      passed: counted.back,
      of: counted.elements,
      note: `${Object.values(losses.roundTrips).flatMap((one) => one.losses).length} known losses with reasons`,
    });
    for (const [input, { losses: list }] of Object.entries(losses.roundTrips))
      for (const one of list)
        expect([input, one.path, [...(lost.get(input) ?? [])].some((path) => covers(one, path))]).toEqual([
          input,
          one.path,
          true,
        ]);
  });
});

describe.each(['luuk-consult.json', 'laila-mamaplus.json'])('%s → FHIR → HL7 v2 → FHIR', (name) => {
  const before = bundleOf('hix', file('hix', 'samples', name));
  const returned = (output: string): Bundle => bundleOf('hix', write(output, before)[0] as Uint8Array, HL7);

  it('has the same values of the same codes', () => {
    const values = (all: Observation[]): string[] =>
      all.flatMap(({ code, valueQuantity, component = [{ code, valueQuantity }] }) =>
        component.flatMap((one) =>
          one.valueQuantity?.code
            ? `${one.code?.coding?.[0]?.code} ${one.valueQuantity.value} ${one.valueQuantity.code}`
            : [],
        ),
      );
    expect(values(observations(returned('oru-r01'))).sort()).toEqual(values(observations(before)).sort());
    expect(values(observations(before)).length).toBeGreaterThan(2);
  });

  it('has the same text of each section', () => {
    const texts = (bundle: Bundle): (string | undefined)[] =>
      resources(bundle)
        .filter((one): one is Composition => one.resourceType === 'Composition')
        .flatMap(({ section = [] }) => section.map((one) => one.text?.div));
    expect(texts(returned('mdm-t02'))).toEqual(expect.arrayContaining(texts(before)));
  });
});

describe('a contact of youth health care for the hospital', () => {
  const contact = bundleOf('kdplus', file('kdplus', 'samples', 'yonathan-contact.json'));
  const [report] = write('mdm-t02', contact);
  const [results] = write('oru-r01', contact);

  it('is read by @medplum/core as well, with the same segments and patient', () => {
    for (const bytes of [report, results]) {
      const text = Buffer.from(bytes ?? [])
        .toString('utf8')
        .slice(0, -1);
      const parsed = Medplum.parse(text);
      expect(parsed.segments.map(({ name }) => name)).toEqual(text.split('\r').map((line) => line.slice(0, 3)));
      expect(parsed.getSegment('PID')?.getField(3)?.getComponent(1)).toBe('999903147');
      expect(parsed.getSegment('MSH')?.getField(18)?.toString()).toBe('UNICODE UTF-8');
    }
  });

  it('has the report as sections, the referral in RF1 and the author with AGB', () => {
    expect(lines(report).map((line) => line.slice(0, 3))).toEqual([
      'MSH',
      'EVN',
      'PID',
      'PV1',
      'TXA',
      'RF1',
      'OBX',
      'OBX',
      'OBX',
      'OBX',
      '',
    ]);
    expect(lines(report)[4]).toContain('|91999905^J. Wijkzorg^^^^^^^VEKTIS|');
    expect(lines(report)[5]).toContain('|30^Jeugdhulp, vrij toegankelijk^99BDS|');
    expect(lines(report)[6]).toContain('|FT|S^Subjectief^99SOEP||Drinkt goed');
  });

  it('has measurements by LOINC with the BDS number beside it, and says of whom a trait is', () => {
    const text = lines(results);
    expect(text.find((line) => line.includes('29463-7'))).toContain(
      '|NM|29463-7^Gewicht^LN^245^Gewicht^99BDS||5.12|kg^kg^UCUM|',
    );
    const trait = text.findIndex((line) => line.includes('|70^'));
    expect(text[trait + 1]).toBe('NTE|1|L|Betreft niet de patiënt zelf maar de moeder');
  });

  it('writes names from outside 8859/1: the hospital gets UTF-8', () => {
    const named = JSON.parse(JSON.stringify(contact).replaceAll('Kwartelslag', 'Šimić')) as Bundle;
    expect(lines(write('mdm-t02', named)[0])[2]).toContain('|Šimić&&Šimić^');
  });
});

it('what neither message of the hospital carries, both lists explain without pointing at each other', () => {
  const own = (output: string) => (losses.outputs[output] ?? []).filter((one) => one.in === undefined);
  for (const [system, name, contentType] of [
    ['kdplus', 'yonathan-contact.json', 'application/json'],
    ['kdplus', 'luuk-contacts.json', 'application/json'],
    ['hix', 'luuk-consult.json', 'application/json'],
    ['hix', 'laila-mamaplus.json', 'application/json'],
    ['hix', 'yonathan-mdm.hl7', HL7],
    ['hix', 'yonathan-oru.hl7', HL7],
    ['hix', 'luuk-oru-letter.hl7', HL7],
  ] as const) {
    const bundle = outgoing(bundleOf(system, file(system, 'samples', name), contentType), ENVELOPE);
    const left = ['oru-r01', 'mdm-t02'].map((output) => {
      const written = sources.write('hix', output, bundle);
      return new Set(written.ok ? written.losses : []);
    });
    const neither = [...(left[0] ?? [])].filter((path) => left[1]?.has(path));
    const silent = neither.filter((path) => ![...own('oru-r01'), ...own('mdm-t02')].some((one) => covers(one, path)));
    expect([name, silent]).toEqual([name, []]);
  }
});
