/** A code of HL7 table 0357 (message error condition codes) with its name there. */
export interface ErrorCondition {
  readonly code: string;
  readonly name: string;
}

const SEQUENCE: ErrorCondition = { code: '100', name: 'Segment sequence error' };
const REQUIRED: ErrorCondition = { code: '101', name: 'Required field missing' };
const DATA_TYPE: ErrorCondition = { code: '102', name: 'Data type error' };
const INTERNAL: ErrorCondition = { code: '207', name: 'Application internal error' };

const ACCEPTED: ErrorCondition = { code: '0', name: 'Message accepted' };

const CONDITIONS: ReadonlyMap<string, ErrorCondition> = new Map([
  ['hl7-msh', SEQUENCE],
  ['hl7-segment', SEQUENCE],
  ['hl7-segment-place', SEQUENCE],
  ['hl7-segment-repeated', SEQUENCE],
  ['hl7-line-break', SEQUENCE],
  ['hl7-required', REQUIRED],
  ['message-id-missing', REQUIRED],
  ['identity-missing', REQUIRED],
  ['hl7-separators', DATA_TYPE],
  ['hl7-charset', DATA_TYPE],
  ['hl7-charset-assumed', ACCEPTED],
  ['hl7-charset-windows', ACCEPTED],
  ['hl7-batch-count', SEQUENCE],
  ['hl7-control-character', DATA_TYPE],
  ['hl7-limit', DATA_TYPE],
  ['hl7-date', DATA_TYPE],
  ['hl7-attachment', DATA_TYPE],
  ['hl7-version', { code: '203', name: 'Unsupported version id' }],
  ['hl7-number', DATA_TYPE],
  ['hl7-value-type', DATA_TYPE],
  ['hl7-invalid', DATA_TYPE],
  ['bsn-invalid', DATA_TYPE],
  ['fhir-invalid', DATA_TYPE],
  ['date-in-future', DATA_TYPE],
  ['merge-conflict', { code: '205', name: 'Duplicate key identifier' }],
  ['identity-conflict', { code: '204', name: 'Unknown key identifier' }],
  ['mapping-failed', { code: '103', name: 'Table value not found' }],
  ['version-unsupported', { code: '203', name: 'Unsupported version id' }],
  ['message-type-unknown', { code: '200', name: 'Unsupported message type' }],
  ['patient-unknown', { code: '204', name: 'Unknown key identifier' }],
  ['message-conflict', { code: '205', name: 'Duplicate key identifier' }],
]);

/** The HL7 condition nearest to one of our codes; our own code stands beside it in the answer, and says more. */
export const errorCondition = (code: string): ErrorCondition => CONDITIONS.get(code) ?? INTERNAL;
