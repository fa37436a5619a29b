import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acknowledgement, codeOf } from '../src/api/acknowledge.ts';
import { decodeHl7 } from '../src/sources/hl7v2/decode.ts';
import { readAck } from '../src/sources/hl7v2/read-ack.ts';
import { countOutcomes, hl7Outcomes, judgedHl7 } from './support/hl7-corpus.ts';
import { showResult } from './support/results.ts';
import { sharedDir } from './support/shared.ts';

const shared = sharedDir();
const SAMPLES = 'mappings/hix/samples';
const folder = join(shared ?? '', 'corpora/hl7v2-messages');

/** A place as HL7 v2 names it, or nothing where a line is no segment at all. */
const PLACE = /^(?:[A-Z][A-Z0-9]{2}(?:\[\d+\])?(?:-\d+(?:\[\d+\])?(?:\.\d+)*)?)?$/;
const AS_PATIENT = /^Patient\.(?:identifier(?:\.value)?|birthDate)$/;

/** What a message says about people and results: long enough not to stand in a sentence by chance. */
function sayings(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .split(/[\r\n]+/);
  const telling = lines.filter((line) => /^(?:PID|NK1|PV1|OBX|NTE|AL1|DG1|IN1|GT1)/.test(line));
  return telling
    .flatMap((line) => line.slice(4).split(/[|^~&\\]/))
    .filter((part) => part.length > 6 && /\d/.test(part));
}

describe('the samples of HiX', () => {
  it('are all taken in by the door: valid, labelled, about one patient', () => {
    const outcomes = hl7Outcomes(SAMPLES);
    expect(outcomes.length).toBeGreaterThan(15);
    expect(outcomes.filter((one) => one.result !== 'taken').map(({ file, issues }) => [file, issues[0]?.code])).toEqual(
      [],
    );
  });
});

describe('the samples of HiX, spoilt', () => {
  const messages = readdirSync(SAMPLES)
    .filter((name) => name.endsWith('.hl7'))
    .map((name) => readFileSync(join(SAMPLES, name), 'latin1').split('\r').filter(Boolean));
  const VALUES = [
    '',
    '""',
    'X',
    '20261301',
    '2099',
    '^',
    '^^^',
    '~',
    '&',
    'a~b',
    'a^b&c',
    '\\F\\',
    '\\.br\\',
    '0',
    '-1',
    '1e9',
    'Y',
    'null',
  ];
  const spoilt = fc
    .tuple(
      fc.constantFrom(...messages),
      fc.nat(),
      fc.nat(),
      fc.constantFrom(...VALUES),
      fc.constantFrom('field', 'without', 'twice'),
    )
    .map(([lines, l, f, value, how]) => {
      const at = l % lines.length;
      const fields = (lines[at] ?? '').split('|');
      const number = 2 + (f % Math.max(1, fields.length - 2));
      const changed = fields.map((field, index) => (index === number ? value : field)).join('|');
      const text = lines.flatMap((line, index) =>
        index !== at ? [line] : how === 'field' ? [changed] : how === 'twice' ? [line, line] : [],
      );
      return Buffer.from(`${text.join('\r')}\r`, 'latin1');
    });

  it('give a valid Bundle or a refusal at a place of the message, whatever field is wrong', () => {
    fc.assert(
      fc.property(spoilt, (bytes) => {
        const { result, issues } = judgedHl7(bytes);
        const strange = result === 'refused' ? issues.filter(({ path = '' }) => !PLACE.test(path)) : [];
        expect(strange).toEqual([]);
        expect(result === 'taken' || issues.length > 0).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

describe.skipIf(!shared)('every HL7 v2 file of the corpora, as a message of HiX', () => {
  const outcomes = shared ? hl7Outcomes(folder) : [];

  it('is a valid Bundle or a refusal; none throws or takes a second', (context) => {
    showResult(context, {
      what: 'corpora: HL7 v2 messages',
      passed: outcomes.length,
      of: outcomes.length,
      note: `answered in time; ${countOutcomes(outcomes)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}`,
    });
    expect(outcomes.length).toBeGreaterThan(400);
    for (const one of outcomes) {
      expect(one.milliseconds, one.file).toBeLessThan(1000);
      expect(one.result === 'taken' || one.issues.length > 0, one.file).toBe(true);
    }
    expect(outcomes.filter((one) => one.result !== 'refused').length).toBeGreaterThan(20);
  });

  it('is refused at a place that the sender knows, never at a place in FHIR', () => {
    const strange = outcomes.flatMap(({ file, result, issues }) =>
      issues
        .filter(({ path = '' }) => !PLACE.test(path) && !(result === 'bundle' && AS_PATIENT.test(path)))
        .map((one) => `${file}: ${one.code} ${one.path}`),
    );
    expect(strange).toEqual([]);
  });

  it('is told what was expected, and never what it said', () => {
    for (const { file, issues, bytes } of outcomes) {
      const told = issues.map((one) => `${one.path} ${one.expected}`).join('\n');
      for (const saying of sayings(bytes)) expect(told.includes(saying), `${file}`).toBe(false);
    }
  });

  it('has an acknowledgement that can be read, with the place of what is wrong', () => {
    for (const { file, issues, bytes } of outcomes.filter((one) => one.issues.length > 0)) {
      const { envelope } = decodeHl7(bytes);
      const [first, ...rest] = issues;
      if (!first) continue;
      const code = codeOf({ ok: false, issues: [first, ...rest] });
      const ack = readAck(Buffer.from(acknowledgement(envelope, code, issues, new Date()), 'latin1'));
      expect(ack, file).toMatchObject({ code: 'AR', errors: expect.any(Array) });
      const located = ack?.errors.filter((one) => /^[A-Z]/.test(one.location)).length ?? 0;
      expect(located, file).toBe(issues.slice(0, 100).filter((one) => one.path).length);
    }
  });

  it.each([
    ['nl-hix-zato/nexus_09_oru_r01_lab2lab.hl7', 'bundle', 'bsn-invalid PID-3'],
    ['nl-hix-zato/hix_01_oru_r01_lab.hl7', 'refused', 'hl7-invalid OBX[1]'],
    ['nl-hix-zato/hix_07_oml_o21_lfdv2.hl7', 'refused', 'message-type-unknown MSH-9'],
    ['node-hl7-client/hl7..parser.test__002.hl7', 'refused', 'hl7-invalid MSH-18'],
  ])('%s: %s, %s', (name, result, issue) => {
    const one = outcomes.find(({ file }) => file === name);
    expect([one?.result, `${one?.issues[0]?.code} ${one?.issues[0]?.path}`]).toEqual([result, issue]);
  });
});
