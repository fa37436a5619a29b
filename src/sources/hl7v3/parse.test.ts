import { describe, expect, it } from 'vitest';
import { ownTime } from '../../../tests/support/own-time.ts';
import { XML_LIMITS } from './limits.ts';
import { parseXml } from './parse.ts';

const parse = (text: string) => parseXml(Buffer.from(text));
const problem = (result: ReturnType<typeof parseXml>) => (result.ok ? 'read' : `${result.path} ${result.message}`);

describe('XML that is read', () => {
  it('keeps names, attributes and texts, whatever the prefixes', () => {
    const result = parse(
      '<?xml version="1.0"?><h:a xmlns:h="urn:x" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" b="1 &lt; 2" i:type="ST">t&amp;<h:c/><![CDATA[<u>]]></h:a>',
    );
    if (!result.ok) throw new Error(result.message);
    const { root } = result;
    expect([root.uri, root.name, root.attribute('b'), root.attribute('xsi:type'), root.words()]).toEqual([
      'urn:x',
      'a',
      '1 < 2',
      'ST',
      't&<u>',
    ]);
    expect(root.one('c')?.path).toBe('a/c');
  });

  it.each([
    ['UTF-8', Buffer.from('<a>Zoë</a>')],
    ['UTF-8 with a mark', Buffer.from('\ufeff<a>Zoë</a>')],
    ['UTF-16 with a mark', Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><a>Zoë</a>', 'utf16le')],
    ['ISO 8859-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>Zoë</a>', 'latin1')],
    ['ISO 8859-15', Buffer.from("<?xml version='1.0' encoding='iso-8859-15'?><a>Zoë</a>", 'latin1')],
    ['Windows-1252', Buffer.from('<?xml version="1.0" encoding="windows-1252"?><a>Zoë</a>', 'latin1')],
  ])('%s', (_name, bytes) => {
    const result = parseXml(bytes);
    expect(result.ok && result.root.words()).toBe('Zoë');
  });

  it('takes the same content in another writing for the same', () => {
    const content = (text: string) => {
      const result = parse(text);
      return result.ok && JSON.stringify(result.root.content());
    };
    expect(content('<a xmlns="urn:x">\n  <b>t</b>\n</a>')).toBe(content('<x:a xmlns:x="urn:x"><x:b>t</x:b></x:a>'));
    expect(content('<a><b>t</b></a>')).not.toBe(content('<a><b>u</b></a>'));
  });
});

describe('XML that is refused', () => {
  it.each([
    ['nothing', ''],
    ['no XML', 'geheim-999903147'],
    ['JSON', '{"geheim": 1}'],
    ['an open element', '<a><b>geheim'],
    ['crossed elements', '<a><b></a></b>'],
    ['an attribute twice', '<a b="geheim" b="2"/>'],
    ['one attribute under two prefixes', '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>'],
    ['an unknown prefix', '<x:a/>'],
    ['an unknown entity', '<a>&geheim;</a>'],
    ['a null character', '<a>&#0;</a>'],
    ['a control character', '<a>\u0001</a>'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a/>geheim'],
    ['XML 1.1', '<?xml version="1.1"?><a/>'],
    ['an external DTD', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1/geheim">]><a>&x;</a>'],
    ['a parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>'],
    ['a harmless DTD', '<!DOCTYPE a><a/>'],
  ])('%s', (_name, text) => {
    const told = problem(parse(text));
    expect(told).not.toBe('read');
    expect(told).not.toMatch(/geheim|999903147|passwd/);
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from('<a>Zoë</a>', 'latin1')],
    ['an encoding that is not known', Buffer.from('<?xml version="1.0" encoding="EBCDIC-CP-NL"?><a/>')],
    ['UTF-7', Buffer.from('<?xml version="1.0" encoding="UTF-7"?><a>+ADw-b+AD4-</a>')],
    ['UTF-8 that says ISO 8859-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>Zoë</a>')],
    ['a UTF-8 mark that says ISO 8859-1', Buffer.from('\ufeff<?xml version="1.0" encoding="ISO-8859-1"?><a/>')],
    ['UTF-16 without a mark', Buffer.from('<a/>', 'utf16le')],
    ['UTF-16 cut short', Buffer.from('\ufeff<a/>', 'utf16le').subarray(0, -1)],
  ])('%s', (_name, bytes) => {
    expect(parseXml(bytes).ok).toBe(false);
  });

  it('names line and element, and no name that could be anything', () => {
    expect(problem(parse('<a>\n<jansen-1985>\n<b>&x;</b></jansen-1985></a>'))).toBe(
      'a/?/b line 3: this is not well-formed XML (XML 1.0 with namespaces)',
    );
  });
});

describe('hostile XML costs less than a second', () => {
  const MB5 = 5 * 1024 * 1024;
  const flood = (piece: string, end = '') => `<a>${piece.repeat(Math.floor(MB5 / piece.length))}${end}`;
  it.each([
    ['a billion laughs', `<!DOCTYPE a [<!ENTITY b "ha">${'<!ENTITY c "&b;&b;">'.repeat(9)}]><a>&c;</a>`],
    ['a quadratic blowup', `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(60_000)}">]><a>${'&b;'.repeat(60_000)}</a>`],
    ['an open DTD', `<!DOCTYPE a [${'x'.repeat(MB5)}`],
    ['depth', flood('<a>')],
    ['tags', flood('<a/>', '</a>')],
    ['tags between texts', flood('t<a/>', '</a>')],
    ['comments', flood('<!---->', '</a>')],
    ['an open comment', flood('<!--')],
    ['an open instruction', flood('<?a ')],
    ['instructions', flood('<?a?>', '</a>')],
    ['open sections', flood('<![CDATA[')],
    ['entities', flood('&amp;', '</a>')],
    ['character references', flood('&#65;', '</a>')],
    ['ampersands', flood('&')],
    ['one text', flood('x', '</a>')],
    ['one long entity', `<a>&${'a'.repeat(MB5)};</a>`],
    ['line ends', flood('\r\n', '</a>')],
    ['attributes', `<a ${Array.from({ length: 300_000 }, (_one, index) => `a${index}="1"`).join(' ')}/>`],
    ['namespaces', `<a>${Array.from({ length: 200_000 }, (_one, index) => `<b xmlns:p${index}="u"/>`).join('')}</a>`],
    ['a long name', `<${'a'.repeat(MB5)}/>`],
    ['a long attribute name', `<a ${'a'.repeat(MB5)}="1"/>`],
    ['a long value', `<a b="${'x'.repeat(MB5)}"/>`],
    ['an open value', `<a b="${'x'.repeat(MB5)}`],
    ['spaces in a tag', `<a${' '.repeat(MB5)}/>`],
  ])('%s', (_name, text) => {
    const bytes = Buffer.from(text);
    expect(ownTime(() => parseXml(bytes))).toBeLessThan(1_000);
  });

  it('stops at the limits', () => {
    const { depth, attributes } = XML_LIMITS;
    const deep = (count: number) => parse('<a>'.repeat(count) + '</a>'.repeat(count)).ok;
    expect([deep(depth), deep(depth + 1)]).toEqual([true, false]);
    const wide = (count: number) => parse(`<a ${Array.from({ length: count }, (_o, i) => `b${i}="1"`).join(' ')}/>`).ok;
    expect([wide(attributes), wide(attributes + 1)]).toEqual([true, false]);
  });
});
