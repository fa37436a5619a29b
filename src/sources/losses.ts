import { Ajv2020 } from 'ajv/dist/2020.js';

/** One thing that does not come along, and why. `path` covers itself and what is below it; `*` stands for one step, `**.` for any number. */
export interface Loss {
  readonly path: string;
  readonly reason: string;
  /** Another output of the system that carries it. */
  readonly in?: string;
}

/** `mappings/<system>/losses.json`: what a system's outputs cannot carry. */
export interface Losses {
  /** The member that says what an item of a list of the system's own record is; it stands in paths as `elements[630]`. */
  readonly named?: string;
  /** By output: elements of shared resources (`Condition.onsetDateTime`) that it has no place for. */
  readonly outputs: { readonly [output: string]: readonly Loss[] };
  /** By input: what a message of the system has lost after it became FHIR and was written again by `output`. */
  readonly roundTrips: { readonly [input: string]: { readonly output: string; readonly losses: readonly Loss[] } };
  /** Inputs for which the system gets nothing back, and why. */
  readonly oneWay?: { readonly [input: string]: string };
}

const text = { type: 'string', minLength: 1 };
const reason = { type: 'string', minLength: 10 };
const list = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'reason'],
    properties: { path: text, reason, in: text },
  },
};

const check = new Ajv2020({ allErrors: true, strict: true }).compile<Losses>({
  type: 'object',
  additionalProperties: false,
  required: ['outputs', 'roundTrips'],
  properties: {
    named: text,
    outputs: { type: 'object', additionalProperties: list },
    roundTrips: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['output', 'losses'],
        properties: { output: text, losses: list },
      },
    },
    oneWay: { type: 'object', additionalProperties: reason },
  },
});

/** Reads the file's content; throws with every problem where it has another shape. */
export function parseLosses(json: unknown): Losses {
  if (check(json)) return json;
  throw new Error((check.errors ?? []).map((one) => `losses.json ${one.instancePath} ${one.message}`).join('; '));
}

/** Whether the list of an output explains that an element is not written. */
export const explains = (losses: Losses, output: string, path: string): boolean =>
  (losses.outputs[output] ?? []).some((one) => covers(one, path));

/** Whether a line is about this path, or about something that it is part of. */
export function covers(loss: Loss, path: string): boolean {
  const known = PATTERNS.get(loss.path);
  if (known) return known.test(path);
  const steps = loss.path.split(/(\*\*\.|\*)/).map((part) => WILD[part] ?? part.replace(/[.[\]$^]/g, '\\$&'));
  const pattern = new RegExp(`^${steps.join('')}(?=$|[.[])`);
  PATTERNS.set(loss.path, pattern);
  return pattern.test(path);
}

const WILD: { readonly [sign: string]: string } = { '**.': '(?:.*\\.)?', '*': '[^.[]+' };
const PATTERNS = new Map<string, RegExp>();
