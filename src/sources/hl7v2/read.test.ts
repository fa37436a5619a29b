import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownTime } from '../../../tests/support/own-time.ts';
import { sharedDir } from '../../../tests/support/shared.ts';
import { readHl7 } from './read.ts';
import type { Hl7Message } from './types.ts';

const HEADER =
  'MSH|^~\\&|HIX|ZKH^2.16.840.1.1^ISO|GEZINSPOORT|IGP|20260820101500||ORU^R01^ORU_R01|MSG1|P|2.4|||AL|NE|NLD|8859/1|NL';
const PATIENT =
  'PID|1||7100001^^^ZIS^PI~999990019^^^NLMINBIZA^NNNLD^^20260501||van Test-de Proef&van&Test&de&Proef^Yonathan^J^^^^L~^Yoni^^^^^N||20260512|M|||Lange Laan 1&Lange Laan&1^A^Verzinstad^^1234AB^NL^H||06-12345678^PRN^CP|||||||||||Y|2||||""|N|N|Y~NNNLD';
const ORDER =
  'OBR|1|ORD1|FIL1^HIX|POLI^Nazorg^L|||202608201000|||||||||01004567^van Houten&van&Houten^B.R.^^^^^^VEKTIS||||||20260820||LAB|F';
const WEIGHT = 'OBX|1|NM|29463-7^Gewicht^LN||3.450|kg^kilogram^UCUM|||||F|||202608201005';

const message = (...segments: string[]) => Buffer.from(segments.map((segment) => `${segment}\r`).join(''), 'latin1');
const withType = (type: string) => HEADER.replace('ORU^R01^ORU_R01', type);

function read(...segments: string[]): Hl7Message {
  const reading = readHl7(message(...segments));
  if (!reading.ok) throw new Error(reading.issues.map(({ code, path }) => `${code} ${path}`).join(', '));
  return reading.message;
}

/** `code path` of every problem. */
function problems(bytes: Uint8Array): string[] {
  const reading = readHl7(bytes);
  return reading.ok ? [] : reading.issues.map(({ code, path }) => (path ? `${code} ${path}` : code));
}

