import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDefinitions, loadPack } from '../fhir/load.ts';
import { entitlementsOf } from './entitlements.ts';
import type { Datatypes, ElementSet, ViewPolicy } from './policy.ts';
import { loadViews } from './registry.ts';
import { resolveView } from './resolve.ts';
import { build, ownFiles, ownViews } from './testing/test-views.ts';
import type { Branch, View } from './types.ts';

const DISCIPLINES = [
  'ggz',
  'gp',
  'gynaecologist',
  'maternity-care',
  'medical-social-work',
  'midwife',
  'paediatrician',
  'physiotherapist',
  'planner',
  'social-domain',
  'volunteer',
  'youth-doctor',
  'youth-nurse',
];

/** The problems after a change to the project's files; empty when they are accepted. */
async function problemsAfter(change: (files: ReturnType<typeof ownFiles>) => void): Promise<string[]> {
  const files = ownFiles();
  change(files);
  const result = await build(files);
  return result.ok ? [] : result.problems;
}

/** Changes one file in place. */
const edit = (files: Map<string, unknown>, name: string, change: (file: never) => void): void =>
  change(files.get(name) as never);

describe("the project's own policies", () => {
  it('are accepted, one for each discipline of the code system', async () => {
    const views = await ownViews();
    expect([...views.policies.keys()].sort()).toEqual(DISCIPLINES);
    const system = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../profiles/codesystems/discipline.json'), 'utf8'),
    );
    expect(system.concept.map((one: { code: string }) => one.code).sort()).toEqual(DISCIPLINES);
  });

  it('name polis and categories that the code systems have', async () => {
    const views = await ownViews();
    const codes = (name: string): string[] =>
      JSON.parse(
        readFileSync(join(import.meta.dirname, `../../profiles/codesystems/${name}.json`), 'utf8'),
      ).concept.map((one: { code: string }) => one.code);
    const schema = ownFiles().views.get('view.schema') as { $defs: { categories: { properties: object } } };
    expect(Object.keys(schema.$defs.categories.properties).map((one) => `cat-${one}`)).toEqual(codes('data-category'));
    for (const policy of views.policies.values())
      for (const poli of Object.keys(policy.polis)) expect(codes('poli')).toContain(poli);
  });

  it('load as the gateway loads them', async () => {
    const views = await loadViews(join(import.meta.dirname, '../../profiles/views'), await loadDefinitions());
    expect(views.policies.size).toBe(13);
  });

  it('give each element the type that FHIR gives it', async () => {
    const definitions = await loadDefinitions();
    const views = await ownViews();
    const { primitives } = ownFiles().elements.get('datatypes') as Datatypes;
    const walk = (branch: Branch, owner: string, seen: Set<Branch>): void => {
      if (seen.has(branch)) return;
      seen.add(branch);
      for (const [key, node] of branch.children) {
        const element = definitions.element(owner, node.element);
        const names = [...(element?.keys ?? [])].filter(([, json]) => json === key).map(([name]) => name);
        expect(names, `${owner}.${key}`).not.toEqual([]);
        if (node.kind === 'leaf')
          expect(
            names.some((name) => primitives[name === 'markdown' || name === 'xhtml' ? 'freetext' : name] === node.json),
            `${owner}.${key} ${names}`,
          ).toBe(true);
        else if (node.type === 'Element') walk(node, names[0] as string, seen);
        else {
          expect([names[0], 'Composition.section'], `${owner}.${key}`).toContain(node.type);
          walk(node, node.type, seen);
        }
      }
    };
    for (const set of views.sets.values()) for (const [type, { root }] of set.types) walk(root, type, new Set());
  });

  it('let out whatever changes the meaning of the rest, and whatever FHIR demands', async () => {
    const { structures } = await loadPack();
    const missing: string[] = [];
    for (const [name, set] of ownFiles().elements) {
      if (name.endsWith('.schema') || name === 'limits') continue;
      for (const [type, policy] of Object.entries((set as ElementSet).types ?? {})) {
        const structure = structures.find((one) => one.type === type && one.derivation !== 'constraint');
        for (const { path, min, isModifier } of structure?.snapshot.element ?? []) {
          const [, ...keys] = path.split('.');
          const last = keys.pop() ?? '';
          if (last === '' || /^(implicitRules|modifierExtension)$/.test(last) || (min === 0 && !isModifier)) continue;
          // A nested element is demanded where its parent's parts are listed.
          const parent = keys.reduce<unknown>(
            (at, key) => (typeof at === 'object' ? (at as Record<string, unknown>)[key] : undefined),
            policy,
          );
          if (typeof parent === 'object' && !(last in (parent as object))) missing.push(`${name}: ${path}`);
        }
      }
    }
    // Meant: a link to another record is not followed.
    expect(missing.sort()).toEqual(['identity: Patient.link', 'minimum: Patient.link']);
  });
});

