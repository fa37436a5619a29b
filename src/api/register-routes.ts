import type { Bundle, Consent } from '@medplum/fhirtypes';
import { type Request, type Response, Router } from 'express';
import { enterFamily } from '../exchange/enter-family.ts';
import { createConsent, type Registered, readConsents, updateConsent } from '../exchange/register-consent.ts';
import { parseJson } from '../fhir/json/strict-json.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { allows } from './auth/scopes.ts';
import { bytesOf, rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendBundle, sendRefusal, sendResource } from './respond.ts';

/** The register doors, for clients with the role `consent-recorder`: enter a family, register and withdraw consents. */
export function registerRoutes(ports: ApiPorts): Router {
  const router = Router();

  router.post('/', rawBody, async (request, response) => {
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
