import { decode } from './charset.ts';
import type { Charset, Separators } from './types.ts';

/** Escape sequences that are well formed, though nothing here acts on them (layout, character set switches, local ones). */
const OTHER_SEQUENCE = /^(?:P|\.[a-z]{2}[+-]?\d{0,4}|[CM][0-9A-Fa-f]{4,6}|X(?:[0-9A-Fa-f]{2})*|Z[^\r\n]{0,80})$/;

/** Characters that FHIR strings may hold: no control characters but tab, line feed and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/**
 * A value as meant: escape sequences (HL7 v2 §2.7) replaced by what they stand for; `\.br\` is a line feed. Sequences
 * that are unknown, or would give a control character, stay as text, and so does a stray escape character: nothing a
 * person wrote is lost.
 */
export function unescapeText(text: string, separators: Separators, charset: Charset): string {
  const mark = separators.escape;
  let start = text.indexOf(mark);
  if (start === -1) return text;
  let out = '';
  let done = 0;
  while (start !== -1) {
    const end = text.indexOf(mark, start + 1);
    if (end === -1) break;
    const name = text.slice(start + 1, end);
    const meaning = sequence(name, separators, charset);
    if (meaning !== undefined) {
      out += text.slice(done, start) + meaning;
      done = end + 1;
    }
    // A stray mark must not swallow the start of the next sequence.
    start = meaning !== undefined || (name !== '' && OTHER_SEQUENCE.test(name)) ? text.indexOf(mark, end + 1) : end;
  }
  return out + text.slice(done);
}

/** A text as it may stand in a field: separators, escape character and line ends as escape sequences. */
export function escapeText(text: string, separators: Separators): string {
  const names = new Map([
    [separators.field, 'F'],
    [separators.component, 'S'],
    [separators.repetition, 'R'],
    [separators.subcomponent, 'T'],
    [separators.escape, 'E'],
    ['\n', '.br'],
    ['\r', 'X0D'],
  ]);
  let out = '';
  for (const character of text) {
    const name = names.get(character);
    out += name === undefined ? character : separators.escape + name + separators.escape;
  }
  return out;
}

function sequence(name: string, separators: Separators, charset: Charset): string | undefined {
  switch (name) {
    case 'F':
      return separators.field;
    case 'S':
      return separators.component;
    case 'R':
      return separators.repetition;
    case 'T':
      return separators.subcomponent;
    case 'E':
      return separators.escape;
    case '.br':
    case '.sp':
    case '.ce':
      return '\n';
    // Highlighting on and off: a mark on the text and no part of it.
    case 'H':
    case 'N':
      return '';
    default:
      return name.startsWith('X') && /^X(?:[0-9A-Fa-f]{2})+$/.test(name)
        ? hexadecimal(name.slice(1), charset)
        : undefined;
  }
}

function hexadecimal(digits: string, charset: Charset): string | undefined {
  const decoded = decode(Buffer.from(digits, 'hex'), charset);
  return decoded.ok && !CONTROL.test(decoded.text) ? decoded.text : undefined;
}
