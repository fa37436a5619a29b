import { randomUUID } from 'node:crypto';
import type { AuditEvent, Consent, Parameters, Resource, Task } from '@medplum/fhirtypes';
import type { AuditActor, AuditFact } from '../audit/event.ts';
import { record, recordWhile } from '../audit/log.ts';
import type { Page, Selection } from '../fhir/search/page.ts';
import type { Mitz } from '../mitz/client.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/database.ts';
import type { StoredResource } from '../store/records.ts';
import type { NewReceipt, Notice } from '../store/schema.ts';
import { seal, type Vault } from '../store/vault.ts';
import { mitzAnswer } from './ask-mitz.ts';
import { breakGlass } from './break-glass.ts';
import { consentView } from './consent-view.ts';
import { toReceipt } from './decision-receipt.ts';
import { outward } from './externalise.ts';
import { envOf, type Judgement, judge, type Question } from './judge.ts';
import { type Family, loadFamily } from './relatives.ts';

declare const mark: unique symbol;

/** What may leave the house. Only `release` makes one, and only a `Released` can be written to a response or sent to a receiver. */
export interface Released {
  readonly [mark]: true;
  readonly resources: readonly Resource[];
  /** Where a page of a search was asked. */
  readonly page?: Page;
  /** Id of the receipt of this answer, whatever is in it; undefined where several answers are put together outside of a request. */
  readonly receipt?: string;
}

export interface ReleasePorts {
  readonly db: Db;
  readonly vault: Vault;
  /** The policy in force. */
  policy(): Policy;
  /** Mitz, where it is connected. */
  readonly mitz?: Mitz;
  now(): Date;
}

/** Who asks for which family, and what of the result they want (a search, one exchange's resources); `select` sees all that may leave and nothing else. */
export interface ReleaseRequest {
  readonly family: Family;
  readonly question: Omit<Question, 'at'>;
  readonly actor: AuditActor;
  readonly requestId?: string;
  readonly exchange?: string;
  readonly resources?: readonly StoredResource[];
  readonly select?: (resources: readonly Resource[]) => Selection;
}

/**
 * THE ONLY WAY OUT: consent, view, audit, out. The audit entries and the receipt are committed before this returns; if they cannot be, it throws and
 * nothing leaves. The ids in the result are those of the asking organisation.
 */
export async function release(ports: ReleasePorts, request: ReleaseRequest): Promise<Released> {
  let { family } = request;
  const actor = { ...request.actor, receipt: request.actor.receipt ?? randomUUID() };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const released = await attemptRelease(ports, { ...request, actor, family });
    if (released) return released;
    const changed = await loadFamily(ports.db, ports.vault, family.file.patient, ports.now(), {});
    if (!changed) return combine([]);
    family = renewed(family, changed);
  }
  throw new Error('The family is being changed all the time; nothing was released.');
}

/** Consent changes rarely; somebody who changes it again and again while we judge gets nothing. */
const ATTEMPTS = 5;

/** The file as it was read, with who the family is and what it consents to as they are now. */
function renewed({ file }: Family, now: Family): Family {
  const fresh = new Set(now.file.resources.map((one) => `${one.type}/${one.id}`));
  const others = file.resources.filter((one) => !fresh.has(`${one.type}/${one.id}`));
  return { ...now, file: { ...now.file, resources: [...others, ...now.file.resources] } };
}

