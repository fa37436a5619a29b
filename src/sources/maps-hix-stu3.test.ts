import type { Bundle, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showResult } from '../../tests/support/results.ts';
import { validate } from '../fhir/validate.ts';
import { watch } from '../mapping/coverage.ts';
import { isDropped, parseDropped } from './dropped.ts';
import { bytes, counter, definitions, type Json, json, resources, sources } from './testing/maps-testkit.ts';
import { officialSchema } from './testing/official-schema.ts';
import { valueFor } from './testing/schema-values.ts';
import { corpusMessages, hasCorpus } from './testing/stu3-corpus.ts';

const STU3 = 'application/fhir+json; fhirVersion=3.0';
const YONATHAN = json<{ entry: { resource: Json }[] }>('hix', 'samples', 'yonathan-stu3.json');

const PATIENT = {
  resourceType: 'Patient',
  id: 'P1',
  identifier: [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '999903238' }],
  name: [{ family: 'van Proefhoeve' }],
  birthDate: '2024-07-09',
};
const SUBJECT = { reference: 'Patient/P1' };
const CONDITION = { resourceType: 'Condition', id: 'C1', code: { text: 'x' }, subject: SUBJECT };

const bundleOf = (...all: Json[]): Json => ({
  resourceType: 'Bundle',
  type: 'collection',
  id: 'B1',
  entry: [PATIENT, ...all].map((resource) => ({ resource })),
});

/** What becomes of a body: the mapped Bundle, or where and why it is refused. */
function outcome(body: unknown, contentType = STU3): { bundle?: Bundle; refused: string[] } {
  const message = sources.read('hix', contentType, bytes(body));
  const result = message.ok ? sources.map(message, counter()) : message;
  if (result.ok) return { bundle: result.bundle, refused: [] };
  return { refused: result.issues.map(({ code, path, expected }) => `${code} ${path ?? ''}: ${expected ?? ''}`) };
}

/** The one resource of its type that a body gives. */
function only<T extends Resource>(type: T['resourceType'], ...all: Json[]): T {
  const { bundle, refused } = outcome(bundleOf(...all));
  expect(refused).toEqual([]);
  const found = resources(bundle as Bundle).filter((one): one is T => one.resourceType === type);
  expect(found).toHaveLength(1);
  for (const one of resources(bundle as Bundle)) expect(validate(one, definitions)).toEqual([]);
  return found[0] as T;
}

describe('the version of FHIR', () => {
  it.each(['application/fhir+json; fhirVersion=3.0', 'application/fhir+json;charset=utf-8;fhirVersion="3.0"'])(
    '%s is taken',
    (contentType) => expect(outcome(bundleOf(), contentType).refused).toEqual([]),
  );
  it.each([
    'application/fhir+json',
    'application/fhir+json; fhirVersion=4.0',
    'application/fhir+json; fhirVersion=3.0.2',
  ])('%s is refused with what is taken', (contentType) =>
    expect(outcome(bundleOf(), contentType).refused).toEqual(['content-type-unknown Content-Type: fhirVersion=3.0']),
  );
});

