import { isUtf8 } from 'node:buffer';
import { JSON_LIMITS, JSON_REFUSALS, type JsonLimits, type JsonRefusal } from './limits.ts';
import { scanJson } from './scan.ts';

export type JsonResult = { ok: true; value: unknown } | { ok: false; code: JsonRefusal; message: string };

/**
 * Reads JSON as RFC 8259 means it, and refuses what JSON.parse would quietly bend: duplicate keys (the last one would
 * win), keys that reach a prototype, numbers that become Infinity, invalid UTF-8 and lone surrogates (they would become
 * U+FFFD), U+0000 (PostgreSQL cannot keep it), and nesting that breaks recursive code later on. `limits` are for tests
 * of the bounds; the size in bytes is the caller's to bound.
 */
export function parseJson(bytes: Uint8Array, limits: Partial<JsonLimits> = {}): JsonResult {
  if (startsWithMark(bytes) || !isUtf8(bytes)) return refuse('json-encoding');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const found = scanJson(text, { ...JSON_LIMITS, ...limits });
  if (found) return refuse(found.code, found.at);
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    // The engine's message quotes the text around the error: never passed on.
    return refuse('json-syntax');
  }
}

function refuse(code: JsonRefusal, at?: number): JsonResult {
  const where = at === undefined ? '' : ` (Near character ${at + 1}.)`;
  return { ok: false, code, message: JSON_REFUSALS[code] + where };
}

const startsWithMark = (bytes: Uint8Array): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
