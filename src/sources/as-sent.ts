import { sentAs } from './hl7v2/sent-as.ts';
import type { Hl7Message } from './hl7v2/types.ts';
import type { ReadMessage } from './registry.ts';

/**
 * A place in the body that a map reads (`patient.name.firstNames[0]`) as its sender knows it: a JSON pointer (RFC 6901), or a segment and field of HL7 v2. Names
 * and positions only. What is neither is named as the map does.
 */
export function asSent({ kind, body }: Pick<ReadMessage, 'kind' | 'body'>, path: string): string {
  if (kind.contentType === 'application/hl7-v2') return sentAs(body as Hl7Message, path) ?? path;
  if (!kind.contentType.includes('json')) return path;
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
