import type { Policy } from '../policy/policy.ts';
import type { ReceiptRow } from '../store/schema.ts';
import { judgeAgain, type ReplayPorts, recall } from './replay.ts';
import { compare, type Flip } from './simulation/compare.ts';

/** One recorded decision that would come out differently. */
export interface RequestFlip extends Flip {
  readonly receipt: string;
  readonly discipline: string;
  readonly organisation: string;
  readonly at: Date;
}

/** What a policy would have changed of the decisions of a while. */
export interface BlastRadius {
  readonly requests: number;
  readonly patients: number;
  /** Decisions that cannot be made again: erased, or versions gone. */
  readonly impossible: number;
  readonly flips: readonly RequestFlip[];
  readonly patientsTouched: number;
}

/** Recorded decisions that are weighed at most, the latest first: at some milliseconds each, a few minutes. */
const MOST = 20_000;
const PAGE = 200;

/** Makes the recorded decisions since a moment again under the policy in force and under another one, on the versions of then. Reads only. */
export async function weigh(
  ports: Pick<ReplayPorts, 'db' | 'vault'>,
  since: Date,
  before: Policy,
  after: Policy,
): Promise<BlastRadius> {
  const flips: RequestFlip[] = [];
  const patients = new Set<string>();
  const touched = new Set<string>();
  let requests = 0;
  let impossible = 0;
  let page = await rowsBefore(ports, since, undefined);
  while (page.length > 0 && requests < MOST) {
    for (const row of page) {
      requests += 1;
      patients.add(row.patient);
      const recalled = await recall(ports, row);
      if (!recalled.ok) {
        impossible += 1;
        continue;
      }
      const flip = compare(recalled.considered, (policy) => judgeAgain(recalled, policy), before, after);
      if (flip.opens.length + flip.closes.length === 0) continue;
      touched.add(row.patient);
      const { id: receipt, discipline, organisation, at } = row;
      flips.push({ ...flip, receipt, discipline, organisation, at });
    }
    page = await rowsBefore(ports, since, page.at(-1)?.seq);
  }
  return { requests, patients: patients.size, impossible, flips, patientsTouched: touched.size };
}

const rowsBefore = ({ db }: Pick<ReplayPorts, 'db'>, since: Date, seq: string | undefined): Promise<ReceiptRow[]> =>
  db
    .selectFrom('receipt')
    .selectAll()
    .where('at', '>=', since)
    .$if(seq !== undefined, (query) => query.where('seq', '<', seq ?? ''))
    .orderBy('seq', 'desc')
    .limit(PAGE)
    .execute();
