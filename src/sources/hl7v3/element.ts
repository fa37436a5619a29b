/** What stands in every HL7 v3 message and says nothing about the patient: fixed by the model, or a display text. */
const STRUCTURE = new Set([
  'classCode',
  'typeCode',
  'determinerCode',
  'contextConductionInd',
  'contextControlCode',
  'displayName',
  'codeSystemName',
  'codeSystemVersion',
  'xsi:type',
  'xsi:schemaLocation',
]);

/** Attributes that change the meaning of all that is around them: only these values may go unread. */
const ORDINARY: Readonly<Record<string, string>> = { moodCode: 'EVN', negationInd: 'false' };

/** Names that are safe to repeat in a problem: words of the model, hardly a name or a number of a person. */
const WORD = /^[A-Za-z_]{1,40}[0-9]{0,2}$|^REPC_IN[0-9]{6}NL[0-9]{0,2}$/;

/**
 * An XML element that remembers what of it was read. What the reader did not ask for is found by `unread`: so that
 * nothing of a message is passed over without a word.
 */
export class XmlElement {
  readonly name: string;
  readonly uri: string;
  readonly line: number;
  readonly children: XmlElement[] = [];
  text = '';
  readonly #parent: XmlElement | undefined;
  readonly #attributes: ReadonlyMap<string, string>;
  readonly #asked = new Set<string>();
  #visited = false;
  #wordsRead = false;
  #left = false;

  constructor(name: string, uri: string, line: number, attributes: ReadonlyMap<string, string>, parent?: XmlElement) {
    this.name = name;
    this.uri = uri;
    this.line = line;
    this.#attributes = attributes;
    this.#parent = parent;
    parent?.children.push(this);
  }

  /** The value of an attribute. */
  attribute(name: string): string | undefined {
    this.#asked.add(name);
    return this.#attributes.get(name);
  }

  /** The one child of a name; where there are more, the others stay unread and are so refused. */
  one(name: string): XmlElement | undefined {
    const child = this.children.find((one) => one.name === name);
    if (child) child.#visited = true;
    return child;
  }

  all(name: string): XmlElement[] {
    const found = this.children.filter((one) => one.name === name);
    for (const child of found) child.#visited = true;
    return found;
  }

  /** The text, without the spaces around it. */
  words(): string {
    this.#wordsRead = true;
    return this.text.trim();
  }

  /** Leaves this element and all below it on purpose. */
  leave(): void {
    this.#visited = true;
    this.#left = true;
  }

  /** The places of which the reader knows nothing: `[place, what is there]`. The root counts as visited. */
  unread(): [XmlElement, string][] {
    if (this.#left) return [];
    const found: [XmlElement, string][] = [];
    for (const [name, value] of this.#attributes)
      if (!this.#asked.has(name) && !STRUCTURE.has(name) && ORDINARY[name] !== value)
        found.push([this, `attribute ${WORD.test(name.replace(':', '')) ? name : '?'}`]);
    if (!this.#wordsRead && this.text.trim() !== '') found.push([this, 'text']);
    for (const child of this.children) {
      if (child.#left || child.name === 'templateId') continue;
      if (child.#visited) found.push(...child.unread());
      else found.push([child, 'element']);
    }
    return found;
  }

  /** `REPC_IN902120NL04/ControlActProcess/…/component7[2]/encounter`: names only. */
  get path(): string {
    const name = WORD.test(this.name) ? this.name : '?';
    if (!this.#parent) return name;
    const twins = this.#parent.children.filter((one) => one.name === this.name);
    const number = twins.length > 1 ? `[${twins.indexOf(this) + 1}]` : '';
    return `${this.#parent.path}/${name}${number}`;
  }

  /** All that is content, in one fixed writing: what makes two messages the same. */
  content(): unknown {
    return [
      this.uri,
      this.name,
      Object.fromEntries(this.#attributes),
      this.text.trim(),
      this.children.map((one) => one.content()),
    ];
  }
}
