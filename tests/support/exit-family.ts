import { randomUUID } from 'node:crypto';
import type { Consent, Extension, Patient, Resource } from '@medplum/fhirtypes';
import { consentFor, FAMILIES, type Family, familyBundle } from '../../src/demo/families.ts';
import { CATEGORY_SYSTEM, EXTENSIONS } from '../../src/fhir/extensions.ts';
import { loadFile } from '../../src/store/records.ts';
import { type Laid, layInFile } from './file.ts';
import type { Network } from './network.ts';

/** Stands in every text of what is withheld from somebody, followed by the name of the thing: no answer may hold one that its asker may not read. */
export const SECRET = 'geheim-';

/** A family with one of everything that an exit could leak. Ids are those of the inside. */
export interface ExitFamily {
  readonly patient: string;
  readonly parents: readonly string[];
  /** By name: `Type/id`. */
  readonly things: Readonly<Record<string, string>>;
  /** Consents of both parents, as they would stand in the register. */
  consent(more?: Partial<Consent>, provision?: Partial<NonNullable<Consent['provision']>>): Consent;
}

const ORGANISATIONS = ['jgz', 'ziekenhuis', 'wijkteam', 'huisarts', 'buurtgezin'];

export const label = (code: string) =>
  code.startsWith('cat-')
    ? { system: CATEGORY_SYSTEM, code }
    : { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code };

/** Enters the family and lays its file: facts of several categories, sensitive ones, some about others, letters, corrections, and things that point to each other. */
export async function enterExitFamily(network: Network): Promise<ExitFamily> {
  const luuk = FAMILIES[1] as Family;
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  const entered = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, signedAt));
  if (entered.status !== 200) throw new Error('The family was not entered.');
  const { db, vault, now } = network.gateway.ports;
  const { id: patient } = await db.selectFrom('patient').select('id').executeTakeFirstOrThrow();
  const file = await loadFile(db, vault, patient, now());
  const parents = (file?.resources ?? [])
    .filter((one) => one.type === 'RelatedPerson')
    .map((one) => `RelatedPerson/${one.id}`);
  const { first, second, things } = content(patient, parents[0] ?? '');
  await layInFile(network, patient, ...first);
  await layInFile(network, patient, ...second);
  return {
    patient,
    parents,
    things,
    consent(more = {}, provision = {}) {
      const base = consentFor(
        { reference: `Patient/${patient}` },
        parents.map((reference) => ({ reference })),
        ORGANISATIONS,
        signedAt,
      );
      return { ...base, ...more, provision: { ...base.provision, ...provision } as Consent['provision'] };
    },
  };
}

