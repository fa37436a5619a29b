import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import type { Flip } from '../consent/flip.ts';
import type { Policy } from '../policy/policy.ts';
import type { StoredResource } from '../store/records.ts';
import type { ReceiptRow } from '../store/schema.ts';
import { type ItemOutcome, outputOf, type ReceiptOutput } from './decision-receipt.ts';
import { type About, toParameters } from './explain-parameters.ts';
import {
  type Decision,
  type Explanation,
  explanationOf,
  nothingToTell,
  type Seen,
  type Telling,
  withFlips,
} from './explanation.ts';
import { poliOf } from './family.ts';
import { envOf, flipIn, judge, type Question } from './judge.ts';
import { loadFamily } from './relatives.ts';
import { type Released, type ReleasePorts, releaseExplanation } from './release.ts';
import { flipAgain, recall, receiptRows } from './replay.ts';
import { queuedFor, whyNotKept } from './standing.ts';

export interface ExplainPorts extends ReleasePorts {
  /** A policy that was in force at some time. */
  policyOf(version: string): Promise<Policy | undefined>;
}

/** What is to be explained: an answer by its receipt, or what the asker would get of a patient now; narrowed to a type, an id or a category. Ids are the reader's own. */
export interface Asked {
  readonly receipt?: string;
  readonly patient?: string;
  readonly type?: string;
  readonly id?: string;
  readonly category?: string;
}

/** Who reads it. A privacy officer asks on behalf of the `question`. */
export interface Reader {
  readonly isOfficer: boolean;
  readonly question: Omit<Question, 'at'>;
  readonly actor: AuditActor;
}

interface Part {
  readonly about: About;
  readonly telling: Telling;
  readonly explanation: Explanation;
  flipOf?(ref: string): Flip | undefined;
}

/**
 * Explains a decision from what it returned. The look is on the log before anything is told. A professional reads about the own answers only; of what is withheld only where the
 * setting tellWithheld allows. A receipt or a patient that the reader cannot know gives what one without anything to release gives.
 */
export async function explain(ports: ExplainPorts, asked: Asked, reader: Reader): Promise<Released> {
  const parts =
    asked.receipt === undefined ? await ofPatient(ports, asked, reader) : await ofReceipt(ports, asked.receipt, reader);
  const found = parts.length > 0 ? parts : [unknown(ports, asked, reader)];
  const { actor } = reader;
  const facts = found.map(({ about, telling }) => ({
    kind: 'explain' as const,
    actor,
    patient: about.patient,
    details: [
      ['explained', asked.receipt ?? 'patient'],
      ['told', telling],
    ] as [string, string][],
  }));
  await record(ports.db, facts, ports.now());
  const narrowed = found.map(({ flipOf, ...one }) => {
    const explanation = narrow(one.explanation, asked, ports, reader);
    return { ...one, explanation: flipOf ? withFlips(explanation, flipOf) : explanation };
  });
  return releaseExplanation(ports, toParameters(narrowed), actor.organisation);
}

/** Of somebody whom the organisation does not treat, no setting lets a professional know more. */
const tellingOf = (ports: ExplainPorts, { isOfficer }: Reader, isRelated: boolean): Telling => {
  if (isOfficer) return 'everything';
  return isRelated && ports.policy().settings.tellWithheld === 'professional' ? 'withheld' : 'released';
};

/** What the asker would get of the patient now. */
async function ofPatient(ports: ExplainPorts, asked: Asked, reader: Reader): Promise<Part[]> {
  const patient = asked.patient && ports.vault.ids(reader.actor.organisation).in(asked.patient);
  const now = ports.now();
  const family = patient ? await loadFamily(ports.db, ports.vault, patient, now) : undefined;
  if (!family) return [];
  const policy = ports.policy();
  const { file } = family;
  const question = { ...reader.question, env: envOf(file, reader.question), at: now.toISOString() };
  const judgement = judge(file, family.relatives, question, policy);
  const sent = judgement.released.map((one) => one.stored);
  const queued = await queuedFor(ports.db, file.patient, question);
  const seen = seenOf(
    outputOf(judgement, file.resources, sent),
    file.resources.map((one) => ({
      ref: `${one.type}/${one.id}`,
      category: one.category,
      isSecret: isSecret(policy, one),
      ...(one.exchange && queued.has(one.exchange) && { onItsWay: true }),
    })),
  );
  const notKept = await whyNotKept(ports.db, file.patient);
  const flipOf = (ref: string) => flipIn(file, family.relatives, question, policy, file.resources, ref);
  const decision: Decision = { discipline: question.discipline, poli: poliOf(file), policy, seen, notKept };
  const telling = tellingOf(ports, reader, file.relations.includes(question.organisation));
  return toPart(decision, telling, flipOf, {
    patient: file.patient,
    organisation: question.organisation,
    discipline: question.discipline,
    at: question.at,
    policy: policy.version,
  });
}

