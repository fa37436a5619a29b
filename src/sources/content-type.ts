/** FHIR as a format of a source: other versions than the one that is shared. */
export const FHIR_STU3 = 'application/fhir+json; fhirVersion=3.0';

/** What bytes of a message hold that came without a content type, by how they begin: a byte order mark, MLLP framing and spaces aside. */
export function contentTypeOf(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  const start = head.replace(/^[^A-Za-z{<]*/, '');
  if (start.startsWith('MSH')) return 'application/hl7-v2';
  if (start.startsWith('<')) return 'application/xml';
  return isResource(bytes) ? FHIR_STU3 : 'application/json';
}

function isResource(bytes: Uint8Array): boolean {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof json === 'object' && json !== null && 'resourceType' in json;
  } catch {
    return false;
  }
}
