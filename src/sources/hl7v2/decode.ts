import { decode, isCharset } from './charset.ts';
import { readEnvelope } from './envelope.ts';
import type { Charset, Envelope, Hl7Issue } from './types.ts';

/**
 * The text of a message with its header and what was noticed, or why it cannot be read (with the header where there is
 * a usable one).
 */
export type DecodeResult =
  | { ok: true; text: string; envelope: Envelope; warnings: Hl7Issue[] }
  | { ok: false; envelope: Envelope | undefined; issue: Hl7Issue };

/**
 * Bytes → text by the character set that MSH-18 names (HL7 v2 §2.15.9.18). Dutch senders without MSH-18 mean ISO
 * 8859-1: that is assumed, and said. Control characters are refused: FHIR strings cannot hold them, and they have no
 * meaning in HL7 v2 text.
 */
export function decodeHl7(bytes: Uint8Array): DecodeResult {
  const start = bytes.findIndex((byte) => byte !== 0x0d && byte !== 0x0a);
  const message = bytes.subarray(Math.max(start, 0));
  const head = readEnvelope(Buffer.from(message.subarray(0, 8_192)).toString('latin1'));
  if (!head.ok) return { ok: false, envelope: undefined, issue: head.issue };
  const declared = declaredCharset(head.envelope);
  if (!declared) {
    const text = 'MSH-18 must name one character set: ASCII, 8859/1, 8859/15 or UNICODE UTF-8.';
    return refuse(head.envelope, 'hl7-charset', 'MSH-18', text);
  }
  const decoded = decode(message, declared.charset);
  if (!decoded.ok) return refuse(head.envelope, 'hl7-charset', 'MSH-18', decoded.message);
  const header = readEnvelope(decoded.text);
  const envelope: Envelope = { ...(header.ok ? header.envelope : head.envelope), charset: declared.charset };
  if (CONTROL.test(decoded.text)) {
    const text = 'The message holds control characters other than tab, carriage return and line feed.';
    return refuse(envelope, 'hl7-control-character', '', text);
  }
  const warnings: Hl7Issue[] = [];
  if (declared.assumed) {
    warnings.push({
      code: 'hl7-charset-assumed',
      path: 'MSH-18',
      message: 'No character set is named; 8859/1 is assumed.',
    });
  }
  if (decoded.windows) {
    warnings.push({
      code: 'hl7-charset-windows',
      path: 'MSH-18',
      message: 'The bytes are Windows-1252, not 8859/1; they are read as Windows-1252.',
    });
  }
  return { ok: true, text: decoded.text, envelope, warnings };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** The one character set of MSH-18. Several would switch by ISO 2022 escapes, which are not read. */
function declaredCharset({ msh, separators }: Envelope): { charset: Charset; assumed: boolean } | undefined {
  const names = (msh.fields[18] ?? '').split(separators.repetition).map((name) => name.trim());
  const named = names.filter((name) => name !== '');
  if (named.length === 0) return { charset: '8859/1', assumed: true };
  const [name = ''] = named;
  return named.length === 1 && isCharset(name) ? { charset: name, assumed: false } : undefined;
}

/** Bytes that no character set explains cannot be repeated in an answer. */
function refuse(envelope: Envelope, code: Hl7Issue['code'], path: string, message: string): DecodeResult {
  const fields = envelope.msh.fields.map(ascii);
  const safe = { ...envelope, controlId: ascii(envelope.controlId), msh: { ...envelope.msh, fields } };
  return { ok: false, envelope: safe, issue: { code, path, message } };
}

const ascii = (text: string): string => text.replace(/[^ -~]/g, '?');
