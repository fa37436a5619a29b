import {
  type CipherKey,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { type Pairwise, pairwise } from './pairwise.ts';

/**
 * The vault: the only place where personal data become readable. One master key; every purpose has a key of its own, derived with
 * HKDF-SHA-256 (RFC 5869), so that no key serves two purposes. Bodies are AES-256-GCM under a data key per patient; the data key is
 * wrapped by the master key, so erasing a patient is destroying 60 bytes.
 */
export interface Vault {
  /** A new data key for a patient, wrapped for storage. */
  newDataKey(patient: string): Buffer;
  /** Opens a wrapped data key. Throws when it was not wrapped for this patient. */
  dataKey(patient: string, wrapped: Uint8Array): KeyObject;
  /** The keyed index of a BSN: 32 bytes, meaningless without the key. All valid BSNs can be hashed in minutes, so a plain hash would be no protection. */
  bsnIndex(bsn: string): Buffer;
  /** A keyed digest of a message, to recognise the same message id with other content. */
  digest(bytes: Uint8Array): Buffer;
  /** A stable id for a source's own identifier, the same at each sending, that tells nothing about the identifier. */
  stableId(...parts: string[]): string;
  /** Seals a small secret of the gateway itself (token signing keys) under its name. */
  sealSecret(name: string, plain: Uint8Array): Buffer;
  openSecret(name: string, sealed: Uint8Array): Buffer;
  /** The ids as one organisation sees them. */
  ids(organisation: string): Pairwise;
}

const IV = 12;
const TAG = 16;

/** Builds the vault from a 32-byte master key. */
export function createVault(masterKey: Uint8Array): Vault {
  if (masterKey.length !== 32) throw new Error('The master key must be exactly 32 bytes.');
  // As key objects: with a key as bytes, node:crypto spends four times as long on each body.
  const derive = (purpose: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, '', `gezinspoort/${purpose}/v1`, 32)));
  const keys = {
    wrap: derive('wrap'),
    bsn: derive('bsn-index'),
    digest: derive('digest'),
    id: derive('stable-id'),
    secret: derive('secret'),
  };
  const organisations = new Map<string, Pairwise>();
  return {
    newDataKey: (patient) => seal(keys.wrap, randomBytes(32), `data-key/${patient}`),
    dataKey: (patient, wrapped) => createSecretKey(open(keys.wrap, wrapped, `data-key/${patient}`)),
    bsnIndex: (bsn) => hmac(keys.bsn, bsn),
    digest: (bytes) => createHmac('sha256', keys.digest).update(bytes).digest(),
    stableId: (...parts) => toUuid(hmac(keys.id, JSON.stringify(parts))),
    sealSecret: (name, plain) => seal(keys.secret, plain, `secret/${name}`),
    openSecret: (name, sealed) => open(keys.secret, sealed, `secret/${name}`),
    ids(organisation) {
      const known = organisations.get(organisation) ?? pairwise(derive(`pairwise/${organisation}`));
      organisations.set(organisation, known);
      return known;
    },
  };
}

/** AES-256-GCM: iv (12) ‖ tag (16) ‖ ciphertext. The associated data tie the ciphertext to its row: moved elsewhere, it does not open. */
export function seal(key: CipherKey, plain: Uint8Array, aad: string): Buffer {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** Opens what `seal` made. Throws when key, bytes or associated data differ. */
export function open(key: CipherKey, sealed: Uint8Array, aad: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV), { authTagLength: TAG })
    .setAAD(Buffer.from(aad))
    .setAuthTag(sealed.subarray(IV, IV + TAG));
  const plain = decipher.update(sealed.subarray(IV + TAG));
  // In this mode the end adds nothing: it checks the tag, and throws before anything is given out.
  decipher.final();
  return plain;
}

const hmac = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** 16 bytes as a UUID of version 8 (RFC 9562 §5.8: own layout). */
function toUuid(bytes: Uint8Array): string {
  const b = Buffer.from(bytes.subarray(0, 16));
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x80;
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const hex = b.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
