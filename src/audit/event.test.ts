import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import { type AuditFact, type AuditKind, toAuditEvent } from './event.ts';

const ID = '44444444-4444-4444-8444-444444444444';
const AT = '2026-11-01T10:00:00.000Z';
const KINDS: AuditKind[] = [
  'push',
  'refusal',
  'decision',
  'release',
  'delivery',
  'delivery-failed',
  'consent',
  'family',
  'log-read',
  'lineage',
];
const actor = { client: 'kdplus', organisation: 'jgz' };
const person = { ...actor, person: 'staff-7', discipline: 'youth-nurse', purpose: 'TREAT', address: '10.0.0.1' };
const full: Omit<AuditFact, 'kind'> = {
  actor: person,
  patient: ID,
  exchange: ID,
  requestId: 'request-1',
  items: [`Observation/${ID}/_history/2`],
  consents: [`Consent/${ID}/_history/1`],
  details: [['reason', 'NO_CONSENT']],
};
const event = (fact: AuditFact) => toAuditEvent(fact, ID, AT);

describe('every kind of event is a valid R4 AuditEvent', () => {
  it.each(KINDS)('%s, with everything and with as little as possible', (kind) => {
    expect(knowledge.validate(event({ ...full, kind }))).toEqual([]);
    expect(knowledge.validate(event({ kind, actor }))).toEqual([]);
  });

  it('whatever part of a fact is there', () => {
    const id = fc.uuid();
    const facts = fc.record(
      {
        kind: fc.constantFrom(...KINDS),
        actor: fc.record(
          {
            client: fc.constant('hix'),
            organisation: fc.constant('hospital'),
            person: fc.constant('staff-1'),
            discipline: fc.constantFrom('gp', 'planner'),
            purpose: fc.constantFrom('TREAT', 'BTG'),
            address: fc.ipV4(),
          },
          { requiredKeys: ['client', 'organisation'] },
        ),
        patient: id,
        exchange: id,
        requestId: id,
        items: fc.array(id.map((one) => `Observation/${one}/_history/1`)),
        consents: fc.array(id.map((one) => `Consent/${one}`)),
        details: fc.array(fc.tuple(fc.constantFrom('reason', 'withheld'), fc.constantFrom('X 1', 'Y+Z 2'))),
      },
      { requiredKeys: ['kind', 'actor'] },
    );
    fc.assert(
      fc.property(facts, (fact) => {
        expect(knowledge.validate(event(fact as AuditFact))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what it says', () => {
  it('who, as what, why, from where, for whom', () => {
    const made = event({ ...full, kind: 'release' });
    expect(made).toMatchObject({ id: ID, recorded: AT, action: 'R', outcome: '0' });
    const [client, gateway, organisation, user] = made.agent;
    expect(client).toMatchObject({
      who: { identifier: { value: 'kdplus' } },
      requestor: false,
      network: { address: '10.0.0.1', type: '2' },
    });
    expect(gateway).toMatchObject({ who: { display: 'gezinspoort' } });
    expect(organisation).toMatchObject({ who: { reference: 'Organization/jgz' } });
    expect(user).toMatchObject({
      who: { identifier: { value: 'staff-7' } },
      requestor: true,
      role: [{ coding: [{ code: 'youth-nurse' }] }],
    });
    expect(made.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('TREAT');
  });

  it('the patient first, then what it was about and on what ground', () => {
    const names = event({ ...full, kind: 'decision' }).entity?.map((one) => one.name ?? one.what?.reference);
    expect(names).toEqual([
      `Patient/${ID}`,
      'exchange',
      'consent',
      `Observation/${ID}/_history/2`,
      'X-Request-Id',
      'ground',
    ]);
  });

  it('exactly one requestor: the person, or else the client', () => {
    for (const kind of KINDS) {
      for (const one of [actor, person]) {
        expect(event({ kind, actor: one }).agent.filter((agent) => agent.requestor)).toHaveLength(1);
      }
    }
  });

  it('a refusal and a failed delivery have the outcome of a failure, all others not', () => {
    const failures = KINDS.filter((kind) => event({ kind, actor }).outcome !== '0');
    expect(failures).toEqual(['refusal', 'delivery-failed']);
  });

  it('its own kind in its own words, so that each can be found again', () => {
    expect(KINDS.map((kind) => event({ kind, actor }).subtype?.[1]?.code)).toEqual(KINDS);
  });

  it('the same fact gives the same event, and is not changed', () => {
    const fact = Object.freeze({ ...full, kind: 'push' as const });
    expect(event(fact)).toEqual(event(fact));
  });
});
