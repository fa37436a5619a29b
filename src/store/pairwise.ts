import { type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * Pairwise ids: two organisations that compare their ids learn nothing, because each sees its own. One AES-256 block under a key per
 * organisation is a permutation of all 128-bit ids, so the way back needs no table, and an id of another organisation opens to a
 * random id that does not exist.
 */
export interface Pairwise {
  /** Our id (a lower-case UUID) as this organisation sees it. */
  out(id: string): string;
  /** The way back; undefined for text that is no id of this kind. */
  in(id: string): string | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The two directions under one organisation's key (32 bytes). */
export function pairwise(key: CipherKey): Pairwise {
  // Single whole blocks in ECB carry no state from one to the next, so one cipher object serves every id.
  const encrypt = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const decrypt = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return {
    out: (id) => toText(encrypt.update(toBytes(id))),
    in: (id) => (isId(id) ? toText(decrypt.update(toBytes(id))) : undefined),
  };
}

/** Whether a text is an id of the gateway's own making. */
export const isId = (text: string): boolean => UUID.test(text);

const toBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

function toText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
