import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Flip } from '../consent/flip.ts';
import { changeText, NO_CHANGE } from '../policy/change-texts.ts';
import type { Text } from '../policy/reason-texts.ts';
import type { ExplainedCategory, ExplainedItem, Explanation, Reason, Telling } from './explanation.ts';

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
  parts: readonly { readonly about: About; readonly telling: Telling; readonly explanation: Explanation }[],
): Parameters => ({
  resourceType: 'Parameters',
  parameter: parts.map(({ about, telling, explanation }) => ({
    name: 'decision',
    part: [
      ...(about.patient ? [{ name: 'patient', valueReference: { reference: `Patient/${about.patient}` } }] : []),
      { name: 'organisation', valueString: about.organisation },
      code('discipline', about.discipline),
      { name: 'at', valueInstant: about.at },
      { name: 'policy', valueString: about.policy },
      ...(about.receipt ? [{ name: 'receipt', valueId: about.receipt }] : []),
      ...explanation.items.map((one) => item(one, about, telling)),
      ...explanation.categories.map(category),
    ],
  })),
});

const item = (
  { ref, category, outcome, reasons, fields, flip }: ExplainedItem,
  about: About,
  telling: Telling,
): ParametersParameter => ({
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
    ...(flip ? smallestChange(flip, about, telling) : []),
  ],
});

/** All of these changes together would turn the outcome, and no fewer; or nothing would. Which person and which statement, only a privacy officer reads. */
const smallestChange = (flip: Flip, about: About, telling: Telling): ParametersParameter[] =>
  'standing' in flip
    ? [{ name: 'no-change', part: [text('text', NO_CHANGE), ...flip.standing.map((one) => code('standing', one))] }]
    : flip.changes.map((one) => ({
        name: 'change',
        part: [
          code('code', one.change),
          text('text', changeText(one, `Patient/${about.patient}`)),
          ...('ref' in one && telling === 'everything'
            ? [{ name: 'person', valueReference: { reference: one.ref } }]
            : []),
          ...('naming' in one ? one.naming.map((topic) => code('topic', topic)) : []),
          ...('consents' in one && telling === 'everything'
            ? one.consents.map(({ id }) => ({ name: 'consent', valueReference: { reference: `Consent/${id}` } }))
            : []),
        ],
      }));

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
