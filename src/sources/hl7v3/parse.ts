import { SaxesParser, type SaxesTagNS } from 'saxes';
import { XmlElement } from './element.ts';
import { decodeXml } from './encoding.ts';
import { XML_LIMITS } from './limits.ts';

export type XmlResult = { ok: true; root: XmlElement } | { ok: false; path: string; message: string };

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** A reason of our own; anything else that the parser throws quotes the message and is never passed on. */
class Refused extends Error {}

/**
 * Bytes → the tree of elements (XML 1.0, namespaces), with `saxes`: it reads no DTD, knows no entities but the five,
 * opens no file and no address. Limits stop a message while it is read. Never throws; problems hold names, no values.
 */
export function parseXml(bytes: Uint8Array): XmlResult {
  const decoded = decodeXml(bytes);
  if (!decoded.ok) return { ok: false, path: '/', message: decoded.message };
  const excess = tooMuch(decoded.text);
  if (excess) return { ok: false, path: '/', message: excess };
  const parser = new SaxesParser({ xmlns: true, position: true, additionalNamespaces: {} });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let depth = 0;
  let attributes = 0;
  parser.on('error', () => {
    throw new Refused('this is not well-formed XML (XML 1.0 with namespaces)');
  });
  parser.on('xmldecl', ({ version }) => {
    if (version !== '1.0') throw new Refused('XML 1.0 only');
  });
  parser.on('doctype', () => {
    throw new Refused('no DOCTYPE: document types and entities are not read');
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    if (++depth > XML_LIMITS.depth) throw new Refused(`elements are nested deeper than ${XML_LIMITS.depth}`);
  });
  parser.on('attribute', ({ name }) => {
    if (++attributes > XML_LIMITS.attributes || name.length > XML_LIMITS.name)
      throw new Refused(`an element has more than ${XML_LIMITS.attributes} attributes, or one with a very long name`);
  });
  parser.on('opentag', (tag) => {
    if (tag.name.length > XML_LIMITS.name) throw new Refused('an element has a very long name');
    const element = new XmlElement(tag.local, tag.uri, parser.line, attributesOf(tag), open.at(-1));
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    depth--;
    open.pop();
  });
  const text = (words: string) => {
    const current = open.at(-1);
    if (current) current.text += words;
  };
  parser.on('text', text);
  parser.on('cdata', text);
  try {
    parser.write(decoded.text).close();
  } catch (error) {
    const reason = error instanceof Refused ? error.message : 'this is not well-formed XML (XML 1.0 with namespaces)';
    return { ok: false, path: open.at(-1)?.path ?? '/', message: `line ${parser.line}: ${reason}` };
  }
  return root ? { ok: true, root } : { ok: false, path: '/', message: 'there is no element' };
}

/** A look at the bare text first, so that a flood of small things costs nothing. */
function tooMuch(text: string): string | undefined {
  if (occurrences(text, '<', XML_LIMITS.markup)) return `there are more than ${XML_LIMITS.markup} tags`;
  if (occurrences(text, '&', XML_LIMITS.references)) return `there are more than ${XML_LIMITS.references} references`;
  for (let at = text.indexOf('<?'); at !== -1; at = text.indexOf('<?', at + 2)) {
    const end = text.indexOf('?>', at);
    if (end === -1 || end - at > XML_LIMITS.instruction) return 'an instruction is very long or has no end';
  }
  return undefined;
}

function occurrences(text: string, what: string, most: number): boolean {
  let count = 0;
  for (let at = text.indexOf(what); at !== -1; at = text.indexOf(what, at + 1)) if (++count > most) return true;
  return false;
}

/** Attributes by local name; of XML Schema instances as `xsi:…`; declarations of namespaces are no attributes. */
function attributesOf(tag: SaxesTagNS): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const one of Object.values(tag.attributes)) {
    if (one.prefix === 'xmlns' || one.name === 'xmlns') continue;
    attributes.set(one.uri === XSI ? `xsi:${one.local}` : one.name, one.value);
  }
  return attributes;
}
