import { SETTING_NAMES, SETTINGS, type Setting } from './settings.ts';

const text = { type: 'string' } as const;
const maybeText = { type: ['string', 'null'] } as const;
const maybeFlag = { type: ['boolean', 'null'] } as const;
const refs = { type: 'array', items: text } as const;
const closed = { type: 'object', additionalProperties: false } as const;

/** The values of one setting: those that may be chosen, and no others. */
const settingSchema = ({ choices, range }: Setting<unknown>) =>
  range ? { type: 'integer', minimum: range[0], maximum: range[1] } : { enum: choices };

/**
 * JSON Schema (draft-07) of a DecisionInput as a text line. Closed: a misspelt `protectedAddress` must be refused, not ignored. Consents may be anything;
 * the decision itself refuses those it does not understand.
 */
export const INPUT_SCHEMA = {
  ...closed,
  required: ['asOf', 'request', 'patients', 'consents', 'resources'],
  properties: {
    asOf: text,
    request: {
      ...closed,
      required: ['mode', 'purpose', 'org', 'discipline', 'patient'],
      properties: {
        mode: { enum: ['pull', 'push', 'push-referral', 'deliver', 'legal-duty'] },
        purpose: text,
        org: text,
        sector: maybeText,
        discipline: text,
        patient: text,
        treatmentRelation: maybeFlag,
        patientCount: { type: ['integer', 'null'], minimum: 0 },
        btgReason: maybeText,
      },
    },
    patients: {
      type: 'array',
      items: {
        ...closed,
        required: ['ref'],
        properties: {
          ref: text,
          birthDate: maybeText,
          deceased: { type: ['boolean', 'string', 'null'] },
          selfRefs: refs,
          representative: { anyOf: [maybeText, refs] },
          mother: refs,
          custody: {
            type: 'array',
            items: {
              ...closed,
              required: ['refs', 'custodial'],
              properties: { name: text, refs, custodial: { enum: [true, false, 'unknown'] }, court: maybeFlag },
            },
          },
        },
      },
    },
    consents: { type: 'array' },
    resources: {
      type: 'array',
      items: {
        ...closed,
        required: ['ref'],
        properties: {
          ref: text,
          subject: maybeText,
          category: maybeText,
          date: maybeText,
          labels: refs,
          about: maybeText,
          aboutWhole: maybeFlag,
          protectedAddress: maybeFlag,
          hasBsn: maybeFlag,
        },
      },
    },
    config: {
      ...closed,
      properties: Object.fromEntries(SETTING_NAMES.map((name) => [name, settingSchema(SETTINGS[name])])),
    },
    env: {
      ...closed,
      properties: { registry: { enum: ['up', 'down'] }, mitz: { enum: ['permit', 'deny', 'inactive', 'down'] } },
    },
  },
} as const;
