import { isConceptId } from './sctid.ts';

/** Finds citizen service numbers where they do not belong: in an identifier of another system, a code, a note, a reference. */

/** How a BSN is named as a system: naming system and OID. */
const BSN_SYSTEMS: ReadonlySet<string> = new Set([
  'http://fhir.nl/fhir/NamingSystem/bsn',
  'https://fhir.nl/fhir/NamingSystem/bsn',
  'urn:oid:2.16.840.1.113883.2.4.6.3',
]);

/** Numbers of professionals and organisations may have nine digits too (UZI); they are no one's BSN. */
const PROFESSIONAL_SYSTEMS: ReadonlySet<string> = new Set(
  ['agb-z', 'uzi-nr-pers', 'uzi-nr-sys', 'ura', 'big'].map((name) => `http://fhir.nl/fhir/NamingSystem/${name}`),
);

/** The code system with nine-digit codes: one in eleven of them passes the 11-test. */
const SNOMED = 'http://snomed.info/sct';

/** Nine digits that stand alone, plain or in the usual groups (4-2-3 and 3-3-3), whatever stands around them. */
const NINE = /(?<!\d)(?:\d{9}|\d{4}[\s.,:/_-]\d{2}[\s.,:/_-]\d{3}|\d{3}[\s.,:/_-]\d{3}[\s.,:/_-]\d{3})(?!\d)/g;

/** Digits joined by single separators: any, and by one and the same. */
const CHAINS = [
  /\d+(?:[\s./_-]\d+)+/g,
  /\d+(?:\s\d+)+/g,
  /\d+(?:\.\d+)+/g,
  /\d+(?:\/\d+)+/g,
  /\d+(?:_\d+)+/g,
  /\d+(?:-\d+)+/g,
];

/** At least nine digits with at most one separator between each two: what most texts do not have. */
const MAYBE = /\d(?:[\s.,:/_-]?\d){8}/;

/** Ids of the gateway and dates: their groups of digits are no part of a number that is written in groups. */
const NO_NUMBER =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<!\d)(?:19|20)\d\d-(?:0\d|1[0-2])-[0-3]\d(?!\d)|(?<!\d)[0-3]?\d([-/.])(?:0?\d|1[0-2])\1(?:19|20)\d\d(?!\d)/gi;

/**
 * Whether a text holds a number that passes the 11-test of a BSN (weights 9..2, -1; Besluit burgerservicenummer), in any width of digits, with
 * invisible characters in it, or in groups joined by single separators.
 */
export function holdsBsn(text: string): boolean {
  if (text.length < 9 || !NUMERAL.test(text)) return false;
  const plain = ASCII.test(text) ? text : normalised(text);
  if (!MAYBE.test(plain)) return false;
  const groups = plain.replaceAll(NO_NUMBER, 'x');
  const found = [plain.match(NINE), ...CHAINS.map((chain) => groups.match(chain))];
  return found.some((all) => all?.some((one) => passes(one.replaceAll(/\D/g, ''))));
}

/** A digit in any form: most texts have none. */
const NUMERAL = /\p{N}/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const ASCII = /^[\x00-\x7f]*$/;

/** Compatibility forms as plain ones (NFKC: full-width digits, no-break spaces), format characters left out, every dash a hyphen. */
const normalised = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\p{Pd}|\u2212/gu, '-');

/** The same for a JSON number, whose leading zero is lost. */
export const isBsnNumber = (value: number): boolean =>
  Number.isInteger(value) && value >= 10_000_000 && value <= 999_999_999 && passes(String(value).padStart(9, '0'));

/** Whether an Identifier is, or could be, a BSN. */
export function isBsnIdentifier(identifier: Record<string, unknown>): boolean {
  const { system, value } = identifier;
  if (isBsnSystem(system)) return true;
  if (typeof system === 'string' && PROFESSIONAL_SYSTEMS.has(system)) return false;
  return typeof value === 'string' && holdsBsn(value);
}

/** Whether a Coding is used to carry a BSN. */
export function isBsnCoding(coding: Record<string, unknown>): boolean {
  const { system, code } = coding;
  if (isBsnSystem(system)) return true;
  if (system === SNOMED && typeof code === 'string' && isConceptId(code)) return false;
  return typeof code === 'string' && holdsBsn(code);
}

/** Whether an identifier belongs to a professional or an organisation. */
export const isProfessionalSystem = (system: unknown): boolean =>
  typeof system === 'string' && PROFESSIONAL_SYSTEMS.has(system);

/** Whether a system, in any of its spellings, is that of the BSN. */
export const isBsnSystem = (system: unknown): boolean =>
  typeof system === 'string' && (BSN_SYSTEMS.has(system) || system.toLowerCase().endsWith('/bsn'));

function passes(digits: string): boolean {
  if (digits.length !== 9) return false;
  let sum = -Number(digits[8]);
  for (let i = 0; i < 8; i++) sum += Number(digits[i]) * (9 - i);
  return sum % 11 === 0 && digits !== '000000000';
}
