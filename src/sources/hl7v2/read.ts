import { decodeHl7 } from './decode.ts';
import { parseSegments } from './parse.ts';
import { checkVersion, nameSegments } from './structure.ts';
import type { Envelope, Hl7Issue, Hl7Message } from './types.ts';

/**
 * A message by its names, or every reason why it cannot be read. The envelope (for the ACK) is there whenever the MSH
 * is usable.
 */
export type Hl7Reading =
  | { ok: true; message: Hl7Message; envelope: Envelope; warnings: Hl7Issue[] }
  | { ok: false; envelope: Envelope | undefined; issues: Hl7Issue[] };

/** Bytes of one HL7 v2 message (without MLLP framing) → its named structure. Never throws; issues hold no values. */
export function readHl7(bytes: Uint8Array): Hl7Reading {
  const decoded = decodeHl7(bytes);
  if (!decoded.ok) return { ok: false, envelope: decoded.envelope, issues: [decoded.issue] };
  const { text, envelope, warnings } = decoded;
  const version = checkVersion(envelope);
  if (version) return { ok: false, envelope, issues: [version] };
  const parsed = parseSegments(text, envelope.separators);
  if (!parsed.ok) return { ok: false, envelope, issues: parsed.issues };
  const named = nameSegments(parsed.segments, envelope);
  if (!named.ok) return { ok: false, envelope, issues: named.issues };
  return { ok: true, message: named.message, envelope, warnings };
}
