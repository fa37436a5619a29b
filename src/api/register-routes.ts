import type { Bundle, Consent } from '@medplum/fhirtypes';
import { type Request, type Response, Router } from 'express';
import { enterFamily } from '../exchange/enter-family.ts';
import { holdsOtherThanFamily } from '../exchange/family-bundle.ts';
import { isFhirR4 } from '../exchange/read-push.ts';
import { createConsent, type Registered, readConsents, updateConsent } from '../exchange/register-consent.ts';
import { parseJson } from '../fhir/json/strict-json.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { allows } from './auth/scopes.ts';
import { bytesOf, rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendBundle, sendRefusal, sendResource } from './respond.ts';
import { takePush } from './take-push.ts';

/**
 * The register doors, for clients with the role `consent-recorder`: enter a family, register and withdraw consents. At `POST /fhir` a source pushes FHIR R4 as well: a
 * Bundle that holds more than a family.
 */
export function registerRoutes(ports: ApiPorts): Router {
  const router = Router();

  router.post('/', rawBody, async (request, response) => {
    const source = sourceOf(request, response);
    if (source !== undefined) return takePush(ports, source, request, response);
    const body = recorded<Bundle>(request, response, 'Patient', 'c');
    if (!body.ok) return sendRefusal(response, body);
    const result = await enterFamily(ports, body.value, actorOf(request, response));
    if (!result.ok) return sendRefusal(response, result);
    response.type('application/fhir+json').send(JSON.stringify(result.response));
  });

  router.post('/Consent', rawBody, async (request, response) => {
    const body = recorded<Consent>(request, response, 'Consent', 'c');
    answer(response, body.ok ? await createConsent(ports, body.value, actorOf(request, response)) : body, 201);
  });

  router.put('/Consent/:id', rawBody, async (request, response) => {
    const body = recorded<Consent>(request, response, 'Consent', 'u');
    const version = /^W\/"(\d{1,9})"$/.exec(request.get('if-match') ?? '')?.[1];
    if (body.ok && version === undefined) return sendRefusal(response, refuse('if-match-missing', 'If-Match'));
    answer(
      response,
      body.ok
        ? await updateConsent(ports, String(request.params.id), body.value, Number(version), actorOf(request, response))
        : body,
      200,
    );
  });

  router.get('/Consent', async (request, response) => {
    const caller = callerOf(response);
    if (!caller.roles.includes('consent-recorder') || !allows(caller, 'Consent', 's'))
      return sendRefusal(response, refuse('not-allowed'));
    const result = await readConsents(
      ports,
      String(request.query.patient ?? '').replace(/^Patient\//, ''),
      actorOf(request, response),
    );
    if (!result.ok) return sendRefusal(response, result);
    sendBundle(response, result.released, `${ports.publicUrl}/fhir/Consent`);
  });
  return router;
}

function answer(response: Response, result: Registered, status: number): void {
  if (result.ok) sendResource(response, result.released, status);
  else sendRefusal(response, result);
}

/**
 * The source that a Bundle comes from, where it is no family: a recorder's Bundle of family resources goes to the register. A client that speaks for several sources names one,
 * with `POST /exchange/{source}`.
 */
function sourceOf(request: Request, response: Response): string | undefined {
  const { roles, sources } = callerOf(response);
  const [source, ...more] = sources;
  if (source === undefined || more.length > 0 || !isFhirR4(request.headers['content-type'] ?? '')) return undefined;
  if (!roles.includes('consent-recorder')) return source;
  const parsed = parseJson(bytesOf(request.body));
  return parsed.ok && holdsOtherThanFamily(parsed.value as Bundle | null) ? source : undefined;
}

/** The body of a request that only a recorder may make. */
function recorded<T>(
  request: Request,
  response: Response,
  type: string,
  interaction: 'c' | 'u',
): { ok: true; value: T } | Refusal {
  const caller = callerOf(response);
  if (!caller.roles.includes('consent-recorder') || !allows(caller, type, interaction)) return refuse('not-allowed');
  if (!/^application\/(fhir\+)?json\b/.test(request.headers['content-type'] ?? ''))
    return refuse('content-type-unknown');
  const parsed = parseJson(bytesOf(request.body));
  if (!parsed.ok) return refuse('json-invalid');
  return typeof parsed.value === 'object' && parsed.value !== null
    ? { ok: true, value: parsed.value as T }
    : refuse('fhir-invalid');
}
