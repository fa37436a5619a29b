import { type FunctionAtom, LiteralAtom } from '@medplum/core';
import { type Json, type Node, rootNode } from './node.ts';
import type { Path, PathScope } from './types.ts';

/**
 * `mapsTo('url of a ConceptMap')`: the codes that the codes, Codings or CodeableConcepts of the input are mapped to; what the table does
 * not have gives nothing, so `.mapsTo('…').exists()` asks whether it has it. A function of this project: R4 has none for ConceptMaps.
 */
export function mapsToFunction(atom: FunctionAtom, scope: PathScope): Path | undefined {
  if (atom.name !== 'mapsTo') return undefined;
  const [argument] = atom.args;
  const url = argument instanceof LiteralAtom ? argument.value.value : undefined;
  if (typeof url !== 'string') throw new Error('mapsTo() takes the url of a ConceptMap as a text');
  const translate = scope.conceptMap?.(url);
  if (!translate) throw new Error(`there is no concept map ${url}`);
  return (input) =>
    input.flatMap((node) =>
      codesOf(node).flatMap(({ code, system }) => {
        const found = translate(code, system);
        return found === undefined ? [] : [rootNode(found, 'code')];
      }),
    );
}

function codesOf({ value }: Node): { code: string; system: string | undefined }[] {
  if (typeof value === 'string' || typeof value === 'number') return [{ code: String(value), system: undefined }];
  const json = value as Json | null | undefined;
  if (typeof json !== 'object' || json === null) return [];
  const codings = Array.isArray(json.coding) ? (json.coding as Json[]) : [json];
  return codings.flatMap(({ code, system }) =>
    typeof code === 'string' ? [{ code, system: typeof system === 'string' ? system : undefined }] : [],
  );
}
