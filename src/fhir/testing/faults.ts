type Json = Record<string, unknown>;

const observation = (): Json => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2026-08-20',
  valueQuantity: { value: 3.45, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
});
const patient = (): Json => ({ resourceType: 'Patient', name: [{ family: 'Voorbeeld' }], birthDate: '2026-05-04' });
const narrative = (div: string): Json => ({ status: 'additional', div });
const { status: _status, ...noStatus } = observation();
const { code: _code, ...noCode } = observation();
const { valueQuantity: _value, ...noValue } = observation();
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">';

/** Resources without a fault: a validator that refuses these catches nothing. */
export const SOUND: readonly Json[] = [observation(), patient()];

/** The faults that every validation must catch: twelve kinds, each with its like in another element or resource. */
export const FAULTS: readonly { readonly fault: string; readonly like: readonly [Json, ...Json[]] }[] = [
  {
    fault: 'an unknown field',
    like: [
      { ...observation(), colour: 'red' },
      { ...patient(), name: [{ surname: 'x' }] },
    ],
  },
  {
    fault: 'a code outside a required binding',
    like: [
      { ...observation(), status: 'done' },
      { ...patient(), gender: 'm' },
    ],
  },
  { fault: 'a missing required element', like: [noStatus, noCode] },
  {
    fault: 'a bad date',
    like: [
      { ...observation(), effectiveDateTime: '2026-02-30' },
      { ...patient(), birthDate: '4-5-2026' },
    ],
  },
  {
    fault: 'a list where one value belongs, and the reverse',
    like: [
      { ...observation(), status: ['final'] },
      { ...observation(), category: { text: 'x' } },
      { ...patient(), name: { family: 'x' } },
    ],
  },
  {
    fault: 'a value without a type',
    like: [
      { ...noValue, value: 3 },
      { ...noValue, value: { value: 3 } },
      { ...patient(), deceased: true },
    ],
  },
  {
    fault: 'two value[x]',
    like: [
      { ...observation(), valueString: 'x' },
      { ...patient(), deceasedBoolean: true, deceasedDateTime: '2026-08-20' },
    ],
  },
  {
    fault: 'dataAbsentReason beside a value (obs-6)',
    like: [
      { ...observation(), dataAbsentReason: { text: 'x' } },
      { ...noValue, valueString: 'x', dataAbsentReason: { coding: [{ code: 'unknown' }] } },
    ],
  },
  {
    fault: 'a reference to a type that is not allowed',
    like: [
      { ...observation(), subject: { reference: 'Practitioner/1' } },
      { ...patient(), managingOrganization: { reference: 'Patient/2' } },
    ],
  },
  {
    fault: 'an empty list',
    like: [
      { ...observation(), category: [] },
      { ...patient(), name: [{ given: [] }] },
    ],
  },
  {
    fault: 'a bad uri',
    like: [
      { ...observation(), implicitRules: 'not a uri' },
      { ...patient(), identifier: [{ system: 'a system', value: '1' }] },
    ],
  },
  {
    fault: 'a script in the narrative',
    like: [
      { ...observation(), text: narrative(`${DIV}<script>x()</script></div>`) },
      { ...patient(), text: narrative(`${DIV}<p onclick="x()">y</p></div>`) },
      { ...patient(), text: narrative(`${DIV}<a href="javascript:x()">y</a></div>`) },
    ],
  },
];
