import { describe, expect, it } from 'vitest';
import { isConceptId } from './sctid.ts';

describe('isConceptId', () => {
  it.each(['160933000', '412732008', '397940009', '73211009', '11591000146107', '450320001'])('knows %s', (code) => {
    expect(isConceptId(code)).toBe(true);
  });
  it.each(['160933001', '999911120', '123456782', '100', '', 'F70.9', '160933000 '])('refuses %j', (code) => {
    expect(isConceptId(code)).toBe(false);
  });
});
