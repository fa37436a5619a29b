import type { BundleEntry, Resource } from '@medplum/fhirtypes';
import { EXTENSIONS, isOwnExtension, POLI_SYSTEM } from '../../fhir/extensions.ts';
import type { Issue } from '../../fhir/problems.ts';
import { BY_IDENTIFIER, isNamedBy } from './entry.ts';

/** What is refused in an entry of a Bundle from a source, each with its path: what the gateway does not understand, and what is not a source's to say. Pure. */
export function entryFaults(entry: BundleEntry, path: string, isTransaction: boolean): Issue[] {
  const { resource } = entry;
  if (!resource) return [unknown(`${path}.resource`, 'a resource; nothing is deleted or read by a push')];
  return [
    ...(isTransaction ? requestFaults(entry, resource, path) : []),
    // A Consent of its own goes to the register, where it can only restrict (inbound-consents.ts); one inside something else is read by nobody.
    ...(resource.resourceType === 'Consent'
      ? Object.entries(resource).flatMap(([key, one]) => reservedFaults(one, `${path}.resource.${key}`))
      : reservedFaults(resource, `${path}.resource`)),
    ...modifierFaults(resource, `${path}.resource`),
  ];
}

const unknown = (path: string, expected: string): Issue => ({ code: 'bundle-not-understood', path, expected });

/** Conditions of a request that this gateway cannot keep: it holds copies, with versions of its own. */
const CONDITIONS = ['ifMatch', 'ifNoneMatch', 'ifModifiedSince'] as const;

function requestFaults({ request }: BundleEntry, resource: Resource, path: string): Issue[] {
  const at = `${path}.request`;
  if (request?.method !== 'POST' && request?.method !== 'PUT') return [unknown(`${at}.method`, 'POST or PUT')];
  const conditions = CONDITIONS.filter((one) => request[one] !== undefined).map((one) =>
    unknown(`${at}.${one}`, 'no condition on versions'),
  );
  const { url, ifNoneExist } = request;
  const type = resource.resourceType;
  const isUrl =
    request.method === 'POST'
      ? url === type
      : (url === `${type}/${resource.id}` && resource.id !== undefined) || isNamedBy(resource, url ?? '');
  const wanted = request.method === 'POST' ? type : `${type}/<its id> or ${type}?identifier=<one of its own>`;
  const isCondition = ifNoneExist === undefined || isNamedBy(resource, asSearch(type, ifNoneExist));
  return [
    ...conditions,
    ...(isUrl ? [] : [unknown(`${at}.url`, wanted)]),
    ...(isCondition ? [] : [unknown(`${at}.ifNoneExist`, 'identifier=<system>|<value> of the resource itself')]),
  ];
}

/** `ifNoneExist` holds the search without the type. */
export const asSearch = (type: string, search: string): string =>
  BY_IDENTIFIER.test(search) ? search : `${type}?${search.replace(/^\?/, '')}`;

/** Extensions of the gateway that a source may use: they only ever let less out. */
const TIGHTENING: ReadonlySet<string> = new Set([EXTENSIONS.protectedAddress, EXTENSIONS.aboutWhole]);

/** Custody, the poli and whatever else of ours decides who sees what: a source cannot widen that with a push, wherever in a resource it says so. */
function reservedFaults(value: unknown, path: string): Issue[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => reservedFaults(one, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  const { resourceType, url, system } = value as { resourceType?: unknown; url?: unknown; system?: unknown };
  const isReserved =
    resourceType === 'Consent' || system === POLI_SYSTEM || (isOwnExtension(url) && !TIGHTENING.has(url as string));
  return isReserved
    ? [{ code: 'not-allowed', path, expected: 'this from a consent recorder, in a Bundle of its own' }]
    : Object.entries(value).flatMap(([key, one]) => reservedFaults(one, `${path}.${key}`));
}

/** What changes the meaning of the rest by rules that are not known here (FHIR R4 §extensibility: a receiver that does not understand must not go on). */
function modifierFaults(value: unknown, path: string): Issue[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => modifierFaults(one, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === 'modifierExtension' || key === 'implicitRules'
      ? [unknown(`${path}.${key}`, 'no modifier that the gateway does not know')]
      : modifierFaults(one, `${path}.${key}`),
  );
}
