/**
 * Checks the XHTML of a narrative (FHIR R4 §narrative, rules txt-1 and txt-2): one `div` in the XHTML namespace, well formed,
 * only the elements and attributes that the standard allows, no scripts, no links that run something.
 */
export function narrativeFault(text: string): string | undefined {
  const trimmed = text.trim();
  if (!/^<div[\s>/]/.test(trimmed)) return 'expected one div element';
  const open: string[] = [];
  let content = false;
  let at = 0;
  while (at < trimmed.length) {
    if (open.length === 0 && at > 0) return 'expected nothing after the div element';
    const lessThan = trimmed.indexOf('<', at);
    const chunk = trimmed.slice(at, lessThan < 0 ? trimmed.length : lessThan);
    if (!hasGoodEntities(chunk)) return 'expected only known character references';
    content ||= chunk.trim() !== '';
    if (lessThan < 0) return 'expected the div element to be closed';
    const next = readMarkup(trimmed, lessThan, open);
    if (typeof next === 'string') return next;
    content ||= next.content;
    at = next.at;
  }
  if (open.length > 0) return 'expected every element to be closed';
  return content ? undefined : 'expected some text or an image in the narrative';
}

type Step = { at: number; content: boolean };

const TAG = /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;
const COMMENT = /<!--(?:(?!--)[\s\S])*-->/y;

function readMarkup(text: string, start: number, open: string[]): Step | string {
  COMMENT.lastIndex = start;
  if (COMMENT.test(text)) return { at: COMMENT.lastIndex, content: false };
  TAG.lastIndex = start;
  const match = TAG.exec(text);
  if (!match) return 'expected well-formed XHTML';
  const [, closing, name = '', attributes = '', selfClosing] = match;
  if (!ELEMENTS.has(name)) return 'expected only elements that a narrative may hold';
  if (closing) {
    if (open.pop() !== name || attributes) return 'expected well-formed XHTML';
    return { at: TAG.lastIndex, content: false };
  }
  const fault = attributesFault(attributes, open.length === 0);
  if (fault) return fault;
  if (!selfClosing) open.push(name);
  if (open.length > 100) return 'expected at most 100 nested elements';
  return { at: TAG.lastIndex, content: name === 'img' };
}

function attributesFault(text: string, isRoot: boolean): string | undefined {
  const seen = new Set<string>();
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? '';
    if (seen.has(name)) return 'expected each attribute once';
    seen.add(name);
    if (name === 'xmlns') {
      if (value !== XHTML) return 'expected the XHTML namespace';
    } else if (!ATTRIBUTES.has(name)) return 'expected only attributes that a narrative may hold';
    if (!hasGoodEntities(value)) return 'expected only known character references';
    if ((name === 'href' || name === 'src') && !isSafeLink(value)) return 'expected a link that runs nothing';
    if (name === 'style' && /expression|url\s*\(|@import|\\/i.test(value)) return 'expected a style without links';
  }
  return isRoot && !seen.has('xmlns') ? 'expected the XHTML namespace on the div element' : undefined;
}

/** References of XML and the Latin-1 names of XHTML that are in common use; numbers as well. */
function hasGoodEntities(text: string): boolean {
  for (const [, name] of text.matchAll(/&([^;\s&]*;?)/g)) {
    if (!/^(#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});$/.test(name ?? '')) return false;
  }
  return true;
}

/** Character references and white space could hide a scheme from this check, so a link may hold none but `&amp;`. */
function isSafeLink(value: string): boolean {
  const link = value.trim();
  if (/[&\s]/.test(link.replaceAll('&amp;', ''))) return false;
  const scheme = /^([^/?#]*?):/.exec(link)?.[1]?.toLowerCase();
  return scheme === undefined || ['http', 'https', 'mailto', 'tel', 'urn', 'cid'].includes(scheme) || isImage(link);
}

const isImage = (value: string): boolean => /^data:image\/(png|jpeg|gif);base64,[A-Za-z0-9+/=]+$/.test(value);

const XHTML = 'http://www.w3.org/1999/xhtml';
const ELEMENTS = new Set(
  (
    'a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ' +
    'ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var kbd bdo'
  ).split(' '),
);
const ATTRIBUTES = new Set(
  (
    'abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite ' +
    'class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan ' +
    'rules scope shape span src start style summary tabindex title type valign value vspace width xml:lang xml:space'
  ).split(' '),
);
