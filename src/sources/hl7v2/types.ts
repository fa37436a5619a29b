/**
 * What can be wrong with a message. `path` is where, in HL7 terms (`PID-3`, `OBX[2]-5`, `PID-5[2].1`: segment[which
 * one]-field[repetition].component; a number in brackets only where there are several). `message` says what was
 * expected and never holds a value.
 */
export interface Hl7Issue {
  readonly code: Hl7IssueCode;
  readonly path: string;
  readonly message: string;
}

export type Hl7IssueCode =
  | 'hl7-msh' // no MSH at the start, or one that cannot be read
  | 'hl7-separators'
  | 'hl7-charset' // MSH-18 unknown, or the bytes are not what it says
  | 'hl7-charset-assumed' // warning: no MSH-18
  | 'hl7-charset-windows' // warning: ISO 8859-1 declared, Windows-1252 sent
  | 'hl7-control-character'
  | 'hl7-line-break'
  | 'hl7-limit'
  | 'hl7-segment' // a line that is no segment
  | 'hl7-segment-place'
  | 'hl7-segment-repeated'
  | 'hl7-required'
  | 'hl7-batch-count' // the trailer of a batch counts other than what is in it
  | 'hl7-version' // MSH-12 is none of the versions that are read
  | 'hl7-date'
  | 'hl7-attachment' // OBX-5 ED: encoding, size or content
  | 'hl7-number'
  | 'hl7-value-type';

/** The five characters that give a message its structure (HL7 v2 §2.5.4), from MSH-1 and MSH-2. */
export interface Separators {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

/** The character sets that are read and written, by their names in HL7 table 0211. */
export type Charset = 'ASCII' | '8859/1' | '8859/15' | 'UNICODE UTF-8';

/**
 * A segment whose fields are still as sent: `fields[n]` is field n (`fields[0]` the name), with escapes and inner
 * separators.
 */
export interface RawSegment {
  readonly name: string;
  readonly fields: readonly string[];
}

/** What an acknowledgement needs of a message, known even when the rest of it cannot be read. */
export interface Envelope {
  readonly separators: Separators;
  readonly charset: Charset;
  readonly msh: RawSegment;
  /** MSH-9 as `ORU_R01`; empty when absent. */
  readonly type: string;
  /** MSH-10; empty when absent. */
  readonly controlId: string;
}

/** A value of the named structure: a text, a date, or a composite data type as an object. */
export type Hl7Value = string | number | Hl7Value[] | { [name: string]: Hl7Value };

/** A segment by the names of its fields. Absent and empty fields are left out. */
export type Hl7Segment = { [field: string]: Hl7Value };

/** One order of a message: its ORC and OBR, and the results under it. */
export interface Hl7Order {
  ORC?: Hl7Segment;
  OBR?: Hl7Segment;
  NTE?: Hl7Segment[];
  OBX?: Hl7Segment[];
  [segment: string]: Hl7Segment | Hl7Segment[] | undefined;
}

/** A message by the names of its segments, as the maps read it. */
export interface Hl7Message {
  type: string;
  MSH: Hl7Segment;
  orders?: Hl7Order[];
  /** Paths of fields that hold the HL7 null (`""`: clear this value); they are left out otherwise. */
  cleared?: string[];
  [segment: string]: string | string[] | Hl7Segment | Hl7Segment[] | Hl7Order[] | undefined;
}
