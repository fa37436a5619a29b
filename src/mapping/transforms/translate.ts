import type { Json, Node } from '../../fhir/path/node.ts';
import { compileConceptMap, type Translated, type Translator } from '../concept-maps.ts';
import { fault, mapError } from '../fault.ts';
import {
  assertArity,
  callError,
  literalText,
  made,
  parameter,
  single,
  type Transform,
  type TransformCall,
  textOf,
} from './kit.ts';

/** Forms that `translate` can give its result. */
const FORMS: Record<string, { type: string; make(found: Translated): unknown }> = {
  code: { type: 'code', make: (found) => found.code },
  system: { type: 'uri', make: (found) => found.system },
  display: { type: 'string', make: (found) => found.display },
  Coding: { type: 'Coding', make: coding },
  CodeableConcept: { type: 'CodeableConcept', make: (found) => ({ coding: [coding(found)] }) },
};

function coding({ system, code, display }: Translated): Json {
  const made: Json = system ? { system, code } : { code };
  if (display !== undefined) made.display = display;
  return made;
}

/**
 * `translate(v, 'url of a ConceptMap'[, 'code' | 'system' | 'display' | 'Coding' | 'CodeableConcept'])`. `v` is a code, a
 * number, a Coding or a CodeableConcept. A code that the map does not have is a fault, never silence.
 */
export function translate(call: TransformCall): Transform {
  assertArity(call, 2, 3);
  const value = parameter(call, 0, 'code');
  const url = literalText(call, 1, 'concept map');
  const form = FORMS[call.target.parameters.length === 3 ? literalText(call, 2, 'form') : formOf(call)];
  if (!form) throw callError(call, `translate() gives ${Object.keys(FORMS).join(', ')}`);
  const translator = findTranslator(call, url);
  const known = knownCodes(call, url);
  const fail = (node: Node): Error => fault('unmapped-code', node, `the code is not in the concept map ${url}${known}`);
  return single(form.type, (frame, run) => {
    const node = value.get(frame, run);
    if (!node || node.value === undefined) return undefined;
    const found = find(node, translator);
    if (!found) throw fail(node);
    const result = form.make(found);
    return result === undefined ? undefined : made(result, form.type);
  });
}

function find(node: Node, translator: Translator): Translated | undefined {
  const scalar = textOf(node);
  if (scalar !== undefined) return translator(scalar, undefined);
  const json = node.value as Json;
  const codings = Array.isArray(json.coding) ? (json.coding as Json[]) : [json];
  for (const each of codings) {
    const found = typeof each.code === 'string' ? translator(each.code, each.system as string | undefined) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** What a sender can put right by reading it: the codes of a map that has only a few. */
function knownCodes({ context }: TransformCall, url: string): string {
  const groups = context.findConceptMap(url)?.group ?? [];
  const codes = [...new Set(groups.flatMap(({ element = [] }) => element.flatMap(({ code }) => code ?? [])))];
  return codes.length <= 10 && !groups.some((one) => one.unmapped) ? `: ${codes.join(', ')}` : '';
}

function findTranslator(call: TransformCall, url: string): Translator {
  const { context, target } = call;
  const conceptMap = context.findConceptMap(url);
  if (!conceptMap) throw mapError('unknown-concept-map', context.place, target.line, `there is no concept map ${url}`);
  try {
    return compileConceptMap(conceptMap, context.findConceptMap);
  } catch (error) {
    throw mapError('bad-concept-map', context.place, target.line, `${url}: ${(error as Error).message}`);
  }
}

/** Without a form: what the element takes. */
function formOf(call: TransformCall): string {
  const types = call.element?.types ?? [];
  return ['Coding', 'CodeableConcept'].find((type) => types.includes(type)) ?? 'code';
}
