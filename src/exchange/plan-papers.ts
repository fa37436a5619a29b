import type { Consent } from '@medplum/fhirtypes';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { isPaper, type Paper, readPaper, signedBy } from './consent-papers.ts';
import type { Own } from './family-checks.ts';

/** The papers that are entered with a family, by the Consent that they belong to. */
export interface PaperPlan {
  readonly ok: true;
  readonly sets: readonly { readonly consent: string; readonly list: readonly Paper[] }[];
}

/**
 * Puts each paper of a family Bundle with its Consent in the same Bundle: the form with the Consent that names it as its source, the signature with the one it targets. A paper of
 * nothing is refused, and so is one that proves nothing. Pure.
 */
export function planPapers(own: readonly Own[]): PaperPlan | Refusal {
  const sets = new Map<string, Paper[]>();
  for (const [index, one] of own.entries()) {
    if (!isPaper(one)) continue;
    const path = `Bundle.entry[${index}].resource`;
    const read = readPaper(one, path);
    if (!read.ok) return read;
    const place = `${one.resourceType}/${one.id}`;
    const consent = own.find(
      (other): other is Consent & Own =>
        other.resourceType === 'Consent' &&
        (one.resourceType === 'Provenance'
          ? read.target === `Consent/${other.id}`
          : (other as Consent).sourceReference?.reference === place),
    );
    if (!consent) return refuse('paper-incomplete', path, 'a Consent in this Bundle');
    if (!signedBy(one, consent.performer ?? [])) return refuse('paper-incomplete', `${path}.signature.who`);
    sets.set(consent.id, [...(sets.get(consent.id) ?? []), one]);
  }
  return { ok: true, sets: [...sets].map(([consent, list]) => ({ consent, list })) };
}
