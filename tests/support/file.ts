import { randomUUID } from 'node:crypto';
import type { Coding, Consent, Resource } from '@medplum/fhirtypes';
import { CATEGORY_SYSTEM } from '../../src/fhir/extensions.ts';
import { loadFile, lockPatient, sealRecords, writeConsent, writeRecords } from '../../src/store/records.ts';
import type { Network } from './network.ts';

/** A resource to be laid in a file as intake would: with its category and labels in `meta.security`. */
export interface Laid {
  readonly resource: Resource & { id: string };
  readonly category: string;
  readonly labels?: readonly string[];
}

const CHILDPROT = 'http://gezinspoort.nl/fhir/CodeSystem/label';
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** Lays resources in a family's file, each as a new version of what has its id; for what no source of the demo sends. */
export async function layInFile(network: Network, patient: string, ...laid: Laid[]): Promise<void> {
  const { db, vault } = network.gateway.ports;
  const now = new Date();
  await db.transaction().execute(async (trx) => {
    await lockPatient(trx, patient);
    const file = await loadFile(trx, vault, patient, now);
    if (!file) throw new Error('There is no such patient.');
    const records = laid.map(({ resource, category, labels = [] }) => {
      const security: Coding[] = [
        { system: CATEGORY_SYSTEM, code: `cat-${category}` },
        ...labels.map((code) => ({ system: code === 'CHILDPROT' ? CHILDPROT : ACT, code })),
      ];
      const labelled = category === 'directory' ? resource : { ...resource, meta: { ...resource.meta, security } };
      return { resource: labelled, category, labels, author: 'ziekenhuis', source: 'test' };
    });
    await writeRecords(trx, sealRecords(file.dataKey, patient, records, file.resources, now));
  });
}

/** Puts these Consents in place of all that stand in a family's register; the persons sign as they are called in the file. */
export async function consentsOf(network: Network, patient: string, ...consents: readonly Consent[]): Promise<void> {
  const { db, vault } = network.gateway.ports;
  const now = new Date();
  await db.transaction().execute(async (trx) => {
    await lockPatient(trx, patient);
    await trx.updateTable('consent').set({ current: false }).where('patient', '=', patient).execute();
    const file = await loadFile(trx, vault, patient, now);
    if (!file) throw new Error('There is no such patient.');
    for (const consent of consents)
      await writeConsent(trx, file.dataKey, patient, { ...consent, id: randomUUID() }, 1, 'jgz', now);
  });
}
