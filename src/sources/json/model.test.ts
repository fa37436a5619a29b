import { describe, expect, it } from 'vitest';
import { modelOfSchema } from './model.ts';

const elements = (schema: object): string[] =>
  (modelOfSchema(schema, 'http://example.org/a-record').differential?.element ?? []).map(
    ({ path, min, max, type, contentReference }) =>
      `${path} ${min}..${max} ${contentReference ?? (type ?? []).map(({ code }) => code).join('|')}`.trim(),
  );

describe('modelOfSchema', () => {
  it('gives every member its type, place and cardinality', () => {
    const schema = {
      type: 'object',
      required: ['when', 'people'],
      properties: {
        when: { type: 'string', format: 'date-time' },
        day: { $ref: '#/$defs/day' },
        count: { type: 'integer' },
        share: { type: 'number' },
        yes: { type: 'boolean' },
        kind: { enum: ['a', 'b'] },
        fixed: { const: 3 },
        people: { type: 'array', items: { $ref: '#/$defs/person' } },
        tags: { type: 'array', items: { type: 'string' } },
      },
      $defs: {
        day: { type: 'string', format: 'date' },
        person: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      },
    };
    expect(elements(schema)).toEqual([
      'ARecord 0..*',
      'ARecord.when 1..1 dateTime',
      'ARecord.day 0..1 date',
      'ARecord.count 0..1 integer',
      'ARecord.share 0..1 decimal',
      'ARecord.yes 0..1 boolean',
      'ARecord.kind 0..1 string',
      'ARecord.fixed 0..1 integer',
      'ARecord.people 1..* BackboneElement',
      'ARecord.people.name 1..1 string',
      'ARecord.tags 0..* string',
    ]);
  });

  it('leaves open what only the message tells, and takes members from conditions', () => {
    const schema = {
      type: 'object',
      properties: { value: true, other: { type: ['string', 'integer'] } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      allOf: [{ if: { properties: { kind: { const: 1 } } }, then: { properties: { extra: { type: 'string' } } } }],
    };
    expect(elements(schema)).toEqual([
      'ARecord 0..*',
      'ARecord.value 0..1 string|integer|decimal|boolean',
      'ARecord.other 0..1 string|integer',
      'ARecord.extra 0..1 string',
    ]);
  });

  it('refers back where a record holds records of its own kind', () => {
    const schema = {
      type: 'object',
      properties: { node: { $ref: '#/$defs/node' } },
      $defs: { node: { type: 'object', properties: { nodes: { type: 'array', items: { $ref: '#/$defs/node' } } } } },
    };
    expect(elements(schema)).toEqual([
      'ARecord 0..*',
      'ARecord.node 0..1 BackboneElement',
      'ARecord.node.nodes 0..* #ARecord.node',
    ]);
  });
});
