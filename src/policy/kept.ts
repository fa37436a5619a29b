import type { Db } from '../store/database.ts';
import { compilePolicy } from './content.ts';
import type { Policy } from './policy.ts';
import { contentOf } from './releases.ts';

/** Policies that the store keeps, by version, compiled once; undefined for one that was never there or that this gateway can no longer read. */
export function keptPolicies(
  db: Db,
  isElement: (path: string) => boolean,
): (version: string) => Promise<Policy | undefined> {
  const compiled = new Map<string, Promise<Policy | undefined>>();
  async function compile(version: string): Promise<Policy | undefined> {
    const content = await contentOf(db, version);
    const read = content && compilePolicy(content, isElement);
    return read?.ok ? read.policy : undefined;
  }
  return (version) => {
    const known = compiled.get(version) ?? compile(version);
    compiled.set(version, known);
    return known;
  };
}
