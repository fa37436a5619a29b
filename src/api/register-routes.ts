import type { Bundle, Consent, DocumentReference, Provenance } from '@medplum/fhirtypes';
import { type Request, type Response, Router } from 'express';
import { enterFamily } from '../exchange/enter-family.ts';
import { holdsOtherThanFamily } from '../exchange/family-bundle.ts';
import { consentHistory, type Found, readConsent, searchConsents, signedConsent } from '../exchange/read-consents.ts';
import { isFhirR4 } from '../exchange/read-push.ts';
import { addPaper, createConsent, type Registered, updateConsent } from '../exchange/register-consent.ts';
import { parseJson } from '../fhir/json/strict-json.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { allows } from './auth/scopes.ts';
import { bytesOf, rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { queryOf, take } from './pull/asking.ts';
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
    ports.enqueue(result.deliveries);
    response.type('application/fhir+json').send(JSON.stringify(result.response));
  });

  router.post('/Consent', rawBody, async (request, response) => {
    const body = recorded<Consent>(request, response, 'Consent', 'c');
    answer(ports, response, body.ok ? await createConsent(ports, body.value, actorOf(request, response)) : body, 201);
  });

  router.put('/Consent/:id', rawBody, async (request, response) => {
    const body = recorded<Consent>(request, response, 'Consent', 'u');
    const version = /^W\/"(\d{1,9})"$/.exec(request.get('if-match') ?? '')?.[1];
    if (body.ok && version === undefined) return sendRefusal(response, refuse('if-match-missing', 'If-Match'));
    answer(
      ports,
      response,
      body.ok
        ? await updateConsent(ports, String(request.params.id), body.value, Number(version), actorOf(request, response))
        : body,
      200,
    );
  });

  for (const type of ['DocumentReference', 'Provenance'] as const)
    router.post(`/${type}`, rawBody, async (request, response) => {
      const body = recorded<DocumentReference | Provenance>(request, response, 'Consent', 'c');
      if (body.ok && body.value.resourceType !== type)
        return sendRefusal(response, refuse('fhir-invalid', 'resourceType', type));
      answer(ports, response, body.ok ? await addPaper(ports, body.value, actorOf(request, response)) : body, 201);
    });

  const shown =
    (find: (request: Request, response: Response) => Promise<Found>, many: boolean) =>
    async (request: Request, response: Response): Promise<void> => {
      if (!mayRead(response)) return sendRefusal(response, refuse('not-allowed'));
      const found = await find(request, response);
      if (!found.ok) return sendRefusal(response, found);
      if (many) sendBundle(response, found.released, `${ports.publicUrl}${request.baseUrl}${request.path}`);
      else sendResource(response, found.released);
    };
  const id = (request: Request): string => String(request.params.id);

  router.get(
    '/Consent',
    shown((request, response) => {
      const { value: patient = '', rest } = take(queryOf(request.originalUrl), 'patient');
      return searchConsents(ports, patient.replace(/^Patient\//, ''), rest, actorOf(request, response));
    }, true),
  );
  router.get(
    '/Consent/:id',
    shown((request, response) => readConsent(ports, id(request), undefined, actorOf(request, response)), false),
  );
  router.get(
    '/Consent/:id/_history',
    shown((request, response) => consentHistory(ports, id(request), actorOf(request, response)), true),
  );
  router.get(
    '/Consent/:id/_history/:version',
    shown(
      (request, response) =>
        readConsent(ports, id(request), String(request.params.version), actorOf(request, response)),
      false,
    ),
  );
  router.get(
    '/Consent/:id/$signed',
    shown((request, response) => signedConsent(ports, id(request), actorOf(request, response)), true),
  );
  return router;
}

function answer(ports: ApiPorts, response: Response, result: Registered, status: number): void {
  if (result.ok) {
    ports.enqueue(result.deliveries);
    sendResource(response, result.released, status);
  } else sendRefusal(response, result);
}

/** The register is shown to those who keep it and to those who look after it. */
function mayRead(response: Response): boolean {
  const caller = callerOf(response);
  return (
    caller.roles.includes('privacy-officer') ||
    (caller.roles.includes('consent-recorder') && allows(caller, 'Consent', 's'))
  );
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
