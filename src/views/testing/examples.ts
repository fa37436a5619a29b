import type { Resource } from '@medplum/fhirtypes';

/**
 * Invented resources that carry more than anybody may have: narrative, contained resources, unknown extensions, extensions on primitives,
 * identifiers inside references, display texts. For tests and previews.
 */
export const BSN = '999911120';
const BSN_IDENTIFIER = { system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: BSN };
const HOSPITAL_IDENTIFIER = { system: 'http://example.org/patient-number', value: 'P-17' };
const TEXT = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Jip Voorbeeld</div>' };
const UNKNOWN = [{ url: 'http://example.org/unknown', valueString: 'Jip Voorbeeld' }];
const SUBJECT = { reference: 'Patient/child', display: 'Jip Voorbeeld', identifier: BSN_IDENTIFIER };
const AUTHOR = {
  reference: 'Practitioner/author',
  display: 'dr. B. Bedacht',
  identifier: { system: 'http://fhir.nl/fhir/NamingSystem/agb-z', value: '01012345' },
};
const MOTHER = { reference: 'RelatedPerson/mother', display: 'Mies Voorbeeld', identifier: BSN_IDENTIFIER };
const SNOMED = 'http://snomed.info/sct';
const BDS = 'urn:oid:2.16.840.1.113883.2.4.4.40.267';
const name = [
  {
    use: 'official',
    text: 'Jip Voorbeeld',
    family: 'Voorbeeld',
    _family: {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/humanname-own-name', valueString: 'Voorbeeld' },
        ...UNKNOWN,
      ],
    },
    given: ['Jip', 'J.'],
    _given: [
      {
        id: 'x',
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier', valueCode: 'BR' }],
      },
      null,
    ],
  },
];
const address = [
  {
    use: 'home',
    line: ['Dorpsstraat 1'],
    _line: [
      {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-streetName', valueString: 'Dorpsstraat' },
        ],
      },
    ],
    city: 'Nergenshuizen',
    postalCode: '9999ZZ',
    extension: UNKNOWN,
  },
];
const telecom = [{ system: 'phone', value: '+31 612345678', use: 'mobile' }];

const coded = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display, extension: UNKNOWN }],
  text: display,
});

/** `meta` as it stands in the store: more than goes out. */
const meta = (category: string, ...labels: { system: string; code: string }[]) => ({
  versionId: '3',
  lastUpdated: '2026-08-20T10:15:00.000Z',
  source: 'urn:example:hix#message-17',
  profile: ['http://nictiz.nl/fhir/StructureDefinition/nl-core-Example'],
  tag: [{ system: 'http://example.org/tag', code: 'internal' }],
  security: [
    { system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code: `cat-${category}`, display: 'internal' },
    ...labels,
  ],
});

const PSY = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' };

