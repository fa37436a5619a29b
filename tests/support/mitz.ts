import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseXml } from '../../src/sources/hl7v3/parse.ts';

/** What the stand-in does with the next closed questions. */
export type MitzBehaviour = 'Permit' | 'Deny' | 'Indeterminate' | 'two' | 'garbage' | 'hang' | number;

/** One request as it came. */
export interface MitzGot {
  readonly url: string;
  readonly contentType: string;
  readonly body: string;
  /** The attributes of a closed question: by the last part of their name, the code or the extension. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A stand-in for Mitz on a port of its own: it reads the XML of closed questions and subscriptions as XML and answers in kind. */
export async function openMitz() {
  const got: MitzGot[] = [];
  let behaviour: MitzBehaviour = 'Permit';
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const parsed = parseXml(bytes);
    if (!parsed.ok) return void response.writeHead(400).end();
    const attributes: Record<string, string> = {};
    const walk = (element: typeof parsed.root, name = ''): void => {
      const at = element.attribute('AttributeId')?.split(':').at(-1) ?? name;
      const value = element.attribute('extension') ?? element.attribute('code');
      if (value !== undefined) attributes[at] = value;
      for (const child of element.children) walk(child, at);
    };
    walk(parsed.root);
    got.push({
      url: request.url ?? '',
      contentType: request.headers['content-type'] ?? '',
      body: bytes.toString(),
      attributes,
    });
    if (request.url === '/fhir/Subscription') return void response.writeHead(201).end();
    if (behaviour === 'hang') return;
    if (typeof behaviour === 'number') return void response.writeHead(behaviour).end();
    const decisions = behaviour === 'two' ? ['Permit', 'Deny'] : [behaviour];
    const results = decisions.map((one) => `<Result><Decision>${one}</Decision></Result>`).join('');
    response
      .writeHead(200, { 'content-type': 'application/soap+xml' })
      .end(
        behaviour === 'garbage'
          ? '<html>not for you'
          : `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><Response xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17">${results}</Response></e:Body></e:Envelope>`,
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    behave(next: MitzBehaviour) {
      behaviour = next;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A notification of Mitz: what a citizen said about one holder, in the shape in which Mitz sends it (a refusal is inactive and has no type). */
export function notification(
  bsn: string,
  ura: string,
  statements: readonly { category: string; permits: boolean }[],
): string {
  const consents = statements.map(
    ({ category, permits }) =>
      `<entry><resource><Consent><extension url="http://fhir.nl/StructureDefinition/OTV-ProviderCategory"><valueCodeableConcept><coding><system value="http://fhir.nl/otv/CodeSystem/raadplegende-zorgaanbiedercategorie"/><code value="${category}"/></coding></valueCodeableConcept></extension><status value="${permits ? 'active' : 'inactive'}"/><provision>${permits ? '<type value="permit"/>' : ''}<purpose><code value="TREAT"/></purpose></provision></Consent></resource></entry>`,
  );
  const identifier = (type: string, system: string, value: string) =>
    `<entry><resource><${type}><identifier><system value="http://fhir.nl/fhir/NamingSystem/${system}"/><value value="${value}"/></identifier></${type}></resource></entry>`;
  return `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>${consents.join('')}${identifier('Patient', 'bsn', bsn)}${identifier('Organization', 'ura', ura)}</Bundle>`;
}
