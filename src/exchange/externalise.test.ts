import { randomBytes, randomUUID } from 'node:crypto';
import type { AuditEvent, Observation, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairwise } from '../store/pairwise.ts';
import { inReference, internalise, outward } from './externalise.ts';

const ids = pairwise(randomBytes(32));
const [PATIENT, MOTHER, OBSERVATION, DOCTOR] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const externalise = <T extends Resource>(resource: T, released: ReadonlySet<string>): T =>
  outward(ids, (reference) => released.has(reference)).write(resource);
const out = (resource: object, ...released: string[]) => externalise(resource as Resource, new Set(released));

describe('outward', () => {
  it('gives the id and every released reference as the organisation sees them', () => {
    const result = out(
      { resourceType: 'Observation', id: OBSERVATION, subject: { reference: `Patient/${PATIENT}` } },
      `Patient/${PATIENT}`,
    );
    expect(result).toEqual({
      resourceType: 'Observation',
      id: ids.out(OBSERVATION),
      subject: { reference: `Patient/${ids.out(PATIENT)}` },
    });
  });

  it('leaves a reference to something that is not released out whole, its type too', () => {
    const focus = [{ reference: `RelatedPerson/${MOTHER}`, type: 'RelatedPerson' }];
    expect(out({ resourceType: 'Observation', focus })).toEqual({ resourceType: 'Observation' });
    expect(
      out(
        { resourceType: 'Observation', focus: [...focus, { reference: `Patient/${PATIENT}` }] },
        `Patient/${PATIENT}`,
      ),
    ).toEqual({
      resourceType: 'Observation',
      focus: [{ reference: `Patient/${ids.out(PATIENT)}` }],
    });
  });

  it('leaves out what then has nothing in it any more, however deep', () => {
    const section = [{ section: [{ entry: [{ reference: `Observation/${OBSERVATION}` }] }] }];
    expect(out({ resourceType: 'Composition', section })).toEqual({ resourceType: 'Composition' });
    expect(out({ resourceType: 'Composition', section: [{ title: 'Beleid', ...section[0] }] })).toEqual({
      resourceType: 'Composition',
      section: [{ title: 'Beleid' }],
    });
  });

  it('keeps the name of a professional that the view let through, without a reference into nothing', () => {
    const performer = [{ reference: `Practitioner/${DOCTOR}`, type: 'Practitioner', display: 'dr. B. Bedacht' }];
    expect(out({ resourceType: 'Observation', performer })).toMatchObject({
      performer: [{ display: 'dr. B. Bedacht' }],
    });
    expect(JSON.stringify(out({ resourceType: 'Observation', performer }))).not.toContain('Practitioner');
  });

  it('keeps what is no id of ours: organisations by name, contained resources; drops placeholders of a message', () => {
    const reference = (text: string) => out({ resourceType: 'Basic', subject: { reference: text } });
    expect(reference('Organization/jgz')).toMatchObject({ subject: { reference: 'Organization/jgz' } });
    expect(reference('#p1')).toMatchObject({ subject: { reference: '#p1' } });
    expect(reference(`urn:uuid:${PATIENT}`)).toEqual({ resourceType: 'Basic' });
  });

  it('translates a reference with a version, as the log has them', () => {
    const event = {
      resourceType: 'AuditEvent',
      entity: [{ what: { reference: `Observation/${OBSERVATION}/_history/3` } }],
    };
    const result = externalise(event as unknown as AuditEvent, new Set([`Observation/${OBSERVATION}`]));
    expect(result.entity?.[0]?.what?.reference).toBe(`Observation/${ids.out(OBSERVATION)}/_history/3`);
    expect(out(event)).toEqual({ resourceType: 'AuditEvent' });
  });

  const pool = Array.from({ length: 6 }, () => randomUUID());
  const reference = fc.record({
    reference: fc
      .tuple(
        fc.constantFrom('Patient', 'Observation', 'Practitioner'),
        fc.constantFrom(...pool),
        fc.constantFrom('', '/_history/2'),
      )
      .map(([type, id, version]) => `${type}/${id}${version}`),
  });
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      reference,
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('subject', 'focus', 'entry', 'note', 'extension'), tie('node'), { maxKeys: 3 }),
    ),
  })).node;

  it('never gives an id of the inside, never a reference into nothing, and does not touch what came in', () => {
    fc.assert(
      fc.property(tree, fc.subarray(pool), fc.constantFrom(...pool), (content, visible, id) => {
        const released = new Set(
          visible.flatMap((one) => ['Patient', 'Observation', 'Practitioner'].map((type) => `${type}/${one}`)),
        );
        const resource = freeze({ resourceType: 'Basic', id, content }) as unknown as Resource;
        const text = JSON.stringify(externalise(resource, released));
        for (const inner of pool) expect(text).not.toContain(inner);
        for (const [, type, outer] of text.matchAll(/"reference":"(\w+)\/([0-9a-f-]{36})/g))
          expect(released.has(`${type}/${ids.in(outer ?? '')}`)).toBe(true);
      }),
    );
  });
});

describe('internalise', () => {
  it('is the way back for every reference of the organisation itself', () => {
    const outer = { reference: `Patient/${ids.out(PATIENT)}` };
    const body = freeze({
      resourceType: 'Consent',
      patient: outer,
      performer: [outer, { reference: 'Organization/jgz' }],
      note: outer.reference,
    });
    expect(internalise(body, ids)).toEqual({
      resourceType: 'Consent',
      patient: { reference: `Patient/${PATIENT}` },
      performer: [{ reference: `Patient/${PATIENT}` }, { reference: 'Organization/jgz' }],
      note: outer.reference,
    });
  });
  it('brings back what outward wrote', () => {
    const resource: Observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'gewicht' },
      subject: { reference: `Patient/${PATIENT}` },
      hasMember: [{ reference: `Observation/${OBSERVATION}/_history/2` }],
    };
    const released = new Set([`Patient/${PATIENT}`, `Observation/${OBSERVATION}`]);
    expect(internalise(externalise(resource, released), ids)).toEqual(resource);
  });
  it.each(['', 'Patient', 'Patient/', 'Patient/999903147', 'https://x/Patient/1', '#a'])(
    'leaves "%s" as it is',
    (text) => expect(inReference(text, ids)).toBe(text),
  );
});

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const one of Object.values(value)) freeze(one);
  }
  return value;
}
