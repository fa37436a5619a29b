import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateResource } from '@medplum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefinitions, loadPack } from './load.ts';
import type { PackedStructure } from './pack-types.ts';
import { createProfiles } from './profile/profiles.ts';
import { createTerminology } from './terminology.ts';
import { compileOrNull } from './validate/constraints.ts';
import { validate } from './validate.ts';

const definitions = await loadDefinitions();
const SHARED = process.env.SHARED_DIR ?? join(import.meta.dirname, '../../../shared');

type Json = Record<string, unknown>;
const BODY = { system: 'http://loinc.org', code: '29463-7' };
const observation = (): Json => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [BODY] },
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2026-08-20',
  valueQuantity: { value: 3.45, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
});
const narrative = (div: string): Json => ({ ...observation(), text: { status: 'additional', div } });
const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
const found = (resource: unknown): string[] =>
  validate(resource, definitions).map(({ code, path }) => `${code} ${path}`);

/** The secret that faulty samples carry: no finding may repeat it. */
const SECRET = 'Geheim Jansen';

const FAULTS: [string, unknown, string][] = [
  ['an unknown field', { ...observation(), colour: SECRET }, 'unknown-element Observation.colour'],
  ['a code outside a required binding', { ...observation(), status: SECRET }, 'code Observation.status'],
  ['a missing required element', { ...observation(), status: undefined }, 'null Observation.status'],
  [
    'a missing required choice',
    { resourceType: 'MedicationStatement', status: 'active', subject: {} },
    'required MedicationStatement.medication[x]',
  ],
  ['a bad date', { ...observation(), effectiveDateTime: '2026-02-30' }, 'value Observation.effectiveDateTime'],
  ['a list where one value belongs', { ...observation(), status: ['final'] }, 'structure Observation.status'],
  ['one value where a list belongs', { ...observation(), category: {} }, 'structure Observation.category'],
  [
    'a value without a type',
    { ...observation(), valueQuantity: undefined, value: 3 },
    'unknown-element Observation.value',
  ],
  ['two values', { ...observation(), valueString: SECRET }, 'choice Observation.valueString'],
  [
    'dataAbsentReason beside a value (obs-6)',
    { ...observation(), dataAbsentReason: { text: 'x' } },
    'invariant Observation',
  ],
  [
    'a reference to a type that is not allowed',
    { ...observation(), subject: { reference: 'Practitioner/1' } },
    'reference Observation.subject',
  ],
  ['an empty list', { ...observation(), category: [] }, 'empty Observation.category'],
  ['a bad uri', { ...observation(), implicitRules: `not a uri ${SECRET}` }, 'value Observation.implicitRules'],
  [
    'a script in the narrative',
    narrative(`<div ${XHTML}><script>${SECRET}</script></div>`),
    'value Observation.text.div',
  ],
  ['an empty object', { ...observation(), method: {} }, 'empty Observation.method'],
  ['null', { ...observation(), method: null }, 'null Observation.method'],
  ['an empty text', { ...observation(), valueQuantity: undefined, valueString: ' ' }, 'value Observation.valueString'],
  ['a number as text', { ...observation(), valueQuantity: { value: '3.45' } }, 'value Observation.valueQuantity.value'],
  ['a wrong resource type', { resourceType: SECRET }, 'unknown-type '],
  ['an abstract type', { resourceType: 'DomainResource' }, 'unknown-type '],
  ['no object', [observation()], 'structure '],
  ['a bad id', { ...observation(), id: 'a b' }, 'value Observation.id'],
  [
    'a local reference to nothing',
    { ...observation(), subject: { reference: '#nobody' } },
    'reference Observation.subject',
  ],
  [
    'an extension with value and extensions (ext-1)',
    {
      ...observation(),
      extension: [{ url: 'http://x.nl', valueCode: 'a', extension: [{ url: 'y', valueCode: 'b' }] }],
    },
    'invariant Observation.extension[0]',
  ],
  [
    'an extension without url',
    { ...observation(), _status: { extension: [{ valueCode: 'a' }] } },
    'required Observation._status.extension[0].url',
  ],
  ['a sibling of a complex element', { ...observation(), _code: { id: 'a' } }, 'unknown-element Observation._code'],
  [
    'a bad entry of a Bundle',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'http://x.nl/1', resource: { resourceType: 'Observation' } }],
    },
    'required Bundle.entry[0].resource.status',
  ],
  [
    'a bundle reference to a wrong entry',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        {
          fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
          resource: { ...observation(), subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' } },
        },
      ],
    },
    'reference Bundle.entry[0].resource.subject',
  ],
];

