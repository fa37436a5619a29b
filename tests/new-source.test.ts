import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import { accept } from '../src/exchange/accept.ts';
import { loadDefinitions } from '../src/fhir/load.ts';
import { loadSources, type Sources } from '../src/sources/registry.ts';
import { temporaryFolder } from './support/data-dir.ts';
import { type Network, openNetwork } from './support/network.ts';
import { KRAAMZORG, kraamzorgMessage, mappingsWith } from './support/new-system.ts';

const [yonathan] = FAMILIES as [Family];
const born = yonathan.patient.birthDate ?? '';

describe('A new system is a new folder', () => {
  let folder: string;
  let network: Network;
  let sources: Sources;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sources = await loadSources(
      await mappingsWith(join(folder, 'mappings'), { kraamzorg: KRAAMZORG }),
      await loadDefinitions(),
    );
    network = await openNetwork();
    const signedAt = new Date(Date.now() - 60_000).toISOString();
    const entered = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(yonathan, signedAt));
    expect(entered.status).toBe(200);
  });
  afterAll(async () => {
    await network?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const push = (message: object, bytes = Buffer.from(JSON.stringify(message))) =>
    accept(
      { ...network.gateway.ports, sources },
      {
        source: 'kraamzorg',
        contentType: 'application/json',
        bytes,
        actor: { client: 'hix', organisation: 'ziekenhuis' },
      },
    );

  it('stands beside the systems of the project and takes nothing from them', () => {
    for (const source of ['hix', 'kdplus', 'kraamzorg']) expect(sources.has(source)).toBe(true);
    expect(network.gateway.ports.sources.has('kraamzorg')).toBe(false);
  });

  it('its message goes the whole way: mapped, labelled, gated, kept, delivered', async () => {
    const result = await push(kraamzorgMessage(yonathan.bsn, born));
    if (!result.ok) throw new Error(result.issues[0].code);
    expect(result.receipt).toMatchObject({ state: 'accepted', messageId: 'KZ-1', notKept: [] });
    network.gateway.ports.enqueue(result.deliveries);
    await network.settled();
    const weights = [...network.inboxes.held('kdplus-inbox').values()].filter(
      (one): one is Observation => one.resourceType === 'Observation',
    );
    expect(weights.map((one) => [one.valueQuantity?.value, one.valueQuantity?.unit])).toEqual([[2140, 'g']]);
    expect(weights[0]?.meta?.security?.map((one) => one.code)).toContain('cat-development');
  });

  it('its message again has no second effect, and a correction replaces the fact', async () => {
    const again = await push(kraamzorgMessage(yonathan.bsn, born));
    expect(again).toMatchObject({ ok: true, deliveries: [] });
    const { db } = network.gateway.ports;
    const versions = async () =>
      (
        await db
          .selectFrom('resource')
          .select('version')
          .where('source', '=', 'kraamzorg')
          .where('type', '=', 'Observation')
          .execute()
      ).map((one) => one.version);
    expect(await versions()).toEqual([1]);
    expect(await push(kraamzorgMessage(yonathan.bsn, born, 'KZ-2'))).toMatchObject({ ok: true });
    expect(await versions()).toEqual([1, 1]); // another number is another weighing
  });

  it('its mistakes are refused like those of any other system', async () => {
    const refusals = [
      push({ ...kraamzorgMessage(yonathan.bsn, born, 'KZ-3'), grams: 3 }),
      push({ ...kraamzorgMessage('999903148', born, 'KZ-4') }),
      push(kraamzorgMessage(yonathan.bsn, born, 'KZ-1', 2500)),
    ];
    const codes = (await Promise.all(refusals)).map((one) => (one.ok ? 'accepted' : one.issues[0].code));
    expect(codes).toEqual(['schema-invalid', 'bsn-invalid', 'message-conflict']);
  });
});
