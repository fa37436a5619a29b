import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Charset } from './hl7v2/types.ts';

/** A place in a message (JSON pointer, `*` for every item of a list) that says, by holding exactly this value, that the family knows of the referral. */
export interface Marker {
  readonly pointer: string;
  readonly equals: string | number | boolean;
}

/** One kind of message a source system sends: how it is recognised, checked and mapped. */
export interface InputKind {
  readonly id: string;
  readonly contentType: string;
  /** HL7 v2: type and event, such as `ORU_R01`. */
  readonly messageType?: string;
  /** FHIR: the version that the content type must name, such as `3.0`. */
  readonly fhirVersion?: '3.0';
  /** JSON, FHIR and HL7 v3: the schema file of the record. */
  readonly schema?: string;
  /** HL7 v3: the file with the elements of BDS, and the version of BDS of each interaction. */
  readonly elements?: string;
  readonly interactions?: Readonly<Record<string, string>>;
  /** Canonical of the FHIR Mapping Language map. */
  readonly map: string;
  readonly messageId?: string;
  readonly senderUra?: string;
  readonly referralKnown?: Marker;
  /** A message of this kind about a newborn without BSN is kept until its hospital number comes with one. */
  readonly waitsForIdentity?: boolean;
}

/** One kind of message a system gets: how it is written. */
export interface OutputKind {
  readonly id: string;
  readonly contentType: 'application/json' | 'application/hl7-v2';
  /** HL7 v2: type and event, such as `ORU_R01`. */
  readonly messageType?: string;
  /** HL7 v2: the character set that MSH-18 names; UNICODE UTF-8 where left out. */
  readonly charset?: Charset;
  /** JSON: the schema that the record must fit. */
  readonly schema?: string;
  /** Canonical of the FHIR Mapping Language map; its first group takes a Bundle. */
  readonly map: string;
}

/** mappings/<system>/system.json */
export interface SystemFile {
  readonly system: string;
  readonly title: { readonly nl: string; readonly en: string };
  readonly inputs: readonly InputKind[];
  readonly outputs?: readonly OutputKind[];
  readonly samples?: readonly { readonly input: string; readonly file: string; readonly expected: string }[];
}

const text = { type: 'string', minLength: 1, maxLength: 200 } as const;
const pointer = { type: 'string', pattern: '^(/[^/]+)+$', maxLength: 200 } as const;
const title = {
  type: 'object',
  additionalProperties: false,
  required: ['nl', 'en'],
  properties: { nl: text, en: text },
} as const;

/** JSON Schema of system.json: an operator's mistake is found at the start, not at the first message. */
export const checkSystem = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile<SystemFile>({
  type: 'object',
  additionalProperties: false,
  required: ['system', 'title', 'inputs'],
  properties: {
    system: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,31}$' },
    title,
    inputs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'contentType', 'map'],
        properties: {
          id: text,
          title,
          contentType: {
            enum: ['application/json', 'application/hl7-v2', 'application/xml', 'application/fhir+json'],
          },
          fhirVersion: { enum: ['3.0'] },
          messageType: text,
          schema: text,
          elements: text,
          interactions: { type: 'object', minProperties: 1, additionalProperties: text },
          map: text,
          messageId: pointer,
          senderUra: pointer,
          waitsForIdentity: { type: 'boolean' },
          referralKnown: {
            type: 'object',
            additionalProperties: false,
            required: ['pointer', 'equals'],
            properties: { pointer, equals: { type: ['string', 'number', 'boolean'] } },
          },
        },
      },
    },
    outputs: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'contentType', 'map'],
        properties: {
          id: text,
          title,
          contentType: { enum: ['application/json', 'application/hl7-v2'] },
          messageType: text,
          charset: { enum: ['ASCII', '8859/1', '8859/15', 'UNICODE UTF-8'] },
          schema: text,
          map: text,
        },
      },
    },
    samples: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['input', 'file', 'expected'],
        properties: { input: text, file: text, expected: text },
      },
    },
  },
});