/** By name. Every one has a narrative, a contained resource and an unknown extension. */
export const EXAMPLES: Readonly<Record<string, Resource>> = Object.fromEntries(
  Object.entries({
    patient: {
      resourceType: 'Patient',
      meta: meta('naw'),
      identifier: [BSN_IDENTIFIER, HOSPITAL_IDENTIFIER],
      active: true,
      name,
      telecom,
      gender: 'female',
      _gender: { extension: UNKNOWN },
      birthDate: '2026-05-20',
      _birthDate: {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
            valueDateTime: '2026-05-20T04:12:00+02:00',
          },
        ],
      },
      deceasedBoolean: false,
      address,
      multipleBirthInteger: 1,
      photo: [{ contentType: 'image/png', data: 'AAAA' }],
      contact: [
        {
          relationship: [coded('http://example.org/role', '1', 'moeder')],
          name: name[0],
          telecom,
          address: address[0],
        },
      ],
      communication: [{ language: coded('urn:ietf:bcp:47', 'nl', 'Nederlands'), preferred: true }],
      generalPractitioner: [AUTHOR],
      managingOrganization: { reference: 'Organization/hospital', display: 'Ziekenhuis' },
    },
    mother: {
      resourceType: 'RelatedPerson',
      meta: meta('naw'),
      identifier: [BSN_IDENTIFIER],
      active: true,
      patient: SUBJECT,
      relationship: [coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH', 'moeder')],
      name,
      telecom,
      birthDate: '1999-03-02',
      address,
    },
    growth: {
      resourceType: 'Observation',
      meta: meta('development'),
      identifier: [{ system: 'http://example.org/measurement', value: 'M-1' }],
      status: 'final',
      category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital Signs')],
      code: coded('http://loinc.org', '29463-7', 'Lichaamsgewicht'),
      subject: SUBJECT,
      encounter: { reference: 'Encounter/visit', display: 'consult' },
      effectiveDateTime: '2026-08-20',
      _effectiveDateTime: { extension: UNKNOWN },
      performer: [AUTHOR, MOTHER],
      valueQuantity: { value: 4.98, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg', extension: UNKNOWN },
      interpretation: [coded('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', 'N', 'Normal')],
      note: [{ authorReference: MOTHER, time: '2026-08-20', text: 'Gewogen zonder luier.' }],
      device: { reference: 'Device/scale', display: 'weegschaal' },
      component: [
        {
          code: coded(SNOMED, '248159006', 'Kleding'),
          valueCodeableConcept: coded(SNOMED, '248160001', 'Ontkleed'),
          id: 'c1',
        },
      ],
    },
    sleep: {
      resourceType: 'Observation',
      meta: meta('development'),
      status: 'final',
      code: coded(BDS, '322', 'Bijzonderheden slapen'),
      subject: SUBJECT,
      effectiveDateTime: '2026-08-20',
      valueString: 'Wordt vier keer per nacht wakker.',
    },
    income: {
      resourceType: 'Observation',
      meta: meta('risk'),
      status: 'final',
      code: coded(BDS, '70', 'Kenmerken ouder'),
      subject: SUBJECT,
      focus: [MOTHER],
      effectiveDateTime: '2026-08-20',
      valueCodeableConcept: {
        coding: [
          { system: 'urn:oid:2.16.840.1.113883.2.4.4.40.5', code: '11', display: 'Minimuminkomen' },
          { system: 'http://hl7.org/fhir/sid/icd-10', code: 'F63.0', display: 'Gokverslaving' },
        ],
        text: 'Minimuminkomen door gokverslaving',
      },
      note: [{ text: 'Schaamt zich ervoor.' }],
    },
    'parent-illness': {
      resourceType: 'Observation',
      meta: meta('risk', PSY),
      status: 'final',
      code: coded(BDS, '70', 'Kenmerken ouder'),
      subject: SUBJECT,
      focus: [MOTHER],
      valueCodeableConcept: coded('urn:oid:2.16.840.1.113883.2.4.4.40.5', '15', 'Psychiatrische aandoening'),
    },
    condition: {
      resourceType: 'Condition',
      meta: meta('history'),
      clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
      verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed', 'Confirmed'),
      code: coded(SNOMED, '395507008', 'Premature zuigeling'),
      subject: SUBJECT,
      onsetDateTime: '2026-05-20',
      recorder: AUTHOR,
      evidence: [{ code: [coded(SNOMED, '1', 'x')], detail: [{ reference: 'Observation/growth' }] }],
      note: [{ text: 'Moeder is er verdrietig over.' }],
    },
    report: {
      resourceType: 'Composition',
      meta: meta('consult'),
      status: 'final',
      type: coded(SNOMED, '11591000146107', 'patiëntcontactverslag'),
      subject: SUBJECT,
      date: '2026-08-20',
      author: [AUTHOR],
      title: 'Consult',
      section: [
        {
          title: 'Subjectief',
          code: coded(SNOMED, '255362007', 'S'),
          text: TEXT,
          entry: [{ reference: 'Observation/sleep', display: 'slaap' }],
        },
        {
          title: 'Evaluatie',
          code: coded(SNOMED, '129265001', 'E'),
          text: TEXT,
          section: [{ title: 'Verder', text: TEXT, id: 's' }],
        },
        { title: 'Plan', code: coded(SNOMED, '129271007', 'P'), text: TEXT, extension: UNKNOWN },
      ],
    },
    visit: {
      resourceType: 'Encounter',
      meta: meta('consult'),
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'poli' },
      subject: SUBJECT,
      participant: [{ individual: AUTHOR, period: { start: '2026-08-20' } }, { individual: MOTHER }],
      period: { start: '2026-08-20' },
      reasonCode: [coded(SNOMED, '248124006', 'Eetprobleem')],
      serviceProvider: { reference: 'Organization/hospital', display: 'Ziekenhuis' },
    },
    letter: {
      resourceType: 'DocumentReference',
      meta: meta('consult'),
      status: 'current',
      type: coded('http://loinc.org', '18842-5', 'Ontslagbrief'),
      subject: SUBJECT,
      date: '2026-08-20T10:00:00Z',
      author: [AUTHOR, { reference: '#contained', display: 'Jip Voorbeeld' }],
      description: 'Brief',
      content: [
        {
          attachment: {
            contentType: 'application/pdf',
            data: 'AAAA',
            url: 'Binary/letter',
            title: 'Brief',
            creation: '2026-08-20',
          },
        },
      ],
    },
    deliberation: {
      resourceType: 'Encounter',
      meta: meta('thirdparty-consult'),
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
      type: [coded(SNOMED, '384682003', 'Multidisciplinair overleg')],
      subject: SUBJECT,
      participant: [{ individual: AUTHOR }],
      period: { start: '2026-08-20' },
      reasonCode: [coded(SNOMED, '248124006', 'Eetprobleem')],
    },
    referral: {
      resourceType: 'ServiceRequest',
      meta: meta('referral'),
      status: 'active',
      intent: 'order',
      priority: 'urgent',
      code: coded(SNOMED, '3457005', 'verwijzen'),
      subject: SUBJECT,
      authoredOn: '2026-08-20',
      requester: AUTHOR,
      performerType: coded('http://gezinspoort.nl/fhir/CodeSystem/discipline', 'social-domain', 'Sociaal domein'),
      reasonCode: [coded(SNOMED, '160933000', 'Heeft schulden')],
      note: [{ text: 'Graag snel.' }],
    },
    appointment: {
      resourceType: 'Appointment',
      meta: meta('referral'),
      status: 'booked',
      serviceType: [coded('http://example.org/service', 'POP', 'POP-poli')],
      start: '2026-09-01T08:00:00Z',
      end: '2026-09-01T08:30:00Z',
      reasonCode: [coded(SNOMED, '248124006', 'Eetprobleem')],
      comment: 'Neemt tolk mee.',
      participant: [
        { actor: AUTHOR, status: 'accepted' },
        { actor: MOTHER, status: 'accepted' },
      ],
    },
    laboratory: {
      resourceType: 'Observation',
      meta: meta('diagnostics'),
      status: 'final',
      code: coded('http://loinc.org', '718-7', 'Hemoglobine'),
      subject: SUBJECT,
      effectiveDateTime: '2026-08-20',
      valueQuantity: { value: 6.1, unit: 'mmol/L' },
      referenceRange: [{ low: { value: 6.5, unit: 'mmol/L' }, text: 'zuigelingen' }],
      note: [{ text: 'Hielprik.' }],
    },
    medication: {
      resourceType: 'MedicationStatement',
      meta: meta('medication'),
      status: 'active',
      medicationCodeableConcept: coded('http://www.whocc.no/atc', 'B03AA07', 'IJzer'),
      subject: SUBJECT,
      effectivePeriod: { start: '2026-08-20' },
      informationSource: MOTHER,
      reasonCode: [coded(SNOMED, '87522002', 'IJzergebrek')],
      dosage: [
        {
          text: '1 dd 0,5 ml',
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
          doseAndRate: [{ doseQuantity: { value: 0.5, unit: 'ml' } }],
        },
      ],
      note: [{ text: 'Geeft moeder zelf.' }],
    },
    pregnancy: {
      resourceType: 'Observation',
      meta: meta('obstetric'),
      status: 'final',
      code: coded(SNOMED, '161714006', 'Uitgerekende datum'),
      subject: SUBJECT,
      valueDateTime: '2026-12-01',
      note: [{ text: 'Onzeker.' }],
    },
    professional: {
      resourceType: 'Practitioner',
      identifier: [{ system: 'http://fhir.nl/fhir/NamingSystem/agb-z', value: '01012345' }],
      name: [{ text: 'dr. B. Bedacht' }],
      telecom,
      birthDate: '1970-01-01',
      qualification: [{ code: coded('http://fhir.nl/fhir/NamingSystem/uzi-rolcode', '01.019', 'Kinderarts') }],
    },
  }).map(([id, resource]) => [
    id,
    {
      ...resource,
      id,
      text: TEXT,
      contained: [{ resourceType: 'Patient', id: 'contained', identifier: [BSN_IDENTIFIER] }],
      extension: UNKNOWN,
    } as unknown as Resource,
  ]),
);