describe('readHl7: the named structure', () => {
  it('names the header', () => {
    expect(read(HEADER, PATIENT, ORDER, WEIGHT)).toMatchObject({
      type: 'ORU_R01',
      MSH: {
        sendingApplication: { namespaceId: 'HIX' },
        sendingFacility: { namespaceId: 'ZKH', universalId: '2.16.840.1.1', universalIdType: 'ISO' },
        dateTime: '2026-08-20T10:15:00+02:00',
        messageType: { code: 'ORU', event: 'R01', structure: 'ORU_R01' },
        controlId: 'MSG1',
        versionId: '2.4',
        acceptAckType: 'AL',
        applicationAckType: 'NE',
        characterSets: ['8859/1'],
      },
    });
  });

  it('names the patient as Dutch hospitals send one', () => {
    const { PID, cleared } = read(HEADER, PATIENT, ORDER, WEIGHT);
    expect(PID).toEqual({
      setId: '1',
      identifiers: [
        { id: '7100001', assigningAuthority: { namespaceId: 'ZIS' }, identifierTypeCode: 'PI' },
        {
          id: '999990019',
          assigningAuthority: { namespaceId: 'NLMINBIZA' },
          identifierTypeCode: 'NNNLD',
          effectiveDate: '2026-05-01',
        },
      ],
      names: [
        {
          family: {
            surname: 'van Test-de Proef',
            ownPrefix: 'van',
            ownSurname: 'Test',
            partnerPrefix: 'de',
            partnerSurname: 'Proef',
          },
          given: 'Yonathan',
          furtherGiven: 'J',
          nameTypeCode: 'L',
        },
        { given: 'Yoni', nameTypeCode: 'N' },
      ],
      birthDate: '2026-05-12',
      sex: 'M',
      addresses: [
        {
          street: { line: 'Lange Laan 1', name: 'Lange Laan', number: '1' },
          otherDesignation: 'A',
          city: 'Verzinstad',
          postalCode: '1234AB',
          country: 'NL',
          addressType: 'H',
        },
      ],
      homePhones: [{ number: '06-12345678', use: 'PRN', equipmentType: 'CP' }],
      multipleBirth: 'Y',
      birthOrder: '2',
      deathIndicator: 'N',
      identityUnknown: 'N',
      identityReliability: ['Y', 'NNNLD'],
    });
    expect(cleared).toEqual(['PID-29']);
  });

  it('groups orders with their results and notes', () => {
    const { orders, NTE } = read(
      HEADER,
      PATIENT,
      'NTE|1||bij de patient',
      'ORC|RE|ORD1',
      ORDER,
      'NTE|1||bij de order',
      WEIGHT,
      'NTE|1||bij het gewicht~tweede regel',
      'OBX|2|ST|x^y^L||tekst||||||F',
      'OBR|2|||LAB^Lab^L',
      'OBX|1|NM|718-7^Hb^LN||7.1|mmol/l|||||F',
      'ZXX|1|a^b~c',
    );
    expect(NTE).toEqual([{ setId: '1', comments: ['bij de patient'] }]);
    expect(orders).toMatchObject([
      {
        ORC: { orderControl: 'RE', placerOrderNumber: { entityIdentifier: 'ORD1' } },
        OBR: {
          service: { code: 'POLI', text: 'Nazorg', codingSystem: 'L' },
          orderingProvider: [
            {
              id: '01004567',
              family: { surname: 'van Houten', ownPrefix: 'van', ownSurname: 'Houten' },
              assigningAuthority: { namespaceId: 'VEKTIS' },
            },
          ],
        },
        NTE: [{ comments: ['bij de order'] }],
        OBX: [
          {
            observation: { code: '29463-7' },
            values: [{ number: 3.45 }],
            units: { code: 'kg' },
            NTE: [{ comments: ['bij het gewicht', 'tweede regel'] }],
          },
          { observation: { code: 'x' }, values: [{ text: 'tekst' }] },
        ],
      },
      { OBR: { service: { code: 'LAB' } }, OBX: [{ observation: { code: '718-7' }, values: [{ number: 7.1 }] }] },
    ]);
  });

  it('keeps what it does not know, in place', () => {
    expect(read(HEADER, PATIENT, ORDER, WEIGHT, 'ZXX|1|a^b~c\\F\\d||e').ZXX).toEqual([
      { fields: [['1'], [['a', 'b'], 'c|d'], [], ['e']] },
    ]);
    expect(read(HEADER, PATIENT, ORDER, WEIGHT, 'SPM|1').orders?.[0]).toMatchObject({ SPM: [{ fields: [['1']] }] });
  });

  it('reads a document with its referral', () => {
    const document = read(
      withType('MDM^T02'),
      'EVN|T02|20260820',
      PATIENT,
      'PV1|1|O|POLI^^^ZKH||||01004567^van Houten||||||||||||V1^^^ZIS',
      'TXA|1|CN|TX|202608201000|01004567^van Houten|||||||DOC1^HIX|||||AU|R|AV',
      'RF1|A|R^Routine|MED|WR|O|REF1^HIX|20260820|||JGZ^Begeleiding thuis^L',
      'PRD|RT^Referred to|Voorbeelts^T.',
      'OBX|1|FT|11488-4^Verslag^LN||Eerste regel\\.br\\groei & bloei~Tweede||||||F',
      'OBX|2|ED|PDF^Brief^L||^application^pdf^Base64^JVBERi0=||||||F',
    );
    expect(document).toMatchObject({
      type: 'MDM_T02',
      TXA: {
        documentType: 'CN',
        documentNumber: { entityIdentifier: 'DOC1', namespaceId: 'HIX' },
        completionStatus: 'AU',
      },
      RF1: {
        status: { code: 'A' },
        identifier: { entityIdentifier: 'REF1' },
        reasons: [{ code: 'JGZ', text: 'Begeleiding thuis' }],
      },
      PRD: [{ roles: [{ code: 'RT' }], names: [{ family: { surname: 'Voorbeelts' } }] }],
      PV1: { patientClass: 'O', visitNumber: { id: 'V1' }, attending: [{ id: '01004567' }] },
      OBX: [
        { values: [{ text: 'Eerste regel\ngroei & bloei' }, { text: 'Tweede' }] },
        { values: [{ data: { type: 'application', subtype: 'pdf', encoding: 'Base64', data: 'JVBERi0=' } }] },
      ],
    });
  });

  it('reads an admission, with observations of the message itself', () => {
    const adt = read(
      withType('ADT^A01'),
      'EVN|A01|20260820',
      PATIENT,
      'PV1|1|I',
      'AL1|1|DA|X^Penicilline^L',
      'OBX|1|NM|1^Gewicht^L||3|kg|||||F',
      'DG1|1||P07^Prematuur^I10',
    );
    expect(adt).toMatchObject({
      type: 'ADT_A01',
      AL1: [{ allergen: { code: 'X' } }],
      OBX: [{ values: [{ number: 3 }] }],
      DG1: [{ diagnosis: { code: 'P07' } }],
    });
  });

  it.each([
    ['NM', '-0.5', { number: -0.5 }],
    ['NM', ' 12 ', { number: 12 }],
    ['SN', '>^100', { text: '>100' }],
    ['SN', '^1^:^128', { text: '1:128' }],
    ['CE', 'A^Tekst^L', { coded: { code: 'A', text: 'Tekst', codingSystem: 'L' } }],
    ['DT', '20260820', { dateTime: '2026-08-20' }],
    ['TS', '202608201015', { dateTime: '2026-08-20T10:15:00+02:00' }],
    ['ST', 'a^b&c', { text: 'a^b&c' }],
  ])('reads a value of type %s', (type, sent, value) => {
    const { orders } = read(HEADER, PATIENT, ORDER, `OBX|1|${type}|1^x^L||${sent}||||||F`);
    expect(orders?.[0]?.OBX?.[0]?.values).toEqual([value]);
  });

  it('reads other separators, such as those of ZorgDomein', () => {
    const sent = [HEADER, PATIENT, ORDER, WEIGHT].map((segment) => segment.replaceAll('~', '_'));
    expect(read(...sent)).toEqual(read(HEADER, PATIENT, ORDER, WEIGHT));
  });

  it.each(['\n', '\r\n'])('tolerates segments that end with %j', (end) => {
    const text = [HEADER, PATIENT, ORDER, WEIGHT, ''].join(end);
    expect(readHl7(Buffer.from(text))).toMatchObject({ ok: true, message: read(HEADER, PATIENT, ORDER, WEIGHT) });
  });
});

