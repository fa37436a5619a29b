import { loadClaims } from './exchange/claims.ts';
import { loadLabelRules } from './exchange/label-rules.ts';
import { fhirChecks } from './fhir/checks.ts';
import { loadFhir, loadSearchParameters } from './fhir/load.ts';
import { readPolicy, type Shipped } from './policy/content.ts';
import { loadSources } from './sources/registry.ts';
import { isElementOf } from './views/registry.ts';

/**
 * What the gateway knows before it has seen a message: FHIR with the packages of `packages`, the views, the source systems with their maps, the rules for categories,
 * labels and claims. It needs no store. Rejects where a file cannot be right, with the reason.
 */
export async function loadKnowledge(packages: string | undefined) {
  const fhir = await loadFhir('profiles', packages);
  loadSearchParameters();
  const isElement = isElementOf(fhir.definitions);
  return {
    policy: shippedContent(isElement),
    isElement,
    sources: await loadSources('mappings', fhir.definitions),
    labels: await loadLabelRules('profiles'),
    claimsOf: await loadClaims('profiles', fhir),
    ...fhirChecks(fhir),
  };
}

/** The policy of the folder `profiles/`, which must be usable: it is in force where no other was ever released. */
function shippedContent(isElement: (path: string) => boolean): Shipped {
  const read = readPolicy('profiles/views', isElement);
  if (read.ok) return read;
  throw new Error(`The views cannot be used:\n${read.problems.join('\n')}`);
}
