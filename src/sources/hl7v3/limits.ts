/** Bounds on one XML message, so that a hostile one costs little. The size in bytes is the door's to bound. */
export const XML_LIMITS = {
  /** Elements within elements; a dossier has some 20. */
  depth: 60,
  /** Tags, comments and instructions together: occurrences of `<`. */
  markup: 200_000,
  /** Occurrences of `&`. */
  references: 100_000,
  attributes: 30,
  /** Characters of a name, and of one comment or instruction that nobody closes soon. */
  name: 200,
  instruction: 4_096,
  /** Problems reported for one message; the rest adds nothing. */
  issues: 50,
} as const;
