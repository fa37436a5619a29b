import type { Bundle, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { play, type Story } from '../src/demo/play.ts';
import { transcript } from '../src/demo/transcript.ts';
import { type Network, openNetwork } from './support/network.ts';
import { hasRedis, REDIS_MISSING, redisForTests } from './support/redis.ts';

const redis = hasRedis();

describe.each([
  { backend: 'PostgreSQL', available: true },
  { backend: redis ? 'Redis' : `Redis (${REDIS_MISSING})`, available: redis },
])('The main job with the queue on $backend', ({ backend, available }) => {
  describe.skipIf(!available)('', () => {
    let network: Network;
    let story: Story;
    let server: Awaited<ReturnType<typeof redisForTests>> | undefined;

    beforeAll(async () => {
      server = backend === 'Redis' ? await redisForTests() : undefined;
      network = await openNetwork({ redisUrl: server?.url });
      story = await play(network.doors);
      await network.settled();
    });
    afterAll(async () => {
      await network?.close();
      await server?.close();
    });

    it('accepts HL7 v2 over MLLP and JSON over HTTP', () => {
      expect(story.pushes.map((one) => one.answer)).toEqual(['AA', 'AA', '202', '202']);
    });

    it('gives a second send of the same message no second effect', async () => {
      expect(story.again).toBe('same receipt, nothing stored twice');
      const { exchanges } = await network.gateway.ports.counts();
      expect(exchanges).toBe(7); // four pushes, Laila refused and accepted, and the notice of her withdrawal
    });

    it('delivers to the other party and to nobody else', () => {
      const held = (inbox: string) => [...network.inboxes.held(inbox).values()];
      expect(held('kdplus-inbox').length).toBeGreaterThan(8);
      expect(held('hix-inbox').length).toBeGreaterThan(8);
      // The hospital's own consult does not come back to the hospital: what it holds are the measurements of the JGZ.
      const weights = held('hix-inbox').filter((one) => hasCode(one, '29463-7'));
      expect(weights.map((one) => 'valueQuantity' in one && one.valueQuantity?.value)).toEqual([5.12]);
    });

    it('gives each discipline its own part', () => {
      const got = Object.fromEntries(story.pulls.map((one) => [one.discipline, Object.keys(one.got).sort()]));
      expect(got).toMatchObject({ volunteer: ['naw'] });
      expect(got['youth-nurse']).toContain('development');
      expect(got['youth-doctor']).toContain('diagnostics');
      expect(got['social-domain']).not.toContain('development');
      expect(got['social-domain']).not.toContain('diagnostics');
      expect(got.gp).not.toContain('thirdparty-consult');
    });

    it('gives the volunteer a name and no BSN', () => {
      const volunteer = story.pulls.find((one) => one.discipline === 'volunteer');
      expect(volunteer).toMatchObject({ bsn: false });
      expect(volunteer?.name).toContain('Yonathan');
      expect(story.pulls.find((one) => one.discipline === 'paediatrician')?.bsn).toBe(true);
    });

    it('says on the log why something was withheld', () => {
      const volunteer = story.pulls.find((one) => one.discipline === 'volunteer');
      expect(volunteer?.grounds.join()).toContain('VIEW_NOT_ENTITLED');
    });

    it('refuses Laila without consent, accepts her with it, and closes when it is withdrawn', async () => {
      expect(story.laila.refused).toContain('403 no-consent');
      expect(story.laila.refused).toContain('NO_CONSENT');
      expect(story.laila.accepted).toBe('202');
      expect(story.laila.before).toBeGreaterThan(1);
      expect(story.laila.after).toBe('404');
    });

    it('keeps of a refusal only source, message id, reason and audit', async () => {
      const rows = await network.gateway.ports.db
        .selectFrom('exchange')
        .selectAll()
        .where('state', '=', 'refused')
        .execute();
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ source: 'hix', raw: null, digest: null, patient: null });
    });

    it('writes an audit entry per push, refusal, decision, release and delivery, numbered without gaps', async () => {
      const { db } = network.gateway.ports;
      await expect
        .poll(async () => (await db.selectFrom('audit').select('seq').where('index', 'is', null).execute()).length, {
          timeout: 5_000,
        })
        .toBe(0);
      const rows = await db.selectFrom('audit').select(['kind', 'index']).orderBy('index').execute();
      expect(rows.map((one) => Number(one.index))).toEqual(rows.map((_, index) => index));
      const kinds = new Set(rows.map((one) => one.kind));
      expect([...kinds].sort()).toEqual(
        expect.arrayContaining(['decision', 'delivery', 'push', 'refusal', 'release', 'consent']),
      );
      expect(rows.filter((one) => one.kind === 'push')).toHaveLength(5);
    });

    it('prints a transcript that fits a screen', () => {
      const text = transcript(story, {}, { base: network.base, mllpPort: 2575, inboxPort: 1 });
      const lines = text.split('\n');
      expect(lines.length).toBeLessThanOrEqual(50);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    });

    it('shows two organisations the same child under different ids', async () => {
      const ids = await Promise.all(
        (['youth-nurse', 'volunteer'] as const).map(async (discipline) => {
          const client = discipline === 'volunteer' ? 'buurtgezin' : 'kdplus';
          const answer = await network.doors.send(client, 'GET', '/fhir/Patient', undefined, {
            iua: { subject_role: discipline, purpose_of_use: 'TREAT' },
          });
          return ((answer.body as Bundle).entry ?? []).map((one) => one.resource?.id);
        }),
      );
      expect(ids[0]?.length).toBeGreaterThan(0);
      expect(ids[1]?.some((id) => ids[0]?.includes(id))).toBe(false);
    });
  });
});

const hasCode = (resource: Resource, code: string): boolean =>
  'code' in resource && JSON.stringify(resource.code).includes(`"${code}"`);
