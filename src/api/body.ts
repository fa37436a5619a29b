import express, { type RequestHandler } from 'express';

/** The largest message that is accepted, in bytes after decompression. */
export const MAX_BODY = 5 * 1024 * 1024;

/** Reads a body of any type as bytes. Compressed bodies are refused (415): a bomb is not worth its saving. Larger than 5 MB: 413. */
export const rawBody: RequestHandler = express.raw({ type: () => true, limit: MAX_BODY, inflate: false });

/** The body as bytes; empty when there was none. */
export const bytesOf = (body: unknown): Uint8Array => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));
