import type { ExplainPorts } from '../exchange/explain.ts';
import type { AcceptPorts } from '../exchange/push.ts';
import type { ReleasePorts } from '../exchange/release.ts';
import type { Log } from '../log.ts';

/** Everything the doors need; built once in `gateway.ts`. */
export interface ApiPorts extends AcceptPorts, ReleasePorts, ExplainPorts {
  readonly log: Log;
  readonly publicUrl: string;
  /** Puts accepted deliveries on the queue; never fails the request: the ledger holds them. */
  enqueue(deliveries: readonly string[]): void;
  /** Whether store and queue answer now. */
  ready(): Promise<boolean>;
  /** Whether the queue is known to be away: then nothing new is accepted. */
  queueAway(): boolean;
  counts(): Promise<{ exchanges: number; deliveries: Record<string, number>; audit: number }>;
}
