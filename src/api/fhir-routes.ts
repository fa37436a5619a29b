import { Router } from 'express';
import { parseJson } from '../fhir/json/strict-json.ts';
import { bytesOf, rawBody } from './body.ts';
import type { ApiPorts } from './ports.ts';
import { sendAnswer } from './pull/answer.ts';
import { askingOf } from './pull/asking.ts';
import { batch, isBatch } from './pull/batch.ts';
import { EXITS } from './pull/exits.ts';

/** The pull doors, from the table of exits. Each one asks `release` and writes what it gives; a patient nobody knows and one without anything to release answer alike. */
export function fhirRoutes(ports: ApiPorts): Router {
  const router = Router();
  for (const { method, path, answer } of EXITS) {
    if (method === 'GET')
      router.get(path, async (request, response) =>
        sendAnswer(response, await answer(askingOf(ports, request, response))),
      );
    else
      router.post(path, rawBody, async (request, response) =>
        sendAnswer(response, await answer(askingOf(ports, request, response))),
      );
  }
  return router;
}

/** `POST /fhir` with a batch; other Bundles are for the doors behind this one. */
export function batchRoute(ports: ApiPorts): Router {
  const router = Router();
  router.post('/', rawBody, async (request, response, next) => {
    const bytes = bytesOf(request.body);
    // Most Bundles that come here are pushed and large: only what may be a batch is read here.
    const parsed = Buffer.from(bytes).includes('"batch"') ? parseJson(bytes) : undefined;
    if (!parsed?.ok || !isBatch(parsed.value)) return next();
    sendAnswer(response, await batch(askingOf(ports, request, response), parsed.value));
  });
  return router;
}
