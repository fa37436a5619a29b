import { describe, expect, it } from 'vitest';
import { createLog, errorCode, type LogLine } from './log.ts';

const SECRET = 'Proefkind 999903147';
function logged(level: Parameters<typeof createLog>[0] = 'info') {
  const lines: string[] = [];
  return { lines, log: createLog(level, { write: (line) => lines.push(line) }) };
}
const line = (more: Record<string, unknown>): LogLine => ({ event: 'test', ...more }) as LogLine;

describe('the log', () => {
  it('writes one line of JSON with level, time and the fields that are on the list', () => {
    const { lines, log } = logged();
    log.info({ event: 'exchange-accepted', exchange: 'e-1', count: 2, port: 0, signal: undefined });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      event: 'exchange-accepted',
      exchange: 'e-1',
      count: 2,
      port: 0,
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['a field that is not on the list', { patient: SECRET }],
    [
      'the usual names of messages and errors',
      { msg: SECRET, err: SECRET, error: SECRET, message: SECRET, body: SECRET, stack: SECRET },
    ],
    ['an error object in a field that is on the list', { code: new Error(SECRET) }],
    ['an object in a field that is on the list', { route: { path: SECRET } }],
    ['a list in a field that is on the list', { source: [SECRET] }],
    ['an object that becomes text by itself', { route: { toString: () => SECRET, toJSON: () => SECRET } }],
    ['a name that only looks like one on the list', { 'event ': SECRET, EVENT: SECRET }],
    ['a text of more than one line', { code: `x\n${SECRET}` }],
    ['a text with punctuation, as parsers write it', { code: `unexpected "${SECRET}"` }],
    ['a text that is too long', { code: `${SECRET} ${'x'.repeat(120)}` }],
    ['a field of a prototype', Object.create({ code: { SECRET } })],
  ])('never holds %s', (_name, more) => {
    const { lines, log } = logged();
    for (const write of [log.info, log.warn, log.error]) write(line(more));
    expect(lines).toHaveLength(3);
    expect(lines.join()).toContain('"event":"test"');
    expect(lines.join()).not.toContain('Proefkind');
  });

  it('says that something was left out', () => {
    const { lines, log } = logged();
    log.error(line({ code: 'a\nb' }));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ code: '(left out)' });
  });

  it('keeps to its level', () => {
    const { lines, log } = logged('warn');
    log.info(line({}));
    log.warn(line({}));
    log.error(line({}));
    expect(lines.map((one) => JSON.parse(one).level)).toEqual(['warn', 'error']);
    const silent = logged('silent');
    silent.log.error(line({}));
    expect(silent.lines).toEqual([]);
  });
});

describe('errorCode', () => {
  it.each<[unknown, string]>([
    [Object.assign(new Error(SECRET), { code: '23505' }), '23505'],
    [Object.assign(new Error(SECRET), { code: 7 }), 'Error'],
    [new TypeError(SECRET), 'TypeError'],
    [new SyntaxError(SECRET), 'SyntaxError'],
    [SECRET, 'unknown'],
    [undefined, 'unknown'],
    [null, 'unknown'],
    [{ message: SECRET }, 'unknown'],
    [{ code: 'ECONNRESET' }, 'ECONNRESET'],
  ])('%j', (thrown, code) => expect(errorCode(thrown)).toBe(code));
});
