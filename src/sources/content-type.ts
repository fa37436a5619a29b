/** What bytes of a message hold, by how they begin: a byte order mark, MLLP framing and spaces aside. */
export function contentTypeOf(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  const start = head.replace(/^[^A-Za-z{<]*/, '');
  if (start.startsWith('MSH')) return 'application/hl7-v2';
  return start.startsWith('<') ? 'application/xml' : 'application/json';
}
