import type { Response } from 'express';

/** Error codes of RFC 6749 section 5.2, with access_denied of section 4.1.2.1 for what is not registered. */
const STATUS = {
  invalid_request: 400,
  invalid_client: 401,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  access_denied: 403,
} as const;

export interface OAuthError {
  error: keyof typeof STATUS;
  description: string;
  /** Where HTTP has a more exact status than RFC 6749 gives. */
  status?: number;
}

/** Answers in the form of RFC 6749 section 5.2. Descriptions are fixed sentences: they never hold what the client sent. */
export function sendOAuthError(res: Response, { error, description, status }: OAuthError): void {
  res.status(status ?? STATUS[error]).json({ error, error_description: description });
}
