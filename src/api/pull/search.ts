import type { Resource } from '@medplum/fhirtypes';
import { caseload, familyByBsn, PAGE } from '../../exchange/ask.ts';
import { changes } from '../../exchange/changes.ts';
import { pull } from '../../exchange/pull.ts';
import { isBsn } from '../../fhir/bsn.ts';
import { BSN_SYSTEM } from '../../fhir/extensions.ts';
import { type Refusal, refuse } from '../../fhir/problems.ts';
import { parseEverything } from '../../fhir/search/everything.ts';
import type { Position } from '../../fhir/search/page.ts';
import { parseSearch, type Query, type Search, unsupported } from '../../fhir/search/parse.ts';
import { RELEASED_TYPES } from '../../fhir/search/released-types.ts';
import { spanOf } from '../../fhir/search/time.ts';
import { isId } from '../../store/pairwise.ts';
import { allows } from '../auth/scopes.ts';
import { type Answer, searchset } from './answer.ts';
import { type Asking, askerOf, inside, take } from './asking.ts';
import { openPage, pageLink } from './page-link.ts';

/** `GET /fhir/{type}?patient=…` and `POST /fhir/{type}/_search`: one type within one family. */
export async function search(asking: Asking): Promise<Answer> {
  const { type = '' } = asking.params;
  if (!RELEASED_TYPES.has(type)) return unsupported(undefined, `one of ${[...RELEASED_TYPES].join(', ')}`);
  const continued = continuedOf(asking, type);
  if (!continued.ok) return continued;
  const { patient, rest } = patientIn(type, continued.query);
  if (patient === undefined) return unsupported('patient', 'patient=<id of the Patient>, once');
  return withinFamily(asking, type, patient, parseSearch(type, rest), continued, {
    path: type,
    scope: type,
    interaction: 's',
  });
}

