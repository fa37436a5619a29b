import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fhirChecks } from '../src/fhir/checks.ts';
import { loadFhir } from '../src/fhir/load.ts';
import { showResult } from './support/results.ts';
import { sharedDir } from './support/shared.ts';

/** The R4 validator cases of the FHIR community that need neither terminology server nor packages, beside the outcome of HL7's own validator. JSON only. */

/** Where we and HL7's validator part, and why. */
const KNOWN: Record<string, string> = {
  'bundle-document-versioned-references-bad':
    'asks which version of an entry a reference means; the gateway takes one version of each resource',
  'dr-example-org': 'warns of the host example.org as of an error',
  'q-enablewhen-me-wrong': 'links between the items of a Questionnaire; none is exchanged here',
  'bad-markdown-no-html': 'HTML in markdown; it is text here, and whoever shows it escapes it',
  'maiden-name-extension': 'says where an extension may stand; extensions are taken by url',
  'cs-bad-props': 'authoring rules of a CodeSystem; none is exchanged here',
  'vs-bad-props': 'authoring rules of a ValueSet; none is exchanged here',
  'vs-bad-ecl-us': 'authoring rules of a ValueSet; none is exchanged here',
  'cs-narrative-status-pub': 'authoring rules of a CodeSystem; none is exchanged here',
  'contained-resource-bad-id-ignore': "a run of HL7's validator that is told to ignore the error",
  'json-comments-1-yes': 'comments in JSON; RFC 8259 has none',
};

interface Case {
  readonly name: string;
  readonly file: string;
  readonly packages: boolean;
  readonly supporting: boolean;
  readonly java?: { readonly err: number | null; readonly tx?: boolean };
}

const shared = sharedDir();
const folder = join(shared ?? '', 'corpora/fhir-test-cases/validator');
const index = ['oracle-index.json', 'oracle-index.dev.json']
  .map((one) => join(folder, one))
  .find((one) => existsSync(one));

describe.skipIf(!index)('the validator cases of the FHIR community (need ../shared/corpora)', async () => {
  if (!index) return;
  const { validate } = fhirChecks(await loadFhir('profiles'));
  const cases = (JSON.parse(readFileSync(index, 'utf8')) as Case[]).filter(
    ({ file, packages, supporting, java }) =>
      !packages &&
      !supporting &&
      typeof java?.err === 'number' &&
      !java.tx &&
      file.endsWith('.json') &&
      existsSync(join(folder, file)),
  );

  it('are judged as by HL7, but for the known differences', (context) => {
    expect(cases.length).toBeGreaterThan(80);
    const parted = cases.filter(({ file, java }) => isValid(join(folder, file)) !== (java?.err === 0));
    showResult(context, {
      what: 'validation: cases of fhir-test-cases, judged as by HL7',
      passed: cases.length - parted.length,
      of: cases.length,
      note: 'the rest listed with reasons',
    });
    expect(parted.map((one) => one.name).filter((name) => !(name in KNOWN))).toEqual([]);
    expect(parted.length / cases.length).toBeLessThan(0.15);
  });

  function isValid(file: string): boolean {
    try {
      return validate(JSON.parse(readFileSync(file, 'utf8'))).length === 0;
    } catch {
      return false;
    }
  }
});
