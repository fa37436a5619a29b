import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../src/consent/calendar.ts';
import { dutchDay } from '../src/consent/dutch-date.ts';
import { subscribeMitz } from '../src/exchange/follow-mitz.ts';
import { loadFamily } from '../src/exchange/relatives.ts';
import { release } from '../src/exchange/release.ts';
import { createMitz } from '../src/mitz/client.ts';
import { readNotification } from '../src/mitz/notification.ts';
import { readAnswer } from '../src/mitz/question.ts';
import { type MitzBehaviour, notification, openMitz } from './support/mitz.ts';
import { type Network, openNetwork } from './support/network.ts';
import { bsns, consult, type Story, type StoryFamily, storyOn } from './support/story.ts';

// Mitz, the national register of consent, as a stand-in that speaks its XML: it can only restrict, and what is no answer lets nothing out.

const bsn = bsns(999_940_000);
const HOSPITAL_URA = '90000123';
let network: Network;
let story: Story;
let mitz: Awaited<ReturnType<typeof openMitz>>;
let count = 0;

beforeAll(async () => {
  network = await openNetwork();
  story = storyOn(network);
  mitz = await openMitz();
});
afterAll(async () => {
  await mitz?.close();
  await network?.close();
});

/** The gateway with Mitz in use, as the privacy officers may set it. */
const ports = (url = mitz.url, used: 'used' | 'not-used' = 'used') => {
  const { policy, ...rest } = network.gateway.ports;
  const { settings, ...more } = policy();
  return {
    ...rest,
    publicUrl: network.base,
    policy: () => ({ ...more, settings: { ...settings, mitz: used } }),
    mitz: createMitz({ url }),
  };
};
/** What the nurse of the JGZ gets of a child with data of the hospital. */
async function nurse(own: string, with_ = ports(), discipline = 'youth-nurse', organisation = 'jgz'): Promise<number> {
  const family = await loadFamily(with_.db, with_.vault, own, with_.now());
  if (!family) throw new Error('no family');
  const sector = (await with_.directory()).organisations.get(organisation)?.sector ?? '';
  const question = { mode: 'pull' as const, organisation, sector, discipline, purpose: 'TREAT' };
  const actor = { client: 'kdplus', organisation, discipline, purpose: 'TREAT', person: 'medewerker-17' };
  return (await release(with_, { family, question, actor })).resources.length;
}
async function child(): Promise<{ own: string; family: StoryFamily }> {
  const family: StoryFamily = {
    bsn: bsn(),
    birthDate: addDays(dutchDay(Date.now()), -90),
    given: `Kind${count++}`,
    parents: [{ given: 'Jasmijn', custody: 'yes' }],
    team: ['jgz', 'ziekenhuis', 'wijkteam'],
    consentFor: ['jgz', 'ziekenhuis', 'wijkteam'],
  };
  const { own } = await story.enter(family);
  if ((await story.push(consult(family, `MITZ-${count++}`))).status !== 202) throw new Error('not taken');
  return { own, family };
}

describe('the closed question', () => {
  it('asks for this patient, this holder and this requester, with the BSN in the body and nowhere else', async () => {
    const { own, family } = await child();
    mitz.behave('Permit');
    mitz.got.splice(0);
    expect(await nurse(own)).toBeGreaterThan(1);
    const asked = mitz.got.filter((one) => one.url === '/geslotenautorisatievraag/xacml3');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.contentType).toContain('application/soap+xml');
    expect(asked[0]?.attributes).toEqual({
      'resource-id': family.bsn,
      'healthcare-facility-type-code': 'V4',
      id: HOSPITAL_URA,
      'event-code': 'GGC002',
      role: '30.000',
      'provider-identifier': 'medewerker-17',
      'provider-institution': '90000456',
      'consulting-healthcare-facility-type-code': 'JGZ',
      purposeofuse: 'TREAT',
    });
    for (const { url } of mitz.got) expect(url).not.toContain(family.bsn);
    expect(network.log.join()).not.toContain(family.bsn);
  });

  it.each<[MitzBehaviour, string]>([
    ['Deny', 'MITZ_DENY'],
    ['Indeterminate', 'REGISTRY_UNAVAILABLE'],
    ['two', 'REGISTRY_UNAVAILABLE'],
    ['garbage', 'REGISTRY_UNAVAILABLE'],
    ['hang', 'REGISTRY_UNAVAILABLE'],
    [503, 'REGISTRY_UNAVAILABLE'],
  ])('answered with %s lets nothing out: %s', async (behaviour, reason) => {
    const { own } = await child();
    mitz.behave(behaviour);
    expect(await nurse(own)).toBe(0);
    expect(await story.lastReasons(own)).toEqual([reason]);
  });

  it('not reached, or asked for somebody whom Mitz does not know, lets nothing out', async () => {
    const { own } = await child();
    mitz.behave('Permit');
    expect(await nurse(own, ports('http://127.0.0.1:1'))).toBe(0);
    expect(await nurse(own, ports(), 'social-domain', 'wijkteam')).toBe(0);
    expect(await story.lastReasons(own)).toEqual(['REGISTRY_UNAVAILABLE']);
  });

  it('is not asked where the privacy officers did not choose Mitz', async () => {
    const { own } = await child();
    mitz.got.splice(0);
    expect(await nurse(own, ports(mitz.url, 'not-used'))).toBeGreaterThan(1);
    expect(mitz.got).toEqual([]);
  });

  it('a permit of Mitz opens nothing that the family has not opened here', async () => {
    const { own, family } = await child();
    await story.enter({ ...family, parents: [{ given: 'Jasmijn', custody: 'no' }], consentFor: undefined });
    mitz.behave('Permit');
    expect(await nurse(own)).toBe(0);
  });
});

