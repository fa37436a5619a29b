import { readFile } from 'node:fs/promises';
import type { OperationOutcome, Patient, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../src/demo/doors.ts';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import type { Receipt } from '../src/exchange/receipt.ts';
import { BSN_SYSTEM } from '../src/fhir/extensions.ts';
import { findPatient, loadFile } from '../src/store/records.ts';
import { type Network, openNetwork } from './support/network.ts';

const [yonathan, luuk] = FAMILIES as [Family, Family];
let network: Network;

beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  for (const family of [yonathan, luuk])
    expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(family, signedAt))).status).toBe(200);
});
afterAll(() => network?.close());

const sample = async (name: string) => (await readFile(`mappings/hix/samples/${name}.hl7`, 'latin1')).replace('é', 'e');
const push = (message: string) =>
  network.doors.send('hix', 'POST', '/exchange/hix', message, { contentType: 'application/hl7-v2' });
const codeOf = (answer: Answer) => (answer.body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code;
const receipt = (answer: Answer) => answer.body as Receipt;
let count = 0;
/** The same message under a number of its own. */
function numbered(message: string): string {
  count += 1;
  return message.replace(/HIX-[A-Z]{3}-\d+/, `HIX-T-${count}`);
}

async function file(bsn: string): Promise<Resource[]> {
  const { db, vault } = network.gateway.ports;
  const patient = await findPatient(db, vault, bsn);
  const found = patient && (await loadFile(db, vault, patient, new Date()));
  return found ? found.resources.map((one) => one.resource) : [];
}
const patientOf = async (bsn: string) => (await file(bsn)).find((one) => one.resourceType === 'Patient') as Patient;
const statuses = async (bsn: string, type: string) =>
  (await file(bsn)).filter((one) => one.resourceType === type).map((one) => (one as { status?: string }).status);

describe('demographics of the hospital', () => {
  it('what it clears is cleared, what it leaves out stays, and nothing is left of the mark', async () => {
    const first = await sample('yonathan-adt-a31');
    expect((await push(numbered(first))).status).toBe(202);
    expect(await patientOf('999903147')).toMatchObject({ multipleBirthBoolean: true, telecom: [{ use: 'mobile' }] });
    const cleared = numbered(first)
      .replace('0612345679^ORN^CP', '""')
      .replace(/\|Y(\|+)20260904/, '|""$120260904');
    expect((await push(cleared)).status).toBe(202);
    const patient = await patientOf('999903147');
    expect(patient).not.toHaveProperty('telecom');
    expect(patient).not.toHaveProperty('multipleBirthBoolean');
    expect(patient.address?.[0]?.city).toBe('Verzinstad');
    expect(JSON.stringify(patient)).not.toContain('cleared-part');
  });
});

describe('a merge of numbers (A40)', () => {
  it('of one child: the former number is this child’s from then on', async () => {
    expect((await push(await sample('yonathan-adt-a40'))).status).toBe(202);
    const later = numbered(await sample('luuk-adt-a28')).replace('7100238^^^HIX', '7100999^^^HIX');
    expect(codeOf(await push(later))).toBe('identity-conflict');
  });

  it('of two children is refused at MRG-1, and nothing is merged', async () => {
    expect((await push(numbered(await sample('luuk-adt-a28')))).status).toBe(202);
    const before = JSON.stringify(await patientOf('999903147'));
    const answer = await push(numbered(await sample('yonathan-adt-a40')).replace('MRG|7100999', 'MRG|7100238'));
    expect([answer.status, codeOf(answer)]).toEqual([409, 'merge-conflict']);
    expect(JSON.stringify(await patientOf('999903147'))).toBe(before);
  });

  it('of two BSNs is refused, whether the other one is known here or not', async () => {
    for (const bsn of ['999903238', '999990019']) {
      const message = numbered(await sample('yonathan-adt-a40')).replace(
        'MRG|7100999^^^HIX^PI',
        `MRG|${bsn}^^^NLMINBIZA^NNNLD`,
      );
      expect(codeOf(await push(message))).toBe('merge-conflict');
    }
    // Whoever is known here is held until a privacy officer has looked (tests/consent-life.test.ts); here nobody waits for that.
    await network.gateway.ports.db.updateTable('patient').set({ held: false }).execute();
  });
});

describe('what acts on what was sent before', () => {
  it('an appointment is made, moved and cancelled: one appointment', async () => {
    for (const [name, status] of [
      ['s12', 'booked'],
      ['s13', 'booked'],
      ['s14', 'booked'],
      ['s15', 'cancelled'],
    ]) {
      expect((await push(numbered(await sample(`yonathan-siu-${name}`)))).status).toBe(202);
      expect(await statuses('999903147', 'Appointment')).toEqual([status]);
    }
  });

  it('a report is replaced, and taken back with its referral', async () => {
    expect((await push(numbered(await sample('yonathan-mdm')))).status).toBe(202);
    expect((await push(numbered(await sample('yonathan-mdm-t04')))).status).toBe(202);
    expect(await statuses('999903147', 'Composition')).toEqual(['final']);
    expect(await statuses('999903147', 'ServiceRequest')).toEqual(['active']);
    expect((await push(numbered(await sample('yonathan-mdm-t11')))).status).toBe(202);
    expect(await statuses('999903147', 'Composition')).toEqual(['entered-in-error']);
    expect(await statuses('999903147', 'ServiceRequest')).toEqual(['entered-in-error']);
  });
});

describe('a batch over HTTP', () => {
  it('is answered in HL7 v2, a message at a time', async () => {
    const [one, two] = [numbered(await sample('yonathan-adt-a03')), numbered(await sample('yonathan-adt-a31'))];
    const answer = await push(`BHS|^~\\&|HIX\r${one}${two.replace('999903147', '123456789')}BTS|2\r`);
    expect(answer.status).toBe(200);
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    expect(text.match(/MSA\|A[AER]/g)).toEqual(['MSA|AA', 'MSA|AR']);
    expect(text).not.toContain('123456789');
  });
});

describe('a newborn without a BSN', () => {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const newborn = async (number: string, born: string) =>
    numbered(await sample('yonathan-adt-a01'))
      .replace(
        /7100147\^\^\^HIX\^PI~999903147\^\^\^NLMINBIZA\^NNNLD\^\^20260505/,
        `${number}^^^HIX^PI~^^^NLMINBIZA^NNNLD`,
      )
      .replace('|20260504|M|', `|${born}|M|`);

  it('waits, shared with nobody, until its number comes with its BSN; then it is taken in like any message', async () => {
    const born = day(2);
    const waiting = await push(await newborn('7100557', born));
    expect(receipt(waiting).state).toBe('waiting-for-identity');
    const bsn = '999910024';
    const child: Family = {
      ...yonathan,
      given: 'Noor',
      bsn,
      patient: {
        resourceType: 'Patient',
        identifier: [{ system: BSN_SYSTEM, value: bsn }],
        name: [{ use: 'official', family: 'Kwartelslag', given: ['Noor'] }],
        birthDate: new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10),
        gender: 'male',
      },
    };
    const entered = await network.doors.send(
      'kdplus',
      'POST',
      '/fhir',
      familyBundle(child, new Date(Date.now() - 60_000).toISOString()),
    );
    expect(entered.status).toBe(200);
    expect((await file(bsn)).filter((one) => one.resourceType === 'Encounter')).toEqual([]);
    const named = numbered(await sample('yonathan-adt-a31'))
      .replace('7100147^^^HIX^PI~999903147', `7100557^^^HIX^PI~${bsn}`)
      .replace('|20260504|M|', `|${born}|M|`);
    expect((await push(named)).status).toBe(202);
    expect((await file(bsn)).filter((one) => one.resourceType === 'Encounter')).toHaveLength(1);
    const followed = await network.doors.send('hix', 'GET', `/exchange/${receipt(waiting).id}`);
    expect(receipt(followed).state).toBe('accepted');
    await network.settled();
  });

  it('waits for its own number: where that comes with the BSN of another child, it is forgotten', async () => {
    const born = day(2);
    const waiting = await push(await newborn('7100555', born));
    expect([waiting.status, receipt(waiting).state, receipt(waiting).deliveries]).toEqual([
      202,
      'waiting-for-identity',
      [],
    ]);
    const { db } = network.gateway.ports;
    const row = await db
      .selectFrom('exchange')
      .selectAll()
      .where('id', '=', receipt(waiting).id)
      .executeTakeFirstOrThrow();
    expect(row.patient).toBeNull();
    expect(row.raw?.toString('latin1')).not.toContain('Kwartelslag');
    // Another birth date: not the same child.
    const named = numbered(await sample('luuk-adt-a28')).replace('7100238^^^HIX', '7100555^^^HIX');
    expect((await push(named)).status).toBe(202);
    const followed = await network.doors.send('hix', 'GET', `/exchange/${receipt(waiting).id}`);
    expect(receipt(followed).state).toBe('refused');
    expect(await db.selectFrom('waiting_exchange').selectAll().execute()).toEqual([]);
  });

  it('an older child without a BSN is refused as before', async () => {
    expect(codeOf(await push(await newborn('7100556', '20260504')))).toBe('identity-missing');
  });
});
