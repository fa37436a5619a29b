import { randomUUID } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import type { Refusal } from '../fhir/problems.ts';
import { readFhir } from './fhir-in/read.ts';
import type { AcceptPorts, Push } from './push.ts';
import { withSendersPlaces } from './senders-places.ts';

/** A push that was read, whatever its format. */
export interface ReadPush {
  readonly ok: true;
  readonly messageId: string | undefined;
  readonly senderUra: string | undefined;
  readonly senderPath: string | undefined;
  readonly referralKnown: boolean;
  /** About a newborn without BSN it may wait for one. */
  readonly waitsForIdentity: boolean;
  /** What makes it the same message when it comes again: bytes, or one writing of all content where it may be written in several ways. */
  readonly content: Uint8Array;
  /** What could not be checked of it. */
  readonly unchecked: readonly string[];
  /** A refusal that was found in its resources, told in places of the message itself. */
  withSendersPlaces(refusal: Refusal): Refusal;
  /** It was accepted: what of it no rule reads may be counted. */
  noteUnread(): void;
  /** Its shared resources. */
  bundle(): { readonly ok: true; readonly bundle: Bundle } | Refusal;
}

/** Reads a push: FHIR R4 as it is, everything else in the source's own format and by its maps. */
export function readPush(ports: AcceptPorts, { source, contentType, bytes }: Push): ReadPush | Refusal {
  if (isFhirR4(contentType)) {
    const read = readFhir(ports, bytes);
    if (!read.ok) return read;
    const { bundle, messageId, unchecked, body } = read;
    return {
      ok: true,
      messageId,
      senderUra: undefined,
      senderPath: undefined,
      // Never deduced: R4 has no field for it that every sender means alike.
      referralKnown: false,
      waitsForIdentity: false,
      content: Buffer.from(canonicalize(body) ?? ''),
      unchecked,
      // Resources that are taken as they are have the sender's places already, and no map.
      withSendersPlaces: (refusal) => refusal,
      noteUnread: () => undefined,
      bundle: () => ({ ok: true, bundle }),
    };
  }
  const message = ports.sources.read(source, contentType, bytes);
  if (!message.ok) return message;
  const { messageId, senderUra, senderPath, referralKnown, kind, content } = message;
  return {
    ok: true,
    messageId,
    senderUra,
    senderPath,
    referralKnown,
    waitsForIdentity: kind.waitsForIdentity === true,
    content: Buffer.from(content),
    unchecked: [],
    withSendersPlaces: (refusal) => withSendersPlaces(ports.sources, message, refusal),
    noteUnread: () => ports.noteUnread(message),
    bundle: () => ports.sources.map(message, randomUUID),
  };
}

/** FHIR of the version that is shared here; other versions are formats of a source. */
export const isFhirR4 = (contentType: string): boolean =>
  /^application\/fhir\+json\b/i.test(contentType) && !/fhirVersion\s*=\s*"?(?!4\.0)/i.test(contentType);
