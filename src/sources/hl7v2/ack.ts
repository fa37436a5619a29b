import { errorCondition } from './error-table.ts';
import { escapeText } from './escape.ts';
import { toLocation } from './location.ts';
import { USUAL_SEPARATORS } from './separators.ts';
import { toHl7Time } from './time.ts';
import type { Envelope, Separators } from './types.ts';

/** One thing to tell the sender: a code of the catalogue, where, how bad (HL7 table 0516), and a sentence. */
export interface AckError {
  readonly code: string;
  readonly path?: string;
  readonly severity: 'E' | 'W' | 'I';
  readonly text: string;
}

export interface Ack {
  /** HL7 table 0008: accepted; failed for now, send it again later; refused, sending it again does not help. */
  readonly code: 'AA' | 'AE' | 'AR';
  readonly errors: readonly AckError[];
  readonly now: Date;
  /** MSH-10 of the answer itself. */
  readonly controlId: string;
}

const SYSTEM = 'HL70357';
const OWN_SYSTEM = 'GEZINSPOORT';

/**
 * The application acknowledgement of a message (HL7 v2 §2.9.2): sender and receiver change places, MSA-2 repeats
 * MSH-10, and the version, separators and character set are the message's own. From 2.5 each error is an ERR segment of
 * its own; before, all stand in ERR-1, and the first text in MSA-3. Without a usable MSH the header is a general one
 * and MSA-2 is empty.
 */
export function buildAck(message: Envelope | undefined, ack: Ack): string {
  const separators = message?.separators ?? USUAL_SEPARATORS;
  const version = versionOf(message);
  const errors = ack.errors.slice(0, MOST_ERRORS);
  const modern = isModern(version);
  const [first] = errors;
  const msa = ['MSA', ack.code, clean(message?.controlId ?? '', CONTROL_ID)];
  if (!modern && first) msa.push(escapeText(first.text.slice(0, OLD_TEXT), separators));
  const segments = [header(message, separators, version, ack), msa];
  if (modern) segments.push(...errors.map((error) => errorSegment(error, separators)));
  else if (errors.length > 0)
    segments.push(['ERR', errors.map((error) => oldError(error, separators)).join(separators.repetition)]);
  return segments.map((fields) => `${fields.join(separators.field)}\r`).join('');
}

const MOST_ERRORS = 100;
const CONTROL_ID = 199;
const PARTY = 227;
/** MSA-3 is ST(80) in 2.4. */
const OLD_TEXT = 80;

function header(message: Envelope | undefined, separators: Separators, version: string, ack: Ack): string[] {
  const { component } = separators;
  const sent = (field: number) => clean(message?.msh.fields[field] ?? '', PARTY);
  const [, event = ''] = sent(9).split(component);
  const type = event === '' ? 'ACK' : ['ACK', event, 'ACK'].join(component);
  const processing = /^[DPT]$/.test(sent(11)) ? sent(11) : 'P';
  const parties = message ? [sent(5), sent(6), sent(3), sent(4)] : [OWN_SYSTEM, '', '', ''];
  const charset = message?.charset ?? 'ASCII';
  const time = toHl7Time(ack.now);
  const encoding = component + separators.repetition + separators.escape + separators.subcomponent;
  const optional = ['', '', '', '', ''];
  return ['MSH', encoding, ...parties, time, '', type, ack.controlId, processing, version, ...optional, charset];
}

/** ERR as from 2.5 (§2.15.5): location, HL7 condition, severity, our code, and the sentence for the user. */
function errorSegment({ code, path = '', severity, text }: AckError, separators: Separators): string[] {
  const { component } = separators;
  const { code: condition, name } = errorCondition(code);
  const at = toLocation(path);
  const parts = at ? [at.segment, at.sequence, at.field ?? '', at.repetition ?? '', at.component ?? ''] : [];
  const location = parts.slice(0, parts.findLastIndex((part) => part !== '') + 1).join(component);
  const own = [escapeText(code, separators), '', OWN_SYSTEM].join(component);
  const sentence = escapeText(at || path === '' ? text : `${text} (${path})`, separators);
  return ['ERR', '', location, [condition, name, SYSTEM].join(component), severity, own, '', '', sentence];
}

/** One repetition of ERR-1 before 2.5 (ELD): segment, sequence, field, and a code with our own as its alternate. */
function oldError({ code, path = '', text }: AckError, separators: Separators): string {
  const { component, subcomponent } = separators;
  const at = toLocation(path);
  const { code: condition, name } = errorCondition(code);
  const sentence = escapeText(at || path === '' ? text : `${text} (${path})`, separators);
  const coded = [condition, name, SYSTEM, escapeText(code, separators), sentence, OWN_SYSTEM].join(subcomponent);
  return [at?.segment ?? '', at?.sequence ?? '', at?.field ?? '', coded].join(component);
}

/** MSH-12.1 where it is a version of HL7 v2. */
function versionOf(message: Envelope | undefined): string {
  const sent = message?.msh.fields[12]?.split(message.separators.component)[0] ?? '';
  return /^2\.\d(?:\.\d){0,2}$/.test(sent) ? sent : '2.5';
}

const isModern = (version: string): boolean => Number(version[2]) >= 5;

/** A field repeated as it was sent, without what could end a segment or a frame. */
const clean = (text: string, length: number): string => text.replace(/\p{Cc}/gu, '').slice(0, length);
