import { randomUUID } from 'node:crypto';
import { pull } from '../../exchange/pull.ts';
import { chooseForSummary, summaryDocument, summaryPage } from '../../exchange/summary.ts';
import { refuse } from '../../fhir/problems.ts';
import { unsupported } from '../../fhir/search/parse.ts';
import type { Answer } from './answer.ts';
import { type Asking, askerOf, inside } from './asking.ts';

/** `GET /fhir/Patient/{id}/$summary`: one page about a family, as a FHIR document or, with `Accept: text/html`, for a browser. */
export async function summary(asking: Asking): Promise<Answer> {
  const scope = askerOf(asking, '*', 'r');
  if (!scope.ok) return scope;
  if (asking.query.length > 0) return unsupported(asking.query[0]?.[0], 'nothing');
  const { ports } = asking;
  const released = await pull(ports, await scope.asker(), inside(asking, asking.params.id ?? ''), chooseForSummary);
  if (released.resources.length === 0) return refuse('not-found');
  const base = `${ports.publicUrl}/fhir`;
  const resource = summaryDocument(released.resources, base, ports.now().toISOString(), randomUUID());
  if (!/^text\/html\b/.test(asking.accept)) return { ok: true, resource };
  return { ok: true, resource, raw: { type: 'text/html; charset=utf-8', body: summaryPage(resource), isFile: false } };
}
