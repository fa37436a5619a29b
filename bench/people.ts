import { randomInt } from 'node:crypto';

/** A BSN that passes the 11-test, drawn at run time from the whole valid range: only for throw-away databases. */
export function drawBsn(): string {
  for (;;) {
    const digits = Array.from({ length: 8 }, () => randomInt(10));
    const sum = digits.reduce((total, digit, index) => total + digit * (9 - index), 0);
    const last = sum % 11;
    if (last < 10 && digits.some((digit) => digit > 0)) return [...digits, last].join('');
  }
}
