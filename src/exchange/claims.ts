import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Coding, Resource } from '@medplum/fhirtypes';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FhirKnowledge } from '../fhir/load.ts';
import { type Condition, compileCondition } from '../fhir/path/compile.ts';
import { rootNode } from '../fhir/path/node.ts';
import { ownCodings } from './label-codes.ts';
import { numbersOf } from './label-rules.ts';

/** Which profiles a resource claims. */
export type ClaimsOf = (resource: Resource) => readonly string[];

interface ClaimRule {
  readonly id: string;
  readonly type: string;
  readonly codes?: Record<string, string[]>;
  readonly elements?: string;
  readonly where?: string;
  readonly profile: string;
}

interface ClaimsFile {
  readonly always: readonly string[];
  readonly system: string;
  readonly rules: readonly ClaimRule[];
}

export type ClaimRules =
  | { readonly ok: true; readonly claimsOf: ClaimsOf }
  | { readonly ok: false; readonly problems: string[] };

/** Reads `claims.json` and its schema from the folder `profiles/`. Throws with every problem when the table is not right: the gateway does not start. */
export async function loadClaims(folder: string, knowledge: FhirKnowledge): Promise<ClaimsOf> {
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'));
  const result = compileClaims(await json('claims.json'), (await json('claims.schema.json')) as object, knowledge);
  if (result.ok) return result.claimsOf;
  throw new Error(`The claim rules cannot be used:\n${result.problems.join('\n')}`);
}

/**
 * The table, checked and compiled. A rule that fits makes its claim only where the resource fits the profile, as far as that is loaded: nothing goes out that
 * says of itself what is not so. Pure.
 */
export function compileClaims(
  file: unknown,
  schema: object,
  { definitions, profiles, own }: Pick<FhirKnowledge, 'definitions' | 'profiles' | 'own'>,
): ClaimRules {
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
  if (!validate(file))
    return {
      ok: false,
      problems: (validate.errors ?? []).map((one) => `claims.json${one.instancePath}: ${one.message}.`),
    };
  const table = file as ClaimsFile;
  const problems: string[] = [];
  const rules = new Map<string, Fitting[]>();
  for (const rule of table.rules) {
    const { id, type, profile } = rule;
    const known = profiles.structure(profile);
    if (profile.startsWith(OURS) && !known) problems.push(`claims.json, rule ${id}: there is no profile ${profile}.`);
    if (definitions.type(type)?.kind !== 'resource' || (known && known.type !== type))
      problems.push(`claims.json, rule ${id}: ${type} is not the type of its profile.`);
    const fits = compileRule(rule, table.system, (expression) => {
      try {
        return compileCondition(expression, { definitions, slotOf: () => undefined });
      } catch {
        problems.push(`claims.json, rule ${id}: the condition is no FHIRPath.`);
        return () => false;
      }
    });
    rules.set(type, [...(rules.get(type) ?? []), { profile, fits }]);
  }
  if (problems.length > 0) return { ok: false, problems };
  const always = (type: string) => own.filter((one) => one.type === type).map((one) => one.url);
  const holds = (resource: Resource, url: string): boolean =>
    !profiles.check(resource, url).some((one) => one.severity === 'error');
  return {
    ok: true,
    claimsOf: (resource) => [
      ...always(resource.resourceType),
      ...(rules.get(resource.resourceType) ?? [])
        .filter(({ fits, profile }) => fits(resource) && holds(resource, profile))
        .map(({ profile }) => profile),
    ],
  };
}

const OURS = 'http://gezinspoort.nl/';

interface Fitting {
  readonly profile: string;
  fits(resource: Resource): boolean;
}

function compileRule(
  { codes, elements, where }: ClaimRule,
  system: string,
  compile: (expression: string) => Condition,
): Fitting['fits'] {
  const wanted = new Set([
    ...Object.entries(codes ?? {}).flatMap(([of, all]) => all.map((code) => `${of}|${code}`)),
    ...(elements ? numbersOf(elements).map((one) => `${system}|${one}`) : []),
  ]);
  const condition = where === undefined ? undefined : compile(where);
  const isWanted = ({ system: of, code }: Coding): boolean => wanted.has(`${of}|${code}`);
  return (resource) => {
    if (wanted.size > 0 && !ownCodings(resource).some(isWanted)) return false;
    const node = { ...rootNode(resource, undefined), type: resource.resourceType };
    return condition === undefined || condition(node, { slots: [], self: node, index: 0, resource: node });
  };
}

/** The resource with these claims beside those that it came with. Builds a new value; the rest is shared. */
export function withClaims<T extends Resource>(resource: T, claims: readonly string[]): T {
  if (claims.length === 0) return resource;
  const profile = [...new Set([...(resource.meta?.profile ?? []), ...claims])];
  return { ...resource, meta: { ...resource.meta, profile } };
}