describe('a policy is refused', () => {
  it.each<[string, (files: ReturnType<typeof ownFiles>) => void, string]>([
    [
      'with an unknown key',
      (f) => edit(f.views, 'gp', (one: Record<string, unknown>) => (one.everything = true)),
      'gp',
    ],
    [
      'with an unknown category',
      (f) => edit(f.views, 'gp', (one: { categories: Record<string, string> }) => (one.categories.secrets = 'full')),
      'gp/categories',
    ],
    [
      'with an unknown set',
      (f) => edit(f.views, 'gp', (one: { categories: Record<string, string> }) => (one.categories.risk = 'all')),
      'gp/categories/risk',
    ],
    [
      'with an unknown set at a poli',
      (f) =>
        edit(
          f.views,
          'ggz',
          (one: ViewPolicy) => ((one.polis.pop as { categories: Record<string, string> }).categories.risk = 'all'),
        ),
      'ggz/polis/pop/categories/risk',
    ],
    [
      'with an unknown list of codes',
      (f) =>
        edit(
          f.views,
          'gp',
          (one: { categories: Record<string, unknown> }) =>
            (one.categories.risk = { use: 'summary', codes: ['nothing'] }),
        ),
      'gp/categories/risk',
    ],
    ['without a reason', (f) => edit(f.views, 'gp', (one: Record<string, unknown>) => (one.basis = '')), 'gp/basis'],
    ['under the name of another discipline', (f) => f.views.set('gp', f.views.get('ggz')), 'gp/discipline'],
    [
      'with a directory that is no set',
      (f) => edit(f.views, 'gp', (one: Record<string, unknown>) => (one.directory = 'phone-book')),
      'gp/directory',
    ],
  ])('%s', async (_, change, at) => {
    const problems = await problemsAfter(change);
    expect(problems.some((one) => one.startsWith(at))).toBe(true);
  });
});

