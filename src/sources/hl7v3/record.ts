/** The record of mappings/kdplus (contact.schema.json): what the JSON input sends, and what this message is read into. */
export interface KdplusRecord {
  readonly bdsVersion: string;
  readonly ura?: string;
  readonly messageId: string;
  readonly client: { readonly groups: readonly RecordGroup[] };
  readonly contacts: readonly RecordContact[];
}

export interface RecordContact {
  readonly date?: string;
  readonly groups: readonly RecordGroup[];
}

export interface RecordElement {
  readonly bdsNumber: number;
  readonly value: string | number | boolean;
}

export interface RecordGroup {
  readonly group: string;
  readonly elements: RecordElement[];
  groups?: RecordGroup[];
}

/** The groups of the client, or of one contact, in the order in which the message gives them. */
export class Groups {
  readonly #groups: RecordGroup[] = [];

  /** The group of a rubriek, of which there is one. */
  one(group: string): RecordGroup {
    return this.#groups.find((one) => one.group === group) ?? this.another(group);
  }

  /** A group that may stand there more than once. */
  another(group: string): RecordGroup {
    const made = { group, elements: [] };
    this.#groups.push(made);
    return made;
  }

  /** What is in them; a group of which nothing came is not there. */
  filled(): RecordGroup[] {
    return this.#groups.filter(isFilled);
  }
}

/** A group below a group. */
export function below(parent: RecordGroup, group: string): RecordGroup {
  const made = { group, elements: [] };
  parent.groups = [...(parent.groups ?? []), made];
  return made;
}

function isFilled(group: RecordGroup): boolean {
  if (group.groups) {
    const filled = group.groups.filter(isFilled);
    if (filled.length > 0) group.groups = filled;
    else delete group.groups;
  }
  return group.elements.length > 0 || group.groups !== undefined;
}
