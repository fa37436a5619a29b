import type { Extension, Resource } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import { dutchDay } from '../consent/dutch-date.ts';
import { EXTENSIONS } from '../fhir/extensions.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { StoredResource } from '../store/records.ts';
import type { Own } from './family-checks.ts';

/** Facts that decide who has a say or what may be seen, with the extension that states each. */
const FACTS = {
  custody: EXTENSIONS.custody,
  court: EXTENSIONS.court,
  representative: EXTENSIONS.representative,
  'same-person': EXTENSIONS.samePerson,
  'protected-address': EXTENSIONS.protectedAddress,
} as const;
export type Fact = keyof typeof FACTS;

/** What changed resources say of these facts, in coded words for the log: the fact and its code, the ground where one is given; never a name. Pure. */
export function factsOf(changed: readonly Resource[]): [string, string][] {
  return changed.flatMap((resource) =>
    Object.entries(FACTS).flatMap(([fact, url]): [string, string][] => {
      const stated = extensionsOf(resource).find((one) => one.url === url);
      if (!stated) return [];
      const value = stated.valueCode ?? (stated.valueBoolean === undefined ? 'named' : String(stated.valueBoolean));
      const ground = groundOf(resource, fact as Fact);
      return [[fact, ground ? `${value} ${ground.ground} ${ground.date}` : value]];
    }),
  );
}

/** On what ground a fact about a person is known, and since which day it was seen there. */
export interface Ground {
  readonly ground: string;
  readonly date: string;
}

/** The ground that a resource gives for one of its facts. Pure. */
export function groundOf(resource: Resource, fact: Fact): Ground | undefined {
  const stated = extensionsOf(resource)
    .filter((one) => one.url === EXTENSIONS.knownFrom)
    .map((one) => one.extension ?? [])
    .find((parts) => part(parts, 'fact')?.valueCode === fact);
  const ground = stated && part(stated, 'ground')?.valueCode;
  const date = stated && part(stated, 'date')?.valueDate;
  return ground && date ? { ground, date } : undefined;
}

/** On which grounds a fact may be known. `stated` is the recorder's word for it: enough where it only tells what anybody can see, not where it takes away or gives a say. */
const GROUNDS: Readonly<Record<Fact, readonly string[]>> = {
  custody: ['custody-register', 'civil-registry', 'court-order', 'birth-certificate', 'stated'],
  court: ['court-order'],
  representative: ['court-order', 'power-of-attorney', 'next-of-kin'],
  'same-person': ['identity-document', 'civil-registry', 'stated'],
  'protected-address': ['civil-registry', 'court-order', 'stated'],
};

/**
 * Every fact that decides who has a say or what may be seen has a ground and a day. Those that come without keep what is on record where the fact is as it was, else they are what the
 * recorder states today. A court's consent and a representative need a ground of their own: they take a say from one person and give it to another. Pure.
 */
export function withGrounds(
  own: readonly Own[],
  current: readonly StoredResource[],
  now: Date,
): { readonly ok: true; readonly own: Own[] } | Refusal {
  const result: Own[] = [];
  for (const [index, one] of own.entries()) {
    const before = current.find((each) => each.type === one.resourceType && each.id === one.id)?.resource;
    const added: Extension[] = [];
    for (const fact of Object.keys(FACTS) as Fact[]) {
      const stated = statedOf(one, fact);
      if (!stated) continue;
      const given = groundOf(one, fact);
      const was = before && canonicalize(statedOf(before, fact)) === canonicalize(stated) && groundOf(before, fact);
      const ground = given ?? (was || { ground: 'stated', date: dutchDay(now.getTime()) });
      const denied = stated.valueBoolean === false;
      if (!denied && !GROUNDS[fact].includes(ground.ground))
        return refuse(
          'fhir-invalid',
          `Bundle.entry[${index}].resource.extension`,
          `known-from for ${fact}: one of ${GROUNDS[fact].join(', ')}, with its date`,
        );
      if (!given) added.push(knownFrom(fact, ground));
    }
    result.push(added.length > 0 ? ({ ...one, extension: [...extensionsOf(one), ...added] } as Own) : one);
  }
  return { ok: true, own: result };
}

const statedOf = (resource: Resource, fact: Fact): Extension | undefined =>
  extensionsOf(resource).find((one) => one.url === FACTS[fact]);

/** The extension that says on what ground a fact is known. */
export const knownFrom = (fact: Fact, { ground, date }: Ground): Extension => ({
  url: EXTENSIONS.knownFrom,
  extension: [
    { url: 'fact', valueCode: fact },
    { url: 'ground', valueCode: ground },
    { url: 'date', valueDate: date },
  ],
});

const extensionsOf = (resource: Resource): Extension[] => (resource as { extension?: Extension[] }).extension ?? [];

const part = (parts: readonly Extension[], url: string): Extension | undefined => parts.find((one) => one.url === url);
