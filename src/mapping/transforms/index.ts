import type { ElementInfo } from '../../fhir/definitions.ts';
import { mapError } from '../fault.ts';
import type { RuleContext, Scope, Variable } from '../model.ts';
import type { Target } from '../parse/ast.ts';
import { codeTransforms } from './codes.ts';
import { dateOp } from './date.ts';
import type { Transform, TransformCall } from './kit.ts';
import { referenceTransforms } from './references.ts';
import { textTransforms } from './text.ts';
import { translate } from './translate.ts';
import { valueTransforms } from './values.ts';

export type { Transform } from './kit.ts';

/** The transforms of FHIR R4 (value set `map-transform`), by name. */
const TRANSFORMS: Record<string, (call: TransformCall) => Transform> = {
  ...valueTransforms,
  ...textTransforms,
  ...codeTransforms,
  ...referenceTransforms,
  translate,
  dateOp,
};

/** Compiles the transform of a target; an unknown name or wrong parameters are faults of the map. */
export function compileTransform(
  target: Target,
  element: ElementInfo | undefined,
  scope: Scope,
  focus: Variable,
  context: RuleContext,
): Transform {
  const name = target.transform as string;
  const make = Object.hasOwn(TRANSFORMS, name) ? TRANSFORMS[name] : undefined;
  if (!make) throw mapError('unknown-transform', context.place, target.line, `there is no transform ${name}()`);
  return make({ target, element, scope, focus, context });
}
