import { loadClaims } from '../../src/exchange/claims.ts';
import { loadLabelRules } from '../../src/exchange/label-rules.ts';
import { fhirChecks } from '../../src/fhir/checks.ts';
import { loadFhir } from '../../src/fhir/load.ts';
import { shippedPolicy } from '../../src/policy/policy.ts';
import { ownViews } from '../../src/views/testing/test-views.ts';

const fhir = await loadFhir('profiles');

const views = await ownViews();

/** What the gateway knows without a store, as it loads it at the start: validation, label rules, views. */
export const knowledge = {
  ...fhirChecks(fhir),
  claimsOf: await loadClaims('profiles', fhir),
  labels: await loadLabelRules('profiles'),
  views,
  policy: shippedPolicy(views),
};
