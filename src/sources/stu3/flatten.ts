/** A JSON object. */
export type Json = Record<string, unknown>;

/** One resource of a message: where it stands there (JSON pointer), how the message names it, and in which resource it is contained. */
export interface Found {
  readonly resource: Json;
  readonly at: string;
  readonly fullUrl: string | undefined;
  readonly container: Json | undefined;
}

/** Every resource of a STU3 body: the entries of a Bundle, those of the search results in a batch-response, and what they contain. */
export function flatten(body: Json): Found[] {
  return body.resourceType === 'Bundle' ? entriesOf(body, '') : withContained(body, '', undefined);
}

function entriesOf(bundle: Json, at: string): Found[] {
  const entries = (bundle.entry ?? []) as { resource?: Json; fullUrl?: string }[];
  return entries.flatMap(({ resource, fullUrl }, index) => {
    const place = `${at}/entry/${index}/resource`;
    if (!resource) return [];
    return resource.resourceType === 'Bundle' ? entriesOf(resource, place) : withContained(resource, place, fullUrl);
  });
}

function withContained(resource: Json, at: string, fullUrl: string | undefined): Found[] {
  const { contained = [], ...own } = resource;
  const inner = (contained as Json[]).map((one, index) => ({
    resource: one,
    at: `${at}/contained/${index}`,
    fullUrl: undefined,
    container: own,
  }));
  return [{ resource: own, at, fullUrl, container: undefined }, ...inner];
}
