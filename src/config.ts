import { resolve } from 'node:path';

/** Files of a key, its certificate, and the authority that the other side's certificate must be of. */
export interface TlsFiles {
  readonly keyFile: string;
  readonly certFile: string;
  readonly caFile: string;
}

/** What the environment decides. Everything else about the gateway is data in its store or files in its checkout. */
export interface Config {
  readonly port: number;
  readonly mllpPort: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly publicUrl: string;
  readonly masterKeyFile: string | undefined;
  /** A folder of FHIR packages (`.tgz`) whose profiles inbound FHIR is validated against. */
  readonly fhirPackages: string | undefined;
  readonly mllpTls: TlsFiles | undefined;
  /** Where Mitz is (the national register of consent), with the certificate by which it knows this gateway. */
  readonly mitz: { readonly url: string; readonly tls: TlsFiles | undefined } | undefined;
  readonly demo: 'auto' | 'off';
  readonly logLevel: LogLevel;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment into a typed configuration, or lists every problem at once. Values are not repeated: a secret may stand in the wrong place. */
export function readConfig(env: Environment): ConfigResult {
  const problems: string[] = [];
  const port = readPort(env, 'PORT', 8080, problems);
  const databaseUrl = readUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:'], problems);
  const masterKeyFile = text(env.MASTER_KEY_FILE);
  if (databaseUrl && !masterKeyFile) {
    problems.push('MASTER_KEY_FILE: required with DATABASE_URL: the key may not live beside the data it protects.');
  }
  const config: Config = {
    port,
    mllpPort: readPort(env, 'MLLP_PORT', 2575, problems),
    host: text(env.HOST) ?? (databaseUrl ? '0.0.0.0' : '127.0.0.1'),
    dataDir: resolve(text(env.DATA_DIR) ?? '.gezinspoort'),
    databaseUrl,
    redisUrl: readUrl(env, 'REDIS_URL', ['redis:', 'rediss:'], problems),
    publicUrl: (readUrl(env, 'PUBLIC_URL', ['http:', 'https:'], problems) ?? `http://127.0.0.1:${port}`).replace(
      /\/$/,
      '',
    ),
    masterKeyFile,
    fhirPackages: text(env.FHIR_PACKAGES),
    mllpTls: readTls(env, 'MLLP_TLS', problems),
    mitz: readMitz(env, problems),
    demo: readChoice(env, 'DEMO', ['auto', 'off'] as const, databaseUrl ? 'off' : 'auto', problems),
    logLevel: readChoice(env, 'LOG_LEVEL', LOG_LEVELS, 'info', problems),
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config };
}

const text = (value: string | undefined): string | undefined => value?.trim() || undefined;

function readPort(env: Environment, name: string, fallback: number, problems: string[]): number {
  const value = text(env[name]);
  if (value === undefined) return fallback;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  problems.push(`${name}: must be a port number from 0 to 65535.`);
  return fallback;
}

function readUrl(env: Environment, name: string, protocols: string[], problems: string[]): string | undefined {
  const value = text(env[name]);
  if (value === undefined) return undefined;
  const protocol = URL.canParse(value) ? new URL(value).protocol : '';
  if (!protocols.includes(protocol))
    problems.push(`${name}: must be a URL that starts with ${protocols.join(' or ')}//.`);
  return value;
}

function readChoice<T extends string>(
  env: Environment,
  name: string,
  choices: readonly T[],
  fallback: T,
  problems: string[],
): T {
  const value = text(env[name]);
  if (value === undefined) return fallback;
  const choice = choices.find((one) => one === value);
  if (choice === undefined) problems.push(`${name}: must be one of ${choices.join(', ')}.`);
  return choice ?? fallback;
}

/** MLLP itself neither encrypts nor authenticates; with these three files it runs over mutual TLS (peers must show a certificate of the CA). Mitz asks for the same. */
function readTls(env: Environment, name: 'MLLP_TLS' | 'MITZ_TLS', problems: string[]): TlsFiles | undefined {
  const [keyFile, certFile, caFile] = [text(env[`${name}_KEY`]), text(env[`${name}_CERT`]), text(env[`${name}_CA`])];
  if (keyFile && certFile && caFile) return { keyFile, certFile, caFile };
  if (keyFile || certFile || caFile)
    problems.push(`${name}_KEY, ${name}_CERT, ${name}_CA: give all three files or none.`);
  return undefined;
}

function readMitz(env: Environment, problems: string[]): Config['mitz'] {
  const url = readUrl(env, 'MITZ_URL', ['http:', 'https:'], problems);
  const tls = readTls(env, 'MITZ_TLS', problems);
  // A question to Mitz holds a BSN.
  if (url?.startsWith('https:') && !tls)
    problems.push(
      'MITZ_URL: give MITZ_TLS_KEY, MITZ_TLS_CERT and MITZ_TLS_CA with it: Mitz lets nobody in without a certificate.',
    );
  if (url?.startsWith('http:') && !/^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:|\/|$)/.test(url))
    problems.push('MITZ_URL: must be https, except on this machine.');
  return url ? { url, tls } : undefined;
}
