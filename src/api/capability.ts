import type { CapabilityStatement } from '@medplum/fhirtypes';

const READ = [{ code: 'read' as const }, { code: 'search-type' as const }];

/** What the FHIR base can do, for `GET /fhir/metadata`. */
export function capability(publicUrl: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-22',
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    software: { name: 'Gezinspoort' },
    implementation: { description: 'Exchange gateway of an Integrale Gezinspoli', url: `${publicUrl}/fhir` },
    rest: [
      {
        mode: 'server',
        security: {
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
        },
        interaction: [{ code: 'transaction' }],
        resource: [
          {
            type: 'Patient',
            interaction: READ,
            operation: [
              { name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' },
            ],
          },
          { type: 'Consent', interaction: [{ code: 'create' }, { code: 'update' }, { code: 'search-type' }] },
          { type: 'AuditEvent', interaction: [{ code: 'search-type' }] },
          ...[
            'Observation',
            'Condition',
            'Encounter',
            'Composition',
            'MedicationStatement',
            'ServiceRequest',
            'DocumentReference',
            'CareTeam',
            'EpisodeOfCare',
            'RelatedPerson',
          ].map((type) => ({
            type: type as 'Observation',
            interaction: READ,
            searchParam: [{ name: 'patient', type: 'reference' as const }],
          })),
        ],
      },
    ],
  };
}
