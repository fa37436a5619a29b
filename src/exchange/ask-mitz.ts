import type { Patient } from '@medplum/fhirtypes';
import type { DecisionEnv } from '../consent/types.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import type { Mitz } from '../mitz/client.ts';
import { ROLES, SECTORS } from '../mitz/codes.ts';
import type { MitzStatement } from '../mitz/notification.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/database.ts';
import { openBeside, type PatientFile } from '../store/records.ts';

interface MitzPorts {
  readonly db: Db;
  readonly mitz?: Mitz;
  policy(): Policy;
}

/**
 * What Mitz answers to a question, where the privacy officers chose to use it: asked of every holder whose data are in the file, now, and the strictest answer counts. A refusal that Mitz told of before is enough. Whoever cannot
 * be asked about (no BSN, no URA, a sector or a discipline that Mitz does not know) and whatever goes wrong is `down`: nothing leaves.
 */
export async function mitzAnswer(
  ports: MitzPorts,
  file: PatientFile,
  question: { readonly organisation: string; readonly discipline: string },
  person: string | undefined,
): Promise<Pick<DecisionEnv, 'mitz'>> {
  if (ports.policy().settings.mitz !== 'used') return {};
  const holders = [
    ...new Set(file.resources.filter((one) => one.category !== 'directory').map((one) => one.author)),
  ].filter((one) => one !== question.organisation);
  // Who looks at nothing but its own record needs nobody's leave there.
  if (holders.length === 0) return { mitz: 'permit' };
  const rows = await ports.db
    .selectFrom('organisation')
    .select(['id', 'ura', 'sector'])
    .where('id', 'in', [...holders, question.organisation])
    .execute();
  const party = (organisation: string) => {
    const row = rows.find((one) => one.id === organisation);
    const sector = row && SECTORS[row.sector];
    return row?.ura && sector ? { ura: row.ura, ...sector } : undefined;
  };
  const requester = party(question.organisation);
  const role = ROLES[question.discipline];
  const patient = file.resources.find((one) => one.type === 'Patient')?.resource as Patient | undefined;
  const bsn = patient?.identifier?.find((one) => one.system === BSN_SYSTEM)?.value;
  if (!requester || !role || !bsn) return { mitz: 'down' };
  if (await refused(ports.db, file, requester.category)) return { mitz: 'inactive' };
  const answers = await Promise.all(
    holders.map((one) => {
      const holder = party(one);
      const asked = { ...requester, role, person: person ?? requester.ura };
      return holder && ports.mitz ? ports.mitz.ask({ bsn, holder, requester: asked }) : 'down';
    }),
  );
  return { mitz: answers.includes('deny') ? 'deny' : answers.includes('down') ? 'down' : 'permit' };
}

/** Whether a notification of Mitz stands that refuses this category of requesters, for any holder. */
async function refused(db: Db, { patient, dataKey }: PatientFile, category: string): Promise<boolean> {
  const rows = await db
    .selectFrom('mitz_statement')
    .select(['holder', 'body'])
    .where('patient', '=', patient)
    .execute();
  return rows
    .flatMap(({ holder, body }) => openBeside(dataKey, statementName(holder), body) as MitzStatement[])
    .some(({ permits, categories }) => !permits && (categories.length === 0 || categories.includes(category)));
}

/** Under which name the statements about one holder are sealed. */
export const statementName = (holder: string): string => `mitz/${holder}`;
