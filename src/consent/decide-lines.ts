import { Ajv } from 'ajv';
import { parseJson } from '../fhir/json/strict-json.ts';
import { CASE_ENTITLEMENTS } from './case-entitlements.ts';
import { decide } from './decide.ts';
import { readMoment } from './dutch-date.ts';
import { INPUT_SCHEMA } from './input-schema.ts';
import type { DecisionInput } from './types.ts';

const isInput = new Ajv({ allowUnionTypes: true }).compile(INPUT_SCHEMA);

/**
 * One line of `gezinspoort consent decide`: a DecisionInput as JSON in, `{decision, reasons, items, obligations}` as JSON out. A line that is none gives
 * `{error: {code, message}}`; the message names the place that is wrong and never repeats what stood there.
 */
export function decideLine(line: string): string {
  const json = parseJson(Buffer.from(line, 'utf8'));
  if (!json.ok) return refuse(json.code, json.message);
  if (!isInput(json.value)) {
    const [problem] = isInput.errors ?? [];
    return refuse(
      'input-invalid',
      `The input ${problem?.instancePath || '/'} ${problem?.message ?? 'is not of the expected shape'}.`,
    );
  }
  const input = complete(json.value as unknown as RawInput);
  if (readMoment(input.asOf)?.ms === undefined)
    return refuse('input-invalid', 'The input /asOf must be an instant with a time zone.');
  const { decision, reasons, items, obligations } = decide(input, CASE_ENTITLEMENTS);
  return JSON.stringify({ decision, reasons, items, obligations });
}

/** What the schema lets be absent although the decision needs a value; every value filled in here is the one that releases least. */
interface RawInput extends Omit<DecisionInput, 'patients' | 'resources'> {
  patients: readonly Partial<DecisionInput['patients'][number]>[];
  resources: readonly Partial<DecisionInput['resources'][number]>[];
}

function complete(input: RawInput): DecisionInput {
  return {
    ...input,
    patients: input.patients.map((one) => ({
      ...one,
      ref: one.ref ?? '',
      selfRefs: one.selfRefs ?? [],
      custody: (one.custody ?? []).map((each) => ({ ...each, name: each.name ?? 'custodian' })),
    })),
    resources: input.resources.map((one) => ({ ...one, ref: one.ref ?? '', subject: one.subject ?? '' })),
  };
}

const refuse = (code: string, message: string): string => JSON.stringify({ error: { code, message } });
