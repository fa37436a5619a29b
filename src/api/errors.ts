import type { ErrorRequestHandler } from 'express';
import { type ProblemCode, refuse } from '../fhir/problems.ts';
import { errorCode, type Log } from '../log.ts';
import { isStoreAway } from '../store/away.ts';
import { sendRefusal } from './respond.ts';

/** The last stop of whatever was thrown. The answer and the log get a code; messages of parsers and drivers may repeat their input and go nowhere. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    const code = problemOf(error);
    if (code === 'internal' || code === 'store-away')
      log.error({
        event: 'request-failed',
        code: errorCode(error),
        method: request.method,
        status: code === 'internal' ? 500 : 503,
        requestId: response.locals.requestId,
      });
    if (response.headersSent) return next(error);
    sendRefusal(response, refuse(code));
  };
}

function problemOf(error: unknown): ProblemCode {
  if (isStoreAway(error)) return 'store-away';
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (status === 413) return 'too-large';
  if (status === 415) return 'content-type-unknown';
  if (status === 429) return 'throttled';
  if (status === 400) return 'json-invalid';
  return 'internal';
}
