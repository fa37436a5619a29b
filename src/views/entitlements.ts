import type { Views } from './registry.ts';
import { resolveView } from './resolve.ts';

/** What the consent decision must know of the views: it can narrow them, never widen them. */
export interface Entitlements {
  disciplines: Record<string, { categories: string[]; breakGlass: boolean; bsn: boolean }>;
  sensitiveLabels: string[];
}

/** The entitlements of all disciplines at a poli (undefined: outside any), in the shape that `consent/decide` takes. */
export function entitlementsOf(views: Views, poli: string | undefined): Entitlements {
  const entitlements: Entitlements = { disciplines: {}, sensitiveLabels: [...views.sensitiveLabels] };
  for (const discipline of views.policies.keys()) {
    const view = resolveView(views, discipline, poli);
    if (!view) continue;
    const { breakGlass, bsn } = view;
    entitlements.disciplines[discipline] = { categories: [...view.categories.keys()], breakGlass, bsn };
  }
  return entitlements;
}
