/** Other names of code systems that the rule tables use: their OIDs (Nictiz, HL7 OID registry), and addresses that are met for them. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['urn:oid:2.16.840.1.113883.6.96', 'http://snomed.info/sct'],
  ['http://snomed.info/id', 'http://snomed.info/sct'],
  ['urn:oid:2.16.840.1.113883.6.1', 'http://loinc.org'],
  ['urn:oid:2.16.840.1.113883.6.3', 'http://hl7.org/fhir/sid/icd-10'],
  ['urn:oid:2.16.840.1.113883.6.3.2', 'http://hl7.org/fhir/sid/icd-10-nl'],
  ['urn:oid:2.16.840.1.113883.2.4.4.31.1', 'http://hl7.org/fhir/sid/icpc-1-nl'],
  ['urn:oid:2.16.840.1.113883.6.73', 'http://www.whocc.no/atc'],
  ['http://www.whocc.no/atcddd', 'http://www.whocc.no/atc'],
]);

/**
 * A code system under the name that the rules know it by: its OID, an edition or version of it, `https`, capitals and a slash at the end are the same system. A
 * diagnosis does not become less sensitive by the way its system is written.
 */
export function canonicalSystem(system: string): string {
  const written = system.trim();
  const [name = ''] = written.split('|');
  const plain = name
    .replace(/\/+$/, '')
    .replace(/^https:/i, 'http:')
    .toLowerCase();
  if (plain === 'http://snomed.info/sct' || plain.startsWith('http://snomed.info/sct/'))
    return 'http://snomed.info/sct';
  return ALIASES.get(plain) ?? KNOWN_WRITING.get(plain) ?? written;
}

const KNOWN_WRITING: ReadonlyMap<string, string> = new Map(
  [...ALIASES.values()].map((one) => [one.toLowerCase(), one]),
);
