/** Why the embedded PostgreSQL cannot serve; every message names what a person can do about it. */
export type EmbeddedFailureCode =
  | 'embedded-unavailable' // no binaries for this machine, or they do not run here
  | 'embedded-account' // started as root and there is no account to run PostgreSQL under
  | 'embedded-unreachable' // the cluster lies where its account cannot come
  | 'embedded-incomplete' // DATA_DIR names a cluster or password that is gone
  | 'embedded-version' // the cluster was made by another major version
  | 'embedded-in-use' // another gateway owns this DATA_DIR
  | 'embedded-start'; // initdb or the server itself failed; see postgres.log

export interface EmbeddedFailure extends Error {
  readonly code: EmbeddedFailureCode;
}

/** Makes the error that `startEmbedded` rejects with: a stable code and a sentence to act on. */
export function embeddedFailure(code: EmbeddedFailureCode, message: string): EmbeddedFailure {
  return Object.assign(new Error(message), { code });
}
