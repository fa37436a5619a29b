import type { CodeableConcept, Coding, Resource } from '@medplum/fhirtypes';
import { holdsBsn, isBsnCoding } from './bsn-guard.ts';
import { type CodeList, holdsConcept } from './codes.ts';
import { type Copying, copyBranch } from './copy.ts';
import { labelledAs, outgoingMeta } from './meta.ts';
import {
  type CategoryView,
  HIDDEN,
  type Projection,
  type Redaction,
  type TypeView,
  type View,
  type WithheldReason,
} from './types.ts';

/**
 * What of a resource goes out under a view (already resolved for the poli) and with these redactions, or why nothing does.
 * Written from the list of allowed elements. Pure; the input is neither changed nor shared, beside strings, numbers and booleans.
 *
 * - `bsn` (and a view without the right to it): identifiers and codes that are or could be a BSN stay out wherever they stand,
 *   and so does every text with a number that passes the 11-test, and every document, which cannot be looked through.
 * - `address`: addresses, contact points, typed text and documents stay out.
 * - `third-party`: only the elements that limits.json keeps for the type; a type it does not name does not go out.
 */
export function project(resource: Resource, view: View, redactions: ReadonlySet<Redaction>): Projection {
  const { category, labels } = labelledAs(resource);
  const seen = seenIn(resource, view, category, labels);
  if (typeof seen === 'string') return withheld(seen);
  const type = seen.types.get(resource.resourceType);
  if (!type) return withheld('type-not-in-view');

  const thirdParty = redactions.has('third-party') ? view.limits.thirdParty.get(resource.resourceType) : undefined;
  if (redactions.has('third-party') && !thirdParty) return withheld('no-redaction-rule');
  if (seen.codes && !hasListedCode(resource, type, seen.codes, thirdParty?.keep)) return withheld('code-not-in-view');
  const noBsn = !view.bsn || redactions.has('bsn');
  if (noBsn && holdsBsn(resource.id ?? '')) return withheld('nothing-left');

  const copying: Copying = {
    mask: maskOf(redactions.has('address'), thirdParty !== undefined, noBsn),
    noBsn,
    keep: thirdParty?.keep,
    removed: new Set(),
    hidden: new Set(),
    modified: resource.implicitRules !== undefined,
  };
  if ((type.root.hidden & copying.mask) !== 0) return withheld('nothing-left');
  const content = copyBranch(resource, type.root, copying);
  if (copying.modified) return withheld('modifier-not-understood');
  if (!content) return withheld('nothing-left');
  // The code of a finding is the finding: FHIR demands one, so it says that it is masked, as the value does.
  if (thirdParty?.masked) Object.assign(content, { code: masked(), dataAbsentReason: masked() });

  const removed = [...copying.removed];
  const shownLabels = seen.labels && !thirdParty ? labels.filter((one) => !(noBsn && isBsnCoding({ ...one }))) : [];
  const meta = outgoingMeta(
    // A profile can name the finding too.
    thirdParty || !namesItself(resource, content) ? { ...resource.meta, profile: undefined } : resource.meta,
    seen === view.directory ? undefined : category,
    shownLabels,
    removed.length > 0,
  );
  const { resourceType, id } = resource;
  const out = { resourceType, ...(typeof id === 'string' && { id }), meta, ...content } as Resource;
  return { resource: out, removed, hidden: [...copying.hidden], reason: removed.length > 0 ? 'reduced' : 'whole' };
}

/** Elements that say what a resource is. */
const NAMING = ['code', 'type', 'vaccineCode', 'medicationCodeableConcept'] as const;

/** Whether a view shows what the resource is: only then may its profiles say it too. */
const namesItself = (resource: object, shown: object): boolean =>
  NAMING.every((key) => !(key in resource) || key in shown);

/** What the view gives of resources like this one, or why it gives nothing. */
function seenIn(
  resource: Resource,
  view: View,
  category: string | undefined,
  labels: readonly Coding[],
): CategoryView | WithheldReason {
  if (labels.some((label) => view.limits.neverLabels.has(label.code ?? ''))) return 'label-never-shared';
  if (view.sensitive === 'never' && labels.length > 0) return 'sensitive-not-in-view';
  if (view.limits.directory.has(resource.resourceType)) return view.directory;
  if (category === undefined) return 'label-missing';
  return view.categories.get(category) ?? 'category-not-in-view';
}

/** Looks only at elements that stay: a masked value that passes a list would tell that it is on the list. */
function hasListedCode(
  resource: Resource,
  type: TypeView,
  codes: CodeList,
  keep: ReadonlySet<string> | undefined,
): boolean {
  if (type.codesAt === undefined) return false;
  if (type.codesAt === 'any') return true;
  const source = resource as unknown as Record<string, unknown>;
  const stays = (key: string): boolean => keep?.has(type.root.children.get(key)?.element ?? '') ?? true;
  return type.codesAt.some((key) => stays(key) && holdsConcept(codes, source[key]));
}

function maskOf(address: boolean, thirdParty: boolean, noBsn: boolean): number {
  if (address) return HIDDEN.address | HIDDEN.freetext | HIDDEN.opaque;
  if (thirdParty) return HIDDEN.freetext | HIDDEN.opaque;
  return noBsn ? HIDDEN.opaque : 0;
}

const masked = (): CodeableConcept => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'masked' }],
});

const withheld = (reason: WithheldReason): Projection => ({ resource: undefined, removed: [], reason });
