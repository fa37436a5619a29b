import { decodeHl7 } from './decode.ts';
import { unescapeText } from './escape.ts';
import { parseSegments } from './parse.ts';
import type { Envelope, RawSegment } from './types.ts';

/**
 * An acknowledgement as a sender reads it. `code` is MSA-1 (AA, AE, AR, or CA, CE, CR); errors hold what the other side
 * wrote: show them, do not log them.
 */
export interface ReceivedAck {
  readonly code: string;
  readonly controlId: string;
  readonly errors: readonly {
    readonly code: string;
    readonly location: string;
    readonly severity: string;
    readonly text: string;
  }[];
}

/** Bytes → acknowledgement; undefined when they are no readable ACK with an MSA. */
export function readAck(bytes: Uint8Array): ReceivedAck | undefined {
  const decoded = decodeHl7(bytes);
  if (!decoded.ok) return undefined;
  const parsed = parseSegments(decoded.text, decoded.envelope.separators);
  const msa = parsed.ok ? parsed.segments.find(({ name }) => name === 'MSA') : undefined;
  if (!parsed.ok || !msa?.fields[1]) return undefined;
  const errors = parsed.segments.filter(({ name }) => name === 'ERR');
  return {
    code: msa.fields[1],
    controlId: msa.fields[2] ?? '',
    errors: errors.flatMap((error) =>
      error.fields[1] ? readOld(error, decoded.envelope) : [readModern(error, decoded.envelope)],
    ),
  };
}

function readModern({ fields }: RawSegment, { separators, charset }: Envelope): ReceivedAck['errors'][number] {
  const [condition = '', own = ''] = [fields[3], fields[5]].map((field) => field?.split(separators.component)[0] ?? '');
  return {
    code: own || condition,
    location: fields[2] ?? '',
    severity: fields[4] ?? '',
    text: unescapeText(fields[8] || fields[7] || '', separators, charset),
  };
}

function readOld({ fields }: RawSegment, { separators, charset }: Envelope): ReceivedAck['errors'] {
  return (fields[1] ?? '').split(separators.repetition).map((one) => {
    const parts = one.split(separators.component);
    const coded = (parts[3] ?? '').split(separators.subcomponent);
    const location = parts.slice(0, 3).join(separators.component);
    const text = unescapeText(coded[4] || coded[1] || '', separators, charset);
    return { code: coded[3] || coded[0] || '', location, severity: 'E', text };
  });
}
