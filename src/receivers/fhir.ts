import type { Bundle, Resource } from '@medplum/fhirtypes';

/** What became of one attempt. `transient`: try again, it is safe; `permanent`: the receiver will not take this, whatever we do. */
export type Sent =
  | { readonly ok: true; readonly receipt: { readonly status: number } }
  | { readonly ok: false; readonly failure: 'transient' | 'permanent'; readonly code: string };

/** Longest wait for a receiver's answer. */
const TIMEOUT_MS = 10_000;

/** Refusals of a receiver that another attempt cannot change (RFC 9110): everything in 4xx but these. */
const WORTH_RETRYING = new Set([401, 403, 404, 408, 409, 425, 429]);

/**
 * Hands resources to a FHIR server as one transaction of updates by id, so that the same delivery twice has the effect of one; the delivery id travels along
 * for the receiver's own log. Never throws. Redirects are not followed: they could lead the data elsewhere.
 */
export async function sendFhir(address: string, delivery: string, resources: readonly Resource[]): Promise<Sent> {
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  };
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json', 'idempotency-key': delivery, 'x-request-id': delivery },
      body: JSON.stringify(bundle),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // The answer's body may repeat what we sent; nothing of it is kept.
    await response.body?.cancel();
    if (response.ok) return { ok: true, receipt: { status: response.status } };
    const permanent = response.status >= 400 && response.status < 500 && !WORTH_RETRYING.has(response.status);
    return { ok: false, failure: permanent ? 'permanent' : 'transient', code: `http-${response.status}` };
  } catch (error) {
    return {
      ok: false,
      failure: 'transient',
      code: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'unreachable',
    };
  }
}
