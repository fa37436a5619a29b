import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ack, type AckError, buildAck } from './ack.ts';
import { encodeMessage } from './encode.ts';
import { readHl7 } from './read.ts';
import { readAck } from './read-ack.ts';
import type { Envelope } from './types.ts';

const now = new Date('2026-08-20T08:15:00Z');
const accepted: Ack = { code: 'AA', errors: [], now, controlId: 'A1' };
const error: AckError = { code: 'bsn-invalid', path: 'PID-3[2].1', severity: 'E', text: 'Niet | juist.' };
const elsewhere: AckError = { code: 'schema-invalid', path: 'Patient.name', severity: 'W', text: 'Naam ontbreekt' };

function envelope(header: string): Envelope | undefined {
  return readHl7(Buffer.from(header, 'latin1')).envelope;
}

const header = (version: string, charset = '8859/1', separators = '^~\\&') =>
  envelope(`MSH|${separators}|HIX|ZKH^1^ISO|POORT|IGP|20260820||ORU^R01|MSG-1|T|${version}||||||${charset}\rPID|1`);

describe('buildAck', () => {
  it('accepts: sender and receiver change places, MSA-2 repeats MSH-10', () => {
    expect(buildAck(header('2.4'), accepted)).toBe(
      'MSH|^~\\&|POORT|IGP|HIX|ZKH^1^ISO|20260820101500+0200||ACK^R01^ACK|A1|T|2.4||||||8859/1\rMSA|AA|MSG-1\r',
    );
  });

  it('gives each error a segment from 2.5 on', () => {
    const ack = buildAck(header('2.5.1'), { ...accepted, code: 'AR', errors: [error, elsewhere] });
    expect(ack.split('\r').slice(1)).toEqual([
      'MSA|AR|MSG-1',
      'ERR||PID^1^3^2^1|102^Data type error^HL70357|E|bsn-invalid^^GEZINSPOORT|||Niet \\F\\ juist.',
      'ERR|||207^Application internal error^HL70357|W|schema-invalid^^GEZINSPOORT|||Naam ontbreekt (Patient.name)',
      '',
    ]);
  });

  it('puts errors into ERR-1 and MSA-3 before 2.5', () => {
    const ack = buildAck(header('2.4'), { ...accepted, code: 'AE', errors: [error, elsewhere] });
    expect(ack.split('\r').slice(1)).toEqual([
      'MSA|AE|MSG-1|Niet \\F\\ juist.',
      'ERR|PID^1^3^102&Data type error&HL70357&bsn-invalid&Niet \\F\\ juist.&GEZINSPOORT~^^^207&Application internal error&HL70357&schema-invalid&Naam ontbreekt (Patient.name)&GEZINSPOORT',
      '',
    ]);
  });

  it('has a general header for a message without a usable one', () => {
    expect(buildAck(undefined, { ...accepted, code: 'AR', errors: [{ ...error, path: 'MSH' }] })).toBe(
      'MSH|^~\\&|GEZINSPOORT||||20260820101500+0200||ACK|A1|P|2.5||||||ASCII\rMSA|AR|\r' +
        'ERR||MSH^1|102^Data type error^HL70357|E|bsn-invalid^^GEZINSPOORT|||Niet \\F\\ juist.\r',
    );
  });

  it('uses the separators and the character set of the message', () => {
    const ack = buildAck(header('2.4', '8859/15', '^_\\&'), {
      ...accepted,
      code: 'AE',
      errors: [{ ...error, text: 'a_b € é' }, elsewhere],
    });
    expect(ack).toContain('MSH|^_\\&|');
    expect(ack).toContain('a\\R\\b € é');
    expect(encodeMessage(ack).toString('latin1')).toContain('a\\R\\b ¤ é');
  });

  it('answers a message whose character set is unknown in ASCII', () => {
    const unknown = envelope('MSH|^~\\&|Ziekenhüis|||||||MSG-1|P|2.5||||||KLINGON\r');
    const ack = buildAck(unknown, { ...accepted, code: 'AR', errors: [{ ...error, text: 'é' }] });
    expect(encodeMessage(ack).toString('latin1')).toMatch(
      /^MSH\|\^~\\&\|\|\|Ziekenh\?is\|.*\|ASCII\rMSA\|AR\|MSG-1\rERR.*\|\?\r$/,
    );
  });

  it('replaces a version that is none', () => {
    expect(buildAck(header('D99'), accepted)).toContain('|T|2.5|');
  });

  it('is read back by a sender, whatever the texts', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom(...'ab|^~\\&é_"\n'), minLength: 1, maxLength: 40 }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(texts, fc.constantFrom('2.3', '2.4', '2.5', '2.8.1'), (all, version) => {
        const errors = all.map((text): AckError => ({ code: 'no-consent', path: 'PID-3', severity: 'E', text }));
        const read = readAck(encodeMessage(buildAck(header(version), { ...accepted, code: 'AR', errors })));
        expect(read).toMatchObject({ code: 'AR', controlId: 'MSG-1' });
        expect(read?.errors).toEqual(
          all.map((text) => ({ code: 'no-consent', location: 'PID^1^3', severity: 'E', text })),
        );
      }),
    );
  });
});

describe('readAck', () => {
  it.each(['', 'MSH|^~\\&|a\r', 'MSH|^~\\&|a\rMSA\r', 'HTTP/1.1 400 Bad Request\r\n'])('refuses %j', (text) => {
    expect(readAck(Buffer.from(text))).toBeUndefined();
  });
});
