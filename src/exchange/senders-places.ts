import { randomUUID } from 'node:crypto';
import type { Issue, Refusal } from '../fhir/problems.ts';
import { asSent } from '../sources/as-sent.ts';
import { fieldOf } from '../sources/hl7v2/field-of.ts';
import type { ReadMessage, Sources, Traced } from '../sources/registry.ts';

/**
 * A refusal that was found in the mapped resources, in the sender's own words: each place becomes that of the message which it was made from. Only here is the message
 * traced, so a message that is accepted pays nothing. The FHIR element stays beside what was expected.
 */
export function withSendersPlaces(sources: Sources, message: ReadMessage, refusal: Refusal): Refusal {
  if (!refusal.issues.some(isInResource)) return refusal;
  const traced = sources.trace(message, randomUUID);
  if (!traced.ok) return refusal;
  const [first, ...rest] = refusal.issues.map((issue) =>
    isInResource(issue) ? placed(message, traced, issue) : issue,
  );
  return { ok: false, issues: [first as Issue, ...rest] };
}

/** `Observation.valueQuantity.value` and its like. */
const isInResource = ({ path }: Issue): boolean => path !== undefined && /^[A-Z][A-Za-z]+(\.|$)/.test(path);

function placed(message: ReadMessage, traced: Traced, issue: Issue): Issue {
  const path = issue.path as string;
  const type = path.split('.')[0] ?? '';
  const place = issue.entry === undefined ? onlyEntry(traced, type) : `Bundle.entry[${issue.entry}].resource`;
  const from = place && sourceOf(traced, place + path.slice(type.length), place);
  if (!from) return issue;
  const field = from.isThere || message.kind.contentType !== 'application/hl7-v2' ? undefined : fieldOf(path);
  return {
    ...issue,
    path: field ?? asSent(message, from.path),
    expected: issue.expected ? `${issue.expected} (${path})` : path,
  };
}

/** The entry of a type that the message has once, such as its Patient. */
function onlyEntry({ bundle }: Traced, type: string): string | undefined {
  const all = [...(bundle.entry ?? []).entries()].filter(([, { resource }]) => resource?.resourceType === type);
  return all.length === 1 ? `Bundle.entry[${all[0]?.[0]}].resource` : undefined;
}

/** `isThere`: the element itself was made from it; else what is around the element. */
interface Found {
  readonly path: string;
  readonly isThere: boolean;
}

/**
 * The place of the message that an element was made from: that which is common to all that is in it. An element that is not there was made from nothing, so what the
 * nearest one around it, up to the resource, was made from or stands for.
 */
function sourceOf({ lineage }: Traced, element: string, resource: string): Found | undefined {
  for (let at = element; at.length >= resource.length; at = at.slice(0, Math.max(at.lastIndexOf('.'), 0))) {
    const below = lineage.filter(({ target }) => isBelow(target, at));
    const made = below.flatMap(({ sources }) => sources);
    const found = common(made.length > 0 ? made : below.flatMap(({ conditions }) => conditions));
    if (found) return { path: found, isThere: at === element };
    // Made from several parts of a message, it stands for what had to be there for it to be made at all.
    const cause = common(lineage.find(({ target }) => target === at)?.conditions ?? []);
    if (cause) return { path: cause, isThere: false };
    // An element that came whole with the one around it (a Coding) has no entry of its own.
    const whole = lineage.find(
      ({ target, holdsValue, sources }) => holdsValue && sources.length > 0 && isBelow(at, target),
    );
    const around = whole && common(whole.sources);
    if (around) return { path: around, isThere: true };
  }
  return undefined;
}

/** Whether a place is another or lies below it; `value` covers `valueQuantity`. */
function isBelow(path: string, above: string): boolean {
  if (!path.startsWith(above)) return false;
  return /^($|[.[]|[A-Z])/.test(path.slice(above.length));
}

/** The path that all begin with. */
function common(paths: readonly string[]): string | undefined {
  const [first, ...rest] = paths.map((path) => path.split(/[.[]/));
  if (!first) return undefined;
  const end = first.findIndex((step, at) => rest.some((steps) => steps[at] !== step));
  const steps = end < 0 ? first : first.slice(0, end);
  return steps.map((step, at) => (step.endsWith(']') ? `[${step}` : at === 0 ? step : `.${step}`)).join('');
}
