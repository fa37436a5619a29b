import type { Bundle, BundleEntry, Coding, Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json/strict-json.ts';
import { type Issue, type Refusal, refuse, refuseAll } from '../../fhir/problems.ts';
import type { IntakePorts } from '../intake.ts';
import { entriesOf } from './entries.ts';
import type { Entry } from './entry.ts';
import { entryFaults } from './entry-faults.ts';
import { link } from './link.ts';

/** A FHIR R4 Bundle of a source that was read: valid, understood, its references resolved. */
export interface ReadFhir {
  readonly ok: true;
  /** What came, as it was parsed. */
  readonly body: unknown;
  readonly bundle: Bundle;
  /** From `Bundle.identifier`. */
  readonly messageId: string | undefined;
  /** What could not be checked of the claimed profiles: where, and why not. */
  readonly unchecked: readonly string[];
}

/**
 * Reads a `transaction` or a `document` of FHIR R4 (nl-core) as a source sends it: nothing is mapped, all of it is validated, also against the profiles that it
 * claims, and what is not understood refuses the whole with every path.
 */
export function readFhir(ports: Pick<IntakePorts, 'validate' | 'unchecked'>, bytes: Uint8Array): ReadFhir | Refusal {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return refuse('json-invalid', undefined, parsed.message);
  const bundle = parsed.value as Bundle;
  if (!isMessage(bundle)) return refuse('fhir-invalid', 'Bundle.type', 'a transaction or a document with entries');
  if ((bundle.entry as BundleEntry[]).length > MOST_ENTRIES)
    return refuse(
      'bundle-not-understood',
      'Bundle.entry',
      `at most ${MOST_ENTRIES} entries: send the rest in Bundles of their own`,
    );
  const invalid = ports
    .validate(bundle)
    .map(({ path, message }): Issue => ({ code: 'fhir-invalid', path, expected: message }));
  if (invalid.length > 0) return refuseAll(invalid, 'fhir-invalid');
  const faults = [
    ...bundleFaults(bundle),
    ...(bundle.entry as BundleEntry[]).flatMap((one, index) =>
      entryFaults(one, `Bundle.entry[${index}]`, bundle.type === 'transaction'),
    ),
  ];
  if (faults.length > 0) return refuseAll(faults, 'bundle-not-understood');
  const { entries, issues } = link(entriesOf(bundle));
  if (issues.length > 0) return refuseAll(issues, 'reference-unresolved');
  const unchecked = ports.unchecked(bundle).map(({ path, message }) => `${path}: ${message}`);
  return { ok: true, body: bundle, bundle: plain(bundle, entries), messageId: idOf(bundle), unchecked };
}

/** One patient, one message: more is an archive, and holds up everybody else. */
const MOST_ENTRIES = 1_000;

const isMessage = (bundle: Bundle | null): bundle is Bundle =>
  bundle?.resourceType === 'Bundle' &&
  ['transaction', 'document'].includes(bundle.type ?? '') &&
  Array.isArray(bundle.entry) &&
  bundle.entry.length > 0;

/** A signature is over what came, and cannot be checked here; other rules for reading cannot be followed. */
const bundleFaults = (bundle: Bundle): Issue[] =>
  (['signature', 'implicitRules'] as const)
    .filter((one) => bundle[one] !== undefined)
    .map((one) => ({ code: 'bundle-not-understood', path: `Bundle.${one}`, expected: 'a Bundle without it' }));

function idOf({ identifier }: Bundle): string | undefined {
  if (!identifier?.value) return undefined;
  return identifier.system ? `${identifier.system}|${identifier.value}` : identifier.value;
}

/** The Bundle as a map would have made it: each entry under its key. What the whole is labelled with, each part is. */
function plain({ meta }: Bundle, entries: readonly Entry[]): Bundle {
  const security = meta?.security ?? [];
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: entries.map(({ key, resource }) => ({ fullUrl: key, resource: labelledToo(resource, security) })),
  };
}

const labelledToo = (resource: Resource, security: readonly Coding[]): Resource =>
  security.length === 0
    ? resource
    : { ...resource, meta: { ...resource.meta, security: [...(resource.meta?.security ?? []), ...security] } };