describe('readHl7: what it refuses', () => {
  it.each<[string, string[], string[]]>([
    ['no header', [PATIENT], ['hl7-msh MSH']],
    ['no patient', [HEADER, ORDER, WEIGHT], ['hl7-required PID']],
    [
      'no type and id',
      [HEADER.replace('ORU^R01^ORU_R01|MSG1', '|'), PATIENT],
      ['hl7-required MSH-9', 'hl7-required MSH-10'],
    ],
    ['a second patient', [HEADER, PATIENT, ORDER, WEIGHT, PATIENT, ORDER, WEIGHT], ['hl7-segment-repeated PID[2]']],
    ['a result before its order', [HEADER, PATIENT, WEIGHT, ORDER], ['hl7-segment-place OBX']],
    ['a visit behind an order', [HEADER, PATIENT, ORDER, 'PV1|1|O', WEIGHT], ['hl7-segment-place PV1']],
    ['an observation of a specimen', [HEADER, PATIENT, ORDER, 'SPM|1', WEIGHT], ['hl7-segment-place OBX']],
    ['an order without OBR', [HEADER, PATIENT, 'ORC|RE', 'ORC|RE', ORDER], ['hl7-required OBR']],
    ['a bad date', [HEADER, PATIENT.replace('20260512', '20260231'), ORDER, WEIGHT], ['hl7-date PID-7']],
    ['a bad date deep inside', [HEADER, PATIENT.replace('20260501', 'x'), ORDER], ['hl7-date PID-3[2].7']],
    [
      'a number that is none',
      [HEADER, PATIENT, ORDER, WEIGHT, WEIGHT.replace('3.450', '3,450')],
      ['hl7-number OBX[2]-5'],
    ],
    ['too many digits', [HEADER, PATIENT, ORDER, WEIGHT.replace('3.450', '1234567890123456')], ['hl7-number OBX-5']],
    ['a value of no type', [HEADER, PATIENT, ORDER, WEIGHT.replace('|NM|', '||')], ['hl7-required OBX-2']],
    ['a value of an unknown type', [HEADER, PATIENT, ORDER, WEIGHT.replace('|NM|', '|QQ|')], ['hl7-value-type OBX-2']],
    [
      'content before its document',
      [withType('MDM^T02'), PATIENT, WEIGHT, 'TXA|1|CN'],
      ['hl7-segment-place OBX', 'hl7-required OBX'],
    ],
    ['a document without content', [withType('MDM^T02'), PATIENT, 'TXA|1|CN'], ['hl7-required OBX']],
    ['a line that is no segment', [HEADER, 'zomaar tekst', PATIENT], ['hl7-segment']],
    ['letters as separators', [HEADER.replace('^~\\&', 'abcd')], ['hl7-separators MSH-2']],
    ['the same separator twice', [HEADER.replace('^~\\&', '^^\\&')], ['hl7-separators MSH-2']],
    ['three separators', [HEADER.replace('^~\\&', '^~\\')], ['hl7-separators MSH-2']],
    ['an unknown character set', [HEADER.replace('8859/1', 'UNICODE UTF-16')], ['hl7-charset MSH-18']],
    ['two character sets', [HEADER.replace('8859/1', '8859/1~ISO IR87')], ['hl7-charset MSH-18']],
    ['a control character', [HEADER, PATIENT.replace('Verzinstad', 'Ver\u0000zin')], ['hl7-control-character']],
    ['more segments than anybody sends', [HEADER, ...Array.from({ length: 5_000 }, () => 'NTE|1')], ['hl7-limit']],
    [
      'a segment behind thousands of empty lines',
      [HEADER, ...Array.from({ length: 5_000 }, () => ''), PATIENT],
      ['hl7-limit'],
    ],
    ['a segment longer than anybody sends', [HEADER, `NTE|1||${'x'.repeat(65_536)}`], ['hl7-limit NTE']],
    ['more repetitions than anybody sends', [HEADER, `${PATIENT}${'~x'.repeat(1_000)}`, ORDER], ['hl7-limit PID-32']],
  ])('%s', (_name, segments, expected) => {
    expect(problems(message(...segments))).toEqual(expected);
  });

  it('a segment that hides in the text of another', () => {
    const hidden = `${HEADER}\r${PATIENT}\r${ORDER}\rNTE|1||tekst\nOBX|1|NM|1^x^L||9|kg\r`;
    expect(problems(Buffer.from(hidden))).toEqual(['hl7-line-break']);
    expect(problems(Buffer.from(hidden.replace('OBX|', 'zie ')))).toEqual([]);
    expect(problems(Buffer.from(`${HEADER}\n${PATIENT}\r${ORDER}\n`))).toEqual(['hl7-line-break']);
  });

  it('reports every problem, and no value', () => {
    const sent = message(
      HEADER,
      PATIENT.replace('20260512', '99999999'),
      'OBR|1',
      WEIGHT.replace('3.450', 'geheim'),
      'EVN|A01|gisteren',
    );
    expect(problems(sent)).toEqual([
      'hl7-date PID-7',
      'hl7-required OBR-4',
      'hl7-number OBX-5',
      'hl7-date EVN-2',
      'hl7-segment-place EVN',
    ]);
    expect(JSON.stringify(readHl7(sent))).not.toMatch(/99999999|geheim|gisteren/);
  });

  it('reports at most a hundred problems', () => {
    expect(problems(message(HEADER, PATIENT, ...Array.from({ length: 500 }, () => 'OBR|1')))).toHaveLength(100);
  });
});

