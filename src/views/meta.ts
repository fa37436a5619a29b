import type { Coding, Meta, Resource } from '@medplum/fhirtypes';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';
import { holdsBsn } from './bsn-guard.ts';

/** What a resource says about itself: its one category, and its sensitivity labels. */
export interface Labelled {
  /** Code without the prefix `cat-`; undefined where none or several stand there. */
  readonly category: string | undefined;
  readonly labels: readonly Coding[];
}

const UNRESTRICTED: ReadonlySet<string> = new Set(['U', 'L', 'M', 'N']);
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const SUBSETTED: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** Reads category and labels from `meta.security`. The confidentiality levels up to "normal" are no sensitivity. */
export function labelledAs(resource: Resource): Labelled {
  const security = resource.meta?.security;
  if (!Array.isArray(security)) return { category: undefined, labels: [] };
  const categories = security.filter((one) => one?.system === CATEGORY_SYSTEM);
  const code = categories.length === 1 ? categories[0]?.code : undefined;
  return {
    category: typeof code === 'string' && code.startsWith('cat-') ? code.slice('cat-'.length) : undefined,
    labels: security.filter(
      (one) =>
        one && one.system !== CATEGORY_SYSTEM && !(one.system === CONFIDENTIALITY && UNRESTRICTED.has(one.code ?? '')),
    ),
  };
}

/** The `meta` that goes out: version, time, profiles, category, where allowed the labels (codes only), and SUBSETTED where something was left out. */
export function outgoingMeta(
  meta: Meta | undefined,
  category: string | undefined,
  labels: readonly Coding[],
  subsetted: boolean,
): Meta {
  const security = [
    ...(category ? [{ system: CATEGORY_SYSTEM, code: `cat-${category}` }] : []),
    ...labels.flatMap(({ system, code }) =>
      typeof system === 'string' && typeof code === 'string' ? [{ system, code }] : [],
    ),
  ];
  const profile = Array.isArray(meta?.profile)
    ? meta.profile.filter((one) => typeof one === 'string' && !holdsBsn(one))
    : [];
  return {
    ...(typeof meta?.versionId === 'string' && { versionId: meta.versionId }),
    ...(typeof meta?.lastUpdated === 'string' && { lastUpdated: meta.lastUpdated }),
    ...(profile.length > 0 && { profile }),
    ...(security.length > 0 && { security }),
    ...(subsetted && { tag: [{ ...SUBSETTED }] }),
  };
}
