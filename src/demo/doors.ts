import type { Bundle } from '@medplum/fhirtypes';
import { fetchToken, type IuaStatement } from '../api/auth/client-assertion.ts';
import { createMllpClient } from '../sources/hl7v2/mllp-client.ts';
import { readAck } from '../sources/hl7v2/read-ack.ts';
import type { DemoKeys } from './keys.ts';

/** An answer of the gateway as a client sees it. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly body: T;
  readonly etag?: string;
}

/** The doors of a running gateway, used from the outside as the demo's parties do: tokens and HTTP, HL7 v2 over MLLP. */
export interface Doors {
  send(
    client: string,
    method: string,
    path: string,
    body?: unknown,
    options?: { contentType?: string; headers?: Record<string, string>; iua?: IuaStatement },
  ): Promise<Answer>;
  everything(client: string, discipline: string, patient: string): Promise<Answer<Bundle>>;
  mllp(message: Uint8Array): Promise<{ code: string; reasons: string[] }>;
  token(client: string, iua?: IuaStatement): Promise<string>;
  close(): Promise<void>;
}

const SCOPES = 'system/*.cruds';

/** Opens the doors for the demo's clients. Tokens are asked when needed and used until they near their end. */
export function openDoors(base: string, mllpPort: number, keys: DemoKeys): Doors {
  const tokens = new Map<string, { token: string; until: number }>();
  const mllp = createMllpClient({ host: '127.0.0.1', port: mllpPort, timeoutMs: 10_000, maxBytes: 1_000_000 });

  async function token(client: string, iua?: IuaStatement): Promise<string> {
    const name = `${client} ${JSON.stringify(iua ?? {})}`;
    const held = tokens.get(name);
    if (held && held.until > Date.now()) return held.token;
    const key = keys[client];
    if (!key) throw new Error(`The demo has no client ${client}.`);
    const answer = await fetchToken({
      clientId: client,
      privateKey: key,
      kid: key.kid,
      tokenUrl: `${base}/oauth/token`,
      now: new Date(),
      iua,
      scope: SCOPES,
    });
    if (!answer.ok) throw new Error(`No token for ${client}: ${answer.error} (${answer.description})`);
    tokens.set(name, { token: answer.accessToken, until: Date.now() + (answer.expiresInSeconds - 30) * 1_000 });
    return answer.accessToken;
  }

  const send: Doors['send'] = async (
    client,
    method,
    path,
    body,
    { contentType = 'application/fhir+json', headers = {}, iua } = {},
  ) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token(client, iua)}`,
        ...(body !== undefined && { 'content-type': contentType }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? 'json');
    return {
      status: response.status,
      body: text === '' ? undefined : isJson ? JSON.parse(text) : text,
      etag: response.headers.get('etag') ?? undefined,
    };
  };

  return {
    send,
    token,
    everything: (client, discipline, patient) =>
      send(client, 'GET', `/fhir/Patient/${patient}/$everything`, undefined, {
        iua: { subject_role: discipline, purpose_of_use: 'TREAT' },
      }) as Promise<Answer<Bundle>>,
    async mllp(message) {
      const sent = await mllp.send(message);
      if (!sent.ok) return { code: sent.code, reasons: [] };
      const ack = readAck(sent.answer);
      return ack ? { code: ack.code, reasons: ack.errors.map((one) => one.code) } : { code: 'unreadable', reasons: [] };
    },
    close: () => mllp.close(),
  };
}
