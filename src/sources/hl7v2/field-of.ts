/** Elements of a mapped message that the gateway itself judges, by the field of HL7 v2 that holds them: for one that is not there no map can say. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['Patient.identifier', 'PID-3'],
  ['Patient.birthDate', 'PID-7'],
  ['Patient.link', 'MRG-1'],
  ['Patient.deceasedDateTime', 'PID-29'],
  ['Encounter.period', 'PV1-44'],
  ['Composition.date', 'TXA-4'],
  ['Appointment.start', 'SCH-11'],
]);

/** The field of HL7 v2 in which an element is sent. */
export const fieldOf = (element: string): string | undefined => FIELDS.get(element);
