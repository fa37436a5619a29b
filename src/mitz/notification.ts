import { parseXml } from '../sources/hl7v3/parse.ts';
import { escapeXml } from './question.ts';

/** What a citizen said in Mitz about the treatment data of one holder, for categories of requesters. */
export interface MitzStatement {
  readonly categories: readonly string[];
  readonly permits: boolean;
}

/** A notification: whose statements, about which holder, and what they are now. */
export interface Notification {
  readonly bsn: string;
  readonly ura: string;
  readonly statements: readonly MitzStatement[];
}

type Element = Extract<ReturnType<typeof parseXml>, { ok: true }>['root'];

const FHIR = 'http://hl7.org/fhir';
const CATEGORY = 'http://fhir.nl/StructureDefinition/OTV-ProviderCategory';

/**
 * Reads a notification: a transaction Bundle in FHIR XML of the shape of STU3. A permit is `active` with type `permit`; a refusal comes as `inactive` without a type, which an
 * engine for consents in general would read as nothing said. So whatever is no plain permit is a refusal, and one that names no category is for all. Undefined when it is not
 * a notification about one patient and one holder. Pure.
 */
export function readNotification(bytes: Uint8Array): Notification | undefined {
  const parsed = parseXml(bytes);
  if (!parsed.ok || parsed.root.name !== 'Bundle' || parsed.root.uri !== FHIR) return undefined;
  const resources = children(parsed.root, 'entry')
    .flatMap((one) => children(one, 'resource'))
    .flatMap((one) => one.children);
  const bsns = identifiers(resources, 'Patient', 'http://fhir.nl/fhir/NamingSystem/bsn');
  const uras = identifiers(resources, 'Organization', 'http://fhir.nl/fhir/NamingSystem/ura');
  const consents = resources.filter((one) => one.name === 'Consent');
  const [bsn, ...otherPatients] = bsns;
  const [ura, ...otherHolders] = uras;
  if (!bsn || !ura || otherPatients.length > 0 || otherHolders.length > 0 || consents.length === 0) return undefined;
  return { bsn, ura, statements: consents.map(statementOf) };
}

function statementOf(consent: Element): MitzStatement {
  const types = children(consent, 'provision')
    .flatMap((one) => children(one, 'type'))
    .map(value);
  const permits = children(consent, 'status').map(value).join() === 'active' && types.join() === 'permit';
  const categories = children(consent, 'extension')
    .filter((one) => one.attribute('url') === CATEGORY)
    .flatMap((one) => children(one, 'valueCodeableConcept'))
    .flatMap((one) => children(one, 'coding'))
    .flatMap((one) => children(one, 'code'))
    .map(value);
  return { categories, permits };
}

function identifiers(resources: readonly Element[], type: string, system: string): string[] {
  return resources
    .filter((one) => one.name === type)
    .flatMap((one) => children(one, 'identifier'))
    .filter((one) => children(one, 'system').map(value).join() === system)
    .flatMap((one) => children(one, 'value').map(value));
}

const children = (element: Element, name: string): Element[] =>
  element.children.filter((one) => one.name === name && one.uri === FHIR);
const value = (element: Element): string => element.attribute('value') ?? '';

/** Asks to be told when a citizen changes what was said about a holder. The BSN stands in the body, in the criteria; `endpoint` is where notifications go. Pure. */
export function writeSubscription(
  about: { readonly bsn: string; readonly birthDate: string; readonly ura: string; readonly type: string },
  endpoint: string,
): string {
  const criteria = `Consent?_query=otv&patientid=${about.bsn}&providerid=${about.ura}&providertype=${about.type}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Subscription xmlns="${FHIR}">`,
    `<extension url="http://fhir.nl/StructureDefinition/Patient.birthDate"><valueDate value="${escapeXml(about.birthDate)}"/></extension>`,
    `<status value="requested"/><reason value="OTV"/><criteria value="${escapeXml(criteria)}"/>`,
    `<channel><type value="rest-hook"/><endpoint value="${escapeXml(endpoint)}"/><payload value="application/fhir+xml"/></channel>`,
    '</Subscription>',
  ].join('');
}