describe('the body', () => {
  it.each<[string, unknown, string]>([
    [
      'a resource of a type that is not understood',
      bundleOf({ resourceType: 'Basic', id: 'x' }),
      '/entry/1/resource/resourceType',
    ],
    ['an element that is not understood', bundleOf({ ...CONDITION, laterality: 'left' }), '/entry/1/resource'],
    ['an element of R4', bundleOf({ ...CONDITION, recordedDate: '2026-01-01' }), '/entry/1/resource'],
    [
      'a modifier extension that is not understood',
      bundleOf({ ...CONDITION, modifierExtension: [{ url: 'http://x', valueBoolean: true }] }),
      '/entry/1/resource',
    ],
    [
      'a narrative that says more than the data',
      bundleOf({ ...CONDITION, text: { status: 'additional', div: '<div/>' } }),
      '/entry/1/resource/text/status',
    ],
    ['a value that R4 does not have', bundleOf({ ...CONDITION, abatementBoolean: true }), '/entry/1/resource'],
    [
      'an answer that is not whole',
      { ...bundleOf(), entry: [{ resource: PATIENT }, { response: { status: '404' } }] },
      '/entry/1/response/status',
    ],
    [
      'a remark that something failed',
      bundleOf({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] }),
      '/entry/1/resource/issue/0/severity',
    ],
    [
      'a document that is no PDF or text',
      bundleOf({
        resourceType: 'DocumentReference',
        id: 'D',
        status: 'current',
        subject: SUBJECT,
        content: [{ attachment: { contentType: 'text/html' } }],
      }),
      '/entry/1/resource/content/0/attachment/contentType',
    ],
    [
      'an extension of the gateway itself',
      bundleOf({
        ...CONDITION,
        extension: [{ url: 'http://gezinspoort.nl/fhir/StructureDefinition/custody', valueCode: 'yes' }],
      }),
      '/entry/1/resource/extension/0/url',
    ],
    [
      'a code of the gateway itself',
      bundleOf({
        resourceType: 'EpisodeOfCare',
        id: 'E',
        status: 'active',
        patient: SUBJECT,
        type: [{ coding: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/poli', code: 'pop' }] }],
      }),
      '/entry/1/resource/type/0/coding/0/system',
    ],
    [
      'the BSN of somebody else',
      bundleOf({
        resourceType: 'RelatedPerson',
        id: 'R',
        patient: SUBJECT,
        identifier: [{ system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '999903032' }],
      }),
      '/entry/1/resource/identifier/0/system',
    ],
    ['no Patient', { ...bundleOf(), entry: [{ resource: CONDITION }] }, 'identity-missing /'],
    ['two Patients', bundleOf({ ...PATIENT, id: 'P2' }), 'identity-missing /entry/1/resource'],
    [
      'a fact about another patient',
      bundleOf({ ...CONDITION, subject: { reference: 'Patient/P2' } }),
      'identity-conflict /entry/1/resource/subject',
    ],
    [
      'a fact about the same id elsewhere',
      {
        ...bundleOf(),
        entry: [
          { fullUrl: 'https://one.example/Patient/P1', resource: PATIENT },
          { resource: { ...CONDITION, subject: { reference: 'https://other.example/Patient/P1' } } },
        ],
      },
      'identity-conflict /entry/1/resource/subject',
    ],
    [
      'a fact about a group',
      bundleOf({ ...CONDITION, subject: { reference: 'Group/G1' } }),
      '/entry/1/resource/subject',
    ],
    [
      'a fact about somebody by name only',
      bundleOf({ ...CONDITION, subject: { display: 'Luuk' } }),
      '/entry/1/resource',
    ],
    [
      'one resource twice that differs',
      bundleOf(CONDITION, { ...CONDITION, code: { text: 'y' } }),
      'fact-twice /entry/2/resource',
    ],
    [
      'a reference to nothing',
      bundleOf({ ...CONDITION, asserter: { reference: '#none' } }),
      '/entry/1/resource/asserter',
    ],
    [
      'a document that nothing names',
      bundleOf({ resourceType: 'Binary', id: 'N', contentType: 'application/pdf', content: 'JVBERi0x' }),
      '/entry/1/resource',
    ],
    [
      'a dose number that is left out',
      bundleOf({
        resourceType: 'Immunization',
        id: 'I',
        status: 'completed',
        notGiven: false,
        vaccineCode: { text: 'x' },
        patient: SUBJECT,
        vaccinationProtocol: [{ series: 'x' }],
      }),
      '/entry/1/resource/vaccinationProtocol/0',
    ],
    [
      'a referral for two services',
      bundleOf({
        resourceType: 'ReferralRequest',
        id: 'V',
        status: 'active',
        intent: 'order',
        subject: SUBJECT,
        serviceRequested: [{ text: 'x' }, { text: 'y' }],
      }),
      '/entry/1/resource',
    ],
    [
      'a stop type that is not known',
      bundleOf({
        resourceType: 'MedicationRequest',
        id: 'M',
        intent: 'order',
        subject: SUBJECT,
        medicationCodeableConcept: { text: 'x' },
        modifierExtension: [
          {
            url: 'http://nictiz.nl/fhir/StructureDefinition/zib-Medication-StopType',
            valueCodeableConcept: {
              coding: [{ system: 'urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.2.1', code: '9' }],
            },
          },
        ],
      }),
      '/entry/1/resource/modifierExtension/0',
    ],
  ])('with %s is refused, and the place is named as the sender knows it', (_what, body, place) => {
    const { refused } = outcome(body);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.map((one) => one.split(': ')[0])).toEqual(expect.arrayContaining([expect.stringContaining(place)]));
  });

  it('may be the answers of a batch, with the same resource in two of them', () => {
    const answer = (...all: Json[]): Json => ({
      resource: { resourceType: 'Bundle', type: 'searchset', entry: all.map((resource) => ({ resource })) },
      response: { status: '200' },
    });
    const body = {
      resourceType: 'Bundle',
      type: 'batch-response',
      entry: [answer(PATIENT), answer(CONDITION, PATIENT)],
    };
    expect(resources(outcome(body).bundle as Bundle).map((one) => one.resourceType)).toEqual(['Patient', 'Condition']);
  });

  it('has the id of its Bundle; a single resource has none, because its id is not that of a message', () => {
    const idOf = (body: unknown): string | undefined => {
      const message = sources.read('hix', STU3, bytes(body));
      return message.ok ? message.messageId : undefined;
    };
    expect(idOf(bundleOf())).toBe('B1');
    expect(idOf({ ...bundleOf(), identifier: { value: 'own' } })).toBe('own');
    expect(idOf({ ...CONDITION, subject: { reference: '#P1' }, contained: [PATIENT] })).toBeUndefined();
  });

  it('never makes the gateway fail, whatever is changed in it', () => {
    const whole = JSON.stringify(YONATHAN);
    const places = [...whole.matchAll(/"(?:[^"\\]|\\.)*"|\b(?:true|false|\d+)\b/g)].map(
      (match) => [match.index, match[0].length] as const,
    );
    fc.assert(
      fc.property(
        fc.nat(places.length - 1),
        fc.constantFrom('null', '7', '"x"', '{}', '[]', '"Patient/P9"'),
        (index, other) => {
          const [from, length] = places[index] as readonly [number, number];
          const text = whole.slice(0, from) + other + whole.slice(from + length);
          const message = sources.read('hix', STU3, Buffer.from(text));
          const result = message.ok ? sources.map(message, counter()) : message;
          if (!result.ok) expect(result.issues[0]).toHaveProperty('code');
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what is particular to HiX', () => {
  it('a quantity without a unit stays without one', () => {
    const made = only<Extract<Resource, { resourceType: 'Observation' }>>('Observation', {
      resourceType: 'Observation',
      id: 'O',
      status: 'registered',
      code: { text: 'Chloride' },
      subject: SUBJECT,
      valueQuantity: { value: 109, system: 'http://unitsofmeasure.org' },
    });
    expect(made.valueQuantity).toEqual({ value: 109, system: 'http://unitsofmeasure.org' });
    expect(made.status).toBe('registered');
  });

  it('OTH keeps its words, and an unknown certainty is unconfirmed and UNK', () => {
    const made = only<Extract<Resource, { resourceType: 'Condition' }>>('Condition', {
      ...CONDITION,
      verificationStatus: 'unknown',
      code: { coding: [{ system: 'http://hl7.org/fhir/v3/NullFlavor', code: 'OTH' }], text: 'fractuur van pols' },
    });
    expect(made.code).toEqual({
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'OTH' }],
      text: 'fractuur van pols',
    });
    expect(made.verificationStatus?.coding?.map(({ code }) => code)).toEqual(['unconfirmed', 'UNK']);
  });

  it('what was entered in error has no clinical status', () => {
    const made = only<Extract<Resource, { resourceType: 'Condition' }>>('Condition', {
      ...CONDITION,
      verificationStatus: 'entered-in-error',
      clinicalStatus: 'active',
    });
    expect(made.clinicalStatus).toBeUndefined();
  });

  it('a stopped agreement is stopped, unless it was entered in error', () => {
    const stop = {
      resourceType: 'MedicationRequest',
      id: 'M',
      intent: 'order',
      subject: SUBJECT,
      medicationCodeableConcept: { text: 'x' },
      modifierExtension: [
        {
          url: 'http://nictiz.nl/fhir/StructureDefinition/zib-Medication-StopType',
          valueCodeableConcept: {
            coding: [{ system: 'urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.2.1', code: '2' }],
          },
        },
      ],
    };
    type Request = Extract<Resource, { resourceType: 'MedicationRequest' }>;
    expect(only<Request>('MedicationRequest', { ...stop, status: 'active' }).status).toBe('stopped');
    expect(only<Request>('MedicationRequest', { ...stop, status: 'entered-in-error' }).status).toBe('entered-in-error');
  });

  it.each([
    ['active', 'y', 'active'],
    ['completed', 'na', 'completed'],
    ['active', 'n', 'not-taken'],
    ['active', 'unk', 'unknown'],
    ['entered-in-error', 'n', 'entered-in-error'],
  ])('medication that is %s and taken %s is %s', (status, taken, expected) => {
    const made = only<Extract<Resource, { resourceType: 'MedicationStatement' }>>('MedicationStatement', {
      resourceType: 'MedicationStatement',
      id: 'S',
      status,
      taken,
      subject: SUBJECT,
      medicationCodeableConcept: { text: 'x' },
    });
    expect(made.status).toBe(expected);
  });

  it('an unknown function and an OID are no name, and a reference that leads out of the message is kept as the id that HiX has', () => {
    const made = only<Extract<Resource, { resourceType: 'Condition' }>>('Condition', {
      ...CONDITION,
      asserter: {
        reference: 'https://zorgplatform.example/Practitioner/A-1',
        display: 'urn:oid:2.16.840.1.113883.2.4.3.124.7',
      },
    });
    expect(made.asserter).toEqual({
      type: 'Practitioner',
      identifier: { system: 'http://gezinspoort.nl/fhir/NamingSystem/hix-fhir', value: 'A-1' },
    });
  });

  it('a fact by the BSN of the patient is a fact of the patient', () => {
    const made = only<Extract<Resource, { resourceType: 'Condition' }>>('Condition', {
      ...CONDITION,
      subject: { identifier: PATIENT.identifier[0] },
    });
    expect(made.subject).toEqual({ reference: 'http://gezinspoort.nl/source/hix/Patient/P1' });
  });

  it('labels of the source are kept', () => {
    const made = only<Extract<Resource, { resourceType: 'Condition' }>>('Condition', {
      ...CONDITION,
      meta: { security: [{ system: 'http://hl7.org/fhir/v3/ActCode', code: 'PSY' }] },
    });
    expect(made.meta?.security).toEqual([{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' }]);
  });
});

describe('every element that the schema takes', () => {
  const schema = json<Json>('hix', 'stu3.schema.json');
  const defs = schema.$defs as Record<string, Json>;
  const dropped = parseDropped(json('hix', 'dropped.json'));
  const TYPES = ((defs.Resource as Json).properties as { resourceType: { enum: string[] } }).resourceType.enum.filter(
    (type) => !['Patient', 'Binary', 'Consent', 'Coverage', 'OperationOutcome'].includes(type),
  );
  const ELEMENTS = [...TYPES, 'Patient'].flatMap((type) =>
    Object.keys((defs[type] as { properties: Json }).properties)
      .filter(
        (name) =>
          !name.startsWith('_') &&
          !['resourceType', 'id', 'meta', 'language', 'text', 'contained', 'extension'].includes(name),
      )
      .map((name) => ({ type, name })),
  );

  it.each(TYPES.concat('Patient'))('of %s is read by the maps, or dropped.json says why not', (type) => {
    const unread = ELEMENTS.filter((one) => one.type === type).flatMap(({ name }) => {
      const definition = defs[type] as { properties: Record<string, Json>; required: string[] };
      const needed = [...new Set([...definition.required, ...(type === 'DeviceUseStatement' ? [] : [])])];
      const value = Object.fromEntries(
        [...new Set([...needed, name])].map((key) => [key, valueFor(definition.properties[key] as Json, schema, key)]),
      );
      const about = (key: string): Json =>
        key in value || ['subject', 'patient'].includes(key) ? { [key]: SUBJECT } : {};
      const subject = definition.properties.subject
        ? about('subject')
        : definition.properties.patient
          ? about('patient')
          : {};
      const resource = { ...value, ...subject, resourceType: type, id: 'X1' };
      const message =
        type === 'Patient'
          ? { ...bundleOf(), entry: [{ resource: { ...PATIENT, ...value, resourceType: 'Patient', id: 'P1' } }] }
          : bundleOf(resource);
      const text = JSON.stringify(message).replaceAll('"reference":"x1"', '"reference":"Basic/x1"');
      const read = sources.read('hix', STU3, Buffer.from(text));
      if (!read.ok) return [`${type}.${name}: ${JSON.stringify(read.issues)}`];
      const watched = watch(read.body);
      sources.map({ ...read, body: watched.input }, counter());
      return watched.unread().filter((path) => path.startsWith(`${type}.${name}`) && !isDropped(dropped, path));
    });
    expect(unread).toEqual([]);
  });

  it('is asked about: there are more than two hundred', () => expect(ELEMENTS.length).toBeGreaterThan(200));
});

describe.skipIf(!hasCorpus)('files of HiX and other systems (skipped where ../shared/corpora is not at hand)', () => {
  const official = officialSchema();
  const all = corpusMessages().map((one) => ({ ...one, ...outcome(one.message) }));
  const hix = all.filter((one) => one.isHix);

  it.each(hix)('$name of HiX gives valid R4', ({ bundle, refused }) => {
    expect(refused).toEqual([]);
    for (const one of resources(bundle as Bundle)) {
      expect(validate(one, definitions)).toEqual([]);
      expect(official?.(one) ?? []).toEqual([]);
    }
  });

  it.each(all.filter((one) => !one.isHix))(
    '$name of another system gives valid R4 or names what is wrong',
    ({ bundle, refused }) => {
      for (const one of bundle ? resources(bundle) : []) {
        expect(validate(one, definitions)).toEqual([]);
        expect(official?.(one) ?? []).toEqual([]);
      }
      for (const one of bundle ? [] : refused) expect(one).toMatch(/^schema-invalid \/entry\/\d+\/resource\/.+: .+/);
    },
  );

  it('counts', (context) => {
    const count = all.filter((one) => one.bundle).length;
    showResult(context, {
      what: 'corpora: FHIR STU3 files of vendors that give valid R4',
      passed: count,
      of: all.length,
      note: `of HiX ${hix.filter((one) => one.bundle).length} of ${hix.length}; the rest is refused by name`,
    });
    expect(hix.length).toBeGreaterThan(8);
    expect(count).toBeGreaterThan(30);
  });
});
