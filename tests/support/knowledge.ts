import { loadLabelRules } from '../../src/exchange/label-rules.ts';
import { fhirChecks } from '../../src/fhir/checks.ts';
import { loadFhir } from '../../src/fhir/load.ts';
import { ownViews } from '../../src/views/testing/test-views.ts';

/** What the gateway knows without a store, as it loads it at the start: validation, label rules, views. */
export const knowledge = {
  ...fhirChecks(await loadFhir('profiles')),
  labels: await loadLabelRules('profiles'),
  views: await ownViews(),
};
