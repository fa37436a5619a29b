import canonicalize from 'canonicalize';
import { checkConsent } from '../consent/invariants.ts';
import { type Entitlements, entitlementsOf } from '../views/entitlements.ts';
import { checkViews } from '../views/invariants.ts';
import { POLIS } from './diff.ts';
import type { Policy } from './policy.ts';

/**
 * What no policy may break, whatever is chosen: the sentences about views and about decisions that it does break, each with a case that shows it. Goes through whole
 * finite tables, so it takes some seconds. Pure.
 */
export function invariantsBroken(policy: Policy): string[] {
  const violations = [...checkViews(policy.views), ...checkConsent(differentOnes(policy), policy.settings)];
  return [...new Map(violations.map((one) => [one.name, one])).values()].map(
    ({ en, counterexample }) => `${en} Broken by: ${counterexample}`,
  );
}

/** What a decision knows of a discipline are its entitlements: of those that have the same, at any poli, one stands for all. */
function differentOnes({ views }: Policy): Entitlements {
  const found = new Map<string, [name: string, entitlement: Entitlements['disciplines'][string]]>();
  for (const poli of POLIS) {
    for (const [discipline, one] of Object.entries(entitlementsOf(views, poli).disciplines)) {
      const key = canonicalize({ ...one, categories: [...one.categories].sort() }) ?? '';
      if (!found.has(key)) found.set(key, [poli === undefined ? discipline : `${discipline}-at-${poli}`, one]);
    }
  }
  return { ...entitlementsOf(views, undefined), disciplines: Object.fromEntries(found.values()) };
}
