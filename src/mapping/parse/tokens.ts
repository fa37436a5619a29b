/** One word or sign of a map. `text` is the unquoted content of a string. */
export type Token = {
  kind: 'name' | 'string' | 'quoted' | 'number' | 'sign' | 'header' | 'end';
  text: string;
  start: number;
  end: number;
  line: number;
};

/** A fault in the text of a map, with its line. */
export class MapSyntaxError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** What a token looks like, by kind, in the order in which they are tried. */
const LOOKS = {
  space: '\\s+',
  header: '///[^\\n]*',
  comment: '//[^\\n]*|/\\*[\\s\\S]*?\\*/',
  string: "'(?:\\\\[\\s\\S]|[^'\\\\])*'",
  quoted: '"(?:\\\\[\\s\\S]|[^"\\\\])*"',
  delimited: '`(?:\\\\[\\s\\S]|[^`\\\\])*`',
  date: '@[0-9TZ:+.-]+',
  number: '\\d+(?:\\.\\d+)?',
  name: '[%$]?[A-Za-z_][A-Za-z0-9_]*',
  sign: '->|<<|>>|!=|!~|<=|>=|==|\\.\\.|[(){}\\[\\].,;:=<>+\\-*/|&~%]',
};
const KINDS = Object.keys(LOOKS);
const PATTERN = new RegExp(
  Object.values(LOOKS)
    .map((look) => `(${look})`)
    .join('|'),
  'y',
);

/** Splits the text of a map into tokens; comments are left out, `///` header lines kept. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (!match) throw new MapSyntaxError(line, `unexpected character ${JSON.stringify(text[at])}`);
    const raw = match[0];
    const kind = KINDS[match.indexOf(raw, 1) - 1] as string;
    if (kind !== 'space' && kind !== 'comment') {
      tokens.push({ ...classify(kind, raw), start: at, end: at + raw.length, line });
    }
    for (let end = raw.indexOf('\n'); end >= 0; end = raw.indexOf('\n', end + 1)) line++;
    at += raw.length;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length, line });
  return tokens;
}

function classify(kind: string, raw: string): Pick<Token, 'kind' | 'text'> {
  switch (kind) {
    case 'string':
    case 'quoted':
      return { kind, text: unquote(raw.slice(1, -1)) };
    case 'delimited':
      return { kind: 'name', text: unquote(raw.slice(1, -1)) };
    case 'date':
      return { kind: 'string', text: raw.slice(1) };
    default:
      return { kind: kind as Token['kind'], text: raw };
  }
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f' };

function unquote(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, code: string) =>
    code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );
}
