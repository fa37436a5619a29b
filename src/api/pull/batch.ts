import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { record } from '../../audit/log.ts';
import { toOutcome } from '../../fhir/outcome.ts';
import { PROBLEMS, type Refusal, refuse } from '../../fhir/problems.ts';
import { hasBsn } from '../bsn-in-url.ts';
import type { Answer } from './answer.ts';
import { type Asking, queryOf } from './asking.ts';
import { exitFor } from './exits.ts';

/** Questions in one batch, at most: each is a look at a whole family. */
const MOST = 50;

export const isBatch = (value: unknown): value is Bundle =>
  (value as Bundle | null)?.resourceType === 'Bundle' && (value as Bundle).type === 'batch';

/**
 * `POST /fhir` with a batch of GETs: each entry goes through the same doors as a request of its own, one after another, with its own decision and its own entry on the log. A batch that holds anything else is
 * refused whole.
 */
export async function batch(asking: Omit<Asking, 'params' | 'query'>, { entry = [] }: Bundle): Promise<Answer> {
  if (!Array.isArray(entry) || entry.length === 0 || entry.length > MOST)
    return refuse('batch-reads-only', 'Bundle.entry', `1 to ${MOST} entries`);
  const write = entry.findIndex((one) => one?.request?.method !== 'GET' || one.resource !== undefined);
  if (write >= 0) return refuse('batch-reads-only', `Bundle.entry[${write}].request.method`, 'GET');
  const answers: BundleEntry[] = [];
  for (const one of entry) {
    const answer = await answerTo(asking, String(one.request?.url ?? ''), entry.length > 1);
    if (!answer.ok) await note(asking, answer);
    answers.push(toEntry(answer));
  }
  return { ok: true, resource: { resourceType: 'Bundle', type: 'batch-response', entry: answers } };
}

async function answerTo(
  asking: Omit<Asking, 'params' | 'query'>,
  url: string,
  isOneOfSeveral: boolean,
): Promise<Answer> {
  if (hasBsn(url)) return refuse('bsn-in-url');
  const [path = ''] = url.replace(`${asking.ports.publicUrl}/fhir`, '').replace(/^\/?/, '/').split('?');
  const found = exitFor('GET', decoded(path));
  if (!found) return refuse('not-found');
  return found.exit.answer({
    ...asking,
    params: found.params,
    query: queryOf(url),
    isOneOfSeveral,
    isForm: false,
    accept: '',
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

function toEntry(answer: Answer): BundleEntry {
  if (answer.ok) return { resource: answer.resource, response: { status: '200', etag: answer.etag } };
  const status = String(PROBLEMS[answer.issues[0].code].status);
  return { response: { status, outcome: toOutcome(answer.issues) } };
}

/** A refusal inside a batch is on the log like one that stands alone. */
async function note({ ports, actor, requestId }: Omit<Asking, 'params' | 'query'>, refusal: Refusal): Promise<void> {
  const details: [string, string][] = [
    ['code', refusal.issues[0].code],
    ['door', 'batch'],
  ];
  await record(ports.db, [{ kind: 'refusal', actor, requestId, details }], ports.now());
}
