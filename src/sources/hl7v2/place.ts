import { ONCE } from './fields.ts';
import type { Hl7Message, Hl7Order, Hl7Segment } from './types.ts';

/** The kinds of messages whose groups are known; everything else is grouped as far as its segments allow. */
export type Family = 'results' | 'document' | 'referral' | 'other';

/** Whether a note in messages of this kind always has one thing that it is about. */
export const isGrouped = (family: Family): boolean => family === 'results' || family === 'document';

/** Where in a message the reader stands. */
export interface Position {
  readonly message: Hl7Message;
  readonly family: Family;
  /** The order that is open. */
  order: Hl7Order | undefined;
  /** Whose the next NTE is; undefined where none may stand. */
  notes: Hl7Message | Hl7Order | Hl7Segment | undefined;
  /** A specimen of the open order was named: observations after it are about the specimen, not the patient. */
  specimen: boolean;
}

/** Why a segment may not stand where it stands. */
export type Misplaced = 'hl7-segment-place' | 'hl7-segment-repeated';

/** About the patient or the visit: before any order or document. */
const HEAD = new Set(['EVN', 'PID', 'PD1', 'NK1', 'PV1', 'PV2', 'AL1', 'MRG', 'IN1', 'IN2']);
/** Parts of an order that are kept in it as they are. */
export const ORDER_PARTS: ReadonlySet<string> = new Set(['TQ1', 'TQ2', 'CTD', 'FT1', 'CTI', 'SPM', 'SAC', 'ROL']);

/**
 * Puts a segment where it belongs in the message (grammars of ORU_R01 in HL7 v2 §7.3 and MDM_T02 in §9.6; RF1 and PRD
 * may follow TXA), or says why it cannot stand there. A segment is never put with a neighbour by guess: a result under
 * the wrong order, or a second patient in one message, harms somebody.
 */
export function place(name: string, segment: Hl7Segment, at: Position): Misplaced | undefined {
  const { message, family } = at;
  const document = message.TXA !== undefined;
  if (ONCE.has(name) && message[name] !== undefined) return 'hl7-segment-repeated';
  // The visit of a referral stands behind its results (REF_I12, HL7 v2 §11.4.1).
  if (family === 'referral' && (name === 'PV1' || name === 'PV2')) at.order = undefined;
  if (HEAD.has(name) && (at.order || document || (afterPid(name) && !message.PID))) return 'hl7-segment-place';
  switch (name) {
    case 'ORC':
    case 'OBR':
      return family === 'document' && document ? 'hl7-segment-place' : placeOrder(name, segment, at);
    case 'OBX':
      return placeObservation(segment, at);
    case 'NTE':
      if (!at.notes) return 'hl7-segment-place';
      append(at.notes, 'NTE', segment);
      return undefined;
    case 'TXA':
    case 'RF1':
    case 'PRD':
      if (
        family === 'results' ||
        (name === 'TXA' && family === 'referral') ||
        (family === 'document' && name !== 'TXA' && !document)
      )
        return 'hl7-segment-place';
      break;
  }
  if (at.order && ORDER_PARTS.has(name)) {
    append(at.order, name, segment);
    at.specimen ||= name === 'SPM';
  } else if (ONCE.has(name)) message[name] = segment;
  else append(message, name, segment);
  at.notes = !isGrouped(family) || name === 'PID' ? message : undefined;
  return undefined;
}

const afterPid = (name: string): boolean => name !== 'EVN' && name !== 'PID';

/** ORC opens an order; OBR belongs to the ORC just before it, or opens an order itself. */
function placeOrder(name: 'ORC' | 'OBR', segment: Hl7Segment, at: Position): undefined {
  if (name === 'ORC' || !at.order || at.order.OBR) {
    at.order = {};
    at.message.orders = [...(at.message.orders ?? []), at.order];
  }
  at.order[name] = segment;
  at.notes = at.order;
  at.specimen = false;
}

function placeObservation(segment: Hl7Segment, at: Position): Misplaced | undefined {
  const { message, family, order } = at;
  const inOrder = order !== undefined && family !== 'document';
  const alone = family === 'document' ? message.TXA !== undefined : !isGrouped(family);
  const fits = inOrder ? order.OBR !== undefined && !at.specimen : alone;
  if (!fits) return 'hl7-segment-place';
  append(inOrder ? order : message, 'OBX', segment);
  at.notes = segment;
  return undefined;
}

function append(group: Hl7Message | Hl7Order | Hl7Segment, name: string, segment: Hl7Segment): void {
  const present = group[name];
  if (Array.isArray(present)) (present as Hl7Segment[]).push(segment);
  else group[name] = [segment];
}
