import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMap } from '../mapping/index.ts';
import { explainMap } from './map-static.ts';
import { table } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'gezinspoort-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const explain = (...args: string[]) =>
  spawnSync(process.execPath, ['src/cli.ts', 'map', 'explain', ...args], { encoding: 'utf8', timeout: 60_000 });
/** One space between columns, whatever their width. */
const narrow = (text: string): string => text.replaceAll(/ +/g, ' ');

describe('map explain', { timeout: 60_000 }, () => {
  it('prints source, rule and target of a message whose system it finds by itself, without a value', () => {
    const file = 'mappings/hix/samples/yonathan-oru.hl7';
    const { status, stdout, stderr } = explain(file);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = narrow(stdout).split('\n');
    expect(lines[0]).toBe('hix, oru-r01: http://gezinspoort.nl/fhir/StructureMap/hix-oru-r01');
    expect(lines).toContain('SOURCE RULE TARGET');
    expect(narrow(stdout)).toMatch(/PID-7.* hix\/hl7\.map:\d+ \S+ › \S+ birthDate\n/);
    expect(narrow(stdout)).toMatch(/OBX\[1\]-5 .*valueQuantity\.value\n/);
    expect(lines).toContain('Not read');
    expect(stdout).toMatch(/PV1\.location.* dropped: /);
    expect(stdout).not.toContain('NOT EXPLAINED');
    expect(stdout).not.toMatch(/999903147|Kwartelslag|2026-05-04/);
  });

  it('shows values when it is asked to', () => {
    const { stdout } = explain('mappings/kdplus/samples/yonathan-contact.json', '--system', 'kdplus', '--values');
    expect(narrow(stdout)).toContain('birthDate = "2026-05-04"');
    expect(narrow(stdout)).toMatch(/\/client\/groups\/0\/elements\/\d+\/value = "2026-05-04"/);
  });

  it('says on standard error why a message is refused, at the place that the sender knows', () => {
    const message = JSON.parse(readFileSync('mappings/hix/samples/luuk-consult.json', 'utf8'));
    const file = join(folder, 'wrong.json');
    writeFileSync(file, JSON.stringify({ ...message, patient: { ...message.patient, gender: 'geheim' } }));
    const { status, stdout, stderr } = explain(file, '--system', 'hix');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^\/patient\/gender: /);
    expect(stderr).not.toContain('geheim');
    expect(explain(file)).toMatchObject({ status: 1, stderr: expect.stringContaining('No system takes this message') });
  });

  it('knows no other system, and needs a file', () => {
    expect(explain('mappings/hix/samples/luuk-consult.json', '--system', 'xyz')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no system xyz'),
    });
    expect(explain()).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('map explain on a map', () => {
  it('prints what each rule reads and writes', () => {
    const text = `map 'http://example.org/m' = 'm'
group Main(source src, target patient : Patient) {
  src.person as person where (kind = 1) -> patient.name as name, name.family = (first & ' ' & last) then {
    person.sex as sex -> patient.gender = translate(sex, 'http://example.org/sex', 'code') "sex";
  } "person";
  src.home as home then Address(home, patient) "home";
}`;
    const printed = explainMap(readMap({ file: 'm.map', text }), 200);
    expect(narrow(printed).split('\n')).toEqual([
      'http://example.org/m',
      '',
      'group Main(source src, target patient : Patient)',
      'SOURCE RULE TARGET',
      "src.person where (kind = 1) 3 person patient.name; patient.name.family = (first & ' ' & last)",
      "src.person.sex 4 sex patient.gender = translate(src.person.sex, 'http://example.org/sex', 'code')",
      'src.home 6 home → Address(src.home, patient)',
    ]);
  });
});

describe('a table', () => {
  it('fits the width: narrow columns keep what they need, a long cell goes on below', () => {
    const rows = [
      ['A', 'B'],
      ['one', 'a text that is longer than its column has room for'],
    ];
    const lines = table(rows, 30).split('\n');
    expect(lines[0]).toBe('A    B');
    expect(lines.every((line) => line.length <= 30)).toBe(true);
    expect(narrow(lines.slice(1).join(' '))).toBe('one a text that is longer than its column has room for');
  });
});