describe('a set of elements is refused', () => {
  const full = (change: (types: Record<string, Record<string, unknown>>) => void) => (f: ReturnType<typeof ownFiles>) =>
    edit(f.elements, 'full', (one: { types: Record<string, Record<string, unknown>> }) => change(one.types));
  it.each<[string, (files: ReturnType<typeof ownFiles>) => void, string]>([
    [
      'with an element that FHIR does not have',
      full((types) => ((types.Observation as Record<string, unknown>).opinion = 'string')),
      'Observation.opinion is no element',
    ],
    [
      'with a nested one',
      full((types) => ((types.Observation as Record<string, unknown>).component = { codes: 'CodeableConcept' })),
      'Observation.component.codes is no element',
    ],
    [
      'with a type that FHIR does not have',
      full((types) => (types.Opinion = { status: 'code' })),
      'Opinion is no resource type',
    ],
    [
      'with the narrative',
      full((types) => ((types.Observation as Record<string, unknown>).text = 'Narrative')),
      'Observation.text may not be named',
    ],
    [
      'with contained resources',
      full((types) => ((types.Observation as Record<string, unknown>).contained = 'Reference')),
      'Observation.contained may not be named',
    ],
    [
      'with all extensions',
      full((types) => ((types.Observation as Record<string, unknown>).extension = 'Reference')),
      'Observation.extension may not be named',
    ],
    [
      'with an unknown data type',
      full((types) => ((types.Observation as Record<string, unknown>).code = 'Anything')),
      'unknown type Anything',
    ],
    [
      'with an unknown extension',
      full(
        (types) =>
          ((types.Observation as Record<string, unknown>).status = { $type: 'code', $extensions: ['anything'] }),
      ),
      'unknown extension anything',
    ],
    [
      'with two types for one element',
      full((types) => ((types.Observation as Record<string, unknown>).code = 'CodeableConcept | string')),
      'has one type',
    ],
    [
      'with a restriction to codes where there are none',
      full((types) => ((types.Observation as Record<string, unknown>).$codes = ['status'])),
      'names status',
    ],
    [
      'with items of an unknown list',
      full(
        (types) =>
          ((types.Observation as Record<string, unknown>).component = {
            $only: { code: 'nothing' },
            code: 'CodeableConcept',
          }),
      ),
      'no enumerated ValueSet',
    ],
    [
      'with a key of its own',
      (f) => edit(f.elements, 'full', (one: Record<string, unknown>) => (one.extra = 1)),
      'elements/full',
    ],
  ])('%s', async (_, change, text) => {
    const problems = await problemsAfter(change);
    expect(problems.some((one) => one.includes(text))).toBe(true);
  });

  it('with all its problems at once', async () => {
    const problems = await problemsAfter((f) => {
      full((types) => ((types.Observation as Record<string, unknown>).opinion = 'string'))(f);
      edit(f.views, 'gp', (one: { categories: Record<string, string> }) => (one.categories.risk = 'all'));
    });
    expect(problems).toHaveLength(2);
  });
});

describe('resolveView', () => {
  it('gives the same object for the same arguments, and the general view at a poli that the policy does not name', async () => {
    const views = await ownViews();
    const general = resolveView(views, 'gp', undefined);
    expect(resolveView(views, 'gp', 'pop')).toBe(general);
    expect(resolveView(views, 'gp', 'constructor')).toBe(general);
    expect(resolveView(views, 'surgeon', undefined)).toBeUndefined();
    expect(resolveView(await ownViews(), 'gp', undefined)).not.toBe(general);
  });

  it('narrows and widens per poli as the policy says', async () => {
    const views = await ownViews();
    const uses = (discipline: string, poli: string | undefined) =>
      (resolveView(views, discipline, poli) as View).categories;
    expect(uses('youth-nurse', undefined).get('consult')?.use).toBe('full');
    expect(uses('youth-nurse', 'pop').get('consult')?.use).toBe('summary');
    expect(uses('youth-nurse', 'nazorg-neonatologie').get('medication')?.use).toBe('full');
    expect([...uses('midwife', 'huil-slaap-eet').keys()]).toEqual(['naw', 'referral']);
    expect(uses('ggz', undefined).has('obstetric')).toBe(false);
    expect(uses('ggz', 'pop').has('obstetric')).toBe(true);
  });
});

describe('entitlementsOf', () => {
  it('names per discipline categories, break-glass and BSN', async () => {
    const { disciplines, sensitiveLabels } = entitlementsOf(await ownViews(), undefined);
    const having = (right: 'bsn' | 'breakGlass') =>
      Object.keys(disciplines)
        .filter((one) => disciplines[one]?.[right])
        .sort();
    const emergency = ['gp', 'gynaecologist', 'midwife', 'paediatrician', 'youth-doctor', 'youth-nurse'];
    expect(having('breakGlass')).toEqual(emergency);
    expect(having('bsn')).toEqual([...emergency, 'ggz', 'medical-social-work'].sort());
    expect(disciplines.volunteer?.categories).toEqual(['naw', 'referral']);
    expect(disciplines['social-domain']?.categories).toEqual(['naw', 'risk', 'referral', 'thirdparty-consult']);
    expect(sensitiveLabels).toEqual([
      'CHILDPROT',
      'ETH',
      'ETHUD',
      'HIV',
      'MH',
      'OPIOIDUD',
      'PSY',
      'SDV',
      'SEX',
      'SUD',
      'VIO',
      'WORKNOTE',
    ]);
  });
});
