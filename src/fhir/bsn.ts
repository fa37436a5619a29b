/**
 * True for a burgerservicenummer: nine digits (leading zeros written), not all zero, that pass the eleven-test with the
 * weights 9 8 7 6 5 4 3 2 −1 (Besluit burgerservicenummer; RvIG, "elfproef").
 */
export function isBsn(text: string): boolean {
  if (!/^\d{9}$/.test(text) || text === '000000000') return false;
  let sum = 0;
  for (let index = 0; index < 9; index++) {
    const weight = index === 8 ? -1 : 9 - index;
    sum += weight * (text.charCodeAt(index) - 48);
  }
  return sum % 11 === 0;
}
