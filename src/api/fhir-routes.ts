import { type Request, type Response, Router } from 'express';
import { caseload, familyByBsn, PAGE, patientOf } from '../exchange/ask.ts';
import { loadFamily } from '../exchange/relatives.ts';
import { combine, type Released, release } from '../exchange/release.ts';
import { isBsn } from '../fhir/bsn.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { parseSearch, type Search } from '../fhir/search.ts';
import { isId } from '../store/pairwise.ts';
import { allows } from './auth/scopes.ts';
import { bytesOf, rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendBundle, sendRefusal, sendResource } from './respond.ts';

/** The pull doors. Each one asks `release` and writes what it gives; a patient nobody knows and one without anything to release answer alike. */
export function fhirRoutes(ports: ApiPorts): Router {
  const router = Router();

  router.get('/Patient', async (request, response) => {
    const question = questionOf(ports, response, 'Patient', 's');
    if (!question.ok) return sendRefusal(response, question);
    const paging = parsePage(request);
    if (!paging.ok) return sendRefusal(response, paging);
    const page = await caseload(
      ports,
      { ...(await question.ask()), actor: actorOf(request, response), requestId: response.locals.requestId },
      paging,
    );
    const next = page.next && `${ports.publicUrl}/fhir/Patient?_count=${paging.count}&_after=${page.next}`;
    sendBundle(response, page.released, `${ports.publicUrl}/fhir/Patient`, next);
  });

  router.post('/Patient/_search', rawBody, async (request, response) => {
    const question = questionOf(ports, response, 'Patient', 's');
    if (!question.ok) return sendRefusal(response, question);
    const form = new URLSearchParams(Buffer.from(bytesOf(request.body)).toString('utf8'));
    const [system, bsn] = (form.get('identifier') ?? '').split('|');
    if ([...form.keys()].join() !== 'identifier' || system !== BSN_SYSTEM || !bsn)
      return sendRefusal(response, refuse('search-unsupported', 'identifier'));
    if (!isBsn(bsn)) return sendRefusal(response, refuse('bsn-invalid', 'identifier'));
    const asked = await question.ask();
    const released = await familyByBsn(
      ports,
      { ...asked, actor: actorOf(request, response), requestId: response.locals.requestId },
      bsn,
    );
    sendBundle(response, released, `${ports.publicUrl}/fhir/Patient/_search`);
  });

  router.get('/Patient/:id/$everything', async (request, response) => {
    const patient = fromOutside(ports, String(request.params.id));
    const released = await pull(ports, request, response, '*', patient, parseEverything(request));
    if (!released.ok) return sendRefusal(response, released);
    sendBundle(response, released.released, `${ports.publicUrl}/fhir/Patient/${request.params.id}/$everything`);
  });

  router.get('/:type/:id', async (request, response) => {
    const { type, id } = request.params as { type: string; id: string };
    const own = fromOutside(ports, id);
    const holder = async (organisation: string) => {
      const inside = await own(organisation);
      return inside === undefined ? undefined : patientOf(ports, type, inside);
    };
    const released = await pull(ports, request, response, type, holder, {
      ok: true,
      matches: (one) => one.resourceType === type && one.id === id,
    });
    if (!released.ok) return sendRefusal(response, released);
    sendResource(response, released.released);
  });

  router.get('/:type', async (request, response) => {
    const type = String(request.params.type);
    const { patient, ...rest } = request.query;
    if (typeof patient !== 'string')
      return sendRefusal(response, refuse('search-unsupported', 'patient', 'patient=<id of the Patient>'));
    const search = parseSearch(type, rest);
    const one = fromOutside(ports, patient.replace(/^Patient\//, ''));
    const released = await pull(ports, request, response, type, one, search, 's');
    if (!released.ok) return sendRefusal(response, released);
    sendBundle(response, released.released, `${ports.publicUrl}/fhir/${type}`);
  });

  return router;
}

/** Which page of a caseload: `_count` (1 to 50, FHIR: at most so many) and `_after`, the place that the page before gave. */
function parsePage(request: Request): { ok: true; count: number; after: string | undefined } | Refusal {
  const { _count: count = String(PAGE), _after: after, ...rest } = request.query;
  const unknown = Object.keys(rest)[0];
  if (unknown) return refuse('search-unsupported', unknown);
  if (typeof count !== 'string' || !/^[1-9]\d{0,8}$/.test(count)) return refuse('search-unsupported', '_count');
  if (after !== undefined && (typeof after !== 'string' || !isId(after))) return refuse('search-unsupported', '_after');
  return { ok: true, count: Math.min(Number(count), PAGE), after };
}

/** `_since` alone: what changed after an instant. */
function parseEverything(request: Request): Search | Refusal {
  const { _since: since, ...rest } = request.query;
  if (Object.keys(rest).length > 0) return refuse('search-unsupported', Object.keys(rest)[0]);
  if (since === undefined) return { ok: true, matches: () => true };
  const after = Date.parse(String(since));
  if (Number.isNaN(after)) return refuse('search-unsupported', '_since', 'an instant, such as 2026-01-31T12:00:00Z');
  return { ok: true, matches: (resource) => Date.parse(resource.meta?.lastUpdated ?? '') > after };
}

/** Finds the patient's own id for an asking organisation. */
type FindPatient = (organisation: string) => Promise<string | undefined>;

/** An id as the organisation sees it, as ours. */
const fromOutside =
  (ports: ApiPorts, id: string): FindPatient =>
  async (organisation) =>
    ports.vault.ids(organisation).in(id);

/** One pull: check the asker, find the family by the asker's own id, release, keep what matches. Nothing left is 404. */
async function pull(
  ports: ApiPorts,
  request: Request,
  response: Response,
  type: string,
  find: FindPatient,
  search: Search | Refusal,
  interaction: 'r' | 's' = 'r',
): Promise<{ ok: true; released: Released } | Refusal> {
  const question = questionOf(ports, response, type, interaction);
  if (!question.ok) return question;
  if (!search.ok) return search;
  const asked = await question.ask();
  const id = await find(asked.question.organisation);
  const family = id === undefined ? undefined : await loadFamily(ports.db, ports.vault, id, ports.now());
  // Unknown and known without anything to release answer alike: a search is empty, a read is not found.
  if (!family) return interaction === 's' ? { ok: true, released: combine([]) } : refuse('not-found');
  const released = await release(ports, {
    ...asked,
    family,
    actor: actorOf(request, response),
    requestId: response.locals.requestId,
    select: (resources) => ({ resources: resources.filter(search.matches) }),
  });
  return released.resources.length > 0 || interaction === 's' ? { ok: true, released } : refuse('not-found');
}

/** The caller's question, or why it cannot be asked: no scope for the type, no discipline, no purpose. */
function questionOf(ports: ApiPorts, response: Response, type: string, interaction: 'r' | 's') {
  const caller = callerOf(response);
  const { organisation, discipline, purpose, btgReason } = caller;
  if (!allows(caller, type, interaction)) return refuse('not-allowed');
  if (!discipline || !purpose) return refuse('asker-incomplete');
  const ask = async () => ({
    question: {
      mode: 'pull' as const,
      organisation,
      discipline,
      purpose,
      btgReason,
      sector: (await ports.directory()).organisations.get(organisation)?.sector ?? '',
    },
  });
  return { ok: true as const, ask };
}
