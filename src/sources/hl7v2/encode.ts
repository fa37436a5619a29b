import { encode, isCharset } from './charset.ts';
import { readEnvelope } from './envelope.ts';

/** A message of our own → bytes, in the character set that its MSH-18 names; ASCII where it names none. */
export function encodeMessage(text: string): Buffer {
  const head = readEnvelope(text);
  const name = head.ok ? (head.envelope.msh.fields[18] ?? '') : '';
  return encode(text, isCharset(name) ? name : 'ASCII');
}
