import type { BdsElement, BdsFile } from './bds.ts';
import type { XmlElement } from './element.ts';
import { XML_LIMITS } from './limits.ts';
import { OID } from './oids.ts';
import type { RecordElement, RecordGroup } from './record.ts';
import { readValue } from './value.ts';

export interface XmlProblem {
  readonly path: string;
  readonly message: string;
}

/** One message being read: what BDS is, what was refused, what was left on purpose, and where each value came from. */
export class Reading {
  readonly problems: XmlProblem[] = [];
  /** Places that were left on purpose, for the coverage: names and element numbers, as dropped.json explains them. */
  readonly left = new Set<string>();
  /** The place in the message of a part of the record. */
  readonly origin = new WeakMap<object, XmlElement>();
  readonly #bds: BdsFile;
  readonly #notCore: ReadonlySet<number>;

  constructor(bds: BdsFile) {
    this.#bds = bds;
    this.#notCore = new Set(bds.notCore);
  }

  /** `expected`: what should stand here, never what does. */
  refuse(node: XmlElement, expected: string): void {
    if (this.problems.length < XML_LIMITS.issues)
      this.problems.push({ path: node.path, message: `line ${node.line}: ${expected}` });
  }

  leave(node: XmlElement | undefined, place: string): void {
    if (!node) return;
    node.leave();
    this.left.add(`hl7v3.${place}`);
  }

  /** Leaves an element of BDS, or a group of them, that is not marked core. */
  leaveElement(node: XmlElement | undefined, number: number | string): void {
    this.leave(node, `elements[${number}]`);
  }

  /** What BDS says of a number; undefined for one that is left or refused here, with all that is said about it. */
  core(number: number, act: XmlElement, rubriek?: string): BdsElement | undefined {
    const element = this.#bds.core[String(number)];
    if (element) return element;
    if (this.#notCore.has(number) || (rubriek && this.#bds.notCoreRubrieken.includes(rubriek)))
      this.leaveElement(act, number);
    else this.refuse(act, 'an element of BDS: this number is not one');
    return undefined;
  }

  /** The BDS number that `code` gives an act. */
  number(act: XmlElement): number | undefined {
    const code = act.one('code');
    const given = code?.attribute('code') ?? '';
    const system = code?.attribute('codeSystem');
    const number = system === OID.element ? given : this.#bds.aliases[`${system}|${given}`];
    if (number !== undefined && /^\d{1,5}$/.test(String(number))) return Number(number);
    this.refuse(act, 'a code that is the number of an element of BDS');
    return undefined;
  }

  /** Takes the value of a node as that of a BDS element. */
  put(group: RecordGroup, number: number, node: XmlElement | undefined): void {
    const element = this.#bds.core[String(number)];
    if (!node || !element) return;
    const value = readValue(node, element);
    if ('problem' in value) this.refuse(node, `${value.problem} (BDS ${number})`);
    else if ('value' in value) this.add(group, number, value.value, node);
  }

  add(group: RecordGroup, bdsNumber: number, value: RecordElement['value'], node: XmlElement): void {
    const element = { bdsNumber, value };
    this.origin.set(element, node);
    if (!this.origin.has(group)) this.origin.set(group, node);
    group.elements.push(element);
  }

  /** Takes the identifiers of somebody: which number has which is known by the root. */
  putIds(group: RecordGroup, holder: XmlElement, numbers: Readonly<Record<string, number>>): void {
    for (const id of holder.all('id')) {
      const root = id.attribute('root');
      const extension = id.attribute('extension');
      if (id.attribute('nullFlavor') !== undefined) continue;
      const number = root === undefined ? undefined : numbers[root];
      if (number === undefined || extension === undefined)
        this.refuse(id, 'an identifier of a kind that has a place in BDS');
      else this.add(group, number, extension, id);
    }
  }

  /** Takes a name as it reads, whatever its parts. */
  putName(group: RecordGroup, number: number, name: XmlElement | undefined): void {
    if (!name || name.attribute('nullFlavor') !== undefined) return;
    const parts = name.children.map((part) => {
      part.leave();
      return part.text.trim();
    });
    const text = [name.words(), ...parts].filter((one) => one !== '').join(' ');
    if (text !== '') this.add(group, number, text, name);
  }
}
