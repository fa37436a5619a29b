import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { Ajv, type ValidateFunction } from 'ajv';
import { sharedDir } from '../../../tests/support/shared.ts';

/** The official JSON Schema of R4 as a second opinion: per type, and without contained resources, because the whole at once takes too long to compile. */
export function officialSchema(): ((resource: Resource) => unknown[]) | undefined {
  const path = join(sharedDir() ?? '', 'corpora/fhir-r4-schema/fhir.schema.json');
  if (!existsSync(path)) return undefined;
  const { definitions } = JSON.parse(readFileSync(path, 'utf8')) as { definitions: Record<string, unknown> };
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    logger: false,
    validateFormats: false,
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  });
  ajv.addSchema({ $id: 'r4', definitions: { ...definitions, ResourceList: false } });
  const compiled = new Map<string, ValidateFunction>();
  return (resource) => {
    const type = resource.resourceType;
    const check = compiled.get(type) ?? ajv.compile({ $ref: `r4#/definitions/${type}` });
    compiled.set(type, check);
    return check(resource) ? [] : (check.errors ?? []).map((one) => `${type}${one.instancePath} ${one.message}`);
  };
}
