type Schema = { readonly [keyword: string]: unknown };
type Json = Record<string, unknown>;

const DATES =
  /date|period|start|end$|onset|time$|issued|recorded|authored|created|indexed|creation|occurrence|lastModified|event$/i;

/**
 * One value that a JSON Schema allows, with every member that it names (but one of each choice `x[y]`), for the tests that ask of each element whether it
 * is read. Texts are dates where the name of the element says so.
 */
export function valueFor(schema: Schema, root: Schema, name = '', depth = 0): unknown {
  const { $ref, enum: allowed, const: fixed, type, items, pattern } = schema;
  if (typeof $ref === 'string') {
    const key = $ref.split('/').at(-1) as string;
    return valueFor((root.$defs as Record<string, Schema>)[key] as Schema, root, name, depth);
  }
  if (fixed !== undefined) return fixed;
  if (Array.isArray(allowed)) return allowed[0];
  if (items) return [valueFor(items as Schema, root, name, depth)];
  if (type === 'boolean') return false;
  if (type === 'number' || type === 'integer') return 3;
  if (type === 'string' && typeof pattern === 'string' && pattern.startsWith('^[A-Za-z0-9+/]')) return 'JVBERi0x';
  if (type === 'string') return DATES.test(name) ? '2026-08-25' : 'x1';
  return membersFor(schema, root, depth);
}

function membersFor({ properties = {}, required = [] }: Schema, root: Schema, depth: number): Json {
  const all = Object.entries(properties as Record<string, Schema>);
  const isLeft = ([key]: [string, Schema]): boolean =>
    key.startsWith('_') || ['extension', 'id', 'contained', 'meta', 'text_', 'assigner'].includes(key);
  const wanted = all.filter((one) => (required as string[]).includes(one[0]) || (depth < 4 && !isLeft(one)));
  const seen = new Set<string>();
  return Object.fromEntries(
    wanted.flatMap(([key, member]) => {
      const choice =
        /^(onset|abatement|performed|value|effective|timing|deceased|multipleBirth|medication|item|asNeeded|rate|dose|collected|bounds|author)(?=[A-Z])/.exec(
          key,
        )?.[1];
      if (choice !== undefined && seen.has(choice)) return [];
      if (choice !== undefined) seen.add(choice);
      return [[key, valueFor(member, root, key, depth + 1)] as const];
    }),
  );
}
