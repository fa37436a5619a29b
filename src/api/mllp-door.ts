import { randomUUID } from 'node:crypto';
import { record } from '../audit/log.ts';
import { accept } from '../exchange/accept.ts';
import { type Issue, PROBLEMS, refuse } from '../fhir/problems.ts';
import { errorCode } from '../log.ts';
import { buildAck } from '../sources/hl7v2/ack.ts';
import { decodeHl7 } from '../sources/hl7v2/decode.ts';
import type { Envelope } from '../sources/hl7v2/types.ts';
import { isStoreAway } from '../store/away.ts';
import type { Directory } from '../store/directory.ts';
import type { ClientRow } from '../store/schema.ts';
import type { ApiPorts } from './ports.ts';

/** Who may connect at all: the addresses on the allow-list of some client. */
export function allowsPeer(directory: Directory, address: string): boolean {
  return [...directory.clients.values()].some((client) => client.mllp?.addresses.includes(plain(address)));
}

/**
 * The HL7 v2 door: one message in, its application acknowledgement out. AA only after the exchange is committed; AR for what will be refused again, AE for
 * what may be sent again later. The sender is the client whose address and names (MSH-3, MSH-4) both fit: MLLP itself proves nothing.
 */
export function mllpDoor(
  ports: ApiPorts,
  count: (code: string) => void,
): (frame: Uint8Array, peer: { address: string }) => Promise<string | undefined> {
  return async (frame, peer) => {
    const { envelope } = decodeHl7(frame);
    // An acknowledgement is never acknowledged: two systems that do so never stop.
    if (envelope?.type.startsWith('ACK')) return '';
    const { code, issues } = await answer(ports, frame, peer.address, envelope);
    count(code);
    return acknowledgement(envelope, code, issues, ports.now());
  };
}

type Answer = { code: 'AA' | 'AE' | 'AR'; issues: readonly Issue[] };

async function answer(
  ports: ApiPorts,
  frame: Uint8Array,
  address: string,
  envelope: Envelope | undefined,
): Promise<Answer> {
  try {
    if (ports.queueAway()) return { code: 'AE', issues: refuse('store-away').issues };
    const client = envelope && senderOf(await ports.directory(), plain(address), envelope);
    if (!client?.mllp) {
      const refusal = refuse(envelope ? 'not-allowed' : 'hl7-invalid', 'MSH');
      const actor = { client: 'unknown', organisation: 'unknown', address: plain(address) };
      await record(ports.db, [{ kind: 'refusal', actor, details: [['code', refusal.issues[0].code]] }], ports.now());
      return { code: 'AR', issues: refusal.issues };
    }
    const { source } = client.mllp;
    const actor = { client: client.id, organisation: client.organisation, address: plain(address) };
    const result = await accept(ports, { source, contentType: 'application/hl7-v2', bytes: frame, actor });
    if (!result.ok)
      return { code: PROBLEMS[result.issues[0].code].retry === 'transient' ? 'AE' : 'AR', issues: result.issues };
    ports.enqueue(result.deliveries);
    ports.log.info({
      event: 'exchange-accepted',
      exchange: result.receipt.id,
      source,
      sender: client.organisation,
      count: result.deliveries.length,
    });
    return { code: 'AA', issues: [] };
  } catch (error) {
    const code = isStoreAway(error) ? 'store-away' : 'internal';
    ports.log.error({ event: 'mllp-failed', code: errorCode(error) });
    return { code: 'AE', issues: refuse(code).issues };
  }
}

function senderOf(directory: Directory, address: string, envelope: Envelope): ClientRow | undefined {
  const name = (field: number) => envelope.msh.fields[field]?.split(envelope.separators.component)[0] ?? '';
  return [...directory.clients.values()].find(
    ({ mllp }) => mllp?.addresses.includes(address) && mllp.application === name(3) && mllp.facility === name(4),
  );
}

function acknowledgement(
  envelope: Envelope | undefined,
  code: Answer['code'],
  issues: readonly Issue[],
  now: Date,
): string {
  const errors = issues.map((one) => ({
    code: one.code,
    path: AS_SENT.get(one.path ?? '') ?? one.path,
    severity: 'E' as const,
    text: `${PROBLEMS[one.code].en}${one.expected ? ` (${one.expected})` : ''}`,
  }));
  return buildAck(envelope, { code, errors, now, controlId: randomUUID().replaceAll('-', '').slice(0, 20) });
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

/** IPv4 addresses arrive mapped into IPv6 on a dual-stack socket. */
const plain = (address: string): string => address.replace(/^::ffff:/, '');