/** One judgement and its audit; undefined when consent, custody or relations changed in between. */
async function attemptRelease(ports: ReleasePorts, request: ReleaseRequest): Promise<Released | undefined> {
  const { family, question, actor } = request;
  const now = ports.now();
  const policy = ports.policy();
  const mitz = await mitzAnswer(ports, family.file, question, actor.person);
  const env = envOf(family.file, { env: { ...question.env, ...mitz } });
  const asked = { ...question, env, at: now.toISOString() };
  const judgement = judge(family.file, family.relatives, asked, policy, request.resources);
  if (judgement.decision.derivation.breakGlass && judgement.released.length > 0) {
    const glass = { reason: question.btgReason ?? '', minutes: policy.settings.breakGlassMinutes };
    if (!(await breakGlass(ports, family.file, glass, actor, now))) return combine([]);
  }
  const references = new Set(judgement.released.map(({ stored }) => `${stored.type}/${stored.id}`));
  references.add(`Patient/${family.file.patient}`);
  const out = outward(ports.vault.ids(question.organisation), (reference) => references.has(reference));
  const storedOf = new Map(judgement.released.map(({ stored, resource }) => [out.write(resource), stored]));
  const all = [...storedOf.keys()];
  const { resources, page } = request.select?.(all) ?? { resources: all };
  const leaving = resources.map((one) => storedOf.get(one) ?? neverReleased());
  const id = actor.receipt ?? '';
  const considered = request.resources ?? family.file.resources;
  const receipt = toReceipt({ id, family, question: asked, policy, judgement, considered, leaving });
  if (!(await recordWhile(ports.db, family.file, facts(request, actor, judgement, leaving, receipt), receipt, now)))
    return undefined;
  return { resources, receipt: id, ...(page && { page }) } as unknown as Released;
}

function neverReleased(): never {
  throw new Error('A selection holds something that was not released.');
}

function facts(
  request: ReleaseRequest,
  actor: AuditActor,
  judgement: Judgement,
  leaving: readonly StoredResource[],
  receipt: NewReceipt,
): AuditFact[] {
  const common = {
    actor,
    patient: request.family.file.patient,
    exchange: request.exchange,
    requestId: request.requestId,
  };
  const items = leaving.map((one) => `${one.type}/${one.id}/_history/${one.version}`);
  return [
    {
      ...common,
      kind: 'decision',
      consents: consentsOf(judgement),
      details: [...grounds(judgement), ...sealedReason(request), ...provable(receipt)],
    },
    ...(items.length > 0
      ? [
          {
            ...common,
            kind: 'release' as const,
            items,
            details: counted(
              'released',
              leaving.map((one) => one.category),
            ),
          },
        ]
      : []),
  ];
}

/** What ties the receipt to the log: who changes a receipt later can be shown to have done so. */
const provable = ({ policy, code, input, output }: NewReceipt): [string, string][] => [
  ['policy', policy],
  ['code', code],
  ['input', input.toString('hex')],
  ['output', output.toString('hex')],
];

/** The reason of a break-glass may hold clinical text: it stands on the log sealed under the patient's key, for whoever reviews it. */
function sealedReason({ family, question }: ReleaseRequest): [string, string][] {
  if (!question.btgReason) return [];
  const sealed = seal(family.file.dataKey, Buffer.from(question.btgReason), `break-glass/${family.file.patient}`);
  return [['break-glass-reason', sealed.toString('base64')]];
}

/** The ground of a decision in coded words: outcome, reasons, obligations, and what was withheld or redacted by category and reason, counted. */
export function grounds({ decision, withheld, released }: Judgement): [string, string][] {
  const redacted = released.flatMap(({ stored }) => {
    const item = decision.derivation.items[`${stored.type}/${stored.id}`];
    return item?.redactions.length ? [`${stored.category} ${item.redactions.join('+')}`] : [];
  });
  return [
    ['decision', decision.decision],
    ...decision.reasons.map((reason): [string, string] => ['reason', reason]),
    ...decision.obligations.map((one): [string, string] => ['obligation', one]),
    ...counted(
      'withheld',
      withheld.map(({ stored, reasons }) => `${stored.category} ${reasons.join('+')}`),
    ),
    ...counted('redacted', redacted),
    ...counted(
      'narrowed',
      released.filter((one) => one.removed.length > 0).map((one) => one.stored.category),
    ),
  ];
}

function counted(name: string, values: readonly string[]): [string, string][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => [name, `${value} ${count}`]);
}

function consentsOf({ decision }: Judgement): string[] {
  const seen = decision.derivation.people.flatMap((person) =>
    person.consents.map(({ id, version }) => `Consent/${id}${version ? `/_history/${version}` : ''}`),
  );
  return [...new Set(seen)];
}

/** Several releases as one answer. */
export const combine = (parts: readonly Released[]): Released =>
  ({ resources: parts.flatMap((one) => one.resources) }) as unknown as Released;

