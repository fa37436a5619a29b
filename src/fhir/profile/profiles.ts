import type { Definitions } from '../definitions.ts';
import type { PackedStructure } from '../pack-types.ts';
import { type Json, type Node, rootNode } from '../path/node.ts';
import type { Terminology } from '../terminology.ts';
import { type Findings, type Issue, unchecked } from '../validate/issue.ts';
import { compileItem } from './compile.ts';
import { bare, type Context } from './context.ts';
import { bundleResolver, containedResolver, type Resolve } from './resolve.ts';
import { type Rule, ruleTree } from './rule.ts';
import { type Check, typeOf } from './walk.ts';

/** Checks against profiles. No text of a finding holds a value of the resource. */
export interface Profiles {
  /** A loaded profile, by canonical url with or without version. */
  structure(url: string): PackedStructure | undefined;
  /** A resource, and all that stands in it, against what it claims in `meta.profile`. Severity `information`: what could not be checked. */
  claims(resource: unknown): Issue[];
  /** A resource against one profile. */
  check(resource: object, url: string): Issue[];
}

/** Deeper than any nesting of resources that is meant. */
const MAX_NESTING = 8;

/** Makes profiles usable; each is compiled into functions when it is first asked for. */
export function createProfiles(
  definitions: Definitions,
  structures: readonly PackedStructure[],
  terminology: Terminology,
): Profiles {
  const byUrl = new Map(structures.filter((one) => one.derivation === 'constraint').map((one) => [one.url, one]));
  const trees = new Map<string, Rule>();
  const checks = new Map<string, Check>();
  const structure = (url: string) => byUrl.get(bare(url)) ?? definitions.profile(bare(url));
  const context: Context = {
    definitions,
    terminology,
    structure,
    rules(url) {
      const known = trees.get(bare(url));
      const profile = structure(url);
      if (known || !profile) return known;
      const tree = ruleTree(profile);
      trees.set(bare(url), tree);
      return tree;
    },
    check(url) {
      const key = bare(url);
      const known = checks.get(key);
      const rules = context.rules(key);
      if (known || !rules) return known;
      const type = (structure(key) as PackedStructure).type;
      let compiled: Check | undefined;
      const check: Check = (node, walk) => {
        if (walk.open.some((one) => one.profile === key && one.value === node.value)) return;
        compiled ??= compileItem(rules, [type], context) ?? (() => undefined);
        compiled(node, { ...walk, open: [...walk.open, { profile: key, value: node.value }] });
      };
      checks.set(key, check);
      return check;
    },
  };
  const run = (url: string, resource: Json, at: string, resolve: Resolve, findings: Findings): void => {
    const node: Node = { ...rootNode(resource, undefined), type: typeOf(resource) };
    context.check(url)?.(node, { resource: node, at, findings, resolve, open: [] });
  };
  const claimsOf = (resource: Json, at: string, outer: Resolve, depth: number, findings: Findings): void => {
    const resolve = containedResolver(resource, outer);
    const { profile } = (resource.meta ?? {}) as { profile?: unknown };
    for (const [index, url] of (Array.isArray(profile) ? profile : []).entries()) {
      if (typeof url !== 'string') continue;
      const place = `${at}.meta.profile[${index}]`;
      const known = structure(url);
      if (!known) unchecked(findings, place, 'this profile is not loaded here');
      else if (known.type !== resource.resourceType)
        findings.push({
          code: 'profile',
          severity: 'error',
          path: place,
          message: `expected a profile of this resource type`,
        });
      else run(url, resource, at, resolve, findings);
    }
    for (const { inner, place } of innerOf(resource, at, depth)) claimsOf(inner, place, resolve, depth + 1, findings);
  };
  return {
    structure,
    claims(resource) {
      const findings: Findings = [];
      if (!isObject(resource)) return findings;
      claimsOf(resource, typeOf(resource), bundleResolver(resource), 0, findings);
      return findings;
    },
    check(resource, url) {
      const findings: Findings = [];
      const json = resource as Json;
      run(url, json, typeOf(json), containedResolver(json, bundleResolver(json)), findings);
      return findings;
    },
  };
}

/** Resources that stand in a resource: contained ones, entries of a Bundle. */
function innerOf(resource: Json, at: string, depth: number): { inner: Json; place: string }[] {
  if (depth >= MAX_NESTING) return [];
  const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : []);
  const found = [
    ...list(resource.contained).map((inner, index) => ({ inner, place: `${at}.contained[${index}]` })),
    ...(resource.resourceType === 'Bundle' ? list(resource.entry) : []).map((entry, index) => ({
      inner: isObject(entry) ? entry.resource : undefined,
      place: `${at}.entry[${index}].resource`,
    })),
  ];
  return found.filter((one): one is { inner: Json; place: string } => isObject(one.inner));
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
