import { MapSyntaxError, type Token, tokenize } from './tokens.ts';

/** A place in the tokens of one map, with the moves a recursive-descent parser makes. */
export type Cursor = { text: string; tokens: Token[]; at: number };

export const openCursor = (text: string): Cursor => ({ text, tokens: tokenize(text), at: 0 });

export const peek = (cursor: Cursor, ahead = 0): Token =>
  cursor.tokens[Math.min(cursor.at + ahead, cursor.tokens.length - 1)] as Token;

/** Takes the next token, whatever it is. */
export function next(cursor: Cursor): Token {
  const token = peek(cursor);
  if (token.kind === 'end') throw new MapSyntaxError(token.line, 'the map ends too early');
  cursor.at++;
  return token;
}

/** True when the next token is this word or sign (a string never is). */
export function isNext(cursor: Cursor, text: string, ahead = 0): boolean {
  const token = peek(cursor, ahead);
  return (token.kind === 'name' || token.kind === 'sign') && token.text === text;
}

/** Takes the word or sign when it is next. */
export function accept(cursor: Cursor, text: string): boolean {
  if (!isNext(cursor, text)) return false;
  cursor.at++;
  return true;
}

/** Takes the word or sign, or fails. */
export function expect(cursor: Cursor, text: string): Token {
  const token = peek(cursor);
  if (!accept(cursor, text)) throw new MapSyntaxError(token.line, `expected "${text}", found "${token.text}"`);
  return token;
}

/** Takes a name, or fails. */
export function expectName(cursor: Cursor, what: string): string {
  const token = next(cursor);
  if (token.kind !== 'name') throw new MapSyntaxError(token.line, `expected ${what}, found "${token.text}"`);
  return token.text;
}

/** Takes a string in either kind of quotes, or fails. */
export function expectString(cursor: Cursor, what: string): string {
  const token = next(cursor);
  if (token.kind !== 'string' && token.kind !== 'quoted') {
    throw new MapSyntaxError(token.line, `expected ${what} in quotes, found "${token.text}"`);
  }
  return token.text;
}

const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);
const OPERATORS = new Set(
  '= != ~ !~ < <= > >= + - * / | & ( , and or xor implies in contains div mod is as'.split(' '),
);

/**
 * Takes a FHIRPath expression as text: up to the first of `stops` outside brackets, or a rule name in double quotes.
 * The text keeps the author's words, for error messages and for the FHIRPath parser.
 */
export function takeExpression(cursor: Cursor, stops: string[]): string {
  const first = peek(cursor);
  let depth = 0;
  let previous: Token | undefined;
  while (true) {
    const token = peek(cursor);
    if (token.kind === 'end') throw new MapSyntaxError(first.line, 'the expression that begins here does not end');
    // A stop word at the very start is a variable of that name: `given.value = first`.
    const mayStop = token.kind === 'sign' || (token.kind === 'name' && previous !== undefined);
    if (depth === 0 && mayStop && stops.includes(token.text)) break;
    if (depth === 0 && token.kind === 'quoted' && previous && !OPERATORS.has(previous.text)) break;
    if (token.kind === 'sign') {
      if (OPENING.has(token.text)) depth++;
      if (CLOSING.has(token.text) && --depth < 0) break;
    }
    previous = next(cursor);
  }
  if (!previous) throw new MapSyntaxError(first.line, 'expected an expression');
  return cursor.text.slice(first.start, previous.end);
}
