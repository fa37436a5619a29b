import type { JWK } from 'jose';

/** What the gateway has registered for one client (one system of one organisation). */
export interface ClientRecord {
  id: string;
  /** Id of the organisation that answers for the client. */
  organisation: string;
  /** URA: the organisation's number in the UZI register. */
  ura?: string;
  /** Public keys of the client, registered inline: the gateway never fetches keys from an address. */
  keys: { keys: JWK[] };
  /** SMART v2 system scopes without search restriction. */
  scopes: string[];
  sources: string[];
  /** Codes of the disciplines this client may speak for. */
  disciplines: string[];
  /** v3-ActReason codes this client may state. Break-glass (BTG) is one of them: it must be registered by name. */
  purposes: string[];
  roles: string[];
  active: boolean;
}

/** The gateway's own keys. `all` holds the public half of every key whose tokens still count, the current one included. */
export interface SigningKeys {
  /** Private EC key (P-256 or P-384) with its `kid`. */
  current: JWK & { kid: string };
  all: JWK[];
}

/** What the authorisation server needs kept. Both promises reject when the store is away; nothing is granted then. */
export interface AuthStore {
  client(id: string): Promise<ClientRecord | undefined>;
  /** Atomic insert-if-absent, shared by all nodes: true exactly once per issuer and jti, until `expiresAt`. */
  useJti(issuer: string, jti: string, expiresAt: Date): Promise<boolean>;
  signingKeys(): Promise<SigningKeys>;
}

/** Who asks: the verified token read against the registration as it is now. */
export interface Caller {
  client: string;
  organisation: string;
  ura?: string;
  /** Staff id in the client's own organisation. */
  person?: string;
  discipline?: string;
  /** v3-ActReason code. */
  purpose?: string;
  btgReason?: string;
  scopes: string[];
  sources: string[];
  roles: string[];
  /** Id of the access token, for the audit log. */
  jti: string;
}

/** The parts of the world that the routes need. */
export interface AuthContext {
  store: AuthStore;
  /** Address of the gateway as clients see it, without a path of its own. */
  publicUrl: string;
  now(): Date;
}
