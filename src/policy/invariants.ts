import { entitlementsOf } from '../views/entitlements.ts';
import { resolveView } from '../views/resolve.ts';
import { POLIS } from './diff.ts';
import type { Policy } from './policy.ts';

/** What no policy may break, whatever is chosen; each broken one in a sentence with its counterexample. */
export function invariantsBroken(policy: Policy): string[] {
  const broken: string[] = [];
  for (const poli of POLIS) {
    const { disciplines } = entitlementsOf(policy.views, poli);
    for (const [discipline, { bsn, breakGlass, categories }] of Object.entries(disciplines)) {
      const view = resolveView(policy.views, discipline, poli);
      const at = `${discipline} at ${poli ?? 'no poli'}`;
      if (NO_GROUND_FOR_BSN.has(discipline) && bsn)
        broken.push(`${at} would get the BSN without a legal ground (UAVG 46).`);
      if (NO_CONTENT.has(discipline) && view?.sensitive !== 'never') broken.push(`${at} would get sensitive items.`);
      if (NO_CONTENT.has(discipline) && breakGlass) broken.push(`${at} could break the glass.`);
      for (const category of CLOSED)
        if (NO_CONTENT.has(discipline) && categories.includes(category))
          broken.push(`${at} would get data of category ${category}.`);
    }
  }
  if (!policy.views.limits.neverLabels.has('WORKNOTE'))
    broken.push('Private working notes would leave the house: WORKNOTE is not among the labels that never do.');
  return [...new Set(broken)];
}

/** No statutory task in care: no ground for a BSN (UAVG 46, Wabvpz 4-9). */
const NO_GROUND_FOR_BSN: ReadonlySet<string> = new Set(['volunteer', 'social-domain']);
/** Helpers without a professional secret. */
const NO_CONTENT: ReadonlySet<string> = new Set(['volunteer', 'planner']);
const CLOSED = ['history', 'risk', 'diagnostics', 'medication', 'obstetric'] as const;
