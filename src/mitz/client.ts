import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type ClosedQuestion, readAnswer, writeQuestion } from './question.ts';

/** Where Mitz is, and with which certificate it knows us (it lets nobody else in). */
export interface MitzAddress {
  readonly url: string;
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer; readonly ca: Buffer };
}

export interface Mitz {
  /** The closed question. Never throws: what is no clear answer in time is `down`. */
  ask(question: ClosedQuestion): Promise<'permit' | 'deny' | 'down'>;
  /** Sends a Subscription; whether Mitz took it. */
  subscribe(xml: string): Promise<boolean>;
}

/** Somebody waits for the answer: a longer one is no answer. */
const TIMEOUT_MS = 3_000;
const MOST_BYTES = 256 * 1024;

/** A client for one Mitz. Redirects are not followed: they could lead a BSN elsewhere. */
export function createMitz(address: MitzAddress): Mitz {
  const base = address.url.replace(/\/$/, '');
  const post = (path: string, contentType: string, body: string) => send(address, `${base}${path}`, contentType, body);
  return {
    async ask(question) {
      const path = '/geslotenautorisatievraag/xacml3';
      const answer = await post(path, 'application/soap+xml; charset=utf-8', writeQuestion(question, `${base}${path}`));
      return answer?.status === 200 ? readAnswer(answer.bytes) : 'down';
    },
    async subscribe(xml) {
      const answer = await post('/fhir/Subscription', 'application/fhir+xml; charset=utf-8', xml);
      return answer?.status === 200 || answer?.status === 201;
    },
  };
}

/** One POST; undefined when no whole answer came. */
function send(
  { tls }: MitzAddress,
  url: string,
  contentType: string,
  body: string,
): Promise<{ status: number; bytes: Buffer } | undefined> {
  return new Promise((resolve) => {
    const none = (): void => resolve(undefined);
    const options = {
      method: 'POST',
      headers: { 'content-type': contentType, 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...tls,
    };
    const sent = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, options, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MOST_BYTES) response.destroy();
        else parts.push(part);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(parts) }));
      response.on('error', none).on('close', none);
    });
    sent.on('error', none);
    sent.end(body);
  });
}
