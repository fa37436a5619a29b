/**
 * Does text[from, to) hold a `\u` escape that is U+0000, or half of a surrogate pair without its other half next to it?
 * Raw characters need no such check: valid UTF-8 has no lone surrogates, and JSON allows no raw control character.
 */
export function badEscapes(text: string, from: number, to: number): boolean {
  let i = text.indexOf('\\', from);
  while (i !== -1 && i < to) {
    if (text[i + 1] !== 'u') {
      i = text.indexOf('\\', i + 2);
      continue;
    }
    const unit = Number.parseInt(text.slice(i + 2, i + 6), 16);
    if (unit === 0 || isLow(unit)) return true;
    i += 6;
    if (isHigh(unit)) {
      if (i + 6 > to || text[i] !== '\\' || text[i + 1] !== 'u') return true;
      if (!isLow(Number.parseInt(text.slice(i + 2, i + 6), 16))) return true;
      i += 6;
    }
    i = text.indexOf('\\', i);
  }
  return false;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