function content(patient: string, mother: string) {
  const subject = { reference: `Patient/${patient}` };
  const things: Record<string, string> = {};
  const first: Laid[] = [];
  const second: Laid[] = [];
  /** Lays a thing; where `again` is given it is a second version, and the first one held the secret. */
  function lay(
    name: string,
    resource: Record<string, unknown>,
    category: string,
    labels: string[] = [],
    again?: { more: object; labels?: string[] },
  ) {
    const id = randomUUID();
    things[name] = `${resource.resourceType}/${id}`;
    const one = { ...resource, id } as unknown as Resource & { id: string };
    first.push({ resource: one, category, labels });
    if (again)
      second.push({ resource: { ...one, ...again.more } as typeof one, category, labels: again.labels ?? labels });
    return { reference: `${resource.resourceType}/${id}` };
  }
  const secret = (name: string) => ({
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${SECRET}${name}</div>` },
    note: [{ text: `${SECRET}${name}` }],
  });
  const code = (value: string, text?: string) => ({
    coding: [{ system: 'http://loinc.org', code: value, display: text }],
    text,
  });
  const observation = (name: string, value: string, more: object = {}) => ({
    resourceType: 'Observation',
    status: 'final',
    code: code(value, `${SECRET}${name}`),
    subject,
    effectiveDateTime: '2026-10-01T10:00:00+02:00',
    valueString: `${SECRET}${name}`,
    ...secret(name),
    ...more,
  });
  const doctor = lay('doctor', { resourceType: 'Practitioner', name: [{ family: 'Zichtbaar' }] }, 'directory');
  const hidden = lay(
    'psychiatrist',
    { resourceType: 'Practitioner', name: [{ family: `${SECRET}psychiatrist` }] },
    'directory',
  );
  const encounter = lay(
    'encounter',
    {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject,
      period: { start: '2026-10-01', end: '2026-10-01' },
    },
    'consult',
  );
  const growth = lay('growth', observation('growth', '29463-7', { encounter, performer: [doctor] }), 'development');
  lay('laboratory', observation('laboratory', '1975-2', { encounter }), 'diagnostics');
  lay('risk', observation('risk', '88121-9', { encounter }), 'risk');
  const psy = lay(
    'psychiatric',
    {
      resourceType: 'Condition',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '58703003', display: `${SECRET}psychiatric` }] },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      subject,
      encounter,
      asserter: hidden,
      contained: [{ resourceType: 'Observation', id: 'c', status: 'final', code: { text: `${SECRET}psychiatric` } }],
      ...secret('psychiatric'),
    },
    'history',
    ['PSY'],
  );
  lay('violence', observation('violence', '93038-8', { encounter }), 'risk', ['SDV']);
  lay('protection', observation('protection', '93038-8'), 'risk', ['CHILDPROT']);
  const aboutMother: Extension[] = [
    { url: EXTENSIONS.aboutWhole, valueBoolean: true },
    { url: 'http://gezinspoort.nl/fhir/StructureDefinition/speaks-of', valueReference: { reference: mother } },
  ];
  lay('detention', observation('detention', '67875-5', { extension: aboutMother }), 'risk');
  lay('relabelled', observation('relabelled', '21840-4'), 'development', [], {
    more: { valueString: 'nu met een label' },
    labels: ['PSY'],
  });
  lay('erroneous', observation('erroneous', '8302-2'), 'development', [], {
    more: {
      status: 'entered-in-error',
      valueString: undefined,
      code: code('8302-2'),
      text: undefined,
      note: undefined,
    },
  });
  lay('corrected', observation('corrected', '8287-5'), 'development', [], { more: { status: 'corrected' } });
  const letter = (name: string) => ({
    resourceType: 'DocumentReference',
    status: 'current',
    type: code('18842-5'),
    subject,
    date: '2026-10-02T10:00:00Z',
    description: `${SECRET}${name}`,
    content: [
      { attachment: { contentType: 'application/pdf', data: Buffer.from(`${SECRET}${name}`).toString('base64') } },
    ],
  });
  lay('letter', letter('letter'), 'consult');
  lay('psychiatric-letter', letter('psychiatric-letter'), 'consult', ['PSY']);
  lay(
    'medication',
    {
      resourceType: 'MedicationStatement',
      status: 'active',
      medicationCodeableConcept: { coding: [{ system: 'urn:oid:2.16.840.1.113883.2.4.4.7', code: '67903' }] },
      subject,
      effectiveDateTime: '2026-10-01',
    },
    'medication',
  );
  lay(
    'task',
    { resourceType: 'Task', status: 'requested', intent: 'order', for: subject, focus: psy, authoredOn: '2026-10-03' },
    'referral',
  );
  const provenance = (target: { reference: string }) => ({
    resourceType: 'Provenance',
    target: [target],
    recorded: '2026-10-01T10:00:00Z',
    agent: [{ who: doctor }],
  });
  lay('provenance', provenance(growth), 'development');
  lay('psychiatric-provenance', provenance(psy), 'history', ['PSY']);
  return { first, second, things };
}

/** The name of an invented patient as it stands in the demo. */
export const familyNameOf = (patient: Patient): string => patient.name?.[0]?.family ?? '';
