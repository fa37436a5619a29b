import { readRubriek } from './cluster.ts';
import { readConclusion } from './conclusion.ts';
import type { XmlElement } from './element.ts';
import { OID } from './oids.ts';
import type { Reading } from './reading.ts';
import { Groups, type RecordContact, type RecordGroup } from './record.ts';
import { readDay } from './value.ts';

/** One activity (R018) with all that was told, seen and done at it: a contact of the record. */
export function readActivity(reading: Reading, encounter: XmlElement): RecordContact {
  const groups = new Groups();
  const activity = groups.one('R018');
  reading.origin.set(activity, encounter);
  encounter.attribute('moodCode');
  const id = encounter.one('id');
  // The root says whose number it is: the sender's own, which the gateway knows already.
  id?.attribute('root');
  const own = id?.attribute('extension');
  if (id && own !== undefined) reading.add(activity, 1377, own, id);
  reading.put(activity, 494, encounter.one('code'));
  const time = encounter.one('effectiveTime');
  const date = time && readDay(time);
  if (!date) reading.refuse(time ?? encounter, 'the date of the activity, to the day');
  for (const reason of encounter.all('reasonCode')) reading.put(activity, 1424, reason);
  for (const performer of encounter.all('performer')) readPerformer(reading, performer, activity);
  for (const place of LEFT) for (const node of encounter.all(place.name)) reading.leaveElement(node, place.number);
  for (const part of encounter.all('pertinentInformation')) {
    const cluster = part.one('rubricCluster');
    if (cluster) readRubriek(reading, cluster, groups);
  }
  for (const part of encounter.all('component3')) {
    const vaccination = part.one('substanceAdministration');
    if (vaccination) readVaccination(reading, vaccination, groups);
  }
  for (const part of encounter.all('component5')) reading.leaveElement(part, 'R036');
  for (const part of encounter.all('component1')) reading.leaveElement(part, 'R051');
  const conclusion = encounter.one('subjectOf1')?.one('conclusion');
  if (conclusion) readConclusion(reading, conclusion, groups);
  const aborted = encounter.one('subjectOf')?.one('abortedEvent');
  const number = aborted && reading.number(aborted);
  if (aborted && number !== undefined && reading.core(number, aborted)) reading.refuse(aborted, 'BDS 495');
  checkStatus(reading, encounter, activity);
  const contact = { ...(date && { date }), groups: groups.filled() };
  reading.origin.set(contact, encounter);
  return contact;
}

/** Parts that are elements of BDS which are not core: who asked for it, who came along, who was spoken to. */
const LEFT = [
  { name: 'author', number: 1423 },
  { name: 'inFulfillmentOf', number: 1423 },
  { name: 'escort', number: 731 },
  { name: 'consultant', number: 1606 },
] as const;

function readPerformer(reading: Reading, performer: XmlElement, activity: RecordGroup): void {
  const entity = performer.one('assignedEntity');
  if (!entity) return;
  reading.putIds(activity, entity, { [OID.uzi]: 730, [OID.big]: 1508, [OID.agb]: 1523 });
  reading.put(activity, 1599, entity.one('code'));
  reading.putName(activity, 1501, entity.one('assignedPerson')?.one('name'));
}

/** The state of the activity stands there twice: in statusCode and as BDS 1605. They may not contradict each other. */
const STATES: Readonly<Record<string, (status: string) => boolean>> = {
  completed: (status) => status === '01',
  aborted: (status) => status === '02',
  cancelled: (status) => status !== '01' && status !== '02',
};

function checkStatus(reading: Reading, encounter: XmlElement, activity: RecordGroup): void {
  const status = encounter.one('statusCode');
  const code = status?.attribute('code');
  const told = activity.elements.find((one) => one.bdsNumber === 1605)?.value;
  if (!status || code === undefined || told === undefined) return;
  if (!(Object.hasOwn(STATES, code) && STATES[code]?.(String(told))))
    reading.refuse(status, 'completed, aborted or cancelled, in accordance with BDS 1605');
}

/** G076. A vaccination that was not given (an objection, 683) is no vaccination: it is left as a whole. */
function readVaccination(reading: Reading, vaccination: XmlElement, groups: Groups): void {
  const given = vaccination.attribute('negationInd') !== 'true' && !vaccination.one('authorization');
  if (!given) {
    reading.leaveElement(vaccination, 683);
    return;
  }
  const group = groups.another('G076');
  vaccination.one('code')?.leave();
  const medicine = vaccination.one('consumable')?.one('medication')?.one('administrableMedicine');
  reading.put(group, 461, medicine?.one('code'));
  reading.leaveElement(medicine?.one('lotNumberText'), 472);
  reading.put(group, 1409, vaccination.one('effectiveTime'));
  for (const [name, number] of VACCINATION)
    for (const part of vaccination.all(name)) reading.leaveElement(part, number);
}

/** Who gave it and where, why, reactions, and observations about it: none is core. */
const VACCINATION = [
  ['performer', 1336],
  ['location', 1452],
  ['reason', 686],
  ['causeOf1', 869],
  ['causeOf2', 874],
  ['limitation', 1450],
  ['component', 1589],
  ['subjectOf', 870],
] as const;
