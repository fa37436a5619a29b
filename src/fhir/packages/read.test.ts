import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { afterAll, describe, expect, it } from 'vitest';
import { knowledgeOf } from './knowledge.ts';
import { readPackages } from './read.ts';

const root = mkdtempSync(join(tmpdir(), 'gezinspoort-packages-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
const MANIFEST = { name: 'x.nl.one', version: '1.0.0', fhirVersions: ['4.0.1'] };
const PROFILE = {
  resourceType: 'StructureDefinition',
  url: 'http://x.nl/p',
  type: 'Patient',
  derivation: 'constraint',
  snapshot: { element: [{ id: 'Patient', path: 'Patient' }] },
};

/** A folder with one package of these files. */
function folderWith(files: Record<string, unknown>): string {
  const folder = join(root, String(count++));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'content', name)), { recursive: true });
    writeFileSync(join(folder, 'content', name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  create({ file: join(folder, 'one.tgz'), cwd: join(folder, 'content'), gzip: true, sync: true }, ['package']);
  return folder;
}

describe('FHIR packages', () => {
  it('gives the profiles of a package, without its examples', () => {
    const folder = folderWith({
      'package/package.json': MANIFEST,
      'package/p.json': `\uFEFF${JSON.stringify(PROFILE)}`,
      'package/.index.json': '{}',
      'package/example/wrong.json': 'not JSON',
      'package/Patient-x.json': { resourceType: 'Patient' },
    });
    const packages = readPackages(folder);
    expect(packages.map((one) => [one.manifest.name, one.resources.length])).toEqual([['x.nl.one', 1]]);
    expect(knowledgeOf(packages).structures.map((one) => one.url)).toEqual(['http://x.nl/p']);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no manifest', { 'package/p.json': PROFILE }, /one\.tgz: has no package\/package\.json/],
    [
      'a file that is no JSON',
      { 'package/package.json': MANIFEST, 'package/p.json': '{' },
      /one\.tgz: p\.json is not JSON/,
    ],
    [
      'another FHIR',
      { 'package/package.json': { ...MANIFEST, fhirVersions: ['3.0.2'] } },
      /one\.tgz: is for FHIR 3\.0\.2/,
    ],
    [
      'a package that needs another',
      { 'package/package.json': { ...MANIFEST, dependencies: { 'x.nl.two': '1', 'hl7.fhir.r4.core': '4.0.1' } } },
      /one\.tgz needs the package x\.nl\.two/,
    ],
  ])('refuses %s', (_name, files, reason) => {
    expect(() => readPackages(folderWith(files))).toThrow(reason);
  });

  it('refuses profiles without snapshot', () => {
    const { snapshot: _, ...bare } = PROFILE;
    const folder = folderWith({ 'package/package.json': MANIFEST, 'package/p.json': bare });
    expect(() => knowledgeOf(readPackages(folder))).toThrow(/one\.tgz: its StructureDefinitions have no snapshot/);
  });

  it('refuses what is no archive, an empty folder and no folder', () => {
    const folder = join(root, 'broken');
    mkdirSync(folder);
    expect(() => readPackages(folder)).toThrow(/there is no \.tgz file/);
    writeFileSync(join(folder, 'a.tgz'), 'this is text');
    expect(() => readPackages(folder)).toThrow(/a\.tgz: is not a readable \.tgz archive/);
    expect(() => readPackages(join(root, 'nowhere'))).toThrow(/not a folder that can be read/);
  });
});
