import { type Refusal, refuse } from '../../fhir/problems.ts';
import type { Found, Json } from './flatten.ts';
import { addressOf, lookUp, type Names, typeInR4 } from './names.ts';

/** A place in the body that cannot be resolved; only ever thrown and caught in this file. */
class Unresolved extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super('unresolved');
    this.refusal = refusal;
  }
}

/** A resource with every reference resolved, documents in their attachments, and without what says nothing of the patient. */
export function resolve(
  found: Found,
  names: Names,
  patient: Found,
): { readonly ok: true; readonly resource: Json } | Refusal {
  const { resourceType: _type, text: _narrative, language: _language, meta, ...content } = found.resource;
  const { security } = (meta ?? {}) as Json;
  const container = found.container ?? found.resource;

  const walk = (value: unknown, at: string): unknown => {
    if (Array.isArray(value)) return value.map((one, index) => walk(one, `${at}/${index}`));
    if (typeof value !== 'object' || value === null) return value;
    const json = value as Json;
    const inner = Object.fromEntries(Object.entries(json).map(([key, one]) => [key, walk(one, `${at}/${key}`)]));
    if (typeof json.reference === 'string') return referenceOf(inner, json.reference, at);
    if (typeof json.url === 'string' && json.contentType !== undefined) return attachmentOf(inner, json.url, at);
    return isPatientByNumber(json) ? { reference: addressOf(patient, names) } : inner;
  };

  const referenceOf = (inner: Json, reference: string, at: string): Json => {
    const target = lookUp(reference, container, names);
    const isOther = target
      ? target.resource.resourceType === 'Patient' && target !== patient
      : /(^|\/)Patient\//.test(reference);
    if (isOther) throw new Unresolved(refuse('identity-conflict', at, 'a reference to the Patient of this message'));
    // The name of the patient need not stand with every fact.
    if (target === patient) return { reference: addressOf(patient, names) };
    const { reference: _, ...rest } = inner;
    if (target) return { ...rest, reference: addressOf(target, names) };
    const [id, type] = reference.split('/_history/')[0]?.split('/').reverse() ?? [];
    if (reference.startsWith('#') || id === undefined || type === undefined || !/^[A-Z][A-Za-z]+$/.test(type))
      throw new Unresolved(refuse('mapping-failed', at, 'a reference as Type/id, or to a resource of this message'));
    const identifier = { system: `http://gezinspoort.nl/fhir/NamingSystem/${names.source}-fhir`, value: id };
    return { identifier, ...rest, type: typeInR4(type) };
  };

  const attachmentOf = (inner: Json, url: string, at: string): Json => {
    const target = lookUp(url, container, names);
    if (target?.resource.resourceType !== 'Binary') return inner;
    // Each attachment would hold the content anew: a small message could fill the memory of whoever reads it.
    if (names.used.has(target)) throw new Unresolved(refuse('mapping-failed', at, 'one attachment for each Binary'));
    names.used.add(target);
    const { url: _, ...rest } = inner;
    return { ...rest, contentType: target.resource.contentType, data: target.resource.content };
  };

  /** A reference by an identifier of the patient, such as the BSN. */
  const isPatientByNumber = ({ identifier, display, ...rest }: Json): boolean => {
    const { system, value } = (identifier ?? {}) as Json;
    const own = (patient.resource.identifier ?? []) as Json[];
    if (typeof system !== 'string' || Object.keys(rest).length > 0) return false;
    return own.some((one) => one.system === system && one.value === value);
  };

  try {
    const resource = walk(content, found.at) as Json;
    return { ok: true, resource: { ...resource, ...(security !== undefined && { meta: { security } }) } };
  } catch (error) {
    if (error instanceof Unresolved) return error.refusal;
    throw error;
  }
}
