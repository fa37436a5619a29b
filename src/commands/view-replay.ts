import { record } from '../audit/log.ts';
import { type Replayed, replay } from '../exchange/replay.ts';
import { loadDefinitions } from '../fhir/load.ts';
import { decidingCode } from '../policy/deciding-code.ts';
import { keptPolicies } from '../policy/kept.ts';
import { isId } from '../store/pairwise.ts';
import { isElementOf } from '../views/registry.ts';
import { onVault } from './on-store.ts';

/** `view replay`: 0 when every decision of the answer comes out the same; 1 when one does not or cannot be made again. The look is on the log. */
export async function viewReplay(id: string): Promise<number> {
  if (!isId(id)) {
    console.error('A receipt is the id in the header Gezinspoort-Receipt of an answer.');
    return 2;
  }
  const isElement = isElementOf(await loadDefinitions());
  const replayed = await onVault(async (db, vault) => {
    const done = await replay({ db, vault, policyOf: keptPolicies(db, isElement) }, id);
    const facts = done.map(({ kind, row }) => ({
      kind: 'explain' as const,
      actor: { client: 'gezinspoort', organisation: 'gezinspoort', receipt: id },
      patient: row.patient,
      details: [['replay', kind]] as [string, string][],
    }));
    await record(db, facts, new Date());
    return done;
  });
  if (replayed.length === 0) console.log('Nothing was decided for an answer with this receipt.');
  for (const one of replayed) console.log(inWords(one));
  return replayed.length > 0 && replayed.every((one) => one.kind === 'same') ? 0 : 1;
}

const WHY: Readonly<Record<Extract<Replayed, { kind: 'impossible' }>['why'], string>> = {
  erased: 'The patient was erased: nobody can open what was decided on.',
  'relative-erased': 'A relative who had a say was erased: what that person consented to can no longer be opened.',
  'version-gone': 'A version that was looked at is no longer in the store.',
  'not-readable': 'The receipt does not open: it is not what was written.',
  'policy-gone': 'The policy of then is not in the store, or this gateway cannot read it.',
};

function inWords(one: Replayed): string {
  const { row } = one;
  const head = `${row.at.toISOString()}  ${row.discipline} of ${row.organisation}, ${row.purpose}, ${row.mode}, policy ${row.policy}`;
  const code = row.code === decidingCode() ? '' : ` (decided by code ${row.code}, made again by ${decidingCode()})`;
  if (one.kind === 'impossible') return `${head}\n  ${WHY[one.why]}`;
  if (one.kind === 'same') return `${head}\n  same result: ${one.decision}, ${one.items} items${code}`;
  return [
    `${head}\n  a different result${code}:`,
    ...one.differences.map(({ what, before, after }) => `  ${what}\n    then  ${before}\n    now   ${after}`),
  ].join('\n');
}
