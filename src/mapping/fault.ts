import { type Node, pathOf } from '../fhir/path/node.ts';
import { PathError } from '../fhir/path/operators.ts';
import { MapError, type Place, RuleFault } from './errors.ts';
import type { Run } from './model.ts';

/** Builds the error for a map that cannot be right at this place. */
export function mapError(code: string, place: Place, line: number, message: string): MapError {
  return new MapError(code, { ...place, line }, message);
}

/** Notes what stopped a rule. `node`: the input at hand, whose place (never its value) goes into the issue. */
export function record(run: Run, place: Place, line: number, node: Node | undefined, error: unknown): void {
  const at = node ? pathOf(node) : '';
  const shared = { map: place.map, group: place.group ?? '', rule: place.rule ?? '', line };
  if (error instanceof RuleFault) {
    run.issues.push({ code: error.code, path: error.path || at, message: error.message, ...shared });
  } else if (error instanceof PathError) {
    run.issues.push({ code: 'expression-failed', path: at, message: error.message, ...shared });
  } else if (error instanceof RangeError) {
    run.issues.push({ code: 'too-deep', path: at, message: 'the map or the input is nested too deep', ...shared });
  } else {
    // A fault of the engine itself: its text may hold anything, so only its kind is told.
    const kind = error instanceof Error ? error.constructor.name : 'error';
    run.issues.push({ code: 'mapping-failed', path: at, message: `the rule failed (${kind})`, ...shared });
  }
}

/** Gives up the rule at hand because of the value at `node`. */
export function fault(code: string, node: Node | undefined, message: string): RuleFault {
  return new RuleFault(code, node ? pathOf(node) : '', message);
}
