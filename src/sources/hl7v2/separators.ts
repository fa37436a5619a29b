import type { Separators } from './types.ts';

/** ASCII punctuation that no number (`+ - .`), time (`:`), name (`'`) or HL7 null (`"`) is written with. */
const ALLOWED = /^[!#$%&*;<=>?@[\\\]^_`{|}~]$/;

/** The separators that nearly everybody uses (HL7 v2 §2.5.4). */
export const USUAL_SEPARATORS: Separators = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
};

/**
 * The separators that the start of a message names: MSH-1 is the character after `MSH`, MSH-2 the four up to the next
 * one. Undefined when they are not five distinct punctuation characters: separators that are letters or digits would
 * cut values to pieces.
 */
export function readSeparators(head: string): Separators | undefined {
  const field = head[3] ?? '';
  const end = head.indexOf(field, 4);
  const [component = '', repetition = '', escaping = '', subcomponent = ''] = head.slice(4, 8);
  const all = [field, component, repetition, escaping, subcomponent];
  const complete = end === 8 || (end === -1 && head.length === 8);
  if (!complete || new Set(all).size !== 5 || !all.every((character) => ALLOWED.test(character))) return undefined;
  return { field, component, repetition, escape: escaping, subcomponent };
}
