import { DEFAULT_CONFIG } from '../consent/settings.ts';
import type { DecisionConfig } from '../consent/types.ts';
import type { Views } from '../views/registry.ts';

/** All that decides beside the family and the question: what each discipline may see, and what the privacy officers chose. It changes as one, by a policy release. */
export interface Policy {
  /** Names this very content: two policies with the same version decide alike. */
  readonly version: string;
  readonly views: Views;
  readonly settings: Required<DecisionConfig>;
}

/** These views with the default of every setting, for parts that are asked without a store. */
export const shippedPolicy = (views: Views): Policy => ({ version: 'shipped', views, settings: DEFAULT_CONFIG });
