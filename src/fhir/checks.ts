import type { FhirKnowledge } from './load.ts';
import type { Issue } from './validate/issue.ts';
import { validate } from './validate.ts';

/** What is asked of every resource that comes in. */
export interface FhirChecks {
  /** Every error against base R4 and the profiles that the resource claims. */
  validate(resource: unknown): readonly Issue[];
  /** What could not be checked of its claims: profiles that nobody loaded, codes of systems that are not at hand. */
  unchecked(resource: unknown): readonly Issue[];
  /** Every error of a valid, labelled resource against the project's own profiles of its type. */
  conforms(resource: object): readonly Issue[];
}

/** The checks on loaded knowledge. Pure; no message quotes a value. */
export function fhirChecks({ definitions, profiles, own }: FhirKnowledge): FhirChecks {
  const isError = ({ severity }: Issue): boolean => severity === 'error';
  return {
    validate: (resource) => [...validate(resource, definitions), ...profiles.claims(resource).filter(isError)],
    unchecked: (resource) => profiles.claims(resource).filter((one) => !isError(one)),
    conforms: (resource) =>
      own
        .filter((one) => one.type === (resource as { resourceType?: string }).resourceType)
        .flatMap((one) => profiles.check(resource, one.url))
        .filter(isError),
  };
}
