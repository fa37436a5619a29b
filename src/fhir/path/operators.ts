import { type Json, type Node, rootNode, typeNameOf } from './node.ts';

/** Collections of FHIRPath booleans, shared because they never change. */
export const TRUE: Node[] = [rootNode(true, 'boolean')];
export const FALSE: Node[] = [rootNode(false, 'boolean')];
export const EMPTY: Node[] = [];

export const bool = (value: boolean): Node[] => (value ? TRUE : FALSE);

/** Three-valued truth of a collection: a single non-boolean item counts as true (FHIRPath §5.5, singleton evaluation). */
export function truth(items: Node[]): boolean | undefined {
  if (items.length === 0) return undefined;
  if (items.length > 1) throw new PathError('expected at most one value where a truth value is needed');
  const value = (items[0] as Node).value;
  return typeof value === 'boolean' ? value : true;
}

/** A fault while a FHIRPath expression ran. The message never quotes a value. */
export class PathError extends Error {}

/** The single item of a collection, `undefined` when empty; more than one is an error. */
export function single(items: Node[]): Node | undefined {
  if (items.length > 1) throw new PathError(`expected one value, found ${items.length}`);
  return items[0];
}

/** Rounds away binary noise: a decimal keeps twelve significant digits (3450 g / 1000 is 3.45 kg, not 3.4500000000000006). */
export function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}

const DATE_LIKE = /^\d{4}(-\d{2}(-\d{2}(T\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const DATE_TYPES = new Set(['date', 'dateTime', 'instant']);

function isDate(node: Node): boolean {
  const { type, value } = node;
  return type !== undefined && typeof value === 'string' && DATE_TYPES.has(type) && DATE_LIKE.test(value);
}

/** Equality of two items (FHIRPath §6.1); `undefined` where dates differ in precision. */
export function itemEquals(left: Node, right: Node): boolean | undefined {
  if (left.value === right.value) return true;
  if (typeof left.value === 'number' && typeof right.value === 'number') return false;
  if (isDate(left) || isDate(right))
    return compareDates(String(left.value), String(right.value), (order) => order === 0);
  return deepEquals(left.value, right.value);
}

/** Deep equality of JSON values. */
export function deepEquals(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || !left || !right) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && deepEquals((left as Json)[key], (right as Json)[key]));
}

/** Equality of collections: empty when either is, else in order. */
export function collectionEquals(left: Node[], right: Node[]): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined;
  if (left.length !== right.length) return false;
  let result: boolean | undefined = true;
  for (let index = 0; index < left.length; index++) {
    const same = itemEquals(left[index] as Node, right[index] as Node);
    if (same === false) return false;
    if (same === undefined) result = undefined;
  }
  return result;
}

/** Equivalence (`~`): text without case and surplus space, collections without order, empty equals empty. */
export function collectionEquivalent(left: Node[], right: Node[]): boolean {
  if (left.length !== right.length) return false;
  const rest = [...right];
  return left.every((item) => {
    const at = rest.findIndex((other) => equivalent(item.value, other.value));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function equivalent(left: unknown, right: unknown): boolean {
  if (typeof left === 'string' && typeof right === 'string') return normal(left) === normal(right);
  if (typeof left === 'number' && typeof right === 'number') return Math.abs(left - right) < 1e-8;
  return deepEquals(left, right);
}

const normal = (text: string): string => text.trim().toLowerCase().replace(/\s+/g, ' ');

/** `<`, `<=`, `>`, `>=` on numbers, texts, dates and quantities of one unit; empty where they cannot be compared. */
export function compare(left: Node[], right: Node[], test: (order: number) => boolean): Node[] {
  const a = single(left);
  const b = single(right);
  if (!a || !b) return EMPTY;
  const [x, y] = [magnitude(a, b), magnitude(b, a)];
  if (typeof x === 'number' && typeof y === 'number') return bool(test(x - y));
  if (typeof x === 'string' && typeof y === 'string') {
    if (isDate(a) || isDate(b) || (DATE_LIKE.test(x) && DATE_LIKE.test(y))) {
      const result = compareDates(x, y, test);
      return result === undefined ? EMPTY : bool(result);
    }
    return bool(test(x < y ? -1 : x > y ? 1 : 0));
  }
  throw new PathError('these two values cannot be compared');
}

/** A quantity compares by its value when the other has the same unit. */
function magnitude(node: Node, other: Node): unknown {
  const mine = node.value as Json | null;
  if (typeof mine !== 'object' || mine === null) return mine;
  const theirs = other.value as Json | null;
  if (typeof theirs === 'object' && theirs !== null && unitOf(mine) !== unitOf(theirs)) {
    throw new PathError('these two quantities have different units');
  }
  return mine.value;
}

const unitOf = (quantity: Json): unknown => quantity.code ?? quantity.unit;

function compareDates(left: string, right: string, test: (order: number) => boolean): boolean | undefined {
  if (left.length > 10 && right.length > 10) {
    const [a, b] = [Date.parse(left), Date.parse(right)];
    return Number.isNaN(a) || Number.isNaN(b) ? undefined : test(a - b);
  }
  const shared = Math.min(left.length, right.length, 10);
  const [a, b] = [left.slice(0, shared), right.slice(0, shared)];
  if (a !== b) return test(a < b ? -1 : 1);
  return left.length === right.length ? test(0) : undefined;
}

/** Arithmetic on numbers, `+` also on text. Quantities keep their unit when multiplied or divided by a number. */
export function arithmetic(operator: string, left: Node[], right: Node[]): Node[] {
  const a = single(left);
  const b = single(right);
  if (!a || !b) return EMPTY;
  const [x, y] = [a.value, b.value];
  if (operator === '+' && typeof x === 'string' && typeof y === 'string') return [rootNode(x + y, 'string')];
  if (typeof x === 'number' && typeof y === 'number') {
    const result = compute(operator, x, y);
    if (result === undefined || !Number.isFinite(result)) return EMPTY;
    return [rootNode(result, operator !== '/' && Number.isInteger(result) ? 'integer' : 'decimal')];
  }
  if (typeNameOf(a) === 'Quantity' && typeof y === 'number') {
    const result = compute(operator, (x as Json).value as number, y);
    return result === undefined ? EMPTY : [rootNode({ ...(x as Json), value: result }, 'Quantity')];
  }
  throw new PathError(`these two values cannot be combined with ${operator}`);
}

function compute(operator: string, x: number, y: number): number | undefined {
  if ((operator === '/' || operator === 'div' || operator === 'mod') && y === 0) return undefined;
  switch (operator) {
    case '+':
      return tidy(x + y);
    case '-':
      return tidy(x - y);
    case '*':
      return tidy(x * y);
    case '/':
      return tidy(x / y);
    case 'div':
      return Math.trunc(x / y);
    default:
      return tidy(x % y);
  }
}
