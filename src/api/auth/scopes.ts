import type { Caller } from './types.ts';

/** A FHIR interaction as SMART v2 writes it: create, read, update, delete, search. */
export type Interaction = 'c' | 'r' | 'u' | 'd' | 's';

interface Scope {
  type: string;
  letters: string;
}

export type ScopeGrant = { ok: true; scopes: string[] } | { ok: false; description: string };

const LETTERS = 'cruds';
const SYSTEM_SCOPE = /^system\/(\*|[A-Z][A-Za-z]{0,63})\.(c?r?u?d?s?)$/;

/**
 * Reads one SMART App Launch 2.x system scope; undefined when it is not one: letters out of order, a v1 scope (`.read`), another context.
 * A search restriction (`?category=…`) is not understood either: granting the scope without it would give more than was asked.
 */
export function parseScope(text: string): Scope | undefined {
  const [, type, letters] = SYSTEM_SCOPE.exec(text) ?? [];
  return type && letters ? { type, letters } : undefined;
}

/**
 * What of the asked scopes (space separated, RFC 6749 section 3.3) the registration covers, by meaning and not by text: `system/*.cruds` asked with
 * `system/Patient.r` registered grants `system/Patient.r`. Refused when nothing is left, or when a system scope is malformed: a typing error
 * that silently grants less is found too late.
 */
export function grantScopes(asked: string, registered: readonly string[]): ScopeGrant {
  const texts = asked.split(' ').filter(Boolean);
  const malformed = texts.findIndex((text) => text.startsWith('system/') && !parseScope(text));
  if (malformed >= 0) {
    return {
      ok: false,
      description: `Scope number ${malformed + 1} is not a SMART v2 system scope: system/<type or *>.<letters of cruds, in that order>, without search restriction.`,
    };
  }
  const scopes = intersect(texts, registered);
  return scopes.length > 0
    ? { ok: true, scopes }
    : { ok: false, description: 'None of the scopes asked for is registered for this client.' };
}

/** The scopes that both lists cover, at most one per resource type; what is not understood in either list covers nothing. */
export function intersect(asked: readonly string[], registered: readonly string[]): string[] {
  const granted = new Map<string, Set<string>>();
  for (const one of understood(asked)) {
    for (const other of understood(registered)) {
      const type = commonType(one.type, other.type);
      const letters = [...one.letters].filter((letter) => other.letters.includes(letter));
      if (type && letters.length > 0) granted.set(type, new Set([...(granted.get(type) ?? []), ...letters]));
    }
  }
  return [...granted].map(
    ([type, letters]) => `system/${type}.${[...LETTERS].filter((letter) => letters.has(letter)).join('')}`,
  );
}

/** May this caller do this interaction on this resource type? Every entry of a batch asks for itself. */
export function allows(caller: Pick<Caller, 'scopes'>, resourceType: string, interaction: Interaction): boolean {
  return understood(caller.scopes).some(
    ({ type, letters }) => commonType(type, resourceType) === resourceType && letters.includes(interaction),
  );
}

const understood = (scopes: readonly string[]): Scope[] =>
  scopes.map(parseScope).filter((scope) => scope !== undefined);

function commonType(one: string, other: string): string | undefined {
  if (one === '*') return other;
  return other === '*' || one === other ? one : undefined;
}
