import { readFileSync } from 'node:fs';
import { fhirChecks } from '../fhir/checks.ts';
import { parseJson } from '../fhir/json/strict-json.ts';
import { loadFhir } from '../fhir/load.ts';
import type { Issue } from '../fhir/validate/issue.ts';

/** `validate`: checks FHIR R4 JSON files as the gateway would. 0: no errors; 1: errors, one a line on standard output; 2: usage. */
export async function validateCommand(files: string[]): Promise<number> {
  if (files.length === 0 || files.some((one) => one.startsWith('-'))) {
    console.error('Usage: gezinspoort validate <file.json>...');
    return 2;
  }
  const { validate, unchecked } = fhirChecks(
    await loadFhir('profiles', process.env.FHIR_PACKAGES?.trim() || undefined),
  );
  let errors = 0;
  for (const file of files) {
    const parsed = parseJson(readFileSync(file));
    const found: readonly Issue[] = parsed.ok
      ? [...validate(parsed.value), ...unchecked(parsed.value)]
      : [{ code: 'json', severity: 'error', path: '', message: parsed.message }];
    for (const issue of found) console.log(`${file}: ${sentence(issue)}`);
    const wrong = found.filter((one) => one.severity === 'error').length;
    errors += wrong;
    if (wrong === 0) console.log(`${file}: valid`);
  }
  return errors > 0 ? 1 : 0;
}

const sentence = ({ severity, path, code, message }: Issue): string =>
  `${severity} at ${path || '(resource)'}: ${message} [${code}]`;