/** The decisions of an answer, as they were. */
async function ofReceipt(ports: ExplainPorts, receipt: string, reader: Reader): Promise<Part[]> {
  const { organisation, discipline } = reader.question;
  const rows = (await receiptRows(ports.db, receipt)).filter(
    (one) => reader.isOfficer || (one.organisation === organisation && one.discipline === discipline),
  );
  const parts: Part[] = [];
  for (const row of rows) parts.push(...(await ofRow(ports, row, reader)));
  return parts;
}

async function ofRow(ports: ExplainPorts, row: ReceiptRow, reader: Reader): Promise<Part[]> {
  const recalled = await recall(ports, row);
  const policy = await ports.policyOf(row.policy);
  if (!recalled.ok || !policy) return [];
  const seen = seenOf(
    recalled.output,
    recalled.considered.map((one) => ({
      ref: `${one.type}/${one.id}`,
      category: one.category,
      isSecret: isSecret(policy, one),
    })),
  );
  const notKept = await whyNotKept(ports.db, row.patient);
  const flipOf = (ref: string) => flipAgain(recalled, policy, ref);
  const poli = poliOf(recalled.file);
  const decision: Decision = { discipline: row.discipline, poli, policy, seen, notKept };
  const telling = tellingOf(ports, reader, recalled.input.relations.includes(row.organisation));
  return toPart(decision, telling, flipOf, {
    patient: row.patient,
    organisation: row.organisation,
    discipline: row.discipline,
    at: row.at.toISOString(),
    policy: row.policy,
    receipt: row.id,
  });
}

/** Nothing for a reader who may not know that there is such a patient: then the answer is that about an unknown one. */
function toPart(decision: Decision, telling: Telling, flipOf: Part['flipOf'], about: About): Part[] {
  const isKnown = telling !== 'released' || decision.seen.some((one) => one.sent && one.outcome.outcome === 'released');
  return isKnown ? [{ about, telling, flipOf, explanation: explanationOf(decision, telling) }] : [];
}

/** That there is something about child protection may put a child in danger when it becomes known in the wrong place. */
const CHILD_PROTECTION = 'CHILDPROT';

const isSecret = (policy: Policy, { labels }: StoredResource): boolean =>
  labels.some((one) => one === CHILD_PROTECTION || policy.views.limits.neverLabels.has(one));

function seenOf(output: ReceiptOutput, considered: readonly Omit<Seen, 'outcome' | 'sent'>[]): Seen[] {
  return considered.flatMap((one, at) => {
    const [place = -1, sent = 0] = output.items[at] ?? [];
    const outcome: ItemOutcome | undefined = output.outcomes[place];
    return outcome ? [{ ...one, outcome, sent: sent === 1 }] : [];
  });
}

/** The answer about a receipt or patient of whom the reader may know nothing: the same for all of them. */
function unknown(ports: ExplainPorts, asked: Asked, { question }: Reader): Part {
  const policy = ports.policy();
  const about = {
    organisation: question.organisation,
    discipline: question.discipline,
    at: ports.now().toISOString(),
    policy: policy.version,
    ...(asked.receipt !== undefined && { receipt: asked.receipt }),
  };
  return { about, telling: 'released', explanation: nothingToTell(policy, question.discipline) };
}

function narrow(explanation: Explanation, asked: Asked, ports: ExplainPorts, reader: Reader): Explanation {
  const id = asked.id === undefined ? undefined : ports.vault.ids(reader.actor.organisation).in(asked.id);
  const items = explanation.items.filter(
    (one) =>
      (asked.type === undefined || one.ref.startsWith(`${asked.type}/`)) &&
      (asked.id === undefined || one.ref.endsWith(`/${id}`)) &&
      (asked.category === undefined || one.category === asked.category),
  );
  const categories = explanation.categories.filter(
    (one) => asked.category === undefined || one.category === asked.category,
  );
  return { items, categories };
}
