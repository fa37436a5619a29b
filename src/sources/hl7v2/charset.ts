import { isAscii, isUtf8 } from 'node:buffer';
import type { Charset } from './types.ts';

/** Bytes that Windows-1252 leaves undefined. */
const UNDEFINED_IN_WINDOWS = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** Where ISO 8859-15 differs from 8859-1: byte → character (ISO/IEC 8859-15:1999). */
const LATIN_9: ReadonlyMap<number, string> = new Map([
  [0xa4, '€'],
  [0xa6, 'Š'],
  [0xa8, 'š'],
  [0xb4, 'Ž'],
  [0xb8, 'ž'],
  [0xbc, 'Œ'],
  [0xbd, 'œ'],
  [0xbe, 'Ÿ'],
]);
const LATIN_9_BYTES = new Map([...LATIN_9].map(([byte, character]) => [character, byte]));

const CHARSETS: readonly Charset[] = ['ASCII', '8859/1', '8859/15', 'UNICODE UTF-8'];

/** Is this one of the character sets of HL7 table 0211 that are read here? */
export const isCharset = (name: string): name is Charset => (CHARSETS as readonly string[]).includes(name);

/**
 * What the bytes are in the character set that they are said to be in; `windows`: Windows-1252 was sent under the name
 * of 8859/1.
 */
export type Decoded = { ok: true; text: string; windows: boolean } | { ok: false; message: string };

/**
 * Bytes → text, refusing bytes that the character set does not have. Text that is UTF-8 throughout, though 8859 is
 * declared, is refused too: each accented letter would become two wrong ones, in names for instance.
 */
export function decode(bytes: Uint8Array, charset: Charset): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return { ok: true, text: buffer.toString('latin1'), windows: false };
  if (charset === 'ASCII') return refuse('The message holds bytes that ASCII does not have.');
  if (charset === 'UNICODE UTF-8') {
    return isUtf8(buffer)
      ? { ok: true, text: buffer.toString('utf8'), windows: false }
      : refuse('The message says UNICODE UTF-8, but its bytes are not UTF-8.');
  }
  if (isUtf8(buffer))
    return refuse(`The bytes of the message are UTF-8, not ${charset}: send UNICODE UTF-8 in MSH-18.`);
  const high = buffer.filter((byte) => byte >= 0x80 && byte < 0xa0);
  if (charset === '8859/15') {
    if (high.length > 0) return refuse('The message holds bytes that ISO 8859-15 does not have.');
    const text = buffer
      .toString('latin1')
      .replace(/[¤¦¨´¸¼½¾]/g, (letter) => LATIN_9.get(letter.charCodeAt(0)) ?? letter);
    return { ok: true, text, windows: false };
  }
  if (high.some((byte) => UNDEFINED_IN_WINDOWS.has(byte))) {
    return refuse('The message holds bytes that ISO 8859-1 does not have.');
  }
  if (high.length === 0) return { ok: true, text: buffer.toString('latin1'), windows: false };
  return { ok: true, text: new TextDecoder('windows-1252').decode(buffer), windows: true };
}

/** Text → bytes; a character that the character set does not have becomes `?`. */
export function encode(text: string, charset: Charset): Buffer {
  if (charset === 'UNICODE UTF-8') return Buffer.from(text, 'utf8');
  const bytes = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) return code;
    if (charset === '8859/1') return code <= 0xff ? code : QUESTION_MARK;
    if (charset === '8859/15')
      return LATIN_9_BYTES.get(character) ?? (code <= 0xff && !LATIN_9.has(code) ? code : QUESTION_MARK);
    return QUESTION_MARK;
  });
  return Buffer.from(bytes);
}

const QUESTION_MARK = 0x3f;

const refuse = (message: string): Decoded => ({ ok: false, message });
