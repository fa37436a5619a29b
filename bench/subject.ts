import { readFile } from 'node:fs/promises';
import type { Bundle } from '@medplum/fhirtypes';
import type { Doors } from '../src/demo/doors.ts';
import { FAMILIES, familyBundle } from '../src/demo/families.ts';
import { drawBsn } from './people.ts';
import type { poster } from './post.ts';

/** Children that pushes are spread over, as in a region's day. */
const CHILDREN = 200;
/** Consults of the child that is read: with its family this makes some fifty resources. */
const CONSULTS = 5;

/** What the load is made of: pushes of one consult each, spread over many children, and reads of one child with some fifty resources. */
export interface Subject {
  readonly what: string;
  push(): Promise<boolean>;
  read(): Promise<boolean>;
  describeRead(): Promise<string>;
  /** The child that is read, as the JGZ knows it. */
  readonly reader: string;
}

/** Enters the families in a gateway and gives the requests of the load. */
export async function openSubject(doors: Doors, post: ReturnType<typeof poster>, spread = CHILDREN): Promise<Subject> {
  const consult = (await readFile('mappings/hix/samples/luuk-consult.json')).toString();
  const children: string[] = [];
  for (let index = 0; index < spread; index += 1) children.push((await enter(doors)).bsn);
  const reader = await enter(doors);
  const hix = `Bearer ${await doors.token('hix')}`;
  const nurse = `Bearer ${await doors.token('kdplus', { subject_role: 'youth-nurse', purpose_of_use: 'TREAT' })}`;
  let sent = 0;
  const pushFor = async (bsn: string) => {
    sent += 1;
    const body = consult
      .replaceAll('999903238', bsn)
      .replaceAll('HIX-2026-08-24-000731', `BENCH-${sent}`)
      .replaceAll('POLI-558120', `POLI-${sent}`);
    return (await post('POST', '/exchange/hix', hix, 'application/json', body)).status === 202;
  };
  for (let index = 0; index < CONSULTS; index += 1) await pushFor(reader.bsn);
  const everything = () => post('GET', `/fhir/Patient/${reader.id}/$everything`, nurse);
  return {
    reader: reader.id,
    what: `${(consult.length / 1024).toFixed(1)} kB JSON consult → 10 resources, ledger, 2 deliveries, audit, one transaction`,
    push: () => pushFor(children[sent % CHILDREN] ?? ''),
    read: async () => (await everything()).status === 200,
    async describeRead() {
      const { text } = await everything();
      const { total } = JSON.parse(text) as Bundle;
      return `${total} resources, ${Math.round(text.length / 1024)} kB, decided, projected, audited`;
    },
  };
}

async function enter(doors: Doors): Promise<{ bsn: string; id: string }> {
  const luuk = FAMILIES[1];
  if (!luuk) throw new Error('The demo has no second family.');
  const bsn = drawBsn();
  const patient = { ...luuk.patient, identifier: [{ system: luuk.patient.identifier?.[0]?.system, value: bsn }] };
  const bundle = familyBundle({ ...luuk, bsn, patient }, new Date(Date.now() - 60_000).toISOString());
  const answer = await doors.send('kdplus', 'POST', '/fhir', bundle);
  const location = (answer.body as Bundle).entry?.[0]?.response?.location;
  if (!location) throw new Error(`A family could not be entered: ${answer.status}`);
  return { bsn, id: location.replace('Patient/', '') };
}