describe('readHl7: character sets', () => {
  const city = (bytes: Uint8Array) => {
    const reading = readHl7(bytes);
    if (!reading.ok) return problems(bytes);
    const patient = reading.message.PID as unknown as { addresses: { city: string }[] };
    return [patient.addresses[0]?.city, ...reading.warnings.map(({ code }) => code)];
  };
  const sent = (charset: string, name: string, encoding: 'latin1' | 'utf8') =>
    Buffer.from([HEADER.replace('8859/1', charset), PATIENT.replace('Verzinstad', name), ORDER].join('\r'), encoding);
  const euro = String.fromCharCode(0xa4);
  const quote = String.fromCharCode(0x92);

  it.each([
    ['8859/1', sent('8859/1', 'Één', 'latin1'), ['Één']],
    ['8859/15', sent('8859/15', `Één ${euro}`, 'latin1'), ['Één €']],
    ['UNICODE UTF-8', sent('UNICODE UTF-8', 'Één €', 'utf8'), ['Één €']],
    ['ASCII', sent('ASCII', 'Een', 'latin1'), ['Een']],
    ['none', sent('', 'Één', 'latin1'), ['Één', 'hl7-charset-assumed']],
    ['Windows-1252 under the name of 8859/1', sent('8859/1', `${quote}s`, 'latin1'), ['’s', 'hl7-charset-windows']],
    ['8859/1 that is UTF-8', sent('8859/1', 'Één', 'utf8'), ['hl7-charset MSH-18']],
    ['none, and UTF-8', sent('', 'Één', 'utf8'), ['hl7-charset MSH-18']],
    ['UTF-8 that is 8859/1', sent('UNICODE UTF-8', 'Één', 'latin1'), ['hl7-charset MSH-18']],
    ['ASCII that is not', sent('ASCII', 'Één', 'latin1'), ['hl7-charset MSH-18']],
    [
      'a byte order mark',
      Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), sent('UNICODE UTF-8', 'Een', 'utf8')]),
      ['hl7-msh MSH'],
    ],
  ])('%s', (_name, bytes, expected) => {
    expect(city(bytes)).toEqual(expected);
  });
});

