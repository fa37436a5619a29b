import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { record } from '../audit/log.ts';
import { FAMILIES } from '../demo/families.ts';
import { PARTIES } from '../demo/network.ts';
import { poliOf } from '../exchange/family.ts';
import { loadFamily } from '../exchange/relatives.ts';
import { preview, type Sheet, type Viewer } from '../exchange/simulation/preview.ts';
import { loadKnowledge } from '../knowledge.ts';
import { POLIS } from '../policy/diff.ts';
import { keptPolicies } from '../policy/kept.ts';
import type { Policy } from '../policy/policy.ts';
import { allReleases, holdsAt } from '../policy/releases.ts';
import { readDirectory } from '../store/directory.ts';
import { isId } from '../store/pairwise.ts';
import { onVault } from './on-store.ts';
import { previewHtml } from './preview/html.ts';
import { INVENTED, inventedFamily } from './preview/invented.ts';
import { previewText } from './preview/text.ts';

const USAGE = [
  `Usage: gezinspoort view preview [--family ${INVENTED.join('|')}] [--poli NAME] [--discipline NAME] [--html FILE]`,
  '       gezinspoort view preview --patient <id> [--discipline NAME] [--html FILE]',
].join('\n');

interface Shown {
  readonly heading: string;
  readonly sheets: readonly Sheet[];
  readonly viewers: readonly Viewer[];
}

/** `view preview`: left the whole record, right what each discipline gets. Of an invented family with its values; of a real one names of elements and outcomes only. */
export async function viewPreview(args: string[]): Promise<number> {
  const given = read(args);
  if (!given) {
    console.error(USAGE);
    return 2;
  }
  const { patient, html, discipline } = given;
  const shown =
    patient === undefined
      ? await ofInvented(given.family ?? 'yonathan', given.poli, discipline)
      : await ofPatient(patient, discipline);
  if (!shown) {
    console.error(
      patient === undefined
        ? 'There is no such discipline.'
        : 'There is no such patient here, or nobody asks as this discipline.',
    );
    return 1;
  }
  const { heading, sheets, viewers } = shown;
  if (html !== undefined) {
    await writeFile(html, previewHtml(heading, sheets, viewers));
    console.log(`${heading}: ${html}`);
  } else console.log(`${heading}\n\n${previewText(sheets, viewers, process.stdout.columns ?? 140)}`);
  return 0;
}

function read(args: string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = { family: text, poli: text, discipline: text, patient: text, html: text } as const;
    const { values } = parseArgs({ args, options });
    const { family, poli, patient } = values;
    if (family !== undefined && !INVENTED.includes(family)) return undefined;
    if (poli !== undefined && !POLIS.some((one) => one === poli)) return undefined;
    if (patient !== undefined && (!isId(patient) || family !== undefined || poli !== undefined)) return undefined;
    return values;
  } catch {
    return undefined;
  }
}

/** Of an invented family, under the policy that comes with the gateway. */
async function ofInvented(
  name: string,
  poli: string | undefined,
  discipline: string | undefined,
): Promise<Shown | undefined> {
  const knowledge = await loadKnowledge(undefined);
  const now = new Date();
  const family = await inventedFamily(knowledge, name, poli, now);
  const { policy } = knowledge.policy;
  const viewers = [...policy.views.policies.keys()]
    .filter((one) => discipline === undefined || one === discipline)
    .map((one): Viewer => {
      const organisation = PARTIES.find((party) => party.disciplines.includes(one))?.organisation;
      return {
        discipline: one,
        organisation: organisation?.id ?? 'ziekenhuis',
        sector: organisation?.sector ?? 'hospital',
      };
    });
  const heading = `${FAMILIES.find((one) => one.given.toLowerCase() === name)?.given} (invented), poli ${poliOf(family.file)}`;
  return viewers.length === 0
    ? undefined
    : { heading, viewers, sheets: preview(family, viewers, policy, now.toISOString(), true) };
}

/** Of a real one, under the policy in force, for the functions that may ask. The look is on the log. */
async function ofPatient(patient: string, discipline: string | undefined): Promise<Shown | undefined> {
  const { isElement } = await loadKnowledge(undefined);
  return onVault(async (db, vault) => {
    const now = new Date();
    const version = holdsAt(await allReleases(db), now)?.version ?? '';
    const policy: Policy | undefined = await keptPolicies(db, isElement)(version);
    const family = await loadFamily(db, vault, patient, now);
    const { functions } = await readDirectory(db);
    const viewers = functions.filter((one) => discipline === undefined || one.discipline === discipline);
    if (!family || !policy || viewers.length === 0) return undefined;
    const actor = { client: 'gezinspoort', organisation: 'gezinspoort' };
    await record(db, [{ kind: 'explain', actor, patient, details: [['preview', version]] }], now);
    const heading = `Patient/${patient}, poli ${poliOf(family.file) ?? 'none'}, policy ${version}`;
    return { heading, viewers, sheets: preview(family, viewers, policy, now.toISOString(), false) };
  });
}
