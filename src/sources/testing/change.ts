import type { Json } from './maps-testkit.ts';

/** The steps of a path: `orders[0].OBX[1].units` → orders, 0, OBX, 1, units. */
export const stepsOf = (path: string): string[] => path.split(/[.[\]]+/).filter((step) => step !== '');

/** The value at a path. */
export const at = (value: unknown, path: string): unknown =>
  stepsOf(path).reduce<unknown>((here, step) => (here as Json | undefined)?.[step], value);

/** Copies of a message with another value at a path: one near the value, and for a number one far from it. */
export function changed(message: unknown, path: string): unknown[] {
  const steps = stepsOf(path);
  const last = steps.pop() as string;
  return otherThan(at(message, path)).map((value) => {
    const copy = structuredClone(message);
    const holder = steps.reduce<Json>((here, step) => here[step] as Json, copy as Json);
    holder[last] = value;
    return copy;
  });
}

/** Every value of a JSON tree by its path. */
export function leaves(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, one]) => {
    const below = path === '' ? key : `${path}.${key}`;
    return leaves(one, Array.isArray(value) ? `${path}[${key}]` : below);
  });
}

function otherThan(value: unknown): unknown[] {
  if (typeof value === 'number') return [value + 1, value + 10_000];
  if (typeof value === 'boolean') return [!value];
  return [`x${String(value)}x`];
}
