import canonicalize from 'canonicalize';
import { parseJson } from '../fhir/json/strict-json.ts';
import { type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import { readHl7 } from './hl7v2/read.ts';
import { sentAs } from './hl7v2/sent-as.ts';
import { readHl7v3 } from './hl7v3/read.ts';
import type { System } from './load-system.ts';
import { misfits } from './misfits.ts';
import { atPointer, valuesAtPointer } from './pointer.ts';
import { readStu3, sentAsStu3 } from './stu3/read.ts';
import type { InputKind, Marker } from './system.ts';

/** A message that was read and fits its format, not yet mapped. */
export interface ReadMessage {
  readonly ok: true;
  readonly source: string;
  readonly kind: InputKind;
  readonly body: unknown;
  readonly messageId?: string;
  readonly senderUra?: string;
  readonly senderPath?: string;
  readonly referralKnown: boolean;
  /** What makes the message what it is: bytes, or one writing of all content where it may be written in several ways. */
  readonly content: Uint8Array | string;
  /** What the reader left on purpose, for the coverage: paths that dropped.json explains. */
  readonly left?: readonly string[];
  /** A place in the body as the sender knows it, where the format names places in its own way. */
  readonly sentAs?: (path: string) => string | undefined;
}

type Reader = (bytes: Uint8Array) => ReadMessage | Refusal;

/** How a system's messages of a content type are read: the one place that knows the formats. */
export function readerOf(system: System, contentType: string): { readonly ok: true; readonly read: Reader } | Refusal {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  // JSON is UTF-8 (RFC 8259 §8.1); a sender that says otherwise has garbled names to find.
  if (type === 'application/json' && /charset=(?!"?utf-8)/i.test(contentType)) return refuse('content-type-unknown');
  const kinds = system.file.inputs.filter((one) => one.contentType === type && isVersion(one, contentType));
  const [kind] = kinds;
  if (!kind)
    return type === 'application/fhir+json'
      ? refuse('content-type-unknown', 'Content-Type', versionsOf(system.file.inputs))
      : refuse('content-type-unknown');
  return { ok: true, read: readerFor(type ?? '', system, kind, kinds) };
}

function readerFor(type: string, system: System, kind: InputKind, kinds: readonly InputKind[]): Reader {
  if (type === 'application/hl7-v2') return (bytes) => readMessage(system, kinds, bytes);
  if (type === 'application/xml') return (bytes) => readDossier(system, kind, bytes);
  return (bytes) => readRecord(system, kind, bytes);
}

/** Whether the content type names the FHIR version of this input (`fhirVersion=3.0`, FHIR http §content types). Where it does not say, nobody guesses. */
function isVersion({ fhirVersion }: InputKind, contentType: string): boolean {
  return fhirVersion === undefined || /;\s*fhirVersion\s*=\s*"?([0-9.]+)"?/i.exec(contentType)?.[1] === fhirVersion;
}

const versionsOf = (inputs: readonly InputKind[]): string =>
  inputs.flatMap(({ fhirVersion }) => (fhirVersion ? [`fhirVersion=${fhirVersion}`] : [])).join(' or ');

/** JSON and FHIR STU3. A record that was only written anew (spaces, order of members) is the same message. */
function readRecord(system: System, kind: InputKind, bytes: Uint8Array): ReadMessage | Refusal {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return refuse('json-invalid', undefined, parsed.message);
  const content = canonicalize(parsed.value) ?? '';
  const read = found(system, kind, parsed.value, content);
  const refusal = misfit(system, read);
  if (refusal || !kind.fhirVersion) return refusal ?? read;
  const stu3 = readStu3(parsed.value, system.file.system);
  if (!stu3.ok) return stu3;
  const { message } = stu3;
  return { ...found(system, kind, message, content), sentAs: (path) => sentAsStu3(message, path) };
}

/** HL7 v3: read into the record that the schema describes, checked as if it had come as JSON, with places as they were sent. */
function readDossier(system: System, kind: InputKind, bytes: Uint8Array): ReadMessage | Refusal {
  const elements = system.elements.get(kind.id);
  if (!elements) return refuse('source-unknown');
  const reading = readHl7v3(bytes, elements, kind.interactions ?? {});
  if (!reading.ok)
    return refuseAll(
      reading.problems.map(({ path, message }) => ({
        code: reading.unknownInteraction ? 'message-type-unknown' : 'xml-invalid',
        path,
        expected: message,
      })),
      'xml-invalid',
    );
  const { record, left, content, sentAs: place } = reading;
  const message = found(system, kind, record, canonicalize(content) ?? '');
  const read = { ...message, left, sentAs: place, senderPath: place('/ura') };
  return misfit(system, read) ?? read;
}

function readMessage(system: System, kinds: readonly InputKind[], bytes: Uint8Array): ReadMessage | Refusal {
  const reading = readHl7(bytes);
  if (!reading.ok)
    return refuseAll(
      reading.issues.map(({ code, path, message }) => ({
        code: code === 'hl7-version' ? 'version-unsupported' : 'hl7-invalid',
        path,
        expected: message,
      })),
      'hl7-invalid',
    );
  const { message } = reading;
  if (message.MSH.processingId !== 'P')
    return refuse('hl7-invalid', 'MSH-11', 'P: test and training messages do not belong in this gateway');
  const kind = kinds.find((one) => one.messageType === message.type);
  if (!kind) return refuse('message-type-unknown', 'MSH-9');
  return { ...found(system, kind, message, bytes), sentAs: (path) => sentAs(message, path) };
}

/** Every place where a record is not what its schema asks for. */
function misfit(system: System, { kind, body, sentAs: place }: ReadMessage): Refusal | undefined {
  const check = system.schemas.get(kind.id);
  if (!check || check(body)) return undefined;
  const issues = misfits(check).map(({ path, expected }) => ({
    code: 'schema-invalid' as const,
    path: place?.(path) ?? (path || '/'),
    expected,
  }));
  return refuseAll(issues, 'schema-invalid');
}

function found({ file }: System, kind: InputKind, body: unknown, content: Uint8Array | string): ReadMessage {
  const text = (pointer: string | undefined) => {
    const value = pointer === undefined ? undefined : atPointer(body, pointer);
    return typeof value === 'string' ? value : undefined;
  };
  const { messageId, senderUra, referralKnown } = kind;
  return {
    ok: true,
    source: file.system,
    kind,
    body,
    content,
    messageId: text(messageId),
    senderUra: text(senderUra),
    senderPath: senderUra,
    // Never deduced: only where the message says so in the place the source is configured with.
    referralKnown: referralKnown !== undefined && isMarked(body, referralKnown),
  };
}

/** The family knows of the referral: of each of them, where the message has several. */
function isMarked(body: unknown, { pointer, equals }: Marker): boolean {
  const values = valuesAtPointer(body, pointer);
  return values.length > 0 && values.every((value) => value === equals);
}
