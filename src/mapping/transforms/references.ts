import type { Json, Node } from '../../fhir/path/node.ts';
import { fault } from '../fault.ts';
import type { Run } from '../model.ts';
import { assertArity, made, parameter, single, type Transform, type TransformCall } from './kit.ts';

/** `uuid()`: a new id, from the caller's source of ids. */
function uuid(call: TransformCall): Transform {
  assertArity(call, 0, 0);
  return single('string', (_, run) => made(run.newId(), 'string'));
}

/**
 * `reference(v)`: the text of a reference to a resource: the fullUrl of its Bundle entry where that is set, `#id` for a contained
 * one, else `Type/id`. A resource of this run without an id gets one.
 */
function reference(call: TransformCall): Transform {
  assertArity(call, 1, 1);
  const value = parameter(call, 0, 'resource');
  return single('string', (frame, run) => {
    const node = value.get(frame, run);
    if (!node) return undefined;
    const resource = asResource(node);
    const fullUrl = (node.parent?.value as Json | undefined)?.fullUrl;
    if (node.key === 'resource' && typeof fullUrl === 'string') return made(fullUrl, 'string');
    const id = idOf(node, resource, run);
    return made(node.key === 'contained' ? `#${id}` : `${resource.resourceType}/${id}`, 'string');
  });
}

/** `pointer(v)`: the `urn:uuid:` of a resource, for a Bundle whose entries carry such urls. */
function pointer(call: TransformCall): Transform {
  assertArity(call, 1, 1);
  const value = parameter(call, 0, 'resource');
  return single('uri', (frame, run) => {
    const node = value.get(frame, run);
    return node ? made(`urn:uuid:${idOf(node, asResource(node), run)}`, 'uri') : undefined;
  });
}

function asResource(node: Node): Json {
  const value = node.value as Json | null;
  if (typeof value === 'object' && value !== null && typeof value.resourceType === 'string') return value;
  throw fault('no-resource', node, 'only a resource can be referred to');
}

function idOf(node: Node, resource: Json, run: Run): string {
  if (typeof resource.id === 'string') return resource.id;
  if (!('holder' in node)) throw fault('no-id', node, 'the resource of the source has no id to refer to');
  const id = run.newId();
  resource.id = id;
  return id;
}

export const referenceTransforms = { uuid, reference, pointer };
