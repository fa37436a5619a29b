import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fhirChecks } from '../src/fhir/checks.ts';
import { loadFhir } from '../src/fhir/load.ts';
import type { PackedElement } from '../src/fhir/pack-types.ts';
import { ruleTree } from '../src/fhir/profile/rule.ts';
import { showResult } from './support/results.ts';
import { sharedDir } from './support/shared.ts';

/** The official nl-core examples against the official packages, and what is changed in them on purpose. */

/** Examples of Nictiz that claim a profile which no package has (the type name is misspelt in the claim). */
const CLAIMS_NOTHING = /^nl-core-LivingSituation\.HouseAdaption-0[123]$/;

type Json = Record<string, unknown>;
const shared = sharedDir();
const corpora = join(shared ?? '', 'corpora');
const files = shared ? globSync(join(corpora, 'nictiz-nlcore-r4-0.12.0-beta.4/examples/**/*.json')).sort() : [];
const examples = files.map((file) => ({
  name: basename(file, '.json'),
  resource: JSON.parse(readFileSync(file, 'utf8')) as Json,
}));

describe.skipIf(!shared)('nl-core (needs ../shared/corpora)', async () => {
  if (!shared) return;
  const knowledge = await loadFhir('profiles', join(corpora, 'fhir-packages'));
  const { validate, unchecked } = fhirChecks(knowledge);
  const found = (resource: unknown): string[] => validate(resource).map(({ code, path }) => `${code} ${path}`);
  const claimed = examples.filter(({ name }) => !CLAIMS_NOTHING.test(name));

  it('the examples are valid', (context) => {
    expect(examples.length).toBeGreaterThan(100);
    const refused = examples.map(({ name, resource }) => [name, found(resource)] as const);
    showResult(context, {
      what: 'validation: examples of nl-core',
      passed: refused.filter(([, issues]) => issues.length === 0).length,
      of: refused.length,
    });
    expect(refused.filter(([, issues]) => issues.length > 0)).toEqual([]);
  });

  it('all claim a loaded profile but the known ones', () => {
    const lost = examples.filter(({ resource }) =>
      unchecked(resource).some((one) => one.path.includes('meta.profile')),
    );
    expect(lost.map((one) => one.name)).toEqual(
      examples.map((one) => one.name).filter((one) => CLAIMS_NOTHING.test(one)),
    );
  });

  it('most of it is checked: only codes of systems that nobody may ship are not', () => {
    const open = examples.flatMap(({ resource }) => unchecked(resource));
    expect(new Set(open.map((one) => one.message.split(' ')[0]))).toEqual(new Set(['codes', 'this']));
    expect(open.length).toBeLessThan(examples.length / 2);
  });

  it('an unknown property is caught in every one', () => {
    const missed = examples.filter(
      ({ resource }) => !found({ ...resource, ownIdea: 'x' }).some((one) => one.startsWith('unknown')),
    );
    expect(missed).toEqual([]);
  });

  /** Elements below the root of each example's profile that are present and say something of this kind. */
  const places = (wanted: (element: PackedElement, value: unknown, resource: Json) => Json | undefined) =>
    claimed.flatMap(({ name, resource }) => {
      const [url = ''] = (resource.meta as { profile?: string[] }).profile ?? [];
      const profile = knowledge.profiles.structure(url);
      return (profile ? ruleTree(profile).children : []).flatMap((rule) => {
        const value = resource[rule.name];
        const mutant = rule.element && value !== undefined ? wanted(rule.element, value, resource) : undefined;
        return mutant ? [{ name: `${name} ${rule.name}`, mutant: { ...resource, ...mutant } }] : [];
      });
    });
  const missedOf = (mutants: { name: string; mutant: Json }[]) =>
    mutants.filter(({ mutant }) => validate(mutant).length === 0).map(({ name }) => name);

  it('a broken pattern is caught in every one', () => {
    const mutants = places(({ path, ...element }) => {
      const key = Object.keys(element).find((one) => /^(fixed|pattern)/.test(one));
      const name = path.split('.')[1] as string;
      if (!key) return undefined;
      const wrong = { coding: [{ system: 'http://example.org/other', code: 'other' }] };
      return { [name]: key.endsWith('CodeableConcept') ? wrong : 'other' };
    });
    expect(mutants.length).toBeGreaterThan(40);
    expect(missedOf(mutants)).toEqual([]);
  });

  it('a missing minimum is caught in every one', () => {
    const mutants = places((element) =>
      element.min > 0 ? { [element.path.split('.')[1] as string]: undefined } : undefined,
    );
    expect(mutants.length).toBeGreaterThan(20);
    expect(missedOf(mutants)).toEqual([]);
  });

  it('a code outside a required binding is caught in every one', () => {
    const outside = { system: 'http://example.org/other', code: 'other' };
    const mutants = places(({ path, binding, type }, value) => {
      if (binding?.strength !== 'required' || type?.length !== 1) return undefined;
      const wrong = { code: 'other', Coding: outside, CodeableConcept: { coding: [outside] } }[type[0]?.code as 'code'];
      return wrong === undefined
        ? undefined
        : { [path.split('.')[1] as string]: Array.isArray(value) ? [wrong] : wrong };
    });
    expect(mutants.length).toBeGreaterThan(50);
    expect(missedOf(mutants)).toEqual([]);
  });

  it('no finding repeats a value', () => {
    for (const { resource } of examples) {
      const mutant = { ...resource, status: 'Geheim', code: { text: 'Geheim' }, ownIdea: 'Geheim' };
      expect(JSON.stringify([validate(mutant), unchecked(mutant)])).not.toContain('Geheim');
    }
  });
});
