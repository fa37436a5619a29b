import type { RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';

/** Token requests per minute that one address, and one proven client, may make on one node. */
export interface TokenLimits {
  perAddress: number;
  perClient: number;
}

// A hospital asks a token per professional and purpose every five minutes: some 400 a minute for 2,000 people at work.
export const DEFAULT_LIMITS: TokenLimits = { perAddress: 3000, perClient: 1500 };

/** Counts every request of an address (IPv6: its /56) before anything is read: this bounds the work that guessing can cause. */
export function limitByAddress(limit: number): RequestHandler {
  return limiter(limit, (req) => ipKeyGenerator(req.ip ?? ''));
}

/**
 * Counts requests of a client once its signature is proven (`res.locals.client`): counting a merely claimed id would let anyone lock a hospital out.
 */
export function limitByClient(limit: number): RequestHandler {
  return limiter(limit, (_req, res) => (res.locals.client as { id: string }).id);
}

function limiter(
  limit: number,
  keyGenerator: (req: Parameters<RequestHandler>[0], res: Response) => string,
): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    keyGenerator: (req, res) => keyGenerator(req, res as Response),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_req, res) => {
      res.status(429).json({
        error: 'temporarily_unavailable',
        error_description: 'Too many token requests: wait as long as Retry-After says.',
      });
    },
  });
}
