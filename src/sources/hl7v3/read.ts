import type { BdsFile } from './bds.ts';
import { readDossier } from './dossier.ts';
import type { XmlElement } from './element.ts';
import { XML_LIMITS } from './limits.ts';
import { OID } from './oids.ts';
import { parseXml } from './parse.ts';
import { Reading, type XmlProblem } from './reading.ts';
import type { KdplusRecord } from './record.ts';

/** The record of a message with the way back to it, or every reason why it cannot be read. */
export type Hl7v3Reading =
  | {
      ok: true;
      record: KdplusRecord;
      /** What was left on purpose: paths for dropped.json. */
      left: readonly string[];
      /** All content of the message in one writing, whatever its spaces and prefixes. */
      content: unknown;
      /** The place in the message of a place in the record (JSON pointer, or `contacts[0].groups[1]`). */
      sentAs(path: string): string;
    }
  | { ok: false; unknownInteraction: boolean; problems: readonly XmlProblem[] };

const HL7 = 'urn:hl7-org:v3';

/**
 * Bytes of a national JGZ dossier transfer (HL7 v3 CareProvisionRequest) → the record that the JSON input sends, so that
 * one schema and the same maps serve both. `versions`: which interaction has which version of BDS. Never throws; problems
 * name the place and what should stand there, never what does.
 */
export function readHl7v3(bytes: Uint8Array, bds: BdsFile, versions: Readonly<Record<string, string>>): Hl7v3Reading {
  const parsed = parseXml(bytes);
  if (!parsed.ok) return refused([{ path: parsed.path, message: parsed.message }]);
  const { root } = parsed;
  const bdsVersion = root.uri === HL7 && Object.hasOwn(versions, root.name) ? versions[root.name] : undefined;
  if (bdsVersion === undefined)
    return refused([{ path: root.path, message: `one of ${Object.keys(versions).join(', ')} of ${HL7}` }], true);
  const foreign = strange(root);
  if (foreign) return refused([{ path: foreign.path, message: `line ${foreign.line}: only elements of ${HL7}` }]);
  const reading = new Reading(bds);
  const record = readMessage(reading, root, bdsVersion);
  for (const [node, what] of root.unread()) reading.refuse(node, `nothing here reads this ${what}`);
  if (reading.problems.length > 0) return refused(reading.problems);
  const sentAs = (path: string) => placeOf(reading, record, path)?.path ?? root.path;
  return { ok: true, record, left: [...reading.left].sort(), content: root.content(), sentAs };
}

const refused = (problems: readonly XmlProblem[], unknownInteraction = false): Hl7v3Reading => ({
  ok: false,
  unknownInteraction,
  problems: problems.slice(0, XML_LIMITS.issues),
});

function strange(node: XmlElement): XmlElement | undefined {
  if (node.uri !== HL7) return node;
  for (const child of node.children) {
    const found = strange(child);
    if (found) return found;
  }
  return undefined;
}

/** The transport wrapper, the control act, and in it the request with the dossier. */
function readMessage(reading: Reading, root: XmlElement, bdsVersion: string): KdplusRecord {
  for (const name of TRANSPORT) for (const part of root.all(name)) reading.leave(part, 'transport');
  const id = root.one('id');
  const number = [id?.attribute('root') ?? '', id?.attribute('extension') ?? '']
    .filter((part) => part !== '')
    .join('_');
  if (!id || number === '') reading.refuse(id ?? root, 'an id of the message, with root and extension');
  const interaction = root.one('interactionId');
  if (interaction?.attribute('root') !== OID.interaction || interaction.attribute('extension') !== root.name)
    reading.refuse(interaction ?? root, 'the interaction that the root element names');
  const processing = root.one('processingCode');
  if (processing?.attribute('code') !== 'P')
    reading.refuse(processing ?? root, 'P: test and training messages do not belong in this gateway');
  const control = root.one('ControlActProcess');
  const ura = control && readSender(reading, control);
  const request = control?.one('subject')?.one('CareProvisionRequest');
  for (const name of ['id', 'code', 'statusCode', 'author']) reading.leave(request?.one(name), 'transport');
  const dossier = request?.one('sequelTo')?.one('careProvisionEvent');
  if (!dossier) reading.refuse(request ?? control ?? root, 'a CareProvisionRequest with a careProvisionEvent');
  const { client, contacts } = dossier ? readDossier(reading, dossier) : { client: { groups: [] }, contacts: [] };
  const record = { bdsVersion, ...(ura !== undefined && { ura }), messageId: number, client, contacts };
  checkAttention(reading, root, record);
  return record;
}

const TRANSPORT = [
  'creationTime',
  'versionCode',
  'profileId',
  'processingModeCode',
  'acceptAckCode',
  'receiver',
  'sender',
];

/** The organisation that sends: the one for which the control act was done. */
function readSender(reading: Reading, control: XmlElement): string | undefined {
  const device = control.one('authorOrPerformer')?.one('participant')?.one('AssignedDevice');
  reading.leave(device?.one('id'), 'transport');
  const organisation = device?.one('Organization');
  reading.leave(organisation?.one('name'), 'transport');
  const ids = organisation?.all('id') ?? [];
  const ura = ids.find((id) => id.attribute('root') === OID.ura);
  for (const id of ids) id.attribute('extension');
  return ura?.attribute('extension');
}

/** The patient for whom the envelope is must be the patient in it. */
function checkAttention(reading: Reading, root: XmlElement, record: KdplusRecord): void {
  const bsn = record.client.groups.find((one) => one.group === 'R003')?.elements.find((one) => one.bdsNumber === 7);
  for (const attention of root.all('attentionLine')) {
    const value = attention.one('value');
    const isPatient = attention.one('keyWordText')?.attribute('code') === 'PATID';
    attention.leave();
    if (value && isPatient && (value.attribute('root') !== OID.bsn || value.attribute('extension') !== bsn?.value))
      reading.refuse(value, 'the BSN of the patient in the message');
  }
}

/** Goes down the record as far as the path leads, and answers where the last part with a known place came from. */
function placeOf(reading: Reading, record: KdplusRecord, path: string): XmlElement | undefined {
  let at: unknown = record;
  let place: XmlElement | undefined;
  for (const step of path.split(/[/.[\]]+/).filter((part) => part !== '')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) break;
    at = (at as Record<string, unknown>)[step];
    if (typeof at === 'object' && at !== null) place = reading.origin.get(at) ?? place;
  }
  return place;
}
