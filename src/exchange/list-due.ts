import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/database.ts';
import { loadFile } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import { type Due, dueOf } from './due.ts';

/** What is due of one patient, by the id of the inside. */
export type DueOfPatient = Due & { readonly patient: string };

interface DuePorts {
  readonly db: Db;
  readonly vault: Vault;
  policy(): Pick<Policy, 'settings'>;
  now(): Date;
}

/** What is due for the patients of an organisation in the coming days, soonest first. Looking at it is on the log. */
export async function listDue(ports: DuePorts, actor: AuditActor, days: number): Promise<DueOfPatient[]> {
  const now = ports.now();
  const rows = await ports.db
    .selectFrom('treatment_relation')
    .select('patient')
    .distinct()
    .where('organisation', '=', actor.organisation)
    .where('since', '<=', now)
    .where((either) => either.or([either('until', 'is', null), either('until', '>', now)]))
    .execute();
  const { consentMaxAgeMonths: maxAgeMonths } = ports.policy().settings;
  const found: DueOfPatient[] = [];
  for (const { patient } of rows) {
    const file = await loadFile(ports.db, ports.vault, patient, now, {});
    if (file) found.push(...dueOf(file, now, { days, maxAgeMonths }).map((one) => ({ ...one, patient })));
  }
  const facts = [...new Set(found.map((one) => one.patient))].map((patient) => ({
    kind: 'log-read' as const,
    actor,
    patient,
    details: [['list', 'consent-due']] as const,
  }));
  await record(ports.db, facts, now);
  return found.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
}
