import { readSeparators } from './separators.ts';
import type { Envelope, Hl7Issue } from './types.ts';

/** More than any header; a longer first line is not searched. */
const HEADER_LENGTH = 4_096;

export type EnvelopeResult = { ok: true; envelope: Envelope } | { ok: false; issue: Hl7Issue };

/**
 * The header of a message, read before its character set is known: `text` may be the bytes read as ISO 8859-1, for all
 * that matters here is ASCII in every character set that is accepted. The character set is ASCII until it has been
 * decided.
 */
export function readEnvelope(text: string): EnvelopeResult {
  if (!text.startsWith('MSH')) {
    return refuse('hl7-msh', 'MSH', 'The message must start with an MSH segment, with nothing in front of it.');
  }
  const head = text.slice(0, HEADER_LENGTH);
  const end = head.search(/[\r\n]/);
  if (end === -1 && text.length > HEADER_LENGTH) return refuse('hl7-limit', 'MSH', 'The MSH segment is too long.');
  const line = end === -1 ? head : head.slice(0, end);
  const separators = readSeparators(line);
  if (!separators) {
    const message = 'MSH-1 and MSH-2 must name five distinct punctuation characters, such as |^~\\&.';
    return refuse('hl7-separators', 'MSH-2', message);
  }
  const [, encoding = '', ...rest] = line.split(separators.field);
  const fields = ['MSH', separators.field, encoding, ...rest];
  const [code = '', event = ''] = (fields[9] ?? '').split(separators.component);
  const type = event === '' ? code : `${code}_${event}`;
  const controlId = fields[10] ?? '';
  return {
    ok: true,
    envelope: { separators, charset: 'ASCII', msh: { name: 'MSH', fields }, type, controlId },
  };
}

const refuse = (code: Hl7Issue['code'], path: string, message: string): EnvelopeResult => ({
  ok: false,
  issue: { code, path, message },
});
