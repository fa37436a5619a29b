import type { ReadMessage } from './registry.ts';

/**
 * A place in the body that a map reads (`patient.name.firstNames[0]`) as its sender knows it: a JSON pointer (RFC 6901), or what the reader of the format calls it (a
 * segment and field of HL7 v2). Names and positions only. What is neither is named as the map does.
 */
export function asSent({ kind, sentAs }: Pick<ReadMessage, 'kind' | 'sentAs'>, path: string): string {
  if (sentAs) return sentAs(path) ?? path;
  if (!kind.contentType.includes('json')) return path;
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
