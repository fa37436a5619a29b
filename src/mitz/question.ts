import { randomUUID } from 'node:crypto';
import { parseXml } from '../sources/hl7v3/parse.ts';
import { TREATMENT_DATA } from './codes.ts';

/** May this requester have the treatment data that this holder has of this patient? */
export interface ClosedQuestion {
  readonly bsn: string;
  readonly holder: { readonly ura: string; readonly type: string };
  readonly requester: { readonly ura: string; readonly type: string; readonly role: string; readonly person: string };
}

const CORE = 'urn:oasis:names:tc:xacml:3.0:core:schema:wd-17';
const SUBJECT = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
const CATEGORY = 'urn:oasis:names:tc:xacml:3.0:attribute-category';

/** The closed question as SOAP 1.2 with XACML 3.0. The BSN stands in the body and nowhere else. Pure but for the id of the message. */
export function writeQuestion({ bsn, holder, requester }: ClosedQuestion, to: string): string {
  const attributes = [
    group(`${CATEGORY}:resource`, [
      id('urn:oasis:names:tc:xacml:2.0:resource:resource-id', '2.16.840.1.113883.2.4.6.3', bsn),
      code('urn:ihe:iti:appc:2016:document-entry:healthcare-facility-type-code', ORGANISATION_TYPE, holder.type),
      id('urn:ihe:iti:appc:2016:author-institution:id', URA, holder.ura),
    ]),
    group(`${CATEGORY}:action`, [
      code('urn:ihe:iti:appc:2016:document-entry:event-code', '2.16.840.1.113883.2.4.3.111.5.10.1', TREATMENT_DATA),
    ]),
    group(SUBJECT, [
      code('urn:oasis:names:tc:xacml:2.0:subject:role', '2.16.840.1.113883.2.4.15.111', requester.role),
      id('urn:ihe:iti:xua:2017:subject:provider-identifier', '2.16.528.1.1007.3.1', requester.person),
      id('urn:nl:otv:names:tc:1.0:subject:provider-institution', URA, requester.ura),
      code(
        'urn:nl:otv:names:tc:1.0:subject:consulting-healthcare-facility-type-code',
        ORGANISATION_TYPE,
        requester.type,
      ),
    ]),
    group(`${CATEGORY}:environment`, [
      code('urn:oasis:names:tc:xspa:1.0:subject:purposeofuse', '2.16.840.1.113883.1.11.20448', 'TREAT'),
    ]),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing"><s:Header>',
    `<wsa:Action>XACMLAuthorizationDecisionQueryRequest</wsa:Action><wsa:MessageID>urn:uuid:${randomUUID()}</wsa:MessageID>`,
    '<wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>',
    `<wsa:To>${escapeXml(to)}</wsa:To></s:Header><s:Body>`,
    '<q:XACMLAuthzDecisionQuery xmlns:q="urn:oasis:names:tc:xacml:3.0:profile:saml2.0:v2:schema:protocol:wd-14">',
    `<Request xmlns="${CORE}" CombinedDecision="false" ReturnPolicyIdList="false">${attributes.join('')}</Request>`,
    '</q:XACMLAuthzDecisionQuery></s:Body></s:Envelope>',
  ].join('');
}

const URA = '2.16.528.1.1007.3.3';
const ORGANISATION_TYPE = '2.16.840.1.113883.2.4.15.1060';

const group = (category: string, attributes: readonly string[]): string =>
  `<Attributes Category="${category}">${attributes.join('')}</Attributes>`;

const attribute = (name: string, type: 'II' | 'CV', value: string): string =>
  `<Attribute AttributeId="${name}" IncludeInResult="true"><AttributeValue DataType="urn:hl7-org:v3#${type}">${value}</AttributeValue></Attribute>`;

const id = (name: string, root: string, extension: string): string =>
  attribute(
    name,
    'II',
    `<InstanceIdentifier xmlns="urn:hl7-org:v3" root="${root}" extension="${escapeXml(extension)}"/>`,
  );

const code = (name: string, system: string, value: string): string =>
  attribute(name, 'CV', `<CodedValue xmlns="urn:hl7-org:v3" codeSystem="${system}" code="${escapeXml(value)}"/>`);

/** Text as it may stand in an attribute or an element. */
export const escapeXml = (text: string): string => text.replace(/[<>&"']/g, (one) => `&#${one.charCodeAt(0)};`);

/** What the answer decides. Only one plain Permit permits and one plain Deny denies; whatever else it says is no answer. Pure. */
export function readAnswer(bytes: Uint8Array): 'permit' | 'deny' | 'down' {
  const parsed = parseXml(bytes);
  if (!parsed.ok) return 'down';
  const decisions: string[] = [];
  const walk = (element: typeof parsed.root): void => {
    if (element.name === 'Decision' && element.uri === CORE) decisions.push(element.words());
    for (const child of element.children) walk(child);
  };
  walk(parsed.root);
  const [decision, ...more] = decisions;
  if (more.length > 0) return 'down';
  return decision === 'Permit' ? 'permit' : decision === 'Deny' ? 'deny' : 'down';
}
