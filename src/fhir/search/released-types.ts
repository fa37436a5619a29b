/** The resource types that some view lets out (a test holds this list to the views), and so those that can be read and searched. */
export const RELEASED_TYPES: ReadonlySet<string> = new Set(
  (
    'AllergyIntolerance Appointment Binary CarePlan CareTeam Communication Composition Condition Device ' +
    'DeviceUseStatement DiagnosticReport DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Flag Goal ' +
    'HealthcareService Immunization Location Media Medication MedicationDispense MedicationRequest ' +
    'MedicationStatement NutritionOrder Observation Organization Patient Practitioner PractitionerRole Procedure ' +
    'Provenance RelatedPerson RiskAssessment ServiceRequest Specimen Task'
  ).split(' '),
);
