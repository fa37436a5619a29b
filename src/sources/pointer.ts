/** The value at a JSON pointer (RFC 6901), or undefined. Only own properties are followed. */
export function atPointer(value: unknown, pointer: string): unknown {
  let current = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    if (Array.isArray(current) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** The values at a pointer in which `*` stands for every item of a list. A place that is not there gives undefined. */
export function valuesAtPointer(value: unknown, pointer: string): unknown[] {
  const [first = '', ...rest] = pointer.split('/*');
  return rest.reduce<unknown[]>(
    (found, part) => found.flatMap((list) => (Array.isArray(list) ? list : [])).map((item) => atPointer(item, part)),
    [atPointer(value, first)],
  );
}
