import type { XmlElement } from './element.ts';
import { OID } from './oids.ts';
import type { Reading } from './reading.ts';
import { below, type Groups, type RecordGroup } from './record.ts';

/** The client and the parents: R003, G001, G002, G014 with G017. */
export function readPatient(reading: Reading, patient: XmlElement, client: Groups): void {
  const person = client.one('R003');
  reading.origin.set(person, patient);
  reading.putIds(person, patient, { [OID.bsn]: 7 });
  reading.leave(patient.one('statusCode'), 'transport');
  const details = patient.one('patientPerson');
  if (details) readDetails(reading, details, person);
  for (const address of patient.all('addr')) readAddress(reading, address, client.another('G001'));
  for (const telecom of patient.all('telecom')) readTelecom(reading, telecom, client, person);
  for (const parent of details?.all('personalRelationship') ?? []) readParent(reading, parent, client.another('G014'));
  for (const subject of patient.all('subjectOf1')) {
    const act = subject.one('administrativeObservation');
    const number = act && reading.number(act);
    if (act && number !== undefined && reading.core(number, act)) reading.put(person, number, act.one('value'));
  }
}

function readDetails(reading: Reading, details: XmlElement, person: RecordGroup): void {
  for (const name of details.all('name')) {
    const use = name.attribute('use');
    // OR is the name as the register has it, L the name by which the child is known.
    if (use === 'OR') readName(reading, name, person, { given: 6, prefix: 3, family: 4 });
    else if (use === 'L') readName(reading, name, person, { given: 5, prefix: 1, family: 2 });
    else reading.refuse(name, 'use OR or L');
  }
  reading.put(person, 19, details.one('administrativeGenderCode'));
  reading.put(person, 20, details.one('birthTime'));
  const dead = details.one('deceasedInd');
  const died = details.one('deceasedTime');
  if (dead?.attribute('value') === 'true' && !died) reading.refuse(dead, 'a deceasedTime with it');
  reading.put(person, 21, died);
  reading.leaveElement(details.one('birthPlace'), 'birthPlace');
  for (const citizen of details.all('asCitizen')) reading.leaveElement(citizen, 'nationality');
}

type NameNumbers = Readonly<{ given: number; prefix: number; family: number }>;

function readName(reading: Reading, name: XmlElement, group: RecordGroup, numbers: NameNumbers): void {
  const given = name.all('given');
  const first = given[0];
  for (const part of given) part.attribute('qualifier');
  const names = given.map((part) => part.words()).filter((part) => part !== '');
  if (first && names.length > 0) reading.add(group, numbers.given, names.join(' '), first);
  for (const part of ['prefix', 'family'] as const) {
    const node = name.one(part);
    node?.attribute('qualifier');
    const words = node?.words();
    if (node && words) reading.add(group, numbers[part], words, node);
  }
}

const ADDRESS_USE = new Set(['HP', 'PHYS', 'PST', 'TMP']);
const USES: Readonly<Record<string, string>> = { HP: '01', PHYS: '02', PST: '03', TMP: '04' };

function readAddress(reading: Reading, address: XmlElement, group: RecordGroup): void {
  const uses = (address.attribute('use') ?? '').split(/\s+/).filter((use) => use !== '');
  for (const use of uses) {
    // CONF stands in the place of the kind of address and says that it is secret (697).
    if (use === 'CONF') reading.add(group, 697, true, address);
    else if (ADDRESS_USE.has(use)) reading.add(group, 8, USES[use] ?? '', address);
    else reading.refuse(address, 'use HP, PHYS, PST, TMP or CONF');
  }
  const text = (name: string, number: number) => {
    const node = address.one(name);
    const words = node?.words();
    if (node && words) reading.add(group, number, words, node);
  };
  text('city', 10);
  text('streetName', 11);
  const house = address.one('houseNumber');
  const houseNumber = house?.words();
  if (house && houseNumber) {
    if (/^\d{1,5}$/.test(houseNumber)) reading.add(group, 12, Number(houseNumber), house);
    else reading.refuse(house, 'a whole number; letters stand in buildingNumberSuffix');
  }
  readSuffix(reading, address.one('buildingNumberSuffix'), group);
  text('postalCode', 16);
  const country = address.one('country');
  country?.words();
  reading.put(group, 630, country);
  for (const name of ['additionalLocator', 'county', 'desc', 'useablePeriod'])
    reading.leaveElement(address.one(name), name);
}

/** `B bis`: a letter (13), and behind a space, also where there is no letter, a further addition (14). */
const SUFFIX = /^([A-Za-z])?(?: +(\S.*?))? *$/;

function readSuffix(reading: Reading, suffix: XmlElement | undefined, group: RecordGroup): void {
  if (!suffix) return;
  suffix.words();
  const parts = SUFFIX.exec(suffix.text);
  if (!parts) {
    reading.refuse(suffix, 'one letter, and behind a space the rest');
    return;
  }
  if (parts[1]) reading.add(group, 13, parts[1], suffix);
  if (parts[2]) reading.add(group, 14, parts[2], suffix);
}

const PHONE_USE: Readonly<Record<string, string>> = { HP: '01', WP: '02', MC: '03' };

function readTelecom(reading: Reading, telecom: XmlElement, client: Groups, person: RecordGroup): void {
  const value = telecom.attribute('value') ?? '';
  if (value.startsWith('mailto:')) reading.add(person, 698, value.slice('mailto:'.length), telecom);
  else readPhone(reading, telecom, value, client.another('G002'), 609, 610);
}

function readPhone(
  reading: Reading,
  telecom: XmlElement,
  value: string,
  group: RecordGroup,
  number: number,
  kind: number,
): void {
  if (!value.startsWith('tel:')) {
    reading.refuse(telecom, 'a value that begins with tel: or mailto:');
    return;
  }
  reading.add(group, number, value.slice('tel:'.length), telecom);
  const use = telecom.attribute('use');
  if (use === undefined) return;
  const meant = PHONE_USE[use];
  if (meant === undefined) reading.refuse(telecom, 'use HP, WP or MC');
  else reading.add(group, kind, meant, telecom);
}

function readParent(reading: Reading, parent: XmlElement, group: RecordGroup): void {
  reading.put(group, 62, parent.one('code'));
  const holder = parent.one('relationshipHolder1');
  if (holder) {
    reading.putIds(group, holder, { [OID.bsn]: 655 });
    const name = holder.one('name');
    name?.attribute('use');
    if (name) readName(reading, name, group, { given: 61, prefix: 656, family: 657 });
    reading.put(group, 63, holder.one('birthTime'));
  }
  for (const address of parent.all('addr')) reading.leaveElement(address, 'G016');
  for (const telecom of parent.all('telecom')) {
    const value = telecom.attribute('value') ?? '';
    if (value.startsWith('mailto:')) reading.leaveElement(telecom, 'parentEmail');
    else readPhone(reading, telecom, value, below(group, 'G017'), 736, 737);
  }
}
