import { fault } from '../fault.ts';
import {
  assertArity,
  callError,
  literalText,
  made,
  parameter,
  parameters,
  single,
  type Transform,
  type TransformCall,
  textOf,
} from './kit.ts';

/** `append(a, b, …)`: all texts joined. Absent parts add nothing; nothing but absent parts gives nothing. */
function append(call: TransformCall): Transform {
  assertArity(call, 1, 50);
  const parts = parameters(call);
  return single('string', (frame, run) => {
    let joined = '';
    let absent = false;
    let present = false;
    for (let index = 0; index < parts.length; index++) {
      const node = parts[index]?.get(frame, run);
      const text = textOf(node);
      if (text === undefined) absent = true;
      else {
        joined += text;
        present ||= call.target.parameters[index]?.kind !== 'literal';
      }
    }
    return absent && !present ? undefined : made(joined, 'string');
  });
}

/** `truncate(v, length)`: the first `length` characters (code points, so that no character is cut in two). */
function truncate(call: TransformCall): Transform {
  assertArity(call, 2, 2);
  const value = parameter(call, 0, 'text');
  const length = parameter(call, 1, 'length');
  return single('string', (frame, run) => {
    const text = textOf(value.get(frame, run));
    const max = Number(length.get(frame, run)?.value);
    if (text === undefined) return undefined;
    if (!Number.isInteger(max) || max < 0)
      throw fault('bad-length', frame.slots[call.focus.slot], 'the length is no number');
    return made(Array.from(text).slice(0, max).join(''), 'string');
  });
}

const MARKUP: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Characters that XML 1.0 cannot carry, as `escape` and narrative have to avoid them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is sought.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const WRITE: Record<string, (text: string) => string> = {
  text: (text) => text,
  html: (text) => text.replace(NOT_XML, '\ufffd').replace(/[&<>"']/g, (sign) => MARKUP[sign] as string),
  xml: (text) => text.replace(NOT_XML, '\ufffd').replace(/[&<>"']/g, (sign) => MARKUP[sign] as string),
  json: (text) => JSON.stringify(text).slice(1, -1),
  uri: (text) => encodeURIComponent(text.toWellFormed()),
};

const unmark = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined;
    if (code === undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

const READ: Record<string, (text: string) => string> = {
  text: (text) => text,
  html: unmark,
  xml: unmark,
  json: (text) => JSON.parse(`"${text}"`) as string,
  uri: decodeURIComponent,
};

/** `escape(v, 'html')`, `escape(v, from, to)` with text, html, xml, json or uri. */
function escapeText(call: TransformCall): Transform {
  assertArity(call, 2, 3);
  const value = parameter(call, 0, 'text');
  const formats = call.target.parameters.slice(1).map((_, index) => literalText(call, index + 1, 'format'));
  const [from, to] = formats.length === 2 ? formats : ['text', formats[0]];
  const read = READ[from as string];
  const write = WRITE[to as string];
  if (!read || !write) throw callError(call, 'escape() knows text, html, xml, json and uri');
  return single('string', (frame, run) => {
    const node = value.get(frame, run);
    const text = textOf(node);
    if (text === undefined) return undefined;
    let plain: string;
    try {
      plain = read(text);
    } catch {
      throw fault('bad-escape', node, `the text is no valid ${from}`);
    }
    return made(write(plain), 'string');
  });
}

export const textTransforms = { append, truncate, escape: escapeText };