describe('subscription and notification', () => {
  /** The secret addresses that the gateway gave Mitz for a patient, by the holder's URA. */
  async function addresses(family: StoryFamily): Promise<Record<string, string>> {
    mitz.got.splice(0);
    for (let round = 0; round < 10; round += 1) await subscribeMitz(ports());
    const mine = mitz.got.filter((one) => one.url === '/fhir/Subscription' && one.body.includes(family.bsn));
    return Object.fromEntries(
      mine.map(({ body }) => [
        /providerid=(\d+)/.exec(body)?.[1] ?? '',
        /endpoint value="([^"]+)"/.exec(body)?.[1] ?? '',
      ]),
    );
  }
  const notify = async (address: string, body: string) =>
    (await fetch(address, { method: 'POST', headers: { 'content-type': 'application/fhir+xml' }, body })).status;

  it('a refusal arrives as inactive without a type, counts at once, and ends with a permit', async () => {
    const { own, family } = await child();
    mitz.behave('Permit');
    expect(await nurse(own)).toBeGreaterThan(1);
    const { [HOSPITAL_URA]: address = '' } = await addresses(family);
    expect(address).toMatch(/\/mitz\/notification\/[0-9a-f-]{36}$/);
    expect(address).not.toContain(family.bsn);
    const say = (permits: boolean, category = 'RPZAC103') =>
      notify(address, notification(family.bsn, HOSPITAL_URA, [{ category, permits }]));
    expect(await say(false)).toBe(200);
    expect(await nurse(own)).toBe(0);
    expect(await story.lastReasons(own)).toEqual(['MITZ_INACTIVE_IS_REFUSAL']);
    expect(await say(true)).toBe(200);
    expect(await nurse(own)).toBeGreaterThan(1);
    expect(await say(false, 'RPZAC001')).toBe(200);
    expect(await nurse(own)).toBeGreaterThan(1);
    const rows = await network.gateway.ports.db
      .selectFrom('mitz_statement')
      .select('body')
      .where('patient', '=', own)
      .execute();
    for (const { body } of rows) expect(body.toString('latin1')).not.toContain('RPZAC');
  });

  it('at another address than its own it changes nothing and learns nothing', async () => {
    const [one, other] = [await child(), await child()];
    const { [HOSPITAL_URA]: address = '' } = await addresses(other.family);
    const body = notification(one.family.bsn, HOSPITAL_URA, [{ category: 'RPZAC103', permits: false }]);
    expect(await notify(address, body)).toBe(404);
    expect(await notify(address.replace(/[^/]+$/, '11111111-1111-4111-8111-111111111111'), body)).toBe(404);
    expect(await notify(address, '<Bundle xmlns="http://hl7.org/fhir"/>')).toBe(404);
    mitz.behave('Permit');
    expect(await nurse(one.own)).toBeGreaterThan(1);
  });
});

describe('what Mitz writes is read strictly', () => {
  it.each(['', '<x/>', '<Decision xmlns="urn:other">Permit</Decision>', 'Permit'])('an answer %j is none', (text) => {
    expect(readAnswer(Buffer.from(text))).toBe('down');
  });

  it('a statement that is neither permit nor refusal in form is a refusal', () => {
    const odd = notification('999940003', HOSPITAL_URA, [{ category: 'RPZAC103', permits: true }]);
    const statements = (xml: string) => readNotification(Buffer.from(xml))?.statements;
    expect(statements(odd)).toEqual([{ categories: ['RPZAC103'], permits: true }]);
    expect(statements(odd.replace('value="permit"', 'value="deny"'))?.[0]?.permits).toBe(false);
    expect(statements(odd.replace('value="active"', 'value="proposed"'))?.[0]?.permits).toBe(false);
    expect(readNotification(Buffer.from(odd.replace('</Bundle>', odd.slice(odd.indexOf('<entry')))))).toBeUndefined();
  });
});
