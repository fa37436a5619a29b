import { readFile } from 'node:fs/promises';
import type { AuditEvent, Bundle, Consent, Patient } from '@medplum/fhirtypes';
import type { Receipt } from '../exchange/receipt.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import type { Answer, Doors } from './doors.ts';
import { consentFor, FAMILIES, type Family, familyBundle } from './families.ts';
import { clientFor } from './network.ts';

/** What happened at one push. */
export interface Pushed {
  readonly who: string;
  readonly what: string;
  readonly door: string;
  readonly answer: string;
  readonly receipt?: Receipt;
}

/** What one discipline got of one child, and what not. */
export interface Pulled {
  readonly discipline: string;
  readonly got: Readonly<Record<string, number>>;
  readonly name: string;
  readonly bsn: boolean;
  readonly grounds: readonly string[];
}

export interface Story {
  readonly pushes: readonly Pushed[];
  readonly again: string;
  readonly pulls: readonly Pulled[];
  readonly laila: {
    readonly refused: string;
    readonly consent: string;
    readonly accepted: string;
    readonly before: number;
    readonly after: string;
  };
}

export const ASKERS = ['youth-nurse', 'youth-doctor', 'paediatrician', 'social-domain', 'gp', 'volunteer'] as const;

/** Plays the main job through the real doors: families, pushes by HL7 v2 and JSON, pulls by six disciplines, and a consent given and withdrawn. */
export async function play(doors: Doors): Promise<Story> {
  const [yonathan, luuk, laila] = FAMILIES as [Family, Family, Family];
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  for (const family of [yonathan, luuk]) await enter(doors, family, signedAt);
  await enter(doors, laila, undefined);

  const pushes = [
    await pushHl7(doors, 'Yonathan', 'weight, length, head, lab', 'yonathan-oru.hl7'),
    await pushHl7(doors, 'Yonathan', 'consult report, referral', 'yonathan-mdm.hl7'),
    await pushJson(doors, 'hix', 'Luuk', 'consult, as JSON', 'luuk-consult.json'),
    await pushJson(doors, 'kdplus', 'Yonathan', 'contact moment, BDS', 'yonathan-contact.json'),
  ];
  const again = await pushJson(doors, 'hix', 'Luuk', 'consult, as JSON', 'luuk-consult.json');
  const first = pushes[2]?.receipt?.id;
  const pulls: Pulled[] = [];
  for (const discipline of ASKERS) pulls.push(await pull(doors, discipline, yonathan));
  return {
    pushes,
    again: again.receipt?.id === first ? 'same receipt, nothing stored twice' : 'a second exchange!',
    pulls: await withGrounds(doors, yonathan, pulls),
    laila: await playLaila(doors, laila),
  };
}

async function enter(doors: Doors, family: Family, signedAt: string | undefined): Promise<void> {
  const answer = await doors.send('kdplus', 'POST', '/fhir', familyBundle(family, signedAt));
  if (answer.status !== 200)
    throw new Error(`${family.given} could not be entered (${answer.status}: ${codesOf(answer)}).`);
}

const sample = (system: string, file: string) => readFile(`mappings/${system}/samples/${file}`);

async function pushHl7(doors: Doors, who: string, what: string, file: string): Promise<Pushed> {
  const { code, reasons } = await doors.mllp(await sample('hix', file));
  return { who, what, door: 'HiX  MLLP', answer: [code, ...reasons].join(' ') };
}

async function pushJson(doors: Doors, source: string, who: string, what: string, file: string): Promise<Pushed> {
  const body = (await sample(source, file)).toString();
  const answer = await doors.send(source, 'POST', `/exchange/${source}`, body, { contentType: 'application/json' });
  const door = source === 'hix' ? 'HiX  HTTP' : 'KD+  HTTP';
  if (answer.status === 202) return { who, what, door, answer: '202', receipt: answer.body as Receipt };
  return { who, what, door, answer: `${answer.status} ${codesOf(answer)}` };
}

/** Finds the child as this discipline may (by BSN, or in its caseload) and pulls everything. */
async function pull(doors: Doors, discipline: string, family: Family): Promise<Pulled> {
  const client = clientFor(discipline) ?? '';
  const patient = await find(doors, client, discipline, family);
  const answer = patient ? await doors.everything(client, discipline, patient) : undefined;
  const resources = (answer?.body.entry ?? []).flatMap((one) => one.resource ?? []);
  const got: Record<string, number> = {};
  for (const one of resources) {
    const category = one.meta?.security?.find((label) => label.code?.startsWith('cat-'))?.code?.slice(4);
    if (category) got[category] = (got[category] ?? 0) + 1;
  }
  const child = resources.find((one) => one.resourceType === 'Patient');
  return {
    discipline,
    got,
    name: nameOf(child),
    bsn: child?.identifier?.some((one) => one.system === BSN_SYSTEM) ?? false,
    grounds: [],
  };
}

