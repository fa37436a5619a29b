import { describe, expect, it } from 'vitest';
import { leftBehind, namesIn } from './left-behind.ts';
import { file, json, read, sources } from './testing/maps-testkit.ts';

const NOTHING = { dropped: [] };
const none = () => undefined;

describe('what is left behind of a message', () => {
  it('is counted by path, without a value: fields of HL7 v2 by name, of a Z-segment by number', () => {
    const text = file('hix', 'samples', 'yonathan-mdm.hl7')
      .toString('latin1')
      .replace(/\r*$/, '\rZPI|1|geheim|999903147^geheim\r');
    const counts = sources.leftBehind(read('hix', Buffer.from(text, 'latin1'), 'application/hl7-v2'));
    expect(counts.get('PV1.location.pointOfCare') ?? counts.get('PV1.location.facility')).toBeGreaterThan(0);
    expect([counts.get('ZPI.fields[2]'), counts.get('ZPI.fields[3]')]).toEqual([1, 2]);
    expect(counts.has('PID.birthDate')).toBe(false);
    expect([...counts.keys()].join()).not.toMatch(/geheim|999903147/);
  });

  it('is nothing of an element that a rule read in this message, and is what it did not reach in another', () => {
    const body = json<Record<string, unknown>>('kdplus', 'samples', 'luuk-contacts.json');
    const message = read('kdplus', Buffer.from(JSON.stringify(body)));
    const counts = sources.leftBehind(message);
    expect(counts.get('client.groups.elements[8].value')).toBe(1);
    expect(counts.has('messageId')).toBe(false);
  });

  it('counts each element that a path stands for', () => {
    const body = {
      list: [
        { no: 7, value: 'x' },
        { no: 7, value: 'y' },
        { no: 8, value: 'z' },
      ],
    };
    const counts = leftBehind(body, none, { ...NOTHING, named: 'no' }, new Set(['list', 'no', 'value']));
    expect(Object.fromEntries(counts)).toEqual({
      'list[7].no': 2,
      'list[7].value': 2,
      'list[8].no': 1,
      'list[8].value': 1,
    });
  });

  it('never shows a name that the schema does not know, nor a number that is none of an element', () => {
    const body = { known: { 'Jip Voorbeeld': 1, '999903147': 2 }, 'a.b': 3, list: [{ no: 999903147, x: 4 }] };
    const counts = leftBehind(body, none, { ...NOTHING, named: 'no' }, new Set(['known', 'list', 'no', 'x']));
    expect(Object.fromEntries(counts)).toEqual({ 'known.*': 2, '*.*': 1, '*.no': 1, '*.x': 1 });
  });

  it('takes the names from the schema, at any depth', () => {
    const schema = { properties: { a: { items: { properties: { b: {} } } } }, $defs: { d: { properties: { c: {} } } } };
    expect([...namesIn(schema)].sort()).toEqual(['a', 'b', 'c']);
  });
});
