import type { StructureDefinition } from '@medplum/fhirtypes';
import { logicalModel, type Member } from '../logical.ts';

/** The parts of a JSON Schema (2020-12) that say which members a record has and of what kind they are. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: { readonly [name: string]: Schema };
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: { readonly [name: string]: Schema | boolean };
  readonly required?: readonly string[];
  readonly items?: Schema | boolean;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly then?: Schema;
  readonly else?: Schema;
}

/** Where only the message tells: any scalar. */
const ANY = ['string', 'integer', 'decimal', 'boolean'];

/** The logical model of the records that a JSON Schema lets in. Conditions only narrow a member, so they add none of their own kind. */
export function modelOfSchema(schema: object, url: string): StructureDefinition {
  const root = schema as Schema;
  const deref = (one: Schema): Schema => {
    if (one.$ref === undefined) return one;
    const name = /^#\/\$defs\/([^/]+)$/.exec(one.$ref)?.[1];
    const target = name === undefined ? undefined : root.$defs?.[name];
    if (!target) throw new Error(`${one.$ref} is not in $defs of the schema.`);
    return deref(target);
  };

  /** A schema with all that applies to the same value, sure or under a condition. */
  const partsOf = (one: Schema): Schema[] => {
    const own = deref(one);
    const more = [...(own.allOf ?? []), ...(own.anyOf ?? []), ...(own.oneOf ?? [])];
    return [own, ...[...more, own.then, own.else].flatMap((part) => (part ? partsOf(part) : []))];
  };

  const membersOf = (record: Schema, path: string, above: ReadonlyMap<Schema, string>): Member[] => {
    const own = deref(record);
    const within = new Map(above).set(own, path);
    const found = new Map<string, Schema[]>();
    for (const part of partsOf(own)) {
      for (const [name, value] of Object.entries(part.properties ?? {})) {
        found.set(name, [...(found.get(name) ?? []), typeof value === 'boolean' ? {} : value]);
      }
    }
    return [...found].map(([name, schemas]) =>
      memberOf(name, schemas, own.required?.includes(name) === true, path === '' ? name : `${path}.${name}`, within),
    );
  };

  const memberOf = (
    name: string,
    schemas: readonly Schema[],
    required: boolean,
    path: string,
    above: ReadonlyMap<Schema, string>,
  ): Member => {
    // What the record itself says of a member goes before what its conditions say.
    const [first = {}] = schemas;
    const [own] = partsOf(first);
    const items = own?.items;
    const repeats = own?.type === 'array';
    const value = repeats ? (typeof items === 'object' ? items : {}) : first;
    const head = { name, ...(repeats ? { repeats } : {}), ...(required ? { required } : {}) };
    const target = deref(value);
    const like = above.get(target);
    if (like !== undefined) return { ...head, like };
    if (partsOf(value).some((part) => part.type === 'object' || part.properties))
      return { ...head, members: membersOf(value, path, above) };
    const types = [...new Set(partsOf(value).flatMap(typesOf))];
    return { ...head, types: types.length > 0 ? types : ANY };
  };

  return logicalModel(url, root.title ?? url, membersOf(root, '', new Map()));
}

const FORMATS: Record<string, string> = { date: 'date', 'date-time': 'dateTime', time: 'time' };
const NAMES: Record<string, string> = { integer: 'integer', number: 'decimal', boolean: 'boolean' };

/** The FHIR types of a scalar schema. */
function typesOf({ type, format = '', enum: codes, const: only }: Schema): string[] {
  if (type !== undefined) {
    return [type].flat().flatMap((name) => (name === 'string' ? (FORMATS[format] ?? 'string') : (NAMES[name] ?? [])));
  }
  const values = codes ?? (only === undefined ? [] : [only]);
  return values.map((value) =>
    typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'decimal') : typeof value,
  );
}
