import type { XmlElement } from './element.ts';
import { OID } from './oids.ts';
import type { Reading } from './reading.ts';
import { below, type Groups, type RecordGroup } from './record.ts';

/** Parts of an observation that are elements of BDS of their own: the relative, the side of the body, the method. */
const COMPANIONS: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  70: { subject: 1200 },
  80: { subject: 81 },
  219: { targetSiteCode: 220 },
  235: { methodCode: 236 },
  245: { methodCode: 246 },
  923: { targetSiteCode: 924 },
};

/** A rubriek of a contact: elements, and groups of elements in it, by their numbers (`.391`, `.393`, `.267`). */
export function readRubriek(reading: Reading, cluster: XmlElement, contact: Groups): void {
  const rubriek = codeOf(reading, cluster, OID.rubriek);
  if (rubriek === undefined) return;
  readComponents(reading, cluster, rubriek, () => contact.one(rubriek), contact);
}

function readComponents(
  reading: Reading,
  holder: XmlElement,
  place: string,
  group: () => RecordGroup,
  contact: Groups,
): void {
  for (const component of holder.all('component')) {
    const observation = component.one('observation');
    if (observation) readObservation(reading, observation, place, group);
    const cluster = component.one('groupCluster');
    if (!cluster) continue;
    const code = codeOf(reading, cluster, OID.group);
    if (code === undefined) continue;
    // A group of a rubriek stands beside it in the record; a group of a group stands in it.
    let made: RecordGroup | undefined;
    const inner = () => {
      made ??= place.includes('/') ? below(group(), code) : contact.another(code);
      return made;
    };
    readComponents(reading, cluster, `${place}/${code}`, inner, contact);
  }
}

function codeOf(reading: Reading, cluster: XmlElement, system: string): string | undefined {
  const code = cluster.one('code');
  const value = code?.attribute('code');
  if (code?.attribute('codeSystem') === system && value !== undefined && /^[RG]\d{3}$/.test(value)) return value;
  reading.refuse(cluster, 'a code that is a rubriek or group of BDS');
  return undefined;
}

function readObservation(reading: Reading, observation: XmlElement, place: string, group: () => RecordGroup): void {
  const number = reading.number(observation);
  if (number === undefined) return;
  const element = reading.core(number, observation, place.split('/')[0]);
  if (!element) return;
  if (element.group !== place) {
    reading.refuse(observation, `${element.group} as the place of BDS ${number}`);
    return;
  }
  const value = observation.one('value');
  if (value) reading.put(group(), number, value);
  else reading.refuse(observation, `a value (BDS ${number})`);
  for (const [part, companion] of Object.entries(COMPANIONS[number] ?? {})) {
    const node = observation.one(part);
    if (!node) continue;
    if (!reading.core(companion, node)) continue;
    reading.put(group(), companion, part === 'subject' ? relative(reading, node) : node);
  }
}

/** Who the observation is about: the code of the relation to the child. */
function relative(reading: Reading, subject: XmlElement): XmlElement | undefined {
  const relation = subject.one('personalRelationship');
  const holder = relation?.one('relationshipHolder');
  holder?.attribute('nullFlavor');
  const code = relation?.one('code');
  if (!code) reading.refuse(subject, 'a personalRelationship with a code');
  return code;
}
