import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Text } from '../policy/reason-texts.ts';
import type { ExplainedCategory, ExplainedItem, Explanation, Reason } from './explanation.ts';

/** Which decision an explanation is about. `patient` only where the reader knows that one. */
export interface About {
  readonly patient?: string;
  readonly organisation: string;
  readonly discipline: string;
  readonly at: string;
  readonly policy: string;
  readonly receipt?: string;
}

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';

/** Explanations as FHIR Parameters: a part for each decision, in it the items with their fields and the categories. Texts in English with their Dutch translation. */
export const toParameters = (
  parts: readonly { readonly about: About; readonly explanation: Explanation }[],
): Parameters => ({
  resourceType: 'Parameters',
  parameter: parts.map(({ about, explanation }) => ({
    name: 'decision',
    part: [
      ...(about.patient ? [{ name: 'patient', valueReference: { reference: `Patient/${about.patient}` } }] : []),
      { name: 'organisation', valueString: about.organisation },
      code('discipline', about.discipline),
      { name: 'at', valueInstant: about.at },
      { name: 'policy', valueString: about.policy },
      ...(about.receipt ? [{ name: 'receipt', valueId: about.receipt }] : []),
      ...explanation.items.map(item),
      ...explanation.categories.map(category),
    ],
  })),
});

const item = ({ ref, category, outcome, reasons, fields }: ExplainedItem): ParametersParameter => ({
  name: 'item',
  part: [
    { name: 'reference', valueReference: { reference: ref } },
    code('category', category),
    code('outcome', outcome),
    ...reasons.map(reason),
    ...fields.map((field) => ({
      name: 'field',
      part: [{ name: 'path', valueString: field.path }, code('outcome', 'redacted'), ...field.reasons.map(reason)],
    })),
  ],
});

const category = ({ category, outcome, count, reasons }: ExplainedCategory): ParametersParameter => ({
  name: 'category',
  part: [
    code('category', category),
    code('outcome', outcome),
    { name: 'count', valueUnsignedInt: count },
    ...reasons.map(reason),
  ],
});

const reason = ({ code: name, why, rule, way, place }: Reason): ParametersParameter => ({
  name: 'reason',
  part: [
    code('code', name),
    text('why', why),
    { name: 'rule', valueString: rule },
    ...(place ? [{ name: 'place', valueString: place }] : []),
    text('way-forward', way),
  ],
});

const code = (name: string, valueCode: string): ParametersParameter => ({ name, valueCode });

const text = (name: string, { nl, en }: Text): ParametersParameter =>
  ({
    name,
    valueString: en,
    _valueString: {
      extension: [
        {
          url: TRANSLATION,
          extension: [
            { url: 'lang', valueCode: 'nl' },
            { url: 'content', valueString: nl },
          ],
        },
      ],
    },
  }) as ParametersParameter;
