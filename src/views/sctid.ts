/** Multiplication in the dihedral group D5, and its permutation: Verhoeff's check digit (SNOMED CT Release File Specification, 6.5). */
const MULTIPLY = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const PERMUTE = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** Whether a text is formed like a SNOMED CT concept identifier: partition 00 or 10, and a right check digit. */
export function isConceptId(text: string): boolean {
  if (!/^[1-9]\d{2,14}[01]0\d$/.test(text)) return false;
  let check = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = Number(text[text.length - 1 - i]);
    check = Number(MULTIPLY[check]?.[Number(PERMUTE[i % 8]?.[digit])]);
  }
  return check === 0;
}
