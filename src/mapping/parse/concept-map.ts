import type { ConceptMap, ConceptMapGroup } from '@medplum/fhirtypes';
import { accept, type Cursor, expect, expectName, expectString, isNext, next } from './cursor.ts';
import { MapSyntaxError } from './tokens.ts';

/** Signs of the language → ConceptMap.group.element.target.equivalence (FHIR R4). R5 has the plain `-` only. */
const EQUIVALENCE: Record<string, string> = {
  '-': 'relatedto',
  '--': 'unmatched',
  '=': 'equal',
  '==': 'equivalent',
  '!=': 'disjoint',
  '~': 'inexact',
  '>': 'wider',
  '>-': 'specializes',
  '<': 'narrower',
  '<-': 'subsumes',
  '<=': 'wider',
  '>=': 'narrower',
};

/** `conceptmap "name" { prefix s = "system" … unmapped for s = provided  s:code == t:"other code" }` */
export function parseConceptMap(cursor: Cursor): ConceptMap {
  next(cursor);
  const url = expectString(cursor, 'the name of the concept map');
  const prefixes = new Map<string, string>();
  const groups: ConceptMapGroup[] = [];
  const unmapped = new Map<string, 'provided' | 'fixed'>();
  expect(cursor, '{');
  while (!accept(cursor, '}')) {
    if (accept(cursor, 'prefix')) {
      const name = expectName(cursor, 'a prefix');
      expect(cursor, '=');
      prefixes.set(name, expectString(cursor, 'the url of a code system'));
    } else if (accept(cursor, 'unmapped')) {
      expect(cursor, 'for');
      const name = expectName(cursor, 'a prefix');
      expect(cursor, '=');
      const mode = next(cursor);
      if (mode.text !== 'provided') throw new MapSyntaxError(mode.line, 'only "unmapped for x = provided" is defined');
      unmapped.set(systemOf(prefixes, name, mode.line), 'provided');
    } else {
      parseElement(cursor, prefixes, groups);
    }
    accept(cursor, ';');
  }
  for (const group of groups) {
    const mode = unmapped.get(group.source as string);
    if (mode === 'provided') group.unmapped = { mode };
  }
  return { resourceType: 'ConceptMap', status: 'active', url: url.startsWith('#') ? url : `#${url}`, group: groups };
}

function parseElement(cursor: Cursor, prefixes: Map<string, string>, groups: ConceptMapGroup[]): void {
  const left = parseCode(cursor, prefixes);
  const sign = next(cursor);
  let operator = sign.text;
  if (['<', '>', '-'].includes(operator) && accept(cursor, '-')) operator += '-';
  const equivalence = EQUIVALENCE[operator];
  if (!equivalence) throw new MapSyntaxError(sign.line, `"${operator}" is no relation between codes`);
  const right = parseCode(cursor, prefixes);
  let group = groups.find((each) => each.source === left.system && each.target === right.system);
  if (!group) {
    group = { source: left.system, target: right.system, element: [] };
    groups.push(group);
  }
  const target = { code: right.code, equivalence: equivalence as 'equal' };
  const known = group.element.find((element) => element.code === left.code);
  if (known) known.target?.push(target);
  else group.element.push({ code: left.code, target: [target] });
}

function parseCode(cursor: Cursor, prefixes: Map<string, string>): { system: string; code: string } {
  const token = next(cursor);
  const system = systemOf(prefixes, token.text, token.line);
  expect(cursor, ':');
  let code = next(cursor).text;
  // A bare code may hold dashes: `s:in-progress`; only where nothing separates them in the text.
  while (isNext(cursor, '-') && adjacent(cursor)) code += next(cursor).text + next(cursor).text;
  return { system, code };
}

function adjacent(cursor: Cursor): boolean {
  const [before, dash, after] = [-1, 0, 1].map((step) => cursor.tokens[cursor.at + step]);
  return before?.end === dash?.start && dash?.end === after?.start;
}

function systemOf(prefixes: Map<string, string>, name: string, line: number): string {
  const system = prefixes.get(name);
  if (system === undefined) throw new MapSyntaxError(line, `the prefix "${name}" is not declared`);
  return system;
}
