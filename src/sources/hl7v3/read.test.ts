import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { file, json, sources } from '../testing/maps-testkit.ts';
import { parseBds } from './bds.ts';
import { readHl7v3 } from './read.ts';

const bds = parseBds(json('kdplus', 'bds.json'));
const VERSIONS = { REPC_IN902120NL03: '4.1.3', REPC_IN902120NL04: '4.2.0' };
const YONATHAN = file('kdplus', 'samples', 'yonathan-transfer.xml').toString('utf8');
const LUUK = file('kdplus', 'samples', 'luuk-transfer.xml').toString('utf8');

const read = (text: string) => readHl7v3(Buffer.from(text), bds, VERSIONS);
/** The message with one thing changed; there must be something to change. */
function changed(from: string | RegExp, to: string, message = YONATHAN): string {
  const text = message.replace(from, to);
  if (text === message) throw new Error('nothing changed');
  return text;
}
const problems = (text: string): string[] => {
  const result = read(text);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path} ${message}`);
};
const elements = (text: string): Record<number, unknown> => {
  const result = read(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const { client, contacts } = result.record;
  const all = [...client.groups, ...contacts.flatMap(({ groups }) => groups)].flatMap((group) => group.elements);
  return Object.fromEntries(all.map(({ bdsNumber, value }) => [bdsNumber, value]));
};

describe('values', () => {
  it.each<[string, string | RegExp, string, number, unknown]>([
    ['a code of the message becomes the code of BDS', 'code="NBRO"', 'code="PUNCLE"', 81, '09'],
    [
      'a null flavour that BDS has a code for',
      'code="06" codeSystem="2.16.840.1.113883.2.4.4.40.8"',
      'nullFlavor="NA"',
      80,
      '15',
    ],
    ['a code in the code system of BDS itself', '4.4.40.424"/>', '4.3.11.60.100.12.679"/>', 1577, '06'],
    [
      'yes or no where BDS has a code',
      '<value xsi:type="BL" value="false"/>',
      '<value xsi:type="BL" value="true"/>',
      91,
      '1',
    ],
    ['a date with a time', 'birthTime value="20260504"', 'birthTime value="202605042359+0200"', 20, '2026-05-04'],
    ['no letter before the addition', 'C bis', ' bis', 14, 'bis'],
    ['a secret address', 'addr use="HP"', 'addr use="CONF"', 697, true],
    ['an Apgar score as a coded ordinal', 'xsi:type="INT" value="7"', 'xsi:type="CO" code="7"', 129, 7],
    [
      'a dead child',
      '<birthPlace>',
      '<deceasedInd value="true"/><deceasedTime value="20260801"/><birthPlace>',
      21,
      '2026-08-01',
    ],
    [
      'a BSN of a parent',
      '<name><given>Miriam',
      '<id root="2.16.840.1.113883.2.4.6.3" extension="999903032"/><name><given>Miriam',
      655,
      '999903032',
    ],
    [
      'a referral with its target',
      /<observationIntent[\s\S]*<\/observationIntent>/,
      '<referral classCode="PCPR" moodCode="INT"><code code="6" codeSystem="2.16.840.1.113883.2.4.4.40.9"/><performer typeCode="PRF"><assignedEntity classCode="ASSIGNED"><code code="01" codeSystem="2.16.840.1.113883.2.4.4.40.374"/></assignedEntity></performer></referral>',
      1159,
      '01',
    ],
  ])('%s', (_name, from, to, number, value) => {
    expect(elements(changed(from, to))[number]).toBe(value);
  });

  it('a value of which nothing is known is not there', () => {
    const text = changed('xsi:type="ST">Vitamine K, vitamine D.<', 'xsi:type="ST" nullFlavor="NI"><');
    expect(elements(text)).not.toHaveProperty('155');
  });

  it('a vaccination that was not given is no vaccination', () => {
    const count = (text: string) => text.match(/"group":"G076"/g)?.length;
    const record = (text: string) => {
      const result = read(text);
      return result.ok ? JSON.stringify(result.record) : '';
    };
    expect(count(record(YONATHAN))).toBe(1);
    expect(
      record(changed('SBADM" moodCode="EVN" negationInd="false"', 'SBADM" moodCode="EVN" negationInd="true"')),
    ).not.toContain('G076');
  });

  it('an aborted activity has BDS status 02', () => {
    expect(problems(changed('<statusCode code="aborted"/>', '<statusCode code="completed"/>', LUUK))).toEqual([
      expect.stringContaining('component7[2]/encounter/statusCode'),
    ]);
  });
});

describe('what is not understood is refused with its place', () => {
  it.each<[string, string | RegExp, string, string]>([
    ['a unit', 'value="5120" unit="g"', 'value="5" unit="kg"', 'component[2]/observation/value'],
    ['a fraction', 'value="5120"', 'value="5120.5"', 'component[2]/observation/value'],
    ['another data type', 'xsi:type="PQ" value="5120" unit="g"', 'xsi:type="INT" value="5120"', 'observation/value'],
    [
      'a code system',
      'codeSystem="2.16.840.1.113883.2.4.4.40.424"',
      'codeSystem="2.16.840.1.113883.6.96"',
      'observation/value',
    ],
    ['a relation that BDS has no code for', 'code="NBRO"', 'code="COUSN"', 'personalRelationship/code'],
    [
      'a null flavour that BDS has no code for',
      '<value xsi:type="BL" nullFlavor="UNK"/>',
      '<value xsi:type="BL" nullFlavor="MSK"/>',
      'observation/value',
    ],
    [
      'a text beside a code',
      '<value xsi:type="CV" nullFlavor="OTH"/>',
      '<value xsi:type="CV" nullFlavor="OTH"><originalText>geheim</originalText></value>',
      'observation/value',
    ],
    ['a date to the month', 'birthTime value="20260504"', 'birthTime value="202605"', 'patientPerson/birthTime'],
    [
      'a number that BDS does not have',
      'code code="235"',
      'code code="23599"',
      'rubricCluster/component[1]/observation',
    ],
    ['an element without a code', /<code code="235"[^>]*>/, '', 'rubricCluster/component[1]/observation'],
    ['an element in a rubriek that is not its own', 'code code="R027"', 'code code="R031"', 'component[1]/observation'],
    ['an element without a value', '<value xsi:type="PQ" value="5120" unit="g"/>', '', 'component[2]/observation'],
    [
      'the opposite of an element',
      /negationInd="false">(?=\s*<code code="245")/,
      'negationInd="true">',
      'component[2]/observation',
    ],
    [
      'a goal in place of an observation',
      /moodCode="EVN" negationInd="false">(?=\s*<code code="245")/,
      'moodCode="GOL" negationInd="false">',
      'component[2]/observation',
    ],
    [
      'an element that the model does not have',
      '<birthPlace>',
      '<geheim>999903147</geheim><birthPlace>',
      'patientPerson/geheim',
    ],
    ['one of another namespace', '<birthPlace>', '<x:extra xmlns:x="urn:x"/><birthPlace>', 'patientPerson/extra'],
    ['an attribute that nothing reads', 'birthTime value', 'birthTime geheim="1" value', 'patientPerson/birthTime'],
    ['text that nothing reads', '<birthPlace>', 'geheim<birthPlace>', 'patient/patientPerson'],
    [
      'a second gender',
      '<birthTime',
      '<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime',
      'administrativeGenderCode[2]',
    ],
    [
      'an identifier of another kind',
      'root="2.16.840.1.113883.2.4.6.1" extension',
      'root="1.2.3" extension',
      'assignedEntity/id',
    ],
    ['an address of another use', 'addr use="HP"', 'addr use="WP"', 'patient/addr'],
    [
      'a second client',
      'xsi:type="II" root="2.16.840.1.113883.2.4.6.3" extension="999903147"',
      'xsi:type="II" root="2.16.840.1.113883.2.4.6.3" extension="999903238"',
      'attentionLine/value',
    ],
    ['a test message', 'processingCode code="P"', 'processingCode code="T"', 'processingCode'],
    [
      'an interaction that contradicts itself',
      '1.6" extension="REPC_IN902120NL03"',
      '1.6" extension="REPC_IN902120NL04"',
      'interactionId',
    ],
    ['a dead child without a date', '<birthPlace>', '<deceasedInd value="true"/><birthPlace>', 'deceasedInd'],
    ['no date of the activity', /<effectiveTime value="20260827"\/>(?=\s*<reasonCode)/, '', 'component7/encounter'],
  ])('%s', (_name, from, to, place) => {
    const told = problems(changed(from, to));
    expect(told.some((one) => one.split(' ')[0]?.endsWith(place))).toBe(true);
    expect(told.join()).not.toMatch(/999903|Kwartelslag|Miriam|Vitamine|20260/);
    expect(told.every((one) => one.startsWith('REPC_IN902120NL03'))).toBe(true);
  });

  it('another message is not known', () => {
    expect(read('<REPC_IN902120NL xmlns="urn:hl7-org:v3"/>')).toMatchObject({ ok: false, unknownInteraction: true });
    expect(read('<REPC_IN902120NL03/>')).toMatchObject({ ok: false, unknownInteraction: true });
    expect(read('<constructor xmlns="urn:hl7-org:v3"/>')).toMatchObject({ ok: false, unknownInteraction: true });
  });
});

describe('a message that was damaged on its way', () => {
  const bytes = Buffer.from(YONATHAN);
  const whole = read(YONATHAN);

  it('is refused wherever it was cut off', () => {
    const end = bytes.lastIndexOf('</REPC');
    fc.assert(
      fc.property(fc.nat(end), (length) => {
        expect(readHl7v3(bytes.subarray(0, length), bds, VERSIONS).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('is read or refused, whatever the bytes, and never with a value in the answer', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 4 }), (at, piece) => {
        const result = readHl7v3(Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + 1)]), bds, VERSIONS);
        if (!result.ok) expect(JSON.stringify(result.problems)).not.toMatch(/999903147|Kwartelslag|Vitamine/);
      }),
      { numRuns: 150 },
    );
  });

  it('has all its content in what it is compared by', () => {
    const other = read(changed('Vitamine K', 'Vitamine A'));
    const left = read(changed('VERZONNEN-1', 'VERZONNEN-2'));
    if (!whole.ok || !other.ok || !left.ok) throw new Error('not read');
    expect(other.content).not.toEqual(whole.content);
    expect(left.content).not.toEqual(whole.content);
    expect(left.record).toEqual(whole.record);
  });
});

describe('the registry', () => {
  const refusal = (text: string) => {
    const result = sources.read('kdplus', 'application/xml; charset=utf-8', Buffer.from(text));
    return result.ok ? [] : result.issues.map(({ code, path }) => `${code} ${path?.split('/').slice(-2).join('/')}`);
  };

  it('says of what the schema refuses where it stands in the message', () => {
    expect(refusal(changed('value="5120" unit="g"', 'value="51200000" unit="g"'))).toEqual([
      'schema-invalid observation/value',
    ]);
    expect(refusal(changed('<postalCode>1234 AD', '<postalCode>geheim'))).toEqual(['schema-invalid addr/postalCode']);
  });

  it('gives number, sender, content and what was left', () => {
    const message = sources.read('kdplus', 'application/xml', Buffer.from(YONATHAN));
    expect(message).toMatchObject({
      messageId: '2.16.840.1.113883.2.4.3.11.999.77.1_DOB-2026-000731',
      senderUra: '90000456',
      referralKnown: false,
      left: expect.arrayContaining(['hl7v3.transport', 'hl7v3.elements[514]']),
    });
    const respaced = sources.read('kdplus', 'application/xml', Buffer.from(YONATHAN.replace(/\n\s*/g, '\n')));
    expect(message.ok && respaced.ok && respaced.content).toBe(message.ok && message.content);
  });

  it('a message without a sender has no place for the gateway to compare', () => {
    expect(refusal(changed(/(<Organization>\s*)<id [^>]*>/, '$1'))).toContainEqual(
      expect.stringContaining('schema-invalid'),
    );
  });
});

describe('bds.json', () => {
  it('knows the elements of the schema, and no number on both sides', () => {
    const core = Object.keys(bds.core).map(Number);
    expect(core.filter((number) => bds.notCore.includes(number))).toEqual([]);
    const numbers = json<{ element: number }[]>('kdplus', 'core-elements.json').map(({ element }) => element);
    expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(core.sort((a, b) => a - b));
  });

  it('of another shape stops the start', () => {
    expect(() => parseBds({ core: {} })).toThrow('bds.json');
  });
});
