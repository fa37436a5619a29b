import type { Parameters } from '@medplum/fhirtypes';
import { type Request, type Response, Router } from 'express';
import { type Asked, explain, type Reader } from '../exchange/explain.ts';
import { parseJson } from '../fhir/json/strict-json.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { isId } from '../store/pairwise.ts';
import { allows } from './auth/scopes.ts';
import { bytesOf, rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendRefusal, sendResource } from './respond.ts';

/**
 * `POST /fhir/$explain`: Parameters with a `receipt`, or a `patient` and optionally `type`, `id` or `category`. A privacy officer, who has no discipline, also names for whom: `organisation`, `discipline`
 * and optionally `purpose`.
 */
export function explainRoutes(ports: ApiPorts): Router {
  const router = Router();
  router.post('/$explain', rawBody, async (request, response) => {
    const asked = readAsked(bytesOf(request.body));
    if (!asked.ok) return sendRefusal(response, asked);
    const reader = await readerOf(ports, request, response, asked.values);
    if ('issues' in reader) return sendRefusal(response, reader);
    sendResource(response, await explain(ports, asked.values, reader));
  });
  return router;
}

type Values = Asked & { readonly organisation?: string; readonly discipline?: string; readonly purpose?: string };

/** The parameters and the forms that they may have. */
const NAMES: Readonly<Record<keyof Values, RegExp>> = {
  receipt: /^[0-9a-f-]{36}$/,
  patient: /^(Patient\/)?[0-9a-f-]{36}$/,
  type: /^[A-Z][A-Za-z]{1,40}$/,
  id: /^[0-9a-f-]{36}$/,
  category: /^(cat-)?[a-z-]{2,40}$/,
  organisation: /^(Organization\/)?[a-z0-9-]{1,64}$/,
  discipline: /^[a-z-]{2,40}$/,
  purpose: /^[A-Z]{2,20}$/,
};
/** What stands before a value and says nothing more. */
const PREFIX = /^(Patient\/|Organization\/|cat-)/;

function readAsked(bytes: Uint8Array): { ok: true; values: Values } | Refusal {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return refuse('json-invalid');
  const body = parsed.value as Parameters | null;
  if (body?.resourceType !== 'Parameters' || !Array.isArray(body.parameter))
    return refuse('fhir-invalid', 'resourceType', 'Parameters');
  const values: Record<string, string> = {};
  for (const [at, one] of body.parameter.entries()) {
    const path = `Parameters.parameter[${at}]`;
    const name = String(one?.name);
    if (!Object.hasOwn(NAMES, name) || Object.hasOwn(values, name))
      return refuse('fhir-invalid', `${path}.name`, `each of ${Object.keys(NAMES).join(', ')} at most once`);
    const value = one.valueReference?.reference ?? one.valueId ?? one.valueUuid ?? one.valueCode ?? one.valueString;
    if (typeof value !== 'string' || !NAMES[name as keyof Values].test(value))
      return refuse('fhir-invalid', path, 'an id, code or reference of this parameter');
    values[name] = value.replace(PREFIX, '');
  }
  const { receipt, patient } = values;
  if ((receipt === undefined) === (patient === undefined) || !isId(receipt ?? patient ?? ''))
    return refuse('fhir-invalid', 'Parameters.parameter', 'either receipt or patient');
  return { ok: true, values };
}

async function readerOf(
  ports: ApiPorts,
  request: Request,
  response: Response,
  values: Values,
): Promise<Reader | Refusal> {
  const caller = callerOf(response);
  const isOfficer = caller.roles.includes('privacy-officer') && allows(caller, 'AuditEvent', 's');
  if (!isOfficer && !allows(caller, 'Patient', 'r')) return refuse('not-allowed');
  // A professional asks about the own view; only an officer may ask about that of others.
  const own = { organisation: caller.organisation, discipline: caller.discipline, purpose: caller.purpose };
  const named = {
    organisation: values.organisation,
    discipline: values.discipline,
    purpose: values.purpose ?? 'TREAT',
  };
  if (!isOfficer && (values.organisation ?? values.discipline ?? values.purpose) !== undefined)
    return refuse('not-allowed');
  const { organisation, discipline, purpose } = isOfficer && values.patient !== undefined ? named : own;
  // An emergency is read, under its clock and before its review; it is not looked around in.
  if (!isOfficer && purpose === 'BTG') return refuse('not-allowed');
  const isAnswered = isOfficer && values.receipt !== undefined;
  if (!isAnswered && (!organisation || !discipline || !purpose)) return refuse('asker-incomplete');
  const sector = (await ports.directory()).organisations.get(organisation ?? '')?.sector ?? '';
  return {
    isOfficer,
    actor: actorOf(request, response),
    question: {
      mode: 'pull',
      organisation: organisation ?? '',
      sector,
      discipline: discipline ?? '',
      purpose: purpose ?? '',
    },
  };
}
