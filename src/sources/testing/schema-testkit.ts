type Schema = boolean | { readonly [keyword: string]: unknown };

/** Every member that a JSON Schema names, as a path without positions: `diagnoses/alsoCoded/code`. Follows `$ref`, `items` and `then`. */
export function membersOf(schema: Schema, root: Schema = schema, path: readonly string[] = []): string[] {
  if (typeof schema === 'boolean' || path.length > 12) return [];
  const { $ref, properties, items, then, allOf } = schema;
  const inner = [
    ...(typeof $ref === 'string' ? membersOf(resolve($ref, root), root, path) : []),
    ...(items ? membersOf(items as Schema, root, path) : []),
    ...(then ? membersOf(then as Schema, root, path) : []),
    ...(Array.isArray(allOf) ? allOf.flatMap((one) => membersOf(one as Schema, root, path)) : []),
    ...Object.entries((properties ?? {}) as Record<string, Schema>).flatMap(([name, member]) =>
      typeof member === 'boolean' ? [] : [[...path, name].join('/'), ...membersOf(member, root, [...path, name])],
    ),
  ];
  return [...new Set(inner)].sort();
}

const resolve = (ref: string, root: Schema): Schema =>
  ref
    .split('/')
    .slice(1)
    .reduce<Schema>((found, name) => (found as Record<string, Schema>)[name] as Schema, root);

/** Every member that a JSON value has, in the same form. */
export function membersIn(value: unknown, path: readonly string[] = []): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => membersIn(one, path)))];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = [...path, name];
    return [own.join('/'), ...membersIn(member, own)];
  });
}
