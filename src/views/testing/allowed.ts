import type { Datatypes, ElementPolicy, ElementSet, PrimitivePolicy, TypePolicy } from '../policy.ts';

/**
 * Reads the policy files a second time, element by element and without the compiled tree: whether a JSON path (`['name', 'given']`) of a type may
 * hold a value. Tests hold the projection against it.
 */
export function isAllowed(set: ElementSet, datatypes: Datatypes, type: string, path: readonly string[]): boolean {
  const policy = set.types[type];
  return (
    policy !== undefined &&
    (allowedIn(policy as Record<string, ElementPolicy>, path, datatypes) ||
      (path.length === 1 && path[0] === 'language'))
  );
}

function allowedIn(
  policy: Readonly<Record<string, ElementPolicy>>,
  [key = '', ...rest]: readonly string[],
  datatypes: Datatypes,
): boolean {
  for (const [element, child] of Object.entries(policy)) {
    if (element.startsWith('$')) continue;
    if (`_${element}` === key) return isExtension(child, rest, datatypes);
    const choice = element.endsWith('[x]') ? element.slice(0, -3) : undefined;
    if (choice === undefined ? element !== key : !key.startsWith(choice)) continue;
    if (typeof child !== 'string')
      return '$type' in child
        ? rest.length === 0
        : allowedIn(child as TypePolicy as Record<string, ElementPolicy>, rest, datatypes);
    for (const name of child.split(' | ')) {
      const shape = datatypes.shapes[name];
      const typeName = shape?.of ?? (name === 'freetext' ? 'string' : name);
      if (choice !== undefined && key !== choice + typeName.charAt(0).toUpperCase() + typeName.slice(1)) continue;
      if (shape ? allowedIn(shape.elements as Record<string, ElementPolicy>, rest, datatypes) : rest.length === 0)
        return true;
    }
  }
  return false;
}

/** Below a primitive: `extension.url` and `extension.value…` of a primitive whose policy names extensions. */
const isExtension = (policy: ElementPolicy, path: readonly string[], _: Datatypes): boolean =>
  typeof policy !== 'string' &&
  '$type' in policy &&
  (policy as PrimitivePolicy).$extensions.length > 0 &&
  path.length === 2 &&
  path[0] === 'extension' &&
  /^(url|value(String|Code))$/.test(path[1] ?? '');