describe('validate', () => {
  it('finds nothing in a good resource', () => {
    expect(validate(observation(), definitions)).toEqual([]);
  });

  it.each(FAULTS)('finds %s', (_, resource, expected) => {
    expect(found(resource)).toContain(expected);
  });

  it.each(FAULTS)('never quotes what it refuses: %s', (_, resource) => {
    expect(JSON.stringify(validate(resource, definitions))).not.toContain('Geheim');
  });

  it('does not repeat a key that is no element name', () => {
    const text = JSON.stringify(validate({ ...observation(), 'Jan de Vries 999900006': 1 }, definitions));
    expect(text).toContain('unknown-element');
    expect(text).not.toMatch(/Vries|9999/);
  });

  it('gives every error, not only the first', () => {
    const faults = found({ ...observation(), status: 'x', colour: 1, effectiveDateTime: 'yesterday', category: [] });
    expect(faults).toEqual([
      'code Observation.status',
      'value Observation.effectiveDateTime',
      'unknown-element Observation.colour',
      'empty Observation.category',
    ]);
  });

  it('takes primitive extensions, alone and in lists', () => {
    const patient = {
      resourceType: 'Patient',
      _birthDate: {
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
      },
      name: [{ given: ['Luuk', null], _given: [null, { extension: [{ url: 'http://x.nl/y', valueCode: 'BR' }] }] }],
    };
    expect(validate(patient, definitions)).toEqual([]);
    expect(found({ ...patient, name: [{ given: ['Luuk', null] }] })).toEqual(['null Patient.name[0].given[1]']);
  });

  it.each([
    ['unclosed', `<div ${XHTML}><p>x</div>`],
    ['without namespace', '<div>x</div>'],
    ['an event handler', `<div ${XHTML}><p onclick="x()">x</p></div>`],
    ['a script link', `<div ${XHTML}><a href="javascript:x()">x</a></div>`],
    ['a disguised script link', `<div ${XHTML}><a href="java&#115;cript:x()">x</a></div>`],
    ['an iframe', `<div ${XHTML}><iframe src="http://x.nl"></iframe></div>`],
    ['text outside', `<div ${XHTML}>x</div><div>y</div>`],
    ['nothing', `<div ${XHTML}> </div>`],
    ['a bare ampersand', `<div ${XHTML}>a & b</div>`],
    ['a doctype', `<!DOCTYPE div><div ${XHTML}>x</div>`],
    ['a processing instruction', `<div ${XHTML}><?php x ?>x</div>`],
  ])('refuses a narrative with %s', (_, div) => {
    expect(found(narrative(div))).toEqual(['value Observation.text.div']);
  });

  it.each([
    `<div ${XHTML}>x &amp; y &lt; z &#233;</div>`,
    `<div ${XHTML}><table class="t"><tr><td colspan="2">x<br/></td></tr></table></div>`,
    `<div ${XHTML}><!-- note --><a href="https://example.org/?a=1&amp;b=2#c">x</a></div>`,
  ])('takes the narrative %s', (div) => {
    expect(found(narrative(div))).toEqual([]);
  });

  it('ends quickly on a hostile depth', () => {
    let extension: Json = { url: 'http://x.nl', valueCode: 'a' };
    for (let depth = 0; depth < 5000; depth++) extension = { url: 'http://x.nl', extension: [extension] };
    expect(validate({ ...observation(), extension: [extension] }, definitions).map(({ code }) => code)).toContain(
      'too-deep',
    );
  });

  it.each(['constructor', '__proto__', 'toString'])('takes the code system %s as just another text', (system) => {
    const coding = { system, code: 'male' };
    const contact = { resourceType: 'HealthcareService', telecom: [{ system }], meta: { security: [coding] } };
    expect(found(contact)).toEqual(['code HealthcareService.telecom[0].system']);
    const claim = {
      resourceType: 'Composition',
      status: 'final',
      type: {},
      date: '2026',
      author: [{}],
      title: 'x',
      attester: [{ mode: system }],
    };
    expect(found(claim)).toContain('code Composition.attester[0].mode');
    const condition = { resourceType: 'Condition', subject: { display: 'x' }, clinicalStatus: { coding: [coding] } };
    expect(found(condition)).toContain('code Condition.clinicalStatus');
  });

  it('survives any JSON', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('status', 'code', 'value', '_status', 'extension', '__proto__'),
        (value, key) => {
          const resource = Object.assign(observation(), { [key]: value });
          expect(Array.isArray(validate(resource, definitions))).toBe(true);
        },
      ),
    );
  });

  it('supports the invariants of all shared types', async () => {
    const pack = await loadPack();
    const all = pack.structures
      .flatMap((structure) => structure.snapshot.element)
      .flatMap((each) => each.constraint ?? []);
    const unsupported = all.filter(
      ({ severity, expression }) => severity === 'error' && expression && !compileOrNull(expression, definitions),
    );
    expect(unsupported).toEqual([]);
  });
});

