import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import type { PatientFile } from '../store/records.ts';
import { judge } from './judge.ts';
import { loadFamily } from './relatives.ts';
import { combine, type Released, type ReleasePorts, type ReleaseRequest, release } from './release.ts';

/** Somebody who asks for patients and not yet for one family. */
export interface Asker {
  readonly question: ReleaseRequest['question'];
  readonly actor: AuditActor;
  readonly requestId?: string;
}

/** One look at one family. A patient whom nobody knows costs what one with nothing to show costs: the same statements and a decision, over nothing. */
export async function pull(
  ports: ReleasePorts,
  asker: Asker,
  patient: string | undefined,
  select: ReleaseRequest['select'],
): Promise<Released> {
  const family = await loadFamily(ports.db, ports.vault, patient ?? randomUUID(), ports.now());
  return family ? release(ports, { ...asker, family, select }) : inVain(ports, asker);
}

/** Nobody was found: judged and recorded like a look at a family, so that neither time nor load tells the difference; probing is seen on the log. */
export async function inVain(ports: ReleasePorts, { question, actor, requestId }: Asker): Promise<Released> {
  const now = ports.now();
  const { decision } = judge(nobody(), [], { ...question, at: now.toISOString() }, ports.policy());
  const details: [string, string][] = [
    ['decision', decision.decision],
    ['code', 'not-found'],
  ];
  await record(ports.db, [{ kind: 'decision', actor, requestId, details }], now);
  return combine([]);
}

const nobody = (): PatientFile => ({
  patient: randomUUID(),
  dataKey: createSecretKey(randomBytes(32)),
  resources: [],
  consents: [],
  relations: [],
  gate: 0,
});
