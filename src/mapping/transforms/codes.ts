import type { Json } from '../../fhir/path/node.ts';
import { fault } from '../fault.ts';
import type { Frame, Run, Value } from '../model.ts';
import { toPrimitive } from '../primitives.ts';
import { assertArity, made, NOTHING, parameters, type Transform, type TransformCall, textOf } from './kit.ts';

type Texts = (frame: Frame, run: Run) => (string | undefined)[];

const texts =
  (values: Value[]): Texts =>
  (frame, run) =>
    values.map((value) => textOf(value.get(frame, run)));

/** Leaves absent parts out. */
function filled(parts: Json): Json {
  for (const key of Object.keys(parts)) if (parts[key] === undefined) delete parts[key];
  return parts;
}

/** `c(system, code[, display])`: a Coding. Without a code there is none. */
function c(call: TransformCall): Transform {
  assertArity(call, 2, 3);
  const read = texts(parameters(call));
  return {
    type: 'Coding',
    get: (frame, run) => {
      const [system, code, display] = read(frame, run);
      return code === undefined ? NOTHING : made(filled({ system, code, display }), 'Coding');
    },
  };
}

/** `cc(text)` or `cc(system, code[, display])`: a CodeableConcept. */
function cc(call: TransformCall): Transform {
  assertArity(call, 1, 3);
  const read = texts(parameters(call));
  const isText = call.target.parameters.length === 1;
  return {
    type: 'CodeableConcept',
    get: (frame, run) => {
      const [first, code, display] = read(frame, run);
      if (isText) return first === undefined ? NOTHING : made({ text: first }, 'CodeableConcept');
      if (code === undefined) return NOTHING;
      return made({ coding: [filled({ system: first, code, display })] }, 'CodeableConcept');
    },
  };
}

/** `qty('12 kg')` or `qty(value, unit[, system, code])`: a Quantity. */
function qty(call: TransformCall): Transform {
  assertArity(call, 1, 4);
  const values = parameters(call);
  const isText = values.length === 1;
  return {
    type: 'Quantity',
    get: (frame, run) => {
      const node = values[0]?.get(frame, run);
      if (!node) return NOTHING;
      const text = textOf(node);
      const parts = isText ? /^\s*(-?\d+(?:\.\d+)?)\s*(\S.*?)?\s*$/.exec(text ?? '') : [text, text];
      const value = toPrimitive(isText ? parts?.[1] : node.value, 'decimal');
      if (value === undefined) throw fault('bad-quantity', node, 'the value is no number');
      if (isText) return made(filled({ value, unit: parts?.[2] }), 'Quantity');
      const [unit, system, code] = values.slice(1).map((each) => textOf(each.get(frame, run)));
      return made(filled({ value, unit, system, code }), 'Quantity');
    },
  };
}

/** `id(system, value[, type])`: an Identifier; the type is a code of HL7 v2 table 0203. */
function id(call: TransformCall): Transform {
  assertArity(call, 2, 3);
  const read = texts(parameters(call));
  return {
    type: 'Identifier',
    get: (frame, run) => {
      const [system, value, code] = read(frame, run);
      if (value === undefined) return NOTHING;
      const type =
        code === undefined
          ? undefined
          : { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] };
      return made(filled({ type, system, value }), 'Identifier');
    },
  };
}

/** `cp(value)` or `cp(system, value)`: a ContactPoint; without a system only what its form makes certain. */
function cp(call: TransformCall): Transform {
  assertArity(call, 1, 2);
  const read = texts(parameters(call));
  const isValueOnly = call.target.parameters.length === 1;
  return {
    type: 'ContactPoint',
    get: (frame, run) => {
      const [first, second] = read(frame, run);
      const value = isValueOnly ? first : second;
      if (value === undefined) return NOTHING;
      return made(filled({ system: isValueOnly ? contactSystem(value) : first, value }), 'ContactPoint');
    },
  };
}

function contactSystem(value: string): string | undefined {
  if (/^\S+@\S+$/.test(value)) return 'email';
  if (/^https?:\/\//.test(value)) return 'url';
  return /^\+?[\d\s()-]+$/.test(value) ? 'phone' : undefined;
}

export const codeTransforms = { c, cc, qty, id, cp };
