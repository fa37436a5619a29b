import { record } from '../audit/log.ts';
import { accept } from '../exchange/accept.ts';
import { type Issue, refuse } from '../fhir/problems.ts';
import { errorCode } from '../log.ts';
import { decodeHl7 } from '../sources/hl7v2/decode.ts';
import type { Envelope } from '../sources/hl7v2/types.ts';
import { isStoreAway } from '../store/away.ts';
import type { Directory } from '../store/directory.ts';
import type { ClientRow } from '../store/schema.ts';
import { type AckCode, acknowledgement, batchAnswer, codeOf } from './acknowledge.ts';
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
    const one = async (message: Uint8Array): Promise<string> => {
      const decoded = decodeHl7(message);
      const { envelope } = decoded;
      // An acknowledgement is never acknowledged: two systems that do so never stop.
      if (envelope?.type.startsWith('ACK')) return '';
      const { code, issues } = await answer(ports, message, peer.address, envelope);
      count(code);
      return acknowledgement(envelope, code, issues, ports.now(), decoded.ok ? decoded.warnings : []);
    };
    return (await batchAnswer(frame, one, ports.now)) ?? one(frame);
  };
}

type Answer = { code: AckCode; issues: readonly Issue[] };

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
    if (!result.ok) return { code: codeOf(result), issues: result.issues };
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

/** IPv4 addresses arrive mapped into IPv6 on a dual-stack socket. */
const plain = (address: string): string => address.replace(/^::ffff:/, '');
