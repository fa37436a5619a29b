import type { Dependent, ListModeSource, ListModeTarget, Parameter, Rule, Source, Target } from './ast.ts';
import { accept, type Cursor, expect, expectName, isNext, next, peek, takeExpression } from './cursor.ts';
import { MapSyntaxError } from './tokens.ts';

const SOURCE_MODES = ['first', 'not_first', 'last', 'not_last', 'only_one'];
const SOURCE_STOPS = ['as', ...SOURCE_MODES, 'where', 'check', 'log', '->', ',', ';', 'then'];
const TARGET_MODES = ['first', 'share', 'last', 'collate', 'single'];

/** `{ rule; rule; … }` */
export function parseRules(cursor: Cursor): Rule[] {
  expect(cursor, '{');
  const rules: Rule[] = [];
  while (!accept(cursor, '}')) rules.push(parseRule(cursor));
  return rules;
}

function parseRule(cursor: Cursor): Rule {
  const { line } = peek(cursor);
  // An old form names the rule first: `name : for source make target`.
  if (peek(cursor).kind === 'name' && isNext(cursor, ':', 1) && isNext(cursor, 'for', 2)) cursor.at += 2;
  accept(cursor, 'for');
  const sources = [parseSource(cursor)];
  while (accept(cursor, ',')) sources.push(parseSource(cursor));
  const targets: Target[] = [];
  if (accept(cursor, '->') || accept(cursor, 'make')) {
    do targets.push(...parseTarget(cursor));
    while (accept(cursor, ','));
  }
  const rules: Rule[] = [];
  const dependents: Dependent[] = [];
  if (accept(cursor, 'then')) {
    if (!isNext(cursor, '{')) {
      do dependents.push(parseDependent(cursor));
      while (accept(cursor, ','));
    }
    if (isNext(cursor, '{')) rules.push(...parseRules(cursor));
  }
  const named = peek(cursor).kind === 'quoted' ? next(cursor).text : undefined;
  expect(cursor, ';');
  return { name: named ?? sources[0]?.element ?? sources[0]?.context ?? '', line, sources, targets, rules, dependents };
}

function parseSource(cursor: Cursor): Source {
  const { line } = peek(cursor);
  const { context, elements } = parseContext(cursor);
  const element = elements.pop();
  const type = accept(cursor, ':') ? next(cursor).text : undefined;
  const { min, max } = parseCardinality(cursor);
  const byDefault = accept(cursor, 'default') ? parseDefault(cursor) : undefined;
  const listMode = SOURCE_MODES.includes(peek(cursor).text) ? (next(cursor).text as ListModeSource) : undefined;
  const variable = accept(cursor, 'as') ? expectName(cursor, 'the name of a variable') : undefined;
  const source: Source = {
    line,
    context,
    through: elements,
    element,
    type,
    min,
    max,
    default: byDefault,
    listMode,
    variable,
    where: undefined,
    check: undefined,
    log: undefined,
  };
  // The grammar fixes the order where, check, log; older maps put log first.
  while (isNext(cursor, 'where') || isNext(cursor, 'check') || isNext(cursor, 'log')) {
    const clause = next(cursor).text as 'where' | 'check' | 'log';
    source[clause] = takeExpression(cursor, ['->', 'make', ',', ';', 'then', 'where', 'check', 'log']);
  }
  return source;
}

/** `ctx`, `ctx.element`, `ctx.a.b.element`; `[x]` may stand behind a choice element. */
function parseContext(cursor: Cursor): { context: string; elements: string[] } {
  const context = expectName(cursor, 'a variable');
  const elements: string[] = [];
  while (accept(cursor, '.')) {
    elements.push(expectName(cursor, 'an element'));
    if (accept(cursor, '[')) {
      expectName(cursor, 'x');
      expect(cursor, ']');
    }
  }
  return { context, elements };
}

function parseCardinality(cursor: Cursor): { min: number | undefined; max: number | undefined } {
  if (peek(cursor).kind !== 'number' || !isNext(cursor, '..', 1)) return { min: undefined, max: undefined };
  const min = Number(next(cursor).text);
  next(cursor);
  const upper = next(cursor);
  if (upper.text !== '*' && upper.kind !== 'number') throw new MapSyntaxError(upper.line, 'expected a number or *');
  return { min, max: upper.text === '*' ? Number.POSITIVE_INFINITY : Number(upper.text) };
}

