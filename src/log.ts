import pino from 'pino';
import type { LogLevel } from './config.ts';

/** The only fields a log line may carry. Anything else is dropped: an error object or a body can never reach the log by accident. */
const FIELDS = [
  'event',
  'code',
  'exchange',
  'delivery',
  'receiver',
  'source',
  'sender',
  'client',
  'route',
  'method',
  'status',
  'durationMs',
  'port',
  'attempt',
  'count',
  'role',
  'backend',
  'state',
  'address',
  'requestId',
  'version',
  'signal',
  'where',
] as const;

export type LogField = (typeof FIELDS)[number];
export type LogLine = { event: string } & { [field in LogField]?: string | number | boolean | undefined };

export interface Log {
  info(line: LogLine): void;
  warn(line: LogLine): void;
  error(line: LogLine): void;
}

const SAFE_TEXT = /^[\w .:/@+-]{0,120}$/;

/**
 * A structured logger that writes only the fields above, and only short plain texts in them. `sink` receives finished lines; default: standard output.
 * Errors are logged by their catalogue code, never by message: messages of parsers and drivers repeat their input.
 */
export function createLog(level: LogLevel, sink?: { write(line: string): void }): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink ?? pino.destination({ sync: false }),
  );
  const write = (severity: 'info' | 'warn' | 'error') => (line: LogLine) => logger[severity](allowed(line));
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function allowed(line: LogLine): Record<string, string | number | boolean> {
  const out: Record<string, string | number | boolean> = {};
  for (const field of FIELDS) {
    const value = line[field];
    if (typeof value === 'number' || typeof value === 'boolean') out[field] = value;
    else if (typeof value === 'string') out[field] = SAFE_TEXT.test(value) ? value : '(left out)';
  }
  return out;
}

/** The stable code of anything that was thrown: a Node or PostgreSQL error code, else the class name. Never the message. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code ?? (error instanceof Error ? error.name : 'unknown');
}
