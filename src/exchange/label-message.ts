import type { Coding, Resource } from '@medplum/fhirtypes';
import { type LabelledOk, type LabelResult, type LabelRules, label, labelled, type RecordOf } from './label.ts';
import { messageOf, withinMessage } from './label-report.ts';

/** A resource of a message and the url or `Type/id` by which the others refer to it. */
export interface MessageItem {
  readonly url: string;
  readonly resource: Resource;
}

/**
 * Labels the resources of one message, in their order, each also by what it comes with (`withinMessage`). A Binary has no content of its own to go by: it takes category and labels of the
 * DocumentReference that refers to it. A Provenance takes the category of its first target and the labels of all. One that follows nothing
 * in the message has no category.
 */
export function labelMessage(
  items: readonly MessageItem[],
  rules: LabelRules,
  record: RecordOf = 'child',
): LabelResult[] {
  const own = items.map(({ resource }) => (follows(resource) ? undefined : label(resource, rules, record)));
  const all = items.flatMap(({ resource }, i) => {
    const labels = own[i];
    return labels?.ok ? [{ resource, labels }] : [];
  });
  const message = messageOf(all, rules);
  const direct = items.map(({ resource }, i) => {
    const labels = own[i];
    return labels?.ok ? withinMessage({ resource, labels }, message) : labels;
  });
  const byUrl = new Map(items.map(({ url }, i) => [url, direct[i]]));
  return items.map(({ url, resource }, i) => direct[i] ?? follow(resource, leaders(url, resource, items, byUrl)));
}

const follows = (resource: Resource): boolean =>
  resource.resourceType === 'Binary' || resource.resourceType === 'Provenance';

function leaders(
  url: string,
  resource: Resource,
  items: readonly MessageItem[],
  byUrl: ReadonlyMap<string, LabelResult | undefined>,
): LabelledOk[] {
  const results =
    resource.resourceType === 'Provenance'
      ? resource.target.map((one) => byUrl.get(one.reference ?? ''))
      : items.filter((one) => attaches(one.resource, url)).map((one) => byUrl.get(one.url));
  return results.flatMap((one) => (one?.ok ? [one] : []));
}

const attaches = (resource: Resource, url: string): boolean =>
  resource.resourceType === 'DocumentReference' && resource.content.some((one) => one.attachment.url === url);

function follow(resource: Resource, followed: readonly LabelledOk[]): LabelResult {
  const [first] = followed;
  if (!first)
    return {
      ok: false,
      code: 'label-missing',
      path: resource.resourceType === 'Provenance' ? 'Provenance.target' : resource.resourceType,
    };
  const labels = new Map<string, Coding>(
    followed.flatMap((one) => one.security.slice(1).map((coding) => [coding.code ?? '', coding] as const)),
  );
  return labelled(first.category, [...labels.values()]);
}