/** `default 'x'` (R4) and `default (expression)` (R5). */
function parseDefault(cursor: Cursor): Parameter {
  if (!accept(cursor, '(')) return parseParameter(cursor, SOURCE_STOPS);
  const parameter = parseParameter(cursor, []);
  expect(cursor, ')');
  return parameter;
}

const emptyTarget = (line: number): Target => ({
  line,
  context: undefined,
  element: undefined,
  transform: undefined,
  parameters: [],
  variable: undefined,
  listMode: undefined,
  shareId: undefined,
  isStep: false,
});

/** One target, with a target of its own for each step of a longer path before it. */
function parseTarget(cursor: Cursor): Target[] {
  const { line } = peek(cursor);
  const target = emptyTarget(line);
  const steps: Target[] = [];
  if (isNext(cursor, '(') || isNext(cursor, '(', 1)) {
    parseTransform(cursor, target);
  } else {
    const { context, elements } = parseContext(cursor);
    target.context = context;
    target.element = elements.pop();
    for (const element of elements) {
      const variable = `#${context}.${elements.slice(0, elements.indexOf(element) + 1).join('.')}`;
      steps.push({ ...emptyTarget(line), context: target.context, element, variable, isStep: true });
      target.context = variable;
    }
    if (accept(cursor, '=')) parseTransform(cursor, target);
  }
  if (accept(cursor, 'as')) target.variable = expectName(cursor, 'the name of a variable');
  while (TARGET_MODES.includes(peek(cursor).text) && peek(cursor).kind === 'name') {
    target.listMode = next(cursor).text as ListModeTarget;
    if (target.listMode === 'share') target.shareId = expectName(cursor, 'the name of the shared element');
  }
  return [...steps, target];
}

const TARGET_STOPS = [',', ';', 'then', 'as', ...TARGET_MODES];

function parseTransform(cursor: Cursor, target: Target): void {
  const isCall = peek(cursor).kind === 'name' && isNext(cursor, '(', 1);
  if (!isCall) {
    const parameter = parseParameter(cursor, TARGET_STOPS);
    target.transform = parameter.kind === 'expression' ? 'evaluate' : 'copy';
    target.parameters = [parameter];
    return;
  }
  target.transform = next(cursor).text;
  target.parameters = parseParameters(cursor);
}

function parseDependent(cursor: Cursor): Dependent {
  const { line } = peek(cursor);
  const name = expectName(cursor, 'the name of a group');
  return { name, line, parameters: parseParameters(cursor) };
}

function parseParameters(cursor: Cursor): Parameter[] {
  expect(cursor, '(');
  const parameters: Parameter[] = [];
  if (accept(cursor, ')')) return parameters;
  do parameters.push(parseParameter(cursor, [',']));
  while (accept(cursor, ','));
  expect(cursor, ')');
  return parameters;
}

/** A literal, a variable, or anything longer as a FHIRPath expression. */
function parseParameter(cursor: Cursor, stops: string[]): Parameter {
  const start = cursor.at;
  const token = peek(cursor);
  const text = takeExpression(cursor, stops);
  if (cursor.at - start > 2) return { kind: 'expression', text };
  if (cursor.at - start === 2) {
    const digits = peek(cursor, -1);
    const isNegative = token.text === '-' && digits.kind === 'number';
    return isNegative ? numberLiteral(`-${digits.text}`) : { kind: 'expression', text };
  }
  if (token.kind === 'string' || token.kind === 'quoted') return { kind: 'literal', type: 'string', value: token.text };
  if (token.kind === 'number') return numberLiteral(token.text);
  if (token.text === 'true' || token.text === 'false') {
    return { kind: 'literal', type: 'boolean', value: token.text === 'true' };
  }
  if (token.kind !== 'name') throw new MapSyntaxError(token.line, `expected a value, found "${token.text}"`);
  return { kind: 'variable', name: token.text.replace(/^%/, '') };
}

function numberLiteral(text: string): Parameter {
  return { kind: 'literal', type: text.includes('.') ? 'decimal' : 'integer', value: Number(text) };
}
