/** Bounds on one message, so that a hostile one costs little: lengths in characters, the rest in numbers. */
export const HL7_LIMITS = {
  /** Maps compare results with each other: more would hold up everybody else. */
  segments: 1_200,
  /** Any segment but those that carry documents. */
  segmentLength: 65_536,
  /** OBX carries whole documents (base64 in OBX-5): only the size of the message bounds it. */
  documentSegments: ['OBX'],
  /** A document in OBX-5, decoded, in bytes: a letter or a scan, not an archive. */
  attachment: 3 * 1024 * 1024,
  /** Messages in one batch. */
  batch: 1_000,
  /** Years after the message itself (MSH-7) that a date can lie without being a mistake; ends of validity may lie further. */
  yearsAhead: 20,
  fields: 500,
  repetitions: 1_000,
  components: 256,
  /** Problems reported for one message; the rest adds nothing. */
  issues: 100,
} as const;
