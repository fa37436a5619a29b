import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A source system that the project does not have: a maternity care organisation that sends one weight. Texts of its files by name. */
export const KRAAMZORG: Readonly<Record<string, string>> = {
  'system.json': JSON.stringify({
    system: 'kraamzorg',
    title: { nl: 'Kraamzorg', en: 'Maternity care' },
    inputs: [
      {
        id: 'weight-json',
        contentType: 'application/json',
        schema: 'weight.schema.json',
        map: 'http://example.org/StructureMap/kraamzorg-weight',
        messageId: '/number',
      },
    ],
  }),
  'weight.schema.json': JSON.stringify({
    type: 'object',
    additionalProperties: false,
    required: ['number', 'child', 'grams', 'at'],
    properties: {
      number: { type: 'string', maxLength: 40 },
      child: {
        type: 'object',
        additionalProperties: false,
        required: ['bsn', 'born'],
        properties: { bsn: { type: 'string', pattern: '^[0-9]{9}$' }, born: { type: 'string', format: 'date' } },
      },
      grams: { type: 'integer', minimum: 300, maximum: 30000 },
      at: { type: 'string', format: 'date' },
    },
  }),
  'weight.map': `map "http://example.org/StructureMap/kraamzorg-weight" = "KraamzorgWeight"

uses "http://example.org/StructureDefinition/kraamzorg-weight" alias Weight as source
uses "http://hl7.org/fhir/StructureDefinition/Bundle" alias Bundle as target
uses "http://hl7.org/fhir/StructureDefinition/Patient" alias Patient as target
uses "http://hl7.org/fhir/StructureDefinition/Observation" alias Observation as target

group Weight(source src : Weight, target bundle : Bundle) {
  src -> bundle.type = 'collection' "type";
  src.child as child -> bundle.entry as entry, uuid() as id, entry.fullUrl = append('urn:uuid:', id) as subject, entry.resource = create('Patient') as patient then {
    child.bsn as bsn -> patient.identifier as identifier, identifier.system = 'http://fhir.nl/fhir/NamingSystem/bsn', identifier.value = bsn "bsn";
    child.born as born -> patient.birthDate = born "born";
    src -> bundle.entry as fact, uuid() as key, fact.fullUrl = append('urn:uuid:', key), fact.resource = create('Observation') as observation then {
      src.number as number -> observation.identifier as identifier, identifier.system = 'http://example.org/kraamzorg', identifier.value = number "identifier";
      src -> observation.status = 'final' "status";
      src -> observation.code = cc('http://loinc.org', '29463-7', 'Body weight') "code";
      src -> observation.subject as reference, reference.reference = subject "subject";
      src.at as at -> observation.effective = cast(at, 'dateTime') "effective";
      src.grams as grams -> observation.value = create('Quantity') as value then {
        grams -> value.value = grams, value.unit = 'g', value.system = 'http://unitsofmeasure.org', value.code = 'g' "value";
      } "grams";
    } "observation";
  } "child";
}
`,
};

/** A message of that system about the child with this BSN. */
export const kraamzorgMessage = (bsn: string, born: string, number = 'KZ-1', grams = 2140) => ({
  number,
  child: { bsn, born },
  grams,
  at: '2026-05-12',
});

/** Writes a folder of mappings with the project's own systems and the given ones beside them. */
export async function mappingsWith(
  folder: string,
  systems: Record<string, Readonly<Record<string, string>>>,
): Promise<string> {
  await cp('mappings', folder, { recursive: true });
  await writeSystems(folder, systems);
  return folder;
}

/** Writes system folders, and nothing else. */
export async function writeSystems(
  folder: string,
  systems: Record<string, Readonly<Record<string, string>>>,
): Promise<string> {
  for (const [name, files] of Object.entries(systems)) {
    await mkdir(join(folder, name), { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, name, file), text);
  }
  return folder;
}