/**
 * The consent register's own way out: to recorders of an organisation with a treatment relation (the caller checks that). Consents are about the exchange
 * and carry no category; every look is on the log like any other.
 */
export async function releaseConsents(
  ports: Pick<ReleasePorts, 'db' | 'vault' | 'now'>,
  patient: string,
  consents: readonly Consent[],
  actor: AuditActor,
): Promise<Released> {
  const out = outward(ports.vault.ids(actor.organisation), everything);
  const versions = consents.map((one) => `Consent/${one.id}/_history/${one.meta?.versionId}`);
  await record(ports.db, [{ kind: 'release', actor, patient, consents: versions }], ports.now());
  return { resources: consents.map((one) => out.write(consentView(one))) } as unknown as Released;
}

/** Everything that belongs to the consents of a patient as it was entered, the forms and signatures too: for recorders and privacy officers (the caller checks that). */
export async function releasePapers(
  ports: Pick<ReleasePorts, 'db' | 'vault' | 'now'>,
  patient: string,
  consent: Consent,
  papers: readonly Resource[],
  actor: AuditActor,
): Promise<Released> {
  const out = outward(ports.vault.ids(actor.organisation), everything);
  const versions = [`Consent/${consent.id}/_history/${consent.meta?.versionId}`];
  const items = papers.map((one) => `${one.resourceType}/${one.id}`);
  await record(ports.db, [{ kind: 'release', actor, patient, consents: versions, items }], ports.now());
  return { resources: [consentView(consent), ...papers].map(out.write) } as unknown as Released;
}

/** Tasks about patients for those who look after consent in an organisation, in its ids (the caller checks the role and that the patients are theirs). Each patient's is on the log. */
export async function releaseTasks(
  ports: Pick<ReleasePorts, 'db' | 'vault' | 'now'>,
  tasks: readonly Task[],
  actor: AuditActor,
): Promise<Released> {
  const out = outward(ports.vault.ids(actor.organisation), everything);
  const facts = tasks.map(
    (task): AuditFact => ({
      kind: 'log-read',
      actor,
      patient: task.for?.reference?.replace('Patient/', ''),
      details: [['task', task.code?.coding?.[0]?.code ?? '']],
    }),
  );
  await record(ports.db, facts, ports.now());
  return { resources: tasks.map(out.write) } as unknown as Released;
}

/** What a receiver is told about copies that it holds: which they are, in its own ids, and what is the matter; no content. On the log before it leaves. */
export async function releaseNotice(
  ports: Pick<ReleasePorts, 'db' | 'vault' | 'now'>,
  { id, exchange, patient, notice }: { id: string; exchange: string; patient: string; notice: Notice },
  actor: AuditActor,
): Promise<Released> {
  const now = ports.now();
  const out = outward(ports.vault.ids(actor.organisation), everything);
  const { code, items } = notice;
  await record(ports.db, [{ kind: 'notice', actor, patient, exchange, items, details: [['notice', code]] }], now);
  return { resources: [out.write(noticeTask(id, patient, notice, now))] } as unknown as Released;
}

const noticeTask = (id: string, patient: string, { code, items }: Notice, now: Date): Task => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/notice', code }] },
  for: { reference: `Patient/${patient}` },
  authoredOn: now.toISOString(),
  input: items.map((reference) => ({ type: { text: 'copy' }, valueReference: { reference } })),
});

/** The log's own way out, to a privacy officer (the caller checks the role and has recorded the look): events hold references and codes, no content. */
export function releaseEvents(
  ports: Pick<ReleasePorts, 'vault'>,
  events: readonly AuditEvent[],
  organisation: string,
): Released {
  const out = outward(ports.vault.ids(organisation), everything);
  return { resources: events.map(out.write) } as unknown as Released;
}

/** An explanation's own way out (the caller has recorded the look): references and codes of a decision, no content. */
export const releaseExplanation = (
  ports: Pick<ReleasePorts, 'vault'>,
  explanation: Parameters,
  organisation: string,
): Released =>
  ({ resources: [outward(ports.vault.ids(organisation), everything).write(explanation)] }) as unknown as Released;

/** For what is not a family's content, every reference may stay. */
const everything = (): boolean => true;
