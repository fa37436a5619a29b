import { Ajv2020 } from 'ajv/dist/2020.js';

/** `mappings/<system>/dropped.json`: what of a system's messages is left behind on purpose, and who answers for that. */
export interface Dropped {
  /** The member that says what an item of a list is; it stands in paths as `elements[630]`. */
  readonly named?: string;
  /** `path` covers itself and what is below it; `*.name` does so wherever a record has a part of that name. */
  readonly dropped: readonly { readonly path: string; readonly reason: string; readonly owner: string }[];
}

const text = { type: 'string', minLength: 1 };

const check = new Ajv2020({ allErrors: true, strict: true }).compile<Dropped>({
  type: 'object',
  additionalProperties: false,
  required: ['dropped'],
  properties: {
    named: text,
    dropped: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['path', 'reason', 'owner'],
        properties: { path: text, reason: { type: 'string', minLength: 10 }, owner: text },
      },
    },
  },
});

/** A system without the file leaves nothing on purpose. */
export const NOTHING_DROPPED: Dropped = { dropped: [] };

/** Reads the file's content; throws with every problem where it has another shape. */
export function parseDropped(json: unknown): Dropped {
  if (check(json)) return json;
  throw new Error((check.errors ?? []).map((one) => `dropped.json ${one.instancePath} ${one.message}`).join('; '));
}

/** The line of the list that explains why a path was not read. */
export const whyDropped = ({ dropped }: Dropped, path: string): Dropped['dropped'][number] | undefined =>
  dropped.find((one) =>
    one.path.startsWith('*.')
      ? `.${path}.`.replaceAll('[', '.').includes(`${one.path.slice(1)}.`)
      : path === one.path || path.startsWith(`${one.path}.`) || path.startsWith(`${one.path}[`),
  );

/** Whether the list explains that a path was not read. */
export const isDropped = (dropped: Dropped, path: string): boolean => whyDropped(dropped, path) !== undefined;
