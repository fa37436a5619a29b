import type { RequestHandler } from 'express';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { refuse } from '../fhir/problems.ts';
import { sendRefusal } from './respond.ts';

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Refuses every request with a BSN in its URL, at whatever door: URLs end up in the logs of proxies. A number of nine digits anywhere (our own ids
 * aside) is taken for one: better one false alarm than one number in a log.
 */
export const refuseBsnInUrl: RequestHandler = (request, response, next) => {
  if (hasBsn(request.originalUrl)) return sendRefusal(response, refuse('bsn-in-url'));
  next();
};

/** Whether a URL, with its percent codes resolved, holds what could be a BSN. Never throws: a URL may be anything. */
export function hasBsn(url: string): boolean {
  const text = url
    .replaceAll(/%([0-9a-f]{2})/gi, (_code, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(UUID, '');
  return /(?<!\d)\d{9}(?!\d)/.test(text) || text.includes(BSN_SYSTEM);
}
