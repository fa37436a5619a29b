import { readActivity } from './activity.ts';
import type { XmlElement } from './element.ts';
import { OID } from './oids.ts';
import { readPatient } from './person.ts';
import type { Reading } from './reading.ts';
import { Groups, type RecordContact } from './record.ts';

/** The dossier: the client, the organisation, documents, consents and the activities. */
export function readDossier(
  reading: Reading,
  dossier: XmlElement,
): { client: { groups: ReturnType<Groups['filled']> }; contacts: RecordContact[] } {
  const client = new Groups();
  const number = dossier.one('id');
  number?.attribute('root');
  const own = number?.attribute('extension');
  if (number && own !== undefined) reading.add(client.one('R002'), 695, own, number);
  for (const name of ['code', 'statusCode', 'effectiveTime']) reading.leave(dossier.one(name), 'transport');
  const patient = dossier.one('subject')?.one('patient');
  if (patient) readPatient(reading, patient, client);
  for (const party of dossier.all('responsibleParty')) reading.leaveElement(party, 'G091');
  for (const author of dossier.all('author')) readOrganisation(reading, author, client);
  for (const appendage of dossier.all('appendage')) readDocument(reading, appendage, client);
  for (const authorization of dossier.all('authorization')) readConsent(reading, authorization, client);
  for (const [name, act] of NOTES)
    for (const part of dossier.all(name)) {
      const note = part.one(act);
      const noted = note && reading.number(note);
      if (note && noted !== undefined && reading.core(noted, note)) reading.refuse(note, 'no core element of BDS');
    }
  for (const part of dossier.all('component6')) reading.leaveElement(part, 'G088');
  for (const part of dossier.all('component1')) reading.leaveElement(part, 'R051');
  const encounters = dossier.all('component7').map((part) => part.one('encounter'));
  const contacts = encounters.flatMap((one) => (one ? [readActivity(reading, one)] : []));
  return { client: { groups: client.filled() }, contacts };
}

/** Acts of the dossier that hold one element of BDS each, none of them core. */
const NOTES = [
  ['pertinentInformation', 'annotationObsEvent'],
  ['subjectOf', 'careStatus'],
] as const;

function readOrganisation(reading: Reading, author: XmlElement, client: Groups): void {
  const group = client.another('G085');
  reading.leaveElement(author.one('time'), 'G098');
  const entity = author.one('assignedEntity');
  if (!entity) return;
  reading.putIds(group, entity, { [OID.ura]: 603, [OID.agb]: 1529 });
  reading.putName(group, 1506, entity.one('assignedOrganization')?.one('name'));
}

/** G072: a file in the dossier, in Base64. */
function readDocument(reading: Reading, appendage: XmlElement, client: Groups): void {
  const document = appendage.one('document');
  if (!document) return;
  const group = client.another('G072');
  reading.origin.set(group, document);
  reading.put(group, 1169, document.one('code'));
  const text = document.one('text');
  if (text) {
    const kind = text.attribute('mediaType');
    if (text.attribute('representation') !== 'B64') reading.refuse(text, 'representation B64');
    else reading.add(group, 1185, text.words().replace(/\s+/g, ''), text);
    const reference = text.one('reference');
    const name = reference?.attribute('value')?.replace(/^file:\/*/, '');
    if (reference && name) reading.add(group, 1497, name, reference);
    if (kind) reading.add(group, 1498, kind, text);
  }
  reading.put(group, 1172, document.one('effectiveTime'));
  const sender = document.one('author')?.one('assignedEntity');
  reading.putName(group, 1171, sender?.one('assignedPerson')?.one('name'));
}

/** G012: consent for giving information to third parties. The other purposes (G010, G011, G071, G089, G115, 469) are not core. */
function readConsent(reading: Reading, authorization: XmlElement, client: Groups): void {
  const consent = authorization.one('consentEvent');
  const number = consent && reading.number(consent);
  if (!consent || number === undefined || !reading.core(number, consent)) return;
  if (number !== 1165) {
    reading.refuse(consent, 'a consent of BDS');
    return;
  }
  const group = client.another('G012');
  reading.add(group, 1165, consent.attribute('negationInd') !== 'true', consent);
  const author = consent.one('author');
  const source = author?.one('responsibleParty');
  reading.put(group, 1166, source?.one('code'));
  reading.put(group, 1350, author?.one('time'));
  reading.putName(group, 1558, source?.one('agentPerson')?.one('name'));
  const registrar = consent.one('consultant')?.one('assignedEntity1');
  reading.putName(group, 1559, registrar?.one('assignedPerson')?.one('name'));
  const organisation = registrar?.one('representedOrganization');
  if (organisation) {
    reading.putIds(group, organisation, { [OID.ura]: 1560, [OID.agb]: 1561 });
    reading.putName(group, 1562, organisation.one('name'));
  }
  for (const subject of consent.all('subjectOf')) {
    const note = subject.one('annotation');
    const noted = note && reading.number(note);
    if (note && noted !== undefined && reading.core(noted, note)) reading.put(group, noted, note.one('value'));
  }
}
