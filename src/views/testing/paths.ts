/** The element paths of all values in a resource, in JSON names without indexes, each once and in order of appearance: `Patient.name.given`. */
export function leafPaths(resource: object): string[] {
  const found = new Set<string>();
  walk(resource, (resource as { resourceType?: string }).resourceType ?? '', found);
  return [...found];
}

function walk(value: unknown, path: string, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) walk(item, path, found);
  else if (typeof value === 'object' && value !== null)
    for (const [key, child] of Object.entries(value)) walk(child, `${path}.${key}`, found);
  else if (value !== null) found.add(path);
}
