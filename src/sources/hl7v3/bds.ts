import { Ajv2020 } from 'ajv/dist/2020.js';

/** How the message writes the value of an element. */
export type BdsType =
  | 'code'
  | 'yes-no'
  | 'text'
  | 'flag'
  | 'integer'
  | 'ordinal'
  | 'quantity'
  | 'date'
  | 'id'
  | 'file'
  | 'unknown';

/** One element of the Basisdataset JGZ that the exchange knows. */
export interface BdsElement {
  /** The rubriek and the groups below it: `R012/G019`. */
  readonly group: string;
  readonly type: BdsType;
  readonly unit?: string;
  /** The code systems that its value may come from: the one of the message, or the one of BDS itself. */
  readonly systems?: readonly string[];
  /** Codes of the message that BDS writes otherwise. */
  readonly codes?: Readonly<Record<string, string>>;
  /** Null flavours that stand for a code of BDS (`OTH`, for 98 Anders). */
  readonly null?: Readonly<Record<string, string>>;
}

/** `mappings/<system>/bds.json`: what BDS numbers there are. */
export interface BdsFile {
  readonly core: Readonly<Record<string, BdsElement>>;
  /** Elements that the message names by a code of another system: `<oid>|<code>`. */
  readonly aliases: Readonly<Record<string, number>>;
  /** Rubrieken of which no element is core. */
  readonly notCoreRubrieken: readonly string[];
  readonly notCore: readonly number[];
}

const map = (values: object) => ({ type: 'object', additionalProperties: values });
const list = (items: object) => ({ type: 'array', items });

/** Throws with every problem where the file has another shape: found at the start, not at the first message. */
export function parseBds(json: unknown): BdsFile {
  if (check(json)) return json;
  throw new Error((check.errors ?? []).map((one) => `bds.json ${one.instancePath} ${one.message}`).join('; '));
}

const check = new Ajv2020({ allErrors: true, strict: true }).compile<BdsFile>({
  type: 'object',
  additionalProperties: false,
  required: ['core', 'aliases', 'notCoreRubrieken', 'notCore'],
  properties: {
    core: map({
      type: 'object',
      additionalProperties: false,
      required: ['group', 'type'],
      properties: {
        group: { type: 'string', pattern: '^R[0-9]{3}(/G[0-9]{3})*$' },
        type: {
          enum: ['code', 'yes-no', 'text', 'flag', 'integer', 'ordinal', 'quantity', 'date', 'id', 'file', 'unknown'],
        },
        unit: { type: 'string' },
        systems: list({ type: 'string' }),
        codes: map({ type: 'string' }),
        null: map({ type: 'string' }),
      },
    }),
    aliases: map({ type: 'integer' }),
    notCoreRubrieken: list({ type: 'string' }),
    notCore: list({ type: 'integer' }),
  },
});
