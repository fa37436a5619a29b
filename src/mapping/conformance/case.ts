/**
 * One construct of the FHIR Mapping Language (R4 and R5, §mapping-language): a map that uses it, an input, and what must come of
 * it. The suite is the project's own; the words of the standard decide, not what this engine happens to do.
 */
export interface ConstructCase {
  readonly construct: string;
  /** The map that is run, then what it imports. */
  readonly maps: readonly string[];
  readonly input: unknown;
  readonly expected: Outcome;
}

/** A result; faults of the message, as `code path`; or the code with which the map itself is refused before any message. */
export type Outcome =
  | { readonly target: object; readonly log?: readonly string[] }
  | { readonly faults: readonly string[] }
  | { readonly refused: string };

const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition';

/** What most maps of the suite declare. */
export const HEAD = `map 'http://example.org/main' = 'main'
uses '${STRUCTURE}/Patient' alias PatientIn as source
uses '${STRUCTURE}/Observation' alias ObservationIn as source
uses '${STRUCTURE}/Patient' alias Patient as target
uses '${STRUCTURE}/Observation' alias Observation as target
uses '${STRUCTURE}/Bundle' alias Bundle as target
`;

/** A map of one group with these rules, from an untyped record (or one of type `source`) to a resource. */
export const rules = (target: string, text: string, source?: string): readonly string[] => [
  `${HEAD}group Main(source src${source ? ` : ${source}` : ''}, target tgt : ${target}) {\n${text}\n}`,
];

/** A map that starts with the usual declarations. */
export const map = (text: string): readonly string[] => [HEAD + text];

/** A resource that must come out. */
export const gives = (resourceType: string, content: object): Outcome => ({ target: { resourceType, ...content } });
export const patient = (content: object): Outcome => gives('Patient', content);
export const observation = (content: object): Outcome => gives('Observation', content);
