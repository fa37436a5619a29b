import type { BdsElement, BdsType } from './bds.ts';
import type { XmlElement } from './element.ts';

/** A value as the record has it, or that there is none, or why it cannot be read (never what stands there). */
export type Value = { value: string | number | boolean } | { none: true } | { problem: string };

/** The HL7 v3 data types that may carry a type of BDS; none is given where the model leaves no choice. */
const TYPES: Readonly<Record<BdsType, readonly string[]>> = {
  code: ['CV', 'CE', 'CD', 'CS'],
  'yes-no': ['BL'],
  text: ['ST', 'ED', 'SC'],
  flag: ['BL'],
  integer: ['INT'],
  ordinal: ['CO', 'INT'],
  quantity: ['PQ'],
  date: ['TS'],
  id: ['II'],
  file: ['ED'],
  unknown: ['ST', 'TS', 'INT', 'BL'],
};

/** `value` (or an element like it: `code`, `effectiveTime`, `text`) → the value of a BDS element. */
export function readValue(node: XmlElement, element: BdsElement): Value {
  const type = node.attribute('xsi:type');
  if (type !== undefined && !TYPES[element.type].includes(type))
    return { problem: `${TYPES[element.type].join(' or ')}, not another data type` };
  const flavour = node.attribute('nullFlavor');
  if (flavour !== undefined) return nothing(node, flavour, element);
  switch (element.type) {
    case 'code':
      return readCode(node, element);
    case 'yes-no':
      return given(node.attribute('value'), { true: '1', false: '2' });
    case 'flag':
      return given(node.attribute('value'), { true: true, false: false });
    case 'text':
      return readText(node);
    case 'integer':
      return whole(node.attribute('value'));
    case 'ordinal':
      return whole(node.attribute(type === 'CO' ? 'code' : 'value'));
    case 'quantity':
      return readQuantity(node, element);
    case 'date':
      return readDate(node);
    case 'unknown':
      return readAny(node, type);
    default:
      return { problem: 'a value that can stand here' };
  }
}

/** A null flavour stands for a code of BDS, or says that nothing is said; any other would have to be guessed. */
function nothing(node: XmlElement, flavour: string, element: BdsElement): Value {
  const meant = element.null?.[flavour];
  const system = node.attribute('codeSystem');
  const beside = node.one('originalText');
  if (beside) {
    beside.leave();
    return { problem: 'no originalText: the record of KD+ has no place for a text beside a code' };
  }
  if (meant !== undefined)
    return system === undefined || system === NULL_FLAVOURS || element.systems?.includes(system)
      ? { value: meant }
      : { problem: 'the code system of this element' };
  return flavour === 'NI' ? { none: true } : { problem: 'a value: BDS has no code for this null flavour' };
}

const NULL_FLAVOURS = '2.16.840.1.113883.5.1008';

function readCode(node: XmlElement, element: BdsElement): Value {
  const code = node.attribute('code');
  const system = node.attribute('codeSystem');
  if (code === undefined) return { problem: 'a code' };
  if (system === undefined || !element.systems?.includes(system)) return { problem: 'the code system of this element' };
  // The last system is the one of BDS itself, whose codes are what the record wants.
  if (!element.codes || system.startsWith(BDS_SYSTEMS)) return { value: code };
  const known = Object.hasOwn(element.codes, code) ? element.codes[code] : undefined;
  return known === undefined ? { problem: `one of ${Object.keys(element.codes).join(', ')}` } : { value: known };
}

const BDS_SYSTEMS = '2.16.840.1.113883.2.4.3.11.60.100.12.';

function readText(node: XmlElement): Value {
  const text = node.words();
  return text === '' ? { problem: 'a text' } : { value: text };
}

function readQuantity(node: XmlElement, { unit }: BdsElement): Value {
  const value = whole(node.attribute('value'));
  return node.attribute('unit') === unit ? value : { problem: `the unit ${unit}` };
}

/** HL7 v3 TS: at least a day; what comes behind it (a time, a zone) says nothing that BDS has a place for. */
const TIME = /^(\d{4})(\d{2})(\d{2})(\d{2,6}(\.\d{1,4})?([+-]\d{4})?)?$/;

/** The day of a point in time, as it is written. */
export function readDay(node: XmlElement): string | undefined {
  const [, year, month, day] = TIME.exec(node.attribute('value') ?? '') ?? [];
  return day === undefined ? undefined : `${year}-${month}-${day}`;
}

function readDate(node: XmlElement): Value {
  const value = readDay(node);
  return value === undefined ? { problem: 'a date, to the day' } : { value };
}

/** Elements whose type nobody published (source C of the reference list) are carried as the text that came. */
function readAny(node: XmlElement, type: string | undefined): Value {
  if (type === 'ST') return readText(node);
  const value = node.attribute('value');
  return type === undefined || value === undefined ? { problem: 'a text' } : { value };
}

const whole = (text: string | undefined): Value =>
  text !== undefined && /^\d{1,9}$/.test(text) ? { value: Number(text) } : { problem: 'a whole number' };

function given<T extends string | boolean>(
  text: string | undefined,
  values: Readonly<Record<'true' | 'false', T>>,
): Value {
  return text === 'true' || text === 'false' ? { value: values[text] } : { problem: 'true or false' };
}
