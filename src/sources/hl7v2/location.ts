/** A place in a message, as paths name it: `OBX[2]-5[1].3` is the second OBX, field 5, repetition 1, component 3. */
export interface Location {
  readonly segment: string;
  readonly sequence: number;
  readonly field?: number;
  readonly repetition?: number;
  readonly component?: number;
}

const PATH = /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?)?$/;

/** The place that a path names; undefined for paths of another kind (of FHIR or JSON). */
export function toLocation(path: string): Location | undefined {
  const parts = PATH.exec(path);
  if (!parts) return undefined;
  const [, segment = '', sequence = '1', field, repetition, component] = parts;
  return {
    segment,
    sequence: Number(sequence),
    ...(field !== undefined && { field: Number(field) }),
    ...(repetition !== undefined && { repetition: Number(repetition) }),
    ...(component !== undefined && { component: Number(component) }),
  };
}
