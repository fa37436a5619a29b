import { logicalModel, type Member } from '../src/sources/logical.ts';

/** An invented consult for bench/consult.map: eight resources come of it. */
export const CONSULT = {
  messageId: 'BENCH-1',
  sentAt: '2026-08-24T11:42:00+02:00',
  patient: {
    bsn: '999903238',
    name: { firstNames: ['Luuk', 'Adriaan'], surname: 'van Proefhoeve' },
    birthDate: '2024-07-09',
    gender: 'male',
    address: { street: 'Bedachte Laan 14', postalCode: '1234AB', city: 'Verzinstad' },
    phone: '0612345678',
  },
  encounter: {
    id: 'POLI-558120',
    date: '2026-08-24T10:30:00+02:00',
    author: { agb: '03999901', name: 'dr. T. Voorbeelts', discipline: 'paediatrician' },
  },
  reason: 'Eet slecht sinds drie maanden, groeit langs de onderste lijn.',
  measurements: [
    { type: 'body-weight', value: 10.85, unit: 'kg' },
    { type: 'body-height', value: 85.5, unit: 'cm' },
  ],
  diagnoses: [{ display: 'Eetprobleem', since: '2026-05-20', note: 'Geen lichamelijke oorzaak gevonden.' }],
  conclusions: 'Eetprobleem bij een peuter met voldoende groei.',
  policy: 'Vaste eetmomenten, controle over zes weken.',
  referral: { urgency: 'routine', question: 'Graag begeleiding thuis bij eten en slapen.' },
};

const text = (...names: string[]): Member[] => names.map((name) => ({ name, types: ['string'] }));
const date = (...names: string[]): Member[] => names.map((name) => ({ name, types: ['date'] }));
const time = (...names: string[]): Member[] => names.map((name) => ({ name, types: ['dateTime'] }));
const group = (name: string, ...members: Member[]): Member => ({ name, members });
const list = (name: string, ...members: Member[]): Member => ({ name, members, repeats: true });

/** The model that the map is compiled with. */
export const MODEL = logicalModel('http://gezinspoort.nl/fhir/StructureDefinition/bench-consult', 'Bench', [
  ...text('messageId', 'reason', 'conclusions', 'policy'),
  ...time('sentAt'),
  group(
    'patient',
    ...text('bsn', 'gender', 'phone'),
    ...date('birthDate'),
    group('name', { name: 'firstNames', types: ['string'], repeats: true }, ...text('surname')),
    group('address', ...text('street', 'postalCode', 'city')),
  ),
  group('encounter', ...text('id'), ...time('date'), group('author', ...text('agb', 'name', 'discipline'))),
  list('measurements', ...text('type', 'unit'), { name: 'value', types: ['decimal'] }),
  list('diagnoses', ...text('display', 'note'), ...date('since')),
  group('referral', ...text('urgency', 'question')),
]);

const DISCIPLINES: Record<string, string> = { paediatrician: 'paediatrician' };
const MEASUREMENTS: Record<string, string> = { 'body-weight': '29463-7', 'body-height': '8302-2' };

/** The same as bench/consult.map, as somebody would write it for this message alone. */
export function byHand(src: typeof CONSULT): object {
  const { patient, encounter } = src;
  const ref = { reference: `Encounter/${encounter.id}` };
  const section = (title: string, div: string) => ({ title, text: { status: 'additional', div } });
  const identifier = (system: string, value: string) => [{ system, value }];
  return {
    resourceType: 'Bundle',
    type: 'collection',
    identifier: { system: 'http://gezinspoort.nl/fhir/NamingSystem/hix-message', value: src.messageId },
    timestamp: src.sentAt,
    entry: [
      {
        resourceType: 'Patient',
        identifier: identifier('http://fhir.nl/fhir/NamingSystem/bsn', patient.bsn),
        name: [{ use: 'official', family: patient.name.surname, given: [...patient.name.firstNames] }],
        gender: patient.gender,
        birthDate: patient.birthDate,
        telecom: [{ system: 'phone', value: patient.phone }],
        address: [
          { line: [patient.address.street], city: patient.address.city, postalCode: patient.address.postalCode },
        ],
      },
      {
        resourceType: 'Practitioner',
        identifier: identifier('http://fhir.nl/fhir/NamingSystem/agb-z', encounter.author.agb),
        name: [{ text: encounter.author.name }],
        qualification: [{ code: { text: DISCIPLINES[encounter.author.discipline] } }],
      },
      {
        resourceType: 'Encounter',
        identifier: identifier('http://gezinspoort.nl/fhir/NamingSystem/hix-encounter', encounter.id),
        status: 'finished',
        period: { start: encounter.date },
        reasonCode: [{ text: src.reason }],
      },
      {
        resourceType: 'Composition',
        status: 'final',
        title: 'Consultverslag',
        type: { coding: [{ system: 'http://snomed.info/sct', code: '11591000146107' }] },
        encounter: ref,
        date: encounter.date,
        section: [
          section('Subjectief', src.reason),
          section('Evaluatie', src.conclusions),
          section('Plan', src.policy),
        ],
      },
      ...src.measurements.map(({ type, value, unit }) => ({
        resourceType: 'Observation',
        status: 'final',
        code: { text: MEASUREMENTS[type] },
        encounter: { ...ref },
        issued: encounter.date,
        valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
      })),
      ...src.diagnoses.map(({ display, note, since }) => ({
        resourceType: 'Condition',
        code: { coding: [{ display }] },
        note: [{ text: note }],
        encounter: { ...ref },
        recordedDate: since,
      })),
      {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        reasonCode: [{ text: src.referral.question }],
        encounter: { ...ref },
        priority: src.referral.urgency,
      },
    ].map((resource) => ({ resource })),
  };
}
