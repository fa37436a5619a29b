import type { Json } from '../path/node.ts';
import type { Membership, Terminology } from '../terminology.ts';

/** Whether a code, Coding, CodeableConcept or Quantity has a code of the ValueSet. A concept has one when any of its codings is. */
export function membershipOf(value: unknown, type: string, valueSet: string, terminology: Terminology): Membership {
  const of = (coding: Json | null): Membership =>
    typeof coding?.code === 'string'
      ? terminology.membership(valueSet, String(coding.system ?? ''), coding.code)
      : 'out';
  if (typeof value === 'string') return terminology.membership(valueSet, undefined, value);
  const json = value as Json | null;
  if (type !== 'CodeableConcept') return of(json);
  const codings = Array.isArray(json?.coding) ? (json.coding as Json[]) : [];
  const all = codings.map(of);
  if (all.length === 0) return isExplained(json) ? 'in' : 'out';
  return all.includes('in') ? 'in' : all.includes('unknown') ? 'unknown' : 'out';
}

/** A concept without codes may say by an extension why (data-absent-reason, nullFlavor). */
const isExplained = (json: Json | null): boolean => Array.isArray(json?.extension);
