import type { Definitions } from '../definitions.ts';
import type { PackedStructure } from '../pack-types.ts';
import type { Terminology } from '../terminology.ts';
import type { Rule } from './rule.ts';
import type { Check } from './walk.ts';

/** What is known while profiles are compiled. */
export interface Context {
  readonly definitions: Definitions;
  readonly terminology: Terminology;
  /** A profile by canonical url, with or without version. */
  structure(url: string): PackedStructure | undefined;
  /** Its elements as a tree. */
  rules(url: string): Rule | undefined;
  /** The check of a loaded profile, compiled on first use. */
  check(url: string): Check | undefined;
}

/** A canonical without its version. */
export const bare = (url: string): string => url.split('|')[0] as string;