describe('readHl7: hostile input', () => {
  it('never throws on arbitrary bytes', () => {
    const pieces = [
      '|',
      '^',
      '~',
      '\\',
      '&',
      '\r',
      '\n',
      '""',
      'PID',
      'OBX|1|NM|',
      'OBR|1|||x',
      '\\X',
      '\\.br\\',
      '20260820',
      'Z',
      '\u0000',
      'é',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 60 });
    fc.assert(
      fc.property(
        text,
        (rest) => typeof readHl7(Buffer.from(`${HEADER}\r${rest.join('')}`, 'latin1')).ok === 'boolean',
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        (bytes) => typeof readHl7(Buffer.concat([Buffer.from('MSH|^~\\&'), bytes])).ok === 'boolean',
      ),
    );
  });

  it.each(['|', '^', '&', '~', '\\', '\\X', '\r', '"', 'A'])('answers five million of %j within a second', (unit) => {
    const bytes = Buffer.concat([
      message(HEADER, PATIENT, ORDER),
      Buffer.from(`OBX|1|TX|1^x^L||${unit.repeat(5_000_000 / unit.length)}`),
    ]);
    expect(ownTime(() => readHl7(bytes))).toBeLessThan(1000);
  });
});

const shared = sharedDir();

describe.skipIf(!shared)('readHl7: messages that nobody here wrote', () => {
  const folder = join(shared ?? '', 'corpora/hl7v2-messages');
  const files = shared
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.hl7'))
    : [];

  it('gives each a structure or problems with a path, within a second', () => {
    expect(files.length).toBeGreaterThan(400);
    const read = files.map((name) => {
      const bytes = readFileSync(join(folder, name));
      expect(
        ownTime(() => readHl7(bytes)),
        name,
      ).toBeLessThan(1000);
      const reading = readHl7(bytes);
      expect(reading.ok ? reading.message.type.length : reading.issues.length, name).toBeGreaterThan(0);
      return reading.ok;
    });
    // What is refused are other versions (more than half), fragments, batches and messages with two patients.
    expect(read.filter((ok) => ok).length).toBeGreaterThan(100);
  });

  it.each(['nl-hix-zato/hix_07_oml_o21_lfdv2.hl7', 'nl-hix-zato/nexus_09_oru_r01_lab2lab.hl7'])('reads %s', (name) => {
    const reading = readHl7(readFileSync(join(folder, name)));
    expect(reading).toMatchObject({ ok: true, warnings: [], message: { orders: expect.any(Array) } });
    expect(JSON.stringify(reading)).toContain(
      '"assigningAuthority":{"namespaceId":"NLMINBIZA"},"identifierTypeCode":"NNNLD"',
    );
  });
});
