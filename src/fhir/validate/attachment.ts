import type { Json } from '../path/node.ts';

/** True when an Attachment says another size than its data have (FHIR R4, Attachment.size: bytes before base64). */
export function hasWrongSize({ data, size }: Json): boolean {
  return (
    typeof data === 'string' &&
    typeof size === 'number' &&
    Buffer.byteLength(data.replace(/\s/g, ''), 'base64') !== size
  );
}