export async function find(
  doors: Doors,
  client: string,
  discipline: string,
  family: Family,
): Promise<string | undefined> {
  const iua = { subject_role: discipline, purpose_of_use: 'TREAT' };
  const form = new URLSearchParams({ identifier: `${BSN_SYSTEM}|${family.bsn}` }).toString();
  const byBsn = (await doors.send(client, 'POST', '/fhir/Patient/_search', form, {
    contentType: 'application/x-www-form-urlencoded',
    iua,
  })) as Answer<Bundle<Patient>>;
  const found = byBsn.body.entry?.[0]?.resource?.id;
  if (found) return found;
  const caseload = (await doors.send(client, 'GET', '/fhir/Patient', undefined, { iua })) as Answer<Bundle<Patient>>;
  return caseload.body.entry?.find((one) => nameOf(one.resource).includes(family.given))?.resource?.id;
}

const nameOf = (patient: Patient | undefined): string =>
  patient?.name?.map((one) => one.text ?? [...(one.given ?? []), one.family].filter(Boolean).join(' '))[0] ?? '';

/** The reasons, as the privacy officer reads them on the log: the askers themselves see no trace of what was withheld. */
async function withGrounds(doors: Doors, family: Family, pulls: readonly Pulled[]): Promise<Pulled[]> {
  const id = await find(doors, 'kdplus', 'youth-nurse', family);
  const answer = (await doors.send('jgz-privacy', 'GET', `/fhir/AuditEvent?patient=${id}`)) as Answer<
    Bundle<AuditEvent>
  >;
  const events = (answer.body.entry ?? []).flatMap((one) => one.resource ?? []);
  return pulls.map((one) => ({
    ...one,
    grounds: groundsOf(events.findLast((event) => isDecision(event, one.discipline))),
  }));
}

const isDecision = (event: AuditEvent, discipline: string): boolean =>
  Boolean(
    event.subtype?.some((one) => one.code === 'decision') &&
      event.agent.some((agent) => agent.role?.some((role) => role.coding?.[0]?.code === discipline)) &&
      event.agent.some(
        (agent) =>
          agent.who?.identifier?.value &&
          !agent.who.identifier.value.startsWith('receiver/') &&
          agent.type?.coding?.[0]?.code !== 'IRCP',
      ),
  );

const groundsOf = (event: AuditEvent | undefined): string[] =>
  (event?.entity ?? [])
    .flatMap((one) => one.detail ?? [])
    .flatMap(({ type, valueString }) =>
      ['withheld', 'redacted', 'narrowed'].includes(type ?? '') ? [`${type} ${valueString}`] : [],
    );

/** The pregnant woman of the MamaPlus poli: refused without consent, accepted with it, closed again when it is withdrawn. */
async function playLaila(doors: Doors, laila: Family): Promise<Story['laila']> {
  const refused = await pushJson(doors, 'hix', 'Laila', '', 'laila-mamaplus.json');
  const entered = (await doors.send('kdplus', 'POST', '/fhir', familyBundle(laila, undefined))) as Answer<Bundle>;
  const patient = entered.body.entry?.[0]?.response?.location ?? '';
  const consent = consentFor(
    { reference: patient },
    [{ reference: patient }],
    laila.organisations,
    new Date(Date.now() - 1_000).toISOString(),
  );
  const created = (await doors.send('kdplus', 'POST', '/fhir/Consent', consent)) as Answer<Consent>;
  const accepted = await pushJson(doors, 'hix', 'Laila', '', 'laila-mamaplus.json');
  const before = await pull(doors, 'youth-nurse', laila);
  const withdrawal = { ...created.body, status: 'inactive' };
  const withdrawn = await doors.send('kdplus', 'PUT', `/fhir/Consent/${created.body.id}`, withdrawal, {
    headers: { 'if-match': created.etag ?? '' },
  });
  const own = patient.replace('Patient/', '');
  const after = await doors.everything('kdplus', 'youth-nurse', own);
  return {
    refused: refused.answer,
    consent: `${created.status}, withdrawn ${withdrawn.status}`,
    accepted: accepted.answer,
    before: Object.values(before.got).reduce((sum, one) => sum + one, 0),
    after: String(after.status),
  };
}

const codesOf = (answer: Answer): string => {
  const issues =
    (
      answer.body as {
        issue?: { details?: { coding?: { code: string }[] }; diagnostics?: string; expression?: string[] }[];
      }
    )?.issue ?? [];
  return issues
    .map((one) => [one.details?.coding?.[0]?.code, one.diagnostics, one.expression?.[0]].filter(Boolean).join(' '))
    .join('; ');
};
