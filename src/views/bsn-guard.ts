import { isConceptId } from './sctid.ts';

/** Finds citizen service numbers where they do not belong: in an identifier of another system, a code, a note, a reference. */

/** The BSN as a system, by OID; as a naming system it ends in `/bsn`, in whatever spelling. */
const BSN_OID = 'urn:oid:2.16.840.1.113883.2.4.6.3';

/** Numbers of professionals and organisations may have nine digits too (UZI); they are no one's BSN. */
const PROFESSIONAL_SYSTEMS: ReadonlySet<unknown> = new Set(
  ['agb-z', 'uzi-nr-pers', 'uzi-nr-sys', 'ura', 'big'].map((name) => `http://fhir.nl/fhir/NamingSystem/${name}`),
);

/** The code system with nine-digit codes: one in eleven of them passes the 11-test. */
const SNOMED = 'http://snomed.info/sct';

/** What people put between digits: a space, a dash, or one within the other. */
const BETWEEN = '[^\\p{L}\\p{N}]{1,3}';

/** Digits in groups of these lengths, with any separator between. */
const grouped = (lengths: readonly number[]): string => lengths.map((length) => `\\d{${length}}`).join(BETWEEN);

/** Nine digits that stand alone, plain or in the usual groups, whatever stands around them. */
const NINE = new RegExp(`(?<!\\d)(?:${[[9], [4, 2, 3], [3, 3, 3]].map(grouped).join('|')})(?!\\d)`, 'gu');

/** The same, but for what stands between the parts of a time and of a list. */
const LINK = '[^\\p{L}\\p{N}:,;]{1,3}';

/** Digits joined by separators: any, and by one and the same. */
const CHAINS = [LINK, '\\s', '\\.', '/', '_', '-'].map((separator) => new RegExp(`\\d+(?:${separator}\\d+)+`, 'gu'));

/** At least nine digits with little between each two: what most texts do not have. */
const MAYBE = /\d(?:[^\p{L}\p{N}]{0,3}\d){8}/u;

/** Ids of the gateway, and dates of both writings: their groups of digits are no part of a number that is written in groups. */
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ISO_DATE = '(?<!\\d)(?:19|20)\\d\\d-(?:0\\d|1[0-2])-[0-3]\\d(?!\\d)';
const DUTCH_DATE = '(?<!\\d)[0-3]?\\d([-/.])(?:0?\\d|1[0-2])\\1(?:19|20)\\d\\d(?!\\d)';
const NO_NUMBER = new RegExp([UUID, ISO_DATE, DUTCH_DATE].join('|'), 'gi');

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
export const isBsnNumber = (value: number): boolean => value >= 10_000_000 && passes(String(value).padStart(9, '0'));

/** Whether an Identifier is, or could be, a BSN. */
export function isBsnIdentifier(identifier: Record<string, unknown>): boolean {
  const { system, value } = identifier;
  if (isBsnSystem(system)) return true;
  if (PROFESSIONAL_SYSTEMS.has(system)) return false;
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
export const isProfessionalSystem = (system: unknown): boolean => PROFESSIONAL_SYSTEMS.has(system);

/** Whether a system, in any of its spellings, is that of the BSN. */
export const isBsnSystem = (system: unknown): boolean =>
  typeof system === 'string' && (system === BSN_OID || system.toLowerCase().endsWith('/bsn'));

function passes(digits: string): boolean {
  if (digits.length !== 9) return false;
  let sum = -Number(digits[8]);
  for (let i = 0; i < 8; i++) sum += Number(digits[i]) * (9 - i);
  return sum % 11 === 0 && digits !== '000000000';
}
