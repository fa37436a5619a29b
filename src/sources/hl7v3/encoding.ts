import { isAscii, isUtf8 } from 'node:buffer';

export type XmlText = { ok: true; text: string } | { ok: false; message: string };

/** What a byte order mark says (XML 1.0 appendix F): it wins, and the declaration may not contradict it. */
const MARKS: readonly { bytes: readonly number[]; encoding: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
];

const DECLARATION = /^<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']/;

/** The names by which the encodings go that are understood here; every other is refused, never guessed. */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'utf-8'],
  ['us-ascii', 'us-ascii'],
  ['iso-8859-1', 'iso-8859-1'],
  ['iso-8859-15', 'iso-8859-15'],
  ['windows-1252', 'windows-1252'],
]);

/** Bytes → text: UTF-8, or what the byte order mark or the declaration says, where the bytes bear it out. */
export function decodeXml(bytes: Uint8Array): XmlText {
  const mark = MARKS.find((one) => one.bytes.every((byte, index) => bytes[index] === byte));
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(mark?.bytes.length ?? 0);
  if (mark && mark.encoding !== 'utf-8') return decodeAs(mark.encoding, buffer, 'utf-16');
  const declared = DECLARATION.exec(buffer.subarray(0, 300).toString('latin1'))?.[1]?.toLowerCase() ?? 'utf-8';
  const encoding = ENCODINGS.get(declared);
  if (!encoding) return refuse('send UTF-8: this encoding is not understood here');
  if (mark && encoding !== mark.encoding) return refuse('the byte order mark says UTF-8, the declaration does not');
  return decodeAs(encoding, buffer);
}

function decodeAs(encoding: string, buffer: Buffer, declared?: string): XmlText {
  if (encoding === 'utf-8')
    return isUtf8(buffer) ? { ok: true, text: buffer.toString('utf8') } : refuse('the bytes are not UTF-8');
  if (isAscii(buffer)) return { ok: true, text: buffer.toString('latin1') };
  if (encoding === 'us-ascii') return refuse('the bytes are not ASCII');
  // Text that is UTF-8 throughout, though another is declared: each accented letter of a name would become two.
  if (!declared && isUtf8(buffer)) return refuse('the bytes are UTF-8, the declaration says otherwise');
  if (encoding === 'iso-8859-1') return { ok: true, text: buffer.toString('latin1') };
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(buffer);
    const said = declared && DECLARATION.exec(text)?.[1]?.toLowerCase();
    return said && !said.startsWith(declared)
      ? refuse('the byte order mark and the declaration differ')
      : { ok: true, text };
  } catch {
    return refuse('the bytes are not in the encoding that the message says');
  }
}

const refuse = (message: string): XmlText => ({ ok: false, message });
