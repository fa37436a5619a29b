/** The shape of the FHIR knowledge file that `pack.ts` builds once and every start reads. */

/** One allowed type of an element. */
export type PackedType = {
  code: string;
  targetProfile?: string[];
  profile?: string[];
  extension?: { url: string; valueUrl?: string; valueString?: string }[];
};

/** One invariant (FHIRPath) of an element. */
export type PackedConstraint = { key: string; severity: string; human: string; expression: string };

/** One ElementDefinition, reduced to what validation and mapping read. */
export type PackedElement = {
  id: string;
  path: string;
  min: number;
  max: string;
  sliceName?: string;
  slicing?: { discriminator?: { type: string; path: string }[]; rules?: string; ordered?: boolean };
  contentReference?: string;
  type?: PackedType[];
  binding?: { strength: string; valueSet?: string };
  constraint?: PackedConstraint[];
  isModifier?: true;
  /** Part of `_summary=true`. */
  isSummary?: true;
  base?: { path: string; min: number; max: string };
  /** fixed[x] and pattern[x] keep their FHIR names (`fixedUri`, `patternCodeableConcept`, …). */
  [fixedOrPattern: string]: unknown;
};

/** One StructureDefinition, reduced likewise. */
export type PackedStructure = {
  resourceType: 'StructureDefinition';
  id: string;
  url: string;
  name: string;
  kind: string;
  type: string;
  abstract?: boolean;
  derivation?: string;
  baseDefinition?: string;
  snapshot: { element: PackedElement[] };
};

/** Codes of an enumerable ValueSet: system → codes. */
export type PackedValueSet = { [system: string]: string[] };

/** The whole file. `version` changes with the shape, so that an old file is built again. */
export type Pack = {
  version: number;
  structures: PackedStructure[];
  valueSets: { [url: string]: PackedValueSet };
};

/** Raised whenever the content or shape of the pack changes. */
export const PACK_VERSION = 2;
