/** Bounds on one message, so that a hostile one costs little: lengths in characters, the rest in numbers. */
export const HL7_LIMITS = {
  segments: 5_000,
  /** Any segment but those that carry documents. */
  segmentLength: 65_536,
  /** OBX carries whole documents (base64 in OBX-5): only the size of the message bounds it. */
  documentSegments: ['OBX'],
  fields: 500,
  repetitions: 1_000,
  components: 256,
  /** Problems reported for one message; the rest adds nothing. */
  issues: 100,
} as const;
