import type { Extension, Organization, Provenance, ProvenanceAgent, Reference } from '@medplum/fhirtypes';
import { EXTENSIONS } from '../fhir/extensions.ts';
import type { LineageEntry } from '../mapping/index.ts';
import { asSent } from './as-sent.ts';
import type { ReadMessage, Traced } from './registry.ts';

/** What a Provenance says of a message besides what its lineage does. */
export interface About {
  /** The organisation that sent it. */
  readonly author: Reference<Organization>;
  /** The message, by something that its sender knows it by. */
  readonly message: Reference;
  readonly recorded: string;
}

/**
 * The lineage of a mapped message as FHIR: one Provenance per resource, by its entry in the Bundle, with an extension per element that says which rule made it
 * from which places. It holds places and rules, no value: neither of the message nor of what it became.
 */
export function provenanceOf(message: ReadMessage, traced: Traced, about: About): Provenance[] {
  const entries = traced.bundle.entry ?? [];
  return entries.flatMap(({ resource }, index) => {
    if (!resource) return [];
    const place = `Bundle.entry[${index}].resource`;
    const type = resource.resourceType;
    const own = traced.lineage.filter(({ target, holdsValue }) => holdsValue && isIn(target, place));
    return {
      resourceType: 'Provenance',
      extension: own.map((one) => toExtension(message, one, one.target.slice(place.length + 1) || type)),
      target: [{ type, display: place }],
      recorded: about.recorded,
      agent: [agent('assembler', { display: 'Gezinspoort' }), agent('author', about.author)],
      entity: [{ role: 'source', what: about.message }],
    };
  });
}

const isIn = (target: string, place: string): boolean => target === place || target.startsWith(`${place}.`);

const agent = (code: string, who: ProvenanceAgent['who']): ProvenanceAgent => ({
  type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code }] },
  who,
});

function toExtension(message: ReadMessage, { sources, conditions, rule }: LineageEntry, element: string): Extension {
  const part = (url: string) => (valueString: string) => ({ url, valueString });
  const places = (paths: readonly string[]) => [...new Set(paths.map((path) => asSent(message, path)))];
  return {
    url: EXTENSIONS.lineage,
    extension: [
      part('element')(element),
      part('rule')(`${rule.file}:${rule.line} ${[rule.group, rule.rule].filter(Boolean).join(' › ')}`),
      ...places(sources).map(part('source')),
      ...places(conditions).map(part('condition')),
    ],
  };
}
