import type { Position } from '../../fhir/search/page.ts';
import type { Query } from '../../fhir/search/parse.ts';
import type { Asking } from './asking.ts';

/** What a link to a next page carries: what was asked and where the page begins. */
export interface Continued {
  readonly query: Query;
  readonly after: Position;
}

/**
 * The link to the next page. It holds no list of what is on it, only the question and a place in the order, sealed: it tells nothing to whoever sees the URL, and it opens only for the caller whom it was
 * given to, at this door. Nothing is remembered here; the page is decided anew when it is asked for.
 */
export function pageLink(asking: Asking, path: string, continued: Continued): string {
  const sealed = asking.ports.vault.sealSecret(nameOf(asking, path), Buffer.from(JSON.stringify(continued)));
  return `${asking.ports.publicUrl}/fhir/${path}?_page=${toUrl(sealed)}`;
}

/** Opens what a link carried; undefined where it was not made for this caller and this door. */
export function openPage(asking: Asking, path: string, token: string): Continued | undefined {
  try {
    const sealed = Buffer.from(token.replaceAll('~', ''), 'base64url');
    return JSON.parse(asking.ports.vault.openSecret(nameOf(asking, path), sealed).toString()) as Continued;
  } catch {
    return undefined;
  }
}

const nameOf = ({ caller }: Asking, path: string): string =>
  ['page', path, caller.organisation, caller.client, caller.discipline, caller.purpose].join(' ');

/** Without nine digits in a row: those are refused in any URL, for they could be a BSN. */
const toUrl = (sealed: Buffer): string => sealed.toString('base64url').replaceAll(/\d{8}/g, '$&~');
