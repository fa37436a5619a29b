import { refuse } from '../../fhir/problems.ts';
import type { Answer } from './answer.ts';
import type { Asking } from './asking.ts';
import { binary, history, read, vread } from './read.ts';
import { changed, everything, patientSearch, patients, search } from './search.ts';
import { summary } from './summary.ts';

/** One way out for those who ask. The router, the batch and the CapabilityStatement all read this table: what is not on it does not exist. */
export interface Exit {
  readonly method: 'GET' | 'POST';
  /** The path under `/fhir`, with the parameters that `answer` reads. */
  readonly path: string;
  /** How the CapabilityStatement names it: an interaction of resource types, or an operation. None for what is refused. */
  readonly named?:
    | { readonly interaction: Interaction }
    | { readonly operation: string; readonly definition: string; readonly type?: 'Patient' };
  answer(asking: Asking): Promise<Answer>;
}

export type Interaction = 'read' | 'vread' | 'history-instance' | 'search-type';

const DEFINITIONS = 'http://hl7.org/fhir/OperationDefinition';
const OWN = 'http://gezinspoort.nl/fhir/OperationDefinition';

const refused = async (): Promise<Answer> => refuse('exit-unsupported');

/** In the order in which they are tried. */
export const EXITS: readonly Exit[] = [
  // Whole populations and queries of another language leave by no door (X05).
  { method: 'GET', path: '/$export', answer: refused },
  { method: 'GET', path: '/Patient/$export', answer: refused },
  { method: 'GET', path: '/Group/:id/$export', answer: refused },
  { method: 'GET', path: '/$graphql', answer: refused },
  { method: 'GET', path: '/_history', answer: refused },
  { method: 'GET', path: '/:type/_history', answer: refused },
  { method: 'GET', path: '/:type/:id/$graphql', answer: refused },
  { method: 'GET', path: '/$changes', named: { operation: 'changes', definition: `${OWN}/changes` }, answer: changed },
  { method: 'GET', path: '/Patient', named: { interaction: 'search-type' }, answer: patients },
  { method: 'POST', path: '/Patient/_search', named: { interaction: 'search-type' }, answer: patientSearch },
  {
    method: 'GET',
    path: '/Patient/:id/$everything',
    named: { operation: 'everything', definition: `${DEFINITIONS}/Patient-everything`, type: 'Patient' },
    answer: everything,
  },
  {
    method: 'GET',
    path: '/Patient/:id/$summary',
    named: { operation: 'summary', definition: `${OWN}/Patient-summary`, type: 'Patient' },
    answer: summary,
  },
  { method: 'GET', path: '/Binary/:id', named: { interaction: 'read' }, answer: binary },
  { method: 'GET', path: '/:type/:id/_history/:version', named: { interaction: 'vread' }, answer: vread },
  { method: 'GET', path: '/:type/:id/_history', named: { interaction: 'history-instance' }, answer: history },
  { method: 'POST', path: '/:type/_search', named: { interaction: 'search-type' }, answer: search },
  { method: 'GET', path: '/:type/:id', named: { interaction: 'read' }, answer: read },
  { method: 'GET', path: '/:type', named: { interaction: 'search-type' }, answer: search },
];

/** The exit that a path (under `/fhir`, decoded) leads to, with the values of its parameters. */
export function exitFor(method: string, path: string): { exit: Exit; params: Record<string, string> } | undefined {
  const parts = path.split('/');
  for (const exit of EXITS) {
    const pattern = exit.path.split('/');
    if (exit.method !== method || pattern.length !== parts.length) continue;
    if (!pattern.every((one, at) => (one.startsWith(':') ? parts[at] !== '' : one === parts[at]))) continue;
    const params = pattern.flatMap((one, at) => (one.startsWith(':') ? [[one.slice(1), parts[at] ?? '']] : []));
    return { exit, params: Object.fromEntries(params) };
  }
  return undefined;
}
