import type { Group, GroupInput, MapSource, Structure } from './ast.ts';
import { parseConceptMap } from './concept-map.ts';
import {
  accept,
  type Cursor,
  expect,
  expectName,
  expectString,
  isNext,
  next,
  openCursor,
  peek,
  takeExpression,
} from './cursor.ts';
import { parseRules } from './rule.ts';
import { MapSyntaxError } from './tokens.ts';

/**
 * Parses one file of the FHIR Mapping Language, R4 and R5 grammar (FHIR R5 §mapping-language). Throws MapSyntaxError
 * with the line where the text is no map.
 */
export function parseMap(file: string, text: string): MapSource {
  const cursor = openCursor(text);
  const map: MapSource = {
    file,
    url: '',
    name: '',
    line: 1,
    structures: [],
    imports: [],
    constants: [],
    conceptMaps: [],
    groups: [],
  };
  while (peek(cursor).kind !== 'end') parseDeclaration(cursor, map);
  if (!map.url) throw new MapSyntaxError(1, 'the map has no url');
  if (map.groups.length === 0) throw new MapSyntaxError(map.line, 'the map has no group');
  return map;
}

function parseDeclaration(cursor: Cursor, map: MapSource): void {
  const token = peek(cursor);
  if (token.kind === 'header') {
    parseHeader(next(cursor).text, map);
    return;
  }
  switch (token.text) {
    case 'map':
      parseMapLine(cursor, map);
      break;
    case 'conceptmap':
      map.conceptMaps.push(parseConceptMap(cursor));
      break;
    case 'uses':
      map.structures.push(parseUses(cursor));
      break;
    case 'imports':
      map.imports.push(parseImport(cursor));
      break;
    case 'let':
      map.constants.push(parseConstant(cursor));
      break;
    case 'group':
      map.groups.push(parseGroup(cursor));
      break;
    default:
      throw new MapSyntaxError(token.line, `unexpected "${token.text}"`);
  }
}

/** R5 writes the metadata of a map in `/// url = "…"` lines. */
function parseHeader(line: string, map: MapSource): void {
  const match = /^\/\/\/\s*(url|name)\s*=\s*["'](.*)["']\s*$/.exec(line.trimEnd());
  if (match?.[1] === 'url') map.url = match[2] as string;
  if (match?.[1] === 'name') map.name = match[2] as string;
}

function parseMapLine(cursor: Cursor, map: MapSource): void {
  map.line = next(cursor).line;
  map.url = expectString(cursor, 'the url of the map');
  if (accept(cursor, '=')) {
    const token = next(cursor);
    map.name = token.text;
  }
  accept(cursor, ';');
}

function parseUses(cursor: Cursor): Structure {
  const { line } = next(cursor);
  const url = expectString(cursor, 'the url of a structure');
  const alias = accept(cursor, 'alias') ? next(cursor).text : undefined;
  expect(cursor, 'as');
  const mode = expectName(cursor, 'source, queried, target or produced');
  if (!['source', 'queried', 'target', 'produced'].includes(mode)) {
    throw new MapSyntaxError(line, `a structure is used as source, queried, target or produced, not as "${mode}"`);
  }
  accept(cursor, ';');
  return { url, alias, mode, line };
}

function parseImport(cursor: Cursor): MapSource['imports'][number] {
  const { line } = next(cursor);
  const url = expectString(cursor, 'the url of a map');
  accept(cursor, ';');
  return { url, line };
}

function parseConstant(cursor: Cursor): MapSource['constants'][number] {
  const { line } = next(cursor);
  const name = expectName(cursor, 'the name of a constant');
  expect(cursor, '=');
  const expression = takeExpression(cursor, [';']);
  expect(cursor, ';');
  return { name, expression, line };
}

function parseGroup(cursor: Cursor): Group {
  const { line } = next(cursor);
  const name = expectName(cursor, 'the name of a group');
  const inputs = parseInputs(cursor);
  const base = accept(cursor, 'extends') ? expectName(cursor, 'the name of a group') : undefined;
  const typeMode = parseTypeMode(cursor);
  return { name, line, inputs, extends: base, typeMode, rules: parseRules(cursor) };
}

function parseInputs(cursor: Cursor): GroupInput[] {
  expect(cursor, '(');
  const inputs: GroupInput[] = [];
  do {
    const token = next(cursor);
    if (token.text !== 'source' && token.text !== 'target') {
      throw new MapSyntaxError(token.line, `a group takes source or target inputs, not "${token.text}"`);
    }
    const name = expectName(cursor, 'the name of an input');
    const type = accept(cursor, ':') ? next(cursor).text : undefined;
    inputs.push({ mode: token.text, name, type, line: token.line });
  } while (accept(cursor, ','));
  expect(cursor, ')');
  return inputs;
}

function parseTypeMode(cursor: Cursor): Group['typeMode'] {
  if (!accept(cursor, '<<')) return 'none';
  const token = next(cursor);
  const plus = accept(cursor, '+');
  if (token.text !== 'types' && token.text !== 'type') {
    throw new MapSyntaxError(token.line, 'expected <<types>> or <<type+>>');
  }
  if (token.text === 'type' && !plus && !isNext(cursor, '>>'))
    throw new MapSyntaxError(token.line, 'expected <<type+>>');
  expect(cursor, '>>');
  return plus ? 'type-and-types' : 'types';
}
