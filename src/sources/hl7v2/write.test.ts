import { Hl7Message as Medplum } from '@medplum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHl7 } from './read.ts';
import { fromFhirTime, toFhirTime } from './time.ts';
import type { Charset, Hl7Message, Hl7Value } from './types.ts';
import { writeHl7 } from './write.ts';

const MSH = {
  messageType: { code: 'ORU', event: 'R01', structure: 'ORU_R01' },
  controlId: 'M-1',
  processingId: 'P',
  versionId: '2.5.1',
};
const PID = {
  identifiers: [
    { id: '7100147', assigningAuthority: { namespaceId: 'HIX' }, identifierTypeCode: 'PI' },
    { id: '999903147', assigningAuthority: { namespaceId: 'NLMINBIZA' }, identifierTypeCode: 'NNNLD' },
  ],
  names: [
    {
      family: {
        surname: 'van Testpatiënt-van het Hek',
        ownPrefix: 'van',
        ownSurname: 'Testpatiënt',
        partnerPrefix: 'van het',
        partnerSurname: 'Hek',
      },
      given: 'Jeanet',
      nameTypeCode: 'L',
    },
  ],
  birthDate: '2026-05-04',
};
const message = (values: Hl7Value, valueType: string): Hl7Message => ({
  type: 'ORU_R01',
  MSH,
  PID,
  orders: [
    {
      OBR: { setId: '1', service: { code: 'GROEI', text: 'Groei', codingSystem: '99HIX' } },
      OBX: [{ setId: '1', valueType, observation: { code: 'x' }, values }],
    },
  ],
});

/** Written and read again by our own reader; throws where either refuses. */
function again(sent: Hl7Message, charset: Charset = 'UNICODE UTF-8') {
  const written = writeHl7(sent, charset);
  if (!written.ok) throw new Error(JSON.stringify(written.issues));
  const reading = readHl7(written.bytes);
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return { bytes: written.bytes, read: reading.message, warnings: reading.warnings };
}

describe('writeHl7', () => {
  it('writes a message segment by segment, with Dutch names and identifiers', () => {
    const { bytes } = again(message([{ number: 4.98 }], 'NM'));
    expect(bytes.toString('utf8').split('\r')).toEqual([
      'MSH|^~\\&|||||||ORU^R01^ORU_R01|M-1|P|2.5.1||||||UNICODE UTF-8',
      'PID|1||7100147^^^HIX^PI~999903147^^^NLMINBIZA^NNNLD||van Testpatiënt-van het Hek&van&Testpatiënt&van het&Hek^Jeanet^^^^^L||20260504',
      'OBR|1|||GROEI^Groei^99HIX',
      'OBX|1|NM|x||4.98',
      '',
    ]);
  });

  it.each<[Charset]>([['UNICODE UTF-8'], ['8859/1'], ['8859/15']])('is read back as it was meant, in %s', (charset) => {
    const sent = message([{ text: 'Eén | twee ^ drie & vier ~ vijf \\ zes\nen zeven' }], 'FT');
    const { read, warnings } = again(sent, charset);
    expect(read).toEqual({ ...sent, PID: { setId: '1', ...PID }, MSH: { ...MSH, characterSets: [charset] } });
    expect(warnings).toEqual([]);
  });

  it.each<[string, Hl7Value, string]>([
    ['a number', { number: 12.5 }, 'NM'],
    ['a code', { coded: { code: 'a^b', text: 'A & B', codingSystem: '99X' } }, 'CE'],
    ['a time', { dateTime: '2026-08-20T10:15:00+02:00' }, 'TS'],
    ['a document', { data: { type: 'application', subtype: 'pdf', encoding: 'Base64', data: 'JVBERg==' } }, 'ED'],
  ])('writes %s', (_what, value, type) => {
    expect(again(message([value], type)).read.orders?.[0]?.OBX?.[0]?.values).toEqual([value]);
  });

  it.each<[string, string, Hl7Message, Charset?]>([
    ['OBX[1]-5', 'a character that 8859/1 lacks', message([{ text: 'Šimić' }], 'ST'), '8859/1'],
    ['OBX[1]-5', 'half a character', message([{ text: '\ud800' }], 'ST')],
    ['OBX[1]-5', 'a control character', message([{ text: 'a\u0000b' }], 'ST')],
    ['OBX[1]-5', 'what would mean: delete', message([{ text: '""' }], 'ST')],
    ['OBX[1]-5', 'a type that the value does not have', message([{ text: 'x' }], 'NM')],
    ['OBX[1]-5', 'two kinds of value', message([{ text: 'x', number: 1 }], 'ST')],
    ['OBX[1]-5', 'a number with an exponent', message([{ number: 1e-9 }], 'NM')],
    ['OBX[1]-5', 'a time finer than HL7 has', message([{ dateTime: '2026-08-20T10:15:00.123456Z' }], 'TS')],
    ['OBR[1]-4', 'an order of nothing', { type: 'ORU_R01', MSH, PID, orders: [{ OBR: { setId: '1' } }] }],
    ['MSH-10', 'a message without a number', { type: 'ORU_R01', MSH: { messageType: MSH.messageType } }],
  ])('refuses at %s: %s', (path, _what, sent, charset = 'UNICODE UTF-8') => {
    const written = writeHl7(sent, charset);
    expect(written.ok ? 'written' : written.issues.map((issue) => issue.path)).toEqual([path]);
    expect(JSON.stringify(written)).not.toContain('Šimić');
  });

  it('any text comes back, and @medplum/core sees the same segments and field', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (text) => {
        const meant = text.replace(/\p{Cc}/gu, ' ').replaceAll('""', "''");
        // A field of blanks alone says nothing.
        fc.pre(meant.trim() !== '');
        const { bytes, read } = again(message([{ text: meant }], 'ST'));
        expect(read.orders?.[0]?.OBX?.[0]?.values).toEqual([{ text: meant }]);
        const other = Medplum.parse(bytes.toString('utf8').slice(0, -1));
        expect(other.segments.map(({ name }) => name)).toEqual(['MSH', 'PID', 'OBR', 'OBX']);
        expect(other.getSegment('PID')?.getField(3)?.getComponent(1, 0, 1)).toBe('999903147');
      }),
    );
  });
});

describe('fromFhirTime', () => {
  it.each([
    ['2026', '2026'],
    ['2026-08', '202608'],
    ['2026-08-20', '20260820'],
    ['2026-08-20T10:15:00+02:00', '20260820101500+0200'],
    ['2026-08-20T10:15:00.123Z', '20260820101500.123+0000'],
  ])('%s → %s', (fhir, hl7) => expect(fromFhirTime(fhir)).toBe(hl7));

  it('any moment to the millisecond is read back as the same moment', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }), (moment) => {
        const written = fromFhirTime(moment.toISOString());
        expect(new Date(toFhirTime(written ?? '') ?? '')).toEqual(moment);
      }),
    );
  });

  it.each(['', 'ooit', '10:15', '2026-02-31', '2026-08-20T10:15'])('%s is none', (text) =>
    expect(fromFhirTime(text)).toBeUndefined(),
  );
});
