import { randomUUID } from 'node:crypto';
import { type Issue, PROBLEMS, type Refusal, refuse } from '../fhir/problems.ts';
import { type Ack, buildAck } from '../sources/hl7v2/ack.ts';
import { buildBatchAnswer, readBatch } from '../sources/hl7v2/batch.ts';
import type { Envelope, Hl7Issue } from '../sources/hl7v2/types.ts';

export type AckCode = Ack['code'];

/** AE where sending the same again can help, AR where it cannot. */
export const codeOf = ({ issues }: Refusal): AckCode => (PROBLEMS[issues[0].code].retry === 'transient' ? 'AE' : 'AR');

/** The acknowledgement of one message: what is wrong with it at which place, or what was noticed about one that was accepted. */
export function acknowledgement(
  envelope: Envelope | undefined,
  code: AckCode,
  issues: readonly Issue[],
  now: Date,
  warnings: readonly Hl7Issue[] = [],
): string {
  const noticed = warnings.map((one) => ({
    code: one.code,
    path: one.path,
    severity: 'W' as const,
    text: one.message,
  }));
  const wrong = issues.map((one) => ({
    code: one.code,
    path: AS_SENT.get(one.path ?? '') ?? one.path,
    severity: 'E' as const,
    text: `${PROBLEMS[one.code].en}${one.expected ? ` (${one.expected})` : ''}`,
  }));
  const errors = code === 'AA' ? noticed : wrong;
  return buildAck(envelope, { code, errors, now, controlId: newControlId() });
}

/** Who the message is about is judged on the mapped patient; the sender knows it as these fields. */
const AS_SENT: ReadonlyMap<string, string> = new Map([
  ['Patient.identifier', 'PID-3'],
  ['Patient.identifier.value', 'PID-3'],
  ['Patient.birthDate', 'PID-7'],
  ['Patient.link', 'MRG-1'],
  ['Patient.deceasedDateTime', 'PID-29'],
  ['Encounter.period', 'PV1-44'],
  ['Composition.date', 'TXA-4'],
  ['Appointment.start', 'SCH-11'],
]);

/**
 * The answer to a batch (FHS, BHS): each message accepted or refused by itself, its acknowledgement in a batch of its own (HL7 v2 §2.10.3). Undefined when the
 * bytes are no batch; a batch that is not whole is refused in one acknowledgement, and nothing of it is taken in.
 */
export async function batchAnswer(
  bytes: Uint8Array,
  one: (message: Uint8Array) => Promise<string>,
  now: () => Date,
): Promise<string | undefined> {
  const read = readBatch(bytes);
  if (!read) return undefined;
  if (!read.ok) {
    const { path, message } = read.issue;
    return acknowledgement(undefined, 'AR', refuse('hl7-invalid', path, message).issues, now());
  }
  const answers: string[] = [];
  for (const message of read.batch.messages) {
    const answer = await one(message);
    if (answer !== '') answers.push(answer);
  }
  return buildBatchAnswer(read.batch, answers, now(), newControlId());
}

const newControlId = (): string => randomUUID().replaceAll('-', '').slice(0, 20);
