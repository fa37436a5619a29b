import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import { type Issue, PROBLEMS } from './problems.ts';

export const ERROR_SYSTEM = 'http://gezinspoort.nl/fhir/CodeSystem/error';
const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';

/** The issues as a FHIR OperationOutcome: stable code, path, English text with its Dutch translation. */
export function toOutcome(issues: readonly Issue[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: issues.map(toIssue) };
}

function toIssue({ code, path, expected }: Issue): OperationOutcomeIssue {
  const problem = PROBLEMS[code];
  return {
    severity: 'error',
    code: problem.issue,
    details: {
      coding: [{ system: ERROR_SYSTEM, code }],
      text: problem.en,
      ...{
        _text: {
          extension: [
            {
              url: TRANSLATION,
              extension: [
                { url: 'lang', valueCode: 'nl' },
                { url: 'content', valueString: problem.nl },
              ],
            },
          ],
        },
      },
    },
    ...(expected && { diagnostics: expected }),
    ...(path && { expression: [path] }),
  };
}
