import type { Json } from '../../fhir/path/node.ts';
import { fault } from '../fault.ts';
import type { Frame, Run, Value } from '../model.ts';
import { toPrimitive } from '../primitives.ts';
import { assertArity, made, parameters, single, type Transform, type TransformCall, textOf } from './kit.ts';

type Text = (frame: Frame, run: Run) => string | undefined;

/** The parameters as texts, by their order; one that is not given is absent. */
const texts = (values: Value[]): [Text, Text, Text] => {
  const text = (value: Value | undefined): Text => {
    if (!value) return () => undefined;
    const known = value.constant && textOf(value.constant);
    return known === undefined ? (frame, run) => textOf(value.get(frame, run)) : () => known;
  };
  return [text(values[0]), text(values[1]), text(values[2])];
};

/** Leaves absent parts out. */
function filled(parts: Json): Json {
  const present: Json = {};
  for (const key in parts) if (parts[key] !== undefined) present[key] = parts[key];
  return present;
}

/** `c(system, code[, display])`: a Coding. Without a code there is none. */
function c(call: TransformCall): Transform {
  assertArity(call, 2, 3);
  const [readFirst, readSecond, readThird] = texts(parameters(call));
  return single('Coding', (frame, run) => {
    const system = readFirst(frame, run);
    const code = readSecond(frame, run);
    const display = readThird(frame, run);
    return code === undefined ? undefined : made(filled({ system, code, display }), 'Coding');
  });
}

/** `cc(text)` or `cc(system, code[, display])`: a CodeableConcept. */
function cc(call: TransformCall): Transform {
  assertArity(call, 1, 3);
  const [readFirst, readSecond, readThird] = texts(parameters(call));
  const isText = call.target.parameters.length === 1;
  return single('CodeableConcept', (frame, run) => {
    const first = readFirst(frame, run);
    const code = readSecond(frame, run);
    const display = readThird(frame, run);
    if (isText) return first === undefined ? undefined : made({ text: first }, 'CodeableConcept');
    if (code === undefined) return undefined;
    return made({ coding: [filled({ system: first, code, display })] }, 'CodeableConcept');
  });
}

/** `qty('12 kg')` or `qty(value, unit[, system, code])`: a Quantity. */
function qty(call: TransformCall): Transform {
  assertArity(call, 1, 4);
  const values = parameters(call);
  const isText = values.length === 1;
  return single('Quantity', (frame, run) => {
    const node = values[0]?.get(frame, run);
    if (!node) return undefined;
    const text = textOf(node);
    const parts = isText ? /^\s*(-?\d+(?:\.\d+)?)\s*(\S.*?)?\s*$/.exec(text ?? '') : [text, text];
    const value = toPrimitive(isText ? parts?.[1] : node.value, 'decimal');
    if (value === undefined) throw fault('bad-quantity', node, 'the value is no number');
    if (isText) return made(filled({ value, unit: parts?.[2] }), 'Quantity');
    const [unit, system, code] = values.slice(1).map((each) => textOf(each.get(frame, run)));
    return made(filled({ value, unit, system, code }), 'Quantity');
  });
}

/** `id(system, value[, type])`: an Identifier; the type is a code of HL7 v2 table 0203. */
function id(call: TransformCall): Transform {
  assertArity(call, 2, 3);
  const [readFirst, readSecond, readThird] = texts(parameters(call));
  return single('Identifier', (frame, run) => {
    const system = readFirst(frame, run);
    const value = readSecond(frame, run);
    const code = readThird(frame, run);
    if (value === undefined) return undefined;
    const type =
      code === undefined ? undefined : { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] };
    return made(filled({ type, system, value }), 'Identifier');
  });
}

/** `cp(value)` or `cp(system, value)`: a ContactPoint; without a system only what its form makes certain. */
function cp(call: TransformCall): Transform {
  assertArity(call, 1, 2);
  const [readFirst, readSecond] = texts(parameters(call));
  const isValueOnly = call.target.parameters.length === 1;
  return single('ContactPoint', (frame, run) => {
    const first = readFirst(frame, run);
    const second = readSecond(frame, run);
    const value = isValueOnly ? first : second;
    if (value === undefined) return undefined;
    return made(filled({ system: isValueOnly ? contactSystem(value) : first, value }), 'ContactPoint');
  });
}

function contactSystem(value: string): string | undefined {
  if (/^\S+@\S+$/.test(value)) return 'email';
  if (/^https?:\/\//.test(value)) return 'url';
  return /^\+?[\d\s()-]+$/.test(value) ? 'phone' : undefined;
}

export const codeTransforms = { c, cc, qty, id, cp };
