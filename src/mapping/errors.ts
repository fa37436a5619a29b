/** Where in the maps a rule stands. */
export type Place = { file: string; map: string; group?: string; rule?: string; line: number };

/**
 * A map that cannot be right: bad syntax, an unknown element, type, group or variable. Thrown while maps are compiled, so at
 * start and never at a message. `code` is stable; the message speaks of the map only, never of data.
 */
export class MapError extends Error {
  readonly code: string;
  readonly place: Place;
  constructor(code: string, place: Place, message: string) {
    const where = [place.map, place.group, place.rule].filter(Boolean).join(' › ');
    super(`${place.file}:${place.line} ${where ? `(${where}) ` : ''}${message}`);
    this.name = 'MapError';
    this.code = code;
    this.place = place;
  }
}

/** What went wrong with one message. `path` is the place in the input; neither it nor the message holds a value. */
export type MapIssue = {
  code: string;
  path: string;
  message: string;
  map: string;
  group: string;
  rule: string;
  line: number;
};

/** Thrown inside a run to give up one rule; becomes a MapIssue and never leaves the mapping. */
export class RuleFault extends Error {
  readonly code: string;
  readonly path: string;
  constructor(code: string, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}
