import { checkConsent } from '../consent/invariants.ts';
import type { Entitlements } from '../consent/types.ts';
import { entitlementsOf } from '../views/entitlements.ts';
import { checkViews } from '../views/invariants.ts';
import { POLIS } from './diff.ts';
import type { Policy } from './policy.ts';

/**
 * What no policy may break, whatever is chosen; each broken one in a sentence with its counterexample. Every sentence of consent/invariants.ts and
 * views/invariants.ts is proven anew, over the whole finite table.
 */
export function invariantsBroken({ views, settings }: Policy): string[] {
  const broken = [...checkViews(views), ...checkConsent(everywhere(views), settings)];
  return broken.map(({ en, counterexample }) => `${en} Not so: ${counterexample}.`);
}

/** The entitlements of every discipline at every poli, as if each were a discipline of its own: the decision knows only their rights. */
function everywhere(views: Policy['views']): Entitlements {
  const disciplines: Entitlements['disciplines'] = {};
  for (const poli of POLIS)
    for (const [name, rights] of Object.entries(entitlementsOf(views, poli).disciplines))
      disciplines[`${name} at ${poli ?? 'no poli'}`] = rights;
  return { disciplines, sensitiveLabels: views.sensitiveLabels };
}
