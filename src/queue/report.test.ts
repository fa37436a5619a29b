import { expect, it } from 'vitest';
import { errorCode, queueFailure } from './failure.ts';
import { reportSparingly } from './report.ts';

it('passes each code on at most once in five seconds', () => {
  const seen: string[] = [];
  let now = 0;
  const report = reportSparingly(
    (code) => seen.push(code),
    () => now,
  );
  report('A');
  report('A');
  report('B');
  now = 4_999;
  report('A');
  now = 5_000;
  report('A');
  expect(seen).toEqual(['A', 'B', 'A']);
});

it('keeps of an error its code and none of its text', () => {
  expect(errorCode(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(errorCode(Object.assign(new Error('x'), { code: '57P01' }))).toBe('57P01');
  expect(errorCode(queueFailure('queue-away'))).toBe('queue-error');
  for (const odd of [new Error('Jansen'), undefined, null, 'Jansen', { code: 'Jansen is ziek' }, { code: 7 }]) {
    expect(errorCode(odd)).toBe('queue-error');
  }
});