describe('validate, beside the FHIR library', () => {
  const mutants: [string, (resource: Json) => void][] = [
    ['drops status', (resource) => delete resource.status],
    ['drops code', (resource) => delete resource.code],
    ['unknown field', (resource) => Object.assign(resource, { zzz: 1 })],
    ['list for one', (resource) => Object.assign(resource, { status: ['final'] })],
    ['bad date', (resource) => Object.assign(resource, { effectiveDateTime: '20260820' })],
    ['bad invariant', (resource) => Object.assign(resource, { dataAbsentReason: { text: 'x' } })],
    ['null', (resource) => Object.assign(resource, { code: null })],
    ['text for object', (resource) => Object.assign(resource, { code: 'x' })],
    ['bad integer', (resource) => Object.assign(resource, { valueQuantity: undefined, valueInteger: 1.5 })],
  ];
  it.each(mutants)('sees what the library sees: %s', (_, mutate) => {
    const resource = observation();
    mutate(resource);
    expect(() => validateResource(structuredClone(resource) as never)).toThrow();
    expect(validate(resource, definitions)).not.toEqual([]);
  });
});

describe('profiles', () => {
  const profile: PackedStructure = {
    resourceType: 'StructureDefinition',
    id: 'p',
    url: 'http://x.nl/p',
    name: 'P',
    kind: 'resource',
    type: 'Observation',
    derivation: 'constraint',
    snapshot: {
      element: [
        {
          id: 'Observation',
          path: 'Observation',
          min: 0,
          max: '*',
          constraint: [
            {
              key: 'p-1',
              severity: 'error',
              human: 'one label',
              expression: "meta.security.where(system = 'http://x.nl/label').count() = 1",
            },
          ],
        },
        { id: 'Observation.subject', path: 'Observation.subject', min: 1, max: '1' },
        { id: 'Observation.method', path: 'Observation.method', min: 0, max: '0' },
        {
          id: 'Observation.value[x].system',
          path: 'Observation.value.system',
          min: 1,
          max: '1',
          fixedUri: 'http://unitsofmeasure.org',
        },
        {
          id: 'Observation.code',
          path: 'Observation.code',
          min: 1,
          max: '1',
          patternCodeableConcept: { coding: [BODY] },
        },
      ],
    },
  };
  const labelled = (): Json => ({ ...observation(), meta: { security: [{ system: 'http://x.nl/label', code: 'a' }] } });
  const check = (resource: Json): string[] =>
    createProfiles(definitions, [profile], createTerminology([], []))
      .check(resource, profile.url)
      .map(({ code, path }) => `${code} ${path}`);

  it('takes what conforms', () => expect(check(labelled())).toEqual([]));
  it.each<[string, Json, string]>([
    ['an invariant', observation(), 'invariant Observation'],
    ['a minimum', { ...labelled(), subject: undefined }, 'required Observation.subject'],
    ['a maximum', { ...labelled(), method: { text: 'x' } }, 'too-many Observation.method'],
    [
      'a fixed value',
      { ...labelled(), valueQuantity: { value: 1, system: 'http://x.nl' } },
      'pattern Observation.value.system',
    ],
    ['a pattern', { ...labelled(), code: { coding: [{ ...BODY, code: 'other' }] } }, 'pattern Observation.code'],
  ])('holds %s', (_, resource, expected) => expect(check(resource)).toContain(expected));
});

describe.skipIf(!existsSync(SHARED))('the official R4 examples and nl-core examples', () => {
  /** Examples that break R4 themselves: a reference to a type that is not allowed, items without linkId. */
  const KNOWN = [
    'DeviceUseStatement-example',
    'MedicationRequest-medrx0301',
    'Observation-clinical-gender',
    'Questionnaire-qs1',
  ];
  const files = ['fhir-r4-core-examples', 'nictiz-nlcore-r4-0.12.0-beta.4'].flatMap((folder) =>
    globSync(join(SHARED, 'corpora', folder, '**/*.json')),
  );
  it('are valid', () => {
    let checked = 0;
    const refused: string[] = [];
    for (const file of files) {
      const resource = JSON.parse(readFileSync(file, 'utf8')) as Json;
      if (definitions.type(String(resource.resourceType))?.kind !== 'resource') continue;
      checked++;
      // A Bundle may hold resources of types that are not shared.
      const issues = validate(resource, definitions).filter(({ code }) => code !== 'unknown-type');
      if (issues.length > 0) refused.push(file.split('/').at(-1)?.replace('.json', '') as string);
    }
    expect(checked).toBeGreaterThan(700);
    expect(refused.sort()).toEqual(KNOWN);
  });
});