/** Whose family is searched: `patient`, or for the Patient itself its own `_id`. */
function patientIn(type: string, query: Query): { patient: string | undefined; rest: Query } {
  const { value, rest } = take(query, 'patient');
  const own = type === 'Patient' && value === undefined ? take(query, '_id').value : undefined;
  return { patient: (value ?? own)?.replace(/^Patient\//, ''), rest: own === undefined ? rest : query };
}

/** `GET /fhir/Patient/{id}/$everything`, with `_since`, `_type` and `_count`. Nothing to show is not found. */
export async function everything(asking: Asking): Promise<Answer> {
  const { id = '' } = asking.params;
  const path = `Patient/${id}/$everything`;
  const continued = continuedOf(asking, path);
  if (!continued.ok) return continued;
  const parsed = parseEverything(continued.query, RELEASED_TYPES);
  return withinFamily(asking, '*', id, parsed, continued, { path, scope: '*', interaction: 'r' });
}

interface Door {
  readonly path: string;
  readonly scope: string;
  readonly interaction: 'r' | 's';
}

async function withinFamily(
  asking: Asking,
  type: string,
  patient: string,
  parsed: Search | Refusal,
  { query, after }: { query: Query; after?: Position },
  { path, scope, interaction }: Door,
): Promise<Answer> {
  const asker = askerOf(asking, scope, interaction);
  if (!asker.ok) return asker;
  if (!parsed.ok) return parsed;
  // What is included has a type of its own, for which the token must count as well.
  const mayRead = (one: Resource): boolean =>
    one.resourceType === type || ['r', 's'].some((letter) => allows(asking.caller, one.resourceType, letter as 'r'));
  const select = (all: readonly Resource[]) => parsed.select(type === '*' ? all : all.filter(mayRead), after);
  const released = await pull(asking.ports, await asker.asker(), inside(asking, patient), select);
  if (interaction === 'r' && released.resources.length === 0) return refuse('not-found');
  const next = released.page?.next;
  const base = `${asking.ports.publicUrl}/fhir`;
  return searchset(
    base,
    released,
    {
      self: `${base}/${path}${asking.isForm || after || query.length === 0 ? '' : `?${new URLSearchParams(query as [string, string][])}`}`,
      ...(next && { next: pageLink(asking, path, { query, after: next }) }),
    },
    parsed.subset,
  );
}

/** The question as it stands, or as a link to a next page carries it. */
function continuedOf(asking: Asking, path: string): { ok: true; query: Query; after?: Position } | Refusal {
  const { value } = take(asking.query, '_page');
  if (value === undefined) return { ok: true, query: asking.query };
  const opened = asking.query.length === 1 ? openPage(asking, path, value) : undefined;
  return opened ? { ok: true, ...opened } : unsupported('_page', 'the link that came with the page before, as it was');
}

/** `GET /fhir/Patient`: the caller's caseload; with `_id`, a search on one. */
export async function patients(asking: Asking): Promise<Answer> {
  const names = new Set(asking.query.map(([name]) => name));
  if (names.has('_id') || names.has('patient') || names.has('_page'))
    return search({ ...asking, params: { type: 'Patient' } });
  const scope = askerOf(asking, 'Patient', 's');
  if (!scope.ok) return scope;
  const paging = pagingOf(asking.query, []);
  if (!paging.ok) return paging;
  const { released, next } = await caseload(asking.ports, await scope.asker(), paging);
  const self = `${asking.ports.publicUrl}/fhir/Patient`;
  return searchset(`${asking.ports.publicUrl}/fhir`, released, {
    self,
    ...(next && { next: `${self}?_count=${paging.count}&_after=${next}` }),
  });
}

/** `POST /fhir/Patient/_search`: by BSN, which may stand in a form only; otherwise as any search. */
export async function patientSearch(asking: Asking): Promise<Answer> {
  if (!asking.query.some(([name]) => name === 'identifier') || asking.query.some(([name]) => name === 'patient'))
    return search({ ...asking, params: { type: 'Patient' } });
  const scope = askerOf(asking, 'Patient', 's');
  if (!scope.ok) return scope;
  const { value = '', rest } = take(asking.query, 'identifier');
  const [system, bsn] = value.split('|');
  if (rest.length > 0 || system !== BSN_SYSTEM || !bsn) return refuse('search-unsupported', 'identifier');
  if (!isBsn(bsn)) return refuse('bsn-invalid', 'identifier');
  const released = await familyByBsn(asking.ports, await scope.asker(), bsn);
  return searchset(`${asking.ports.publicUrl}/fhir`, released, {
    self: `${asking.ports.publicUrl}/fhir/Patient/_search`,
  });
}

/** `GET /fhir/$changes?_since=`: what changed in the families of the caller's organisation. */
export async function changed(asking: Asking): Promise<Answer> {
  const scope = askerOf(asking, '*', 's');
  if (!scope.ok) return scope;
  const paging = pagingOf(asking.query, ['_since', '_until']);
  if (!paging.ok) return paging;
  const { since: from, until } = { since: paging.more.get('_since'), until: paging.more.get('_until') };
  const span = from === undefined ? undefined : spanOf(from);
  if (from !== undefined && !span) return unsupported('_since', 'an instant, such as 2026-01-31T12:00:00Z');
  const { released, next, upTo } = await changes(asking.ports, await scope.asker(), {
    since: span && new Date(span[0]),
    count: paging.count,
    after: paging.after,
  });
  const base = `${asking.ports.publicUrl}/fhir`;
  // The pages of one pull are one answer: the next pull begins where the first page did.
  const again = until !== undefined && spanOf(until) ? until : upTo.toISOString();
  const answer = searchset(base, released, {
    self: `${base}/$changes`,
    ...(next && {
      next: `${base}/$changes?${new URLSearchParams({ ...(from && { _since: from }), _count: String(paging.count), _after: next, _until: again })}`,
    }),
  });
  if (answer.resource.resourceType === 'Bundle' && !next)
    answer.resource.link?.push({
      relation: CHANGES_AFTER,
      url: `${base}/$changes?${new URLSearchParams({ _since: again })}`,
    });
  return answer;
}

/** Link on the last page of a pull of changes: where the next pull begins. */
export const CHANGES_AFTER = 'http://gezinspoort.nl/fhir/link-relation/changes-after';

interface Paging {
  readonly ok: true;
  readonly count: number;
  readonly after: string | undefined;
  readonly more: ReadonlyMap<string, string>;
}

/** Which page of a caseload: `_count` (1 to 50, FHIR: at most so many) and `_after`, the place that the page before gave. */
function pagingOf(query: Query, others: readonly string[]): Paging | Refusal {
  const known = ['_count', '_after', ...others];
  const asked = new Map(query);
  const unknown = query.find(([name]) => !known.includes(name));
  if (unknown)
    return unsupported(unknown[0], `one of ${known.filter((one) => one !== '_after' && one !== '_until').join(', ')}`);
  if (asked.size < query.length) return unsupported(undefined, 'each parameter once');
  const count = asked.get('_count') ?? String(PAGE);
  const after = asked.get('_after');
  if (!/^[1-9]\d{0,8}$/.test(count)) return unsupported('_count', 'a number from 1');
  if (after !== undefined && !isId(after)) return unsupported('_after', 'the link that came with the page before');
  return { ok: true, count: Math.min(Number(count), PAGE), after, more: asked };
}
