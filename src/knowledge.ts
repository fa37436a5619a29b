import { loadClaims } from './exchange/claims.ts';
import { loadLabelRules } from './exchange/label-rules.ts';
import { fhirChecks } from './fhir/checks.ts';
import { loadFhir, loadSearchParameters } from './fhir/load.ts';
import { loadSources } from './sources/registry.ts';
import { loadViews } from './views/registry.ts';

/**
 * What the gateway knows before it has seen a message: FHIR with the packages of `packages`, the views, the source systems with their maps, the rules for categories,
 * labels and claims. It needs no store. Rejects where a file cannot be right, with the reason.
 */
export async function loadKnowledge(packages: string | undefined) {
  const fhir = await loadFhir('profiles', packages);
  loadSearchParameters();
  return {
    views: await loadViews('profiles/views', fhir.definitions),
    sources: await loadSources('mappings', fhir.definitions),
    labels: await loadLabelRules('profiles'),
    claimsOf: await loadClaims('profiles', fhir),
    ...fhirChecks(fhir),
  };
}
