import { loadLabelRules } from '../../src/exchange/label-rules.ts';
import { loadDefinitions, loadProfiles } from '../../src/fhir/load.ts';
import { validate, validateProfiles } from '../../src/fhir/validate.ts';
import { ownViews } from '../../src/views/testing/test-views.ts';

const definitions = await loadDefinitions();
const profiles = loadProfiles('profiles/structuredefinitions');

/** What the gateway knows without a store, as it loads it at the start: validation, label rules, views. */
export const knowledge = {
  validate: (resource: unknown) => validate(resource, definitions),
  conforms: (resource: object) => validateProfiles(resource, definitions, profiles),
  labels: await loadLabelRules('profiles'),
  views: await ownViews(),
};
