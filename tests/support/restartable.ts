/** A server of a test's own that can be taken away and brought back, on the same address. */
export interface RestartableServer {
  readonly url: string;
  /** Takes it away: by its own orderly stop, killed on the spot, or frozen so that it takes and answers nothing. */
  down(how: 'stop' | 'kill' | 'hang'): Promise<void>;
  up(): Promise<void>;
  /** Stops it for good and removes what it kept. */
  remove(): Promise<void>;
}
