import type { Request, Response } from 'express';
import type { Asker } from '../../exchange/pull.ts';
import { type Refusal, refuse } from '../../fhir/problems.ts';
import type { Query } from '../../fhir/search/parse.ts';
import { allows } from '../auth/scopes.ts';
import type { Caller } from '../auth/types.ts';
import { bytesOf } from '../body.ts';
import { actorOf, callerOf } from '../caller.ts';
import type { ApiPorts } from '../ports.ts';

/** One question at a pull door, whether it came by itself or in a batch. */
export interface Asking {
  readonly ports: ApiPorts;
  readonly caller: Caller;
  readonly actor: Asker['actor'];
  readonly requestId: string;
  /** The parts of the path that the exit names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** Asked with a form: what stands there may be what no URL may hold, so no link repeats it. */
  readonly isForm: boolean;
  readonly accept: string;
  /** One of several questions in a batch: break-glass is not for that. */
  readonly isOneOfSeveral: boolean;
}

/** Reads a question from a request; the query keeps its order and repeated names. */
export function askingOf(ports: ApiPorts, request: Request, response: Response): Asking {
  const isForm = request.method === 'POST';
  const form = isForm ? Buffer.from(bytesOf(request.body)).toString('utf8') : '';
  return {
    ports,
    caller: callerOf(response),
    actor: actorOf(request, response),
    requestId: response.locals.requestId as string,
    params: request.params as Record<string, string>,
    query: [...queryOf(request.originalUrl), ...entriesOf(form)],
    isForm,
    accept: request.get('accept') ?? '',
    isOneOfSeveral: false,
  };
}

/** The query of a URL. Which format is wanted is said in headers or here; there is one. */
export const queryOf = (url: string): Query => {
  const at = url.indexOf('?');
  return at < 0 ? [] : entriesOf(url.slice(at + 1));
};

const entriesOf = (text: string): Query =>
  text === ''
    ? []
    : [...new URLSearchParams(text)].filter(([name, value]) => !(name === '_format' && JSON_FORMAT.test(value)));

const JSON_FORMAT = /^(json|application\/json|application\/fhir[ +]json)$/;

/** The one value of a parameter, and the query without it; undefined where it is missing or stands there twice. */
export function take(query: Query, name: string): { readonly value: string | undefined; readonly rest: Query } {
  const values = query.filter(([one]) => one === name).map(([, value]) => value);
  return {
    value: values.length === 1 ? values[0] : undefined,
    rest: values.length === 1 ? query.filter(([one]) => one !== name) : query,
  };
}

/** The caller as somebody who may ask for this type, or why not: no scope for it, no discipline, no purpose. */
export function askerOf(
  { caller, actor, requestId, isOneOfSeveral, ports }: Asking,
  type: string,
  interaction: 'r' | 's',
): { readonly ok: true; asker(): Promise<Asker> } | Refusal {
  const { organisation, discipline, purpose, btgReason } = caller;
  if (!allows(caller, type, interaction)) return refuse('not-allowed');
  if (!discipline || !purpose) return refuse('asker-incomplete');
  const asker = async (): Promise<Asker> => ({
    actor,
    requestId,
    question: {
      mode: 'pull',
      organisation,
      discipline,
      purpose,
      btgReason,
      ...(isOneOfSeveral && { patientCount: 2 }),
      sector: (await ports.directory()).organisations.get(organisation)?.sector ?? '',
    },
  });
  return { ok: true, asker };
}

/** An id as the caller's organisation sees it, as ours. */
export const inside = ({ ports, caller }: Asking, id: string): string | undefined =>
  ports.vault.ids(caller.organisation).in(id);
