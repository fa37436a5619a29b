import type { ConceptMap } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../fhir/load.ts';
import { compileMaps, MapError, type MapIssue, type MapResult, type MapText } from './index.ts';

const definitions = await loadDefinitions();

const UNITS: ConceptMap = {
  resourceType: 'ConceptMap',
  status: 'active',
  url: 'http://x.nl/units',
  group: [
    {
      source: 'http://x.nl/a',
      target: 'http://x.nl/first',
      element: [
        { code: '1', target: [{ code: 'one', display: 'One', equivalence: 'equal' }] },
        { code: 'none', target: [{ equivalence: 'unmatched' }] },
        {
          code: 'many',
          target: [
            { code: 'wide', equivalence: 'wider' },
            { code: 'same', equivalence: 'equivalent' },
          ],
        },
      ],
    },
    {
      source: 'http://x.nl/b',
      target: 'http://x.nl/second',
      element: [{ code: '2', target: [{ code: 'two', equivalence: 'equal' }] }],
    },
  ],
};
const unmapped = (name: string, rule: NonNullable<ConceptMap['group']>[number]['unmapped']): ConceptMap => ({
  resourceType: 'ConceptMap',
  status: 'active',
  url: `http://x.nl/${name}`,
  group: [
    {
      source: 'http://x.nl/a',
      target: 'http://x.nl/t',
      element: [{ code: 'k', target: [{ code: 'K', equivalence: 'equal' }] }],
      unmapped: rule,
    },
  ],
});
const CONCEPT_MAPS = [
  UNITS,
  unmapped('provided', { mode: 'provided' }),
  unmapped('fixed', { mode: 'fixed', code: 'other', display: 'Other' }),
  unmapped('elsewhere', { mode: 'other-map', url: 'http://x.nl/units' }),
];

const HEAD = `map "http://x.nl/m" = "m"
uses "http://hl7.org/fhir/StructureDefinition/Patient" alias Patient as source
uses "http://hl7.org/fhir/StructureDefinition/Patient" alias PatientOut as target
uses "http://hl7.org/fhir/StructureDefinition/Observation" alias Observation as target
uses "http://hl7.org/fhir/StructureDefinition/Bundle" alias Bundle as target
`;

const compile = (text: string, ...more: MapText[]) =>
  compileMaps([{ file: 'm.map', text }, ...more], { definitions, conceptMaps: CONCEPT_MAPS }).map('m');

/** Ids that count. */
function counter(): { newId(): string } {
  let count = 0;
  return { newId: () => `id-${++count}` };
}

const map = (target: string, rules: string, source = ''): string =>
  `${HEAD}group Main(source src${source}, target tgt : ${target}) {\n${rules}\n}`;

const run = (text: string, input: unknown): MapResult => compile(text).run(input, counter());

function target(text: string, input: unknown): Record<string, unknown> {
  const result = run(text, input);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  const { resourceType: _, ...rest } = result.target as Record<string, unknown>;
  return rest;
}

function issues(text: string, input: unknown): Pick<MapIssue, 'code' | 'path'>[] {
  const result = run(text, input);
  return result.ok ? [] : result.issues.map(({ code, path }) => ({ code, path }));
}

function refusal(text: string, ...more: MapText[]): MapError {
  try {
    compile(text, ...more);
  } catch (error) {
    if (error instanceof MapError) return error;
    throw error;
  }
  throw new Error('the map was accepted');
}

const O = 'Observation';
const P = 'PatientOut';

/** One case per construct of the language: name, target type, rules, input, what comes out. */
const CASES: [string, string, string, unknown, Record<string, unknown>][] = [
  ['copy of a scalar', P, 'src.b -> tgt.birthDate;', { b: '2026-05-02' }, { birthDate: '2026-05-02' }],
  ['an absent element gives nothing', P, 'src.b as v -> tgt.birthDate = v; src.c -> tgt.gender;', {}, {}],
  ['null is absence', P, 'src.b as v -> tgt.birthDate = v;', { b: null }, {}],
  [
    'false and 0 are present',
    O,
    'src.f as v -> tgt.value = v; src.n as v -> tgt.component as c, c.value = v;',
    { f: false, n: 0 },
    { valueBoolean: false, component: [{ valueInteger: 0 }] },
  ],
  [
    'constants of all kinds',
    P,
    "src -> tgt.gender = 'female', tgt.active = true, tgt.multipleBirth = 2;",
    {},
    { gender: 'female', active: true, multipleBirthInteger: 2 },
  ],
  [
    'a negative and a decimal number',
    O,
    "src -> tgt.value = create('Range') as r, r.low as l, l.value = -1, r.high as h, h.value = 2.5;",
    {},
    { valueRange: { low: { value: -1 }, high: { value: 2.5 } } },
  ],
  [
    'a repeating source',
    P,
    'src.given as g -> tgt.name as n, n.given = g;',
    { given: ['A', 'B'] },
    { name: [{ given: ['A'] }, { given: ['B'] }] },
  ],
  [
    'nested rules share their target',
    P,
    'src -> tgt.name as n then { src.given as g -> n.given = g; };',
    { given: ['A', 'B'] },
    { name: [{ given: ['A', 'B'] }] },
  ],
  [
    'a single complex element is made once',
    P,
    "src -> tgt.maritalStatus as m, m.text = 'x'; src -> tgt.maritalStatus as m, m.id = 'y';",
    {},
    { maritalStatus: { text: 'x', id: 'y' } },
  ],
  ['an empty element is left out', P, 'src -> tgt.name as n then { src.given as g -> n.given = g; };', {}, {}],
  [
    'several sources multiply',
    P,
    'src.a as a, src.b as b -> tgt.name as n, n.text = (a & b);',
    { a: ['1', '2'], b: ['x', 'y'] },
    { name: [{ text: '1x' }, { text: '1y' }, { text: '2x' }, { text: '2y' }] },
  ],
  [
    'where',
    P,
    "src.l as l where k = 'x' -> tgt.name as n, n.text = (l.t);",
    {
      l: [
        { k: 'x', t: 'A' },
        { k: 'y', t: 'B' },
      ],
    },
    { name: [{ text: 'A' }] },
  ],
  [
    'where on a scalar',
    P,
    "src.l as l where $this != 'B' -> tgt.name as n, n.text = l;",
    { l: ['A', 'B'] },
    { name: [{ text: 'A' }] },
  ],
  [
    'where with the own variable',
    P,
    'src.l as l where l.t.exists() -> tgt.name as n, n.text = (l.t);',
    { l: [{}, { t: 'A' }] },
    { name: [{ text: 'A' }] },
  ],
  [
    'where with a marked variable',
    P,
    'src.k as k then { src.l as l where $this.k = %k -> tgt.name as n, n.text = (l.t); };',
    {
      k: 1,
      l: [
        { k: 1, t: 'A' },
        { k: 2, t: 'B' },
      ],
    },
    { name: [{ text: 'A' }] },
  ],
  ['check that holds', P, "src.u as u check $this = 'g' -> tgt.gender = u;", { u: 'g' }, { gender: 'g' }],
  ['default as text', P, "src.g default 'unknown' as g -> tgt.gender = g;", {}, { gender: 'unknown' }],
  ['default as expression', P, "src.g default ('un' & 'known') as g -> tgt.gender = g;", {}, { gender: 'unknown' }],
  ['default stays unused', P, "src.g default 'unknown' as g -> tgt.gender = g;", { g: 'male' }, { gender: 'male' }],
  ['cardinality that holds', P, 'src.g : string 1..1 as g -> tgt.gender = g;', { g: 'male' }, { gender: 'male' }],
  ['cardinality without type', P, 'src.g 1..* as g -> tgt.gender = g;', { g: 'male' }, { gender: 'male' }],
  ['first', P, 'src.l first as l -> tgt.name as n, n.text = l;', { l: ['A', 'B', 'C'] }, { name: [{ text: 'A' }] }],
  [
    'not_first',
    P,
    'src.l not_first as l -> tgt.name as n, n.text = l;',
    { l: ['A', 'B', 'C'] },
    { name: [{ text: 'B' }, { text: 'C' }] },
  ],
  ['last', P, 'src.l last as l -> tgt.name as n, n.text = l;', { l: ['A', 'B', 'C'] }, { name: [{ text: 'C' }] }],
  [
    'not_last',
    P,
    'src.l not_last as l -> tgt.name as n, n.text = l;',
    { l: ['A', 'B', 'C'] },
    { name: [{ text: 'A' }, { text: 'B' }] },
  ],
  ['only_one', P, 'src.l only_one as l -> tgt.name as n, n.text = l;', { l: ['A'] }, { name: [{ text: 'A' }] }],
  [
    'list mode after where',
    P,
    "src.l first as l where $this != 'A' -> tgt.name as n, n.text = l;",
    { l: ['A', 'B', 'C'] },
    { name: [{ text: 'B' }] },
  ],
  [
    'share',
    P,
    'src.a as a -> tgt.name as n share one, n.family = a; src.b as b -> tgt.name as n share one, n.given = b;',
    { a: 'F', b: 'G' },
    { name: [{ family: 'F', given: ['G'] }] },
  ],
  [
    'target first and last',
    P,
    "src -> tgt.name as n last, n.text = 'z'; src -> tgt.name as n, n.text = 'm'; src -> tgt.name as n first, n.text = 'a';",
    {},
    { name: [{ text: 'a' }, { text: 'm' }, { text: 'z' }] },
  ],
  [
    'collate',
    P,
    'src.l as l -> tgt.name as n collate, n.given = l;',
    { l: ['A', 'B'] },
    { name: [{ given: ['A', 'B'] }] },
  ],
  ['create', O, "src -> tgt.value = create('Quantity') as q, q.value = 1;", {}, { valueQuantity: { value: 1 } }],
  ['create of the only type', O, "src -> tgt.code = create() as c, c.text = 'x';", {}, { code: { text: 'x' } }],
  [
    'create of a resource',
    'Bundle',
    "src -> tgt.entry as e, e.resource = create('Patient') as p, p.active = true;",
    {},
    { entry: [{ resource: { resourceType: 'Patient', active: true } }] },
  ],
  ['copy(…)', P, 'src.g as g -> tgt.gender = copy(g);', { g: 'male' }, { gender: 'male' }],
  ['truncate', P, 'src.g as g -> tgt.gender = truncate(g, 3);', { g: 'ab💚de' }, { gender: 'ab💚' }],
  [
    'escape',
    O,
    "src.t as t -> tgt.text as n, n.div = append('<div>', escapeOf, '</div>');".replace('escapeOf', "'x'"),
    { t: 1 },
    { text: { div: '<div>x</div>' } },
  ],
  [
    'escape to html',
    P,
    "src.t as t -> tgt.gender = escape(t, 'html');",
    { t: '<a & "b">' },
    { gender: '&lt;a &amp; &quot;b&quot;&gt;' },
  ],
  [
    'escape from one to another',
    P,
    "src.t as t -> tgt.gender = escape(t, 'html', 'uri');",
    { t: 'a&amp;b' },
    { gender: 'a%26b' },
  ],
  ['cast to a number', O, "src.t as t -> tgt.value = cast(t, 'integer');", { t: '12' }, { valueInteger: 12 }],
  [
    'cast to a date',
    O,
    "src.t as t -> tgt.value = cast(t, 'dateTime');",
    { t: '2026-08' },
    { valueDateTime: '2026-08' },
  ],
  [
    'cast of a dateTime to a date',
    P,
    "src.t as t -> tgt.birthDate = cast(t, 'date');",
    { t: '2026-05-02T10:00:00+02:00' },
    { birthDate: '2026-05-02' },
  ],
  ['append of three', P, "src.a as a -> tgt.gender = append('x', a, 'y');", { a: 1 }, { gender: 'x1y' }],
  ['append of something absent', P, "src -> tgt.gender = append('x', (a), 'y');", {}, {}],
  [
    'translate to a code',
    P,
    "src.c as c -> tgt.gender = translate(c, 'http://x.nl/units', 'code');",
    { c: '1' },
    { gender: 'one' },
  ],
  [
    'translate of a number',
    P,
    "src.c as c -> tgt.gender = translate(c, 'http://x.nl/units', 'code');",
    { c: 1 },
    { gender: 'one' },
  ],
  [
    'translate in a second group',
    O,
    "src.c as c -> tgt.code = translate(c, 'http://x.nl/units', 'CodeableConcept');",
    { c: '2' },
    { code: { coding: [{ system: 'http://x.nl/second', code: 'two' }] } },
  ],
  [
    'translate to a Coding',
    O,
    "src.c as c -> tgt.code as k, k.coding = translate(c, 'http://x.nl/units', 'Coding');",
    { c: '1' },
    { code: { coding: [{ system: 'http://x.nl/first', code: 'one', display: 'One' }] } },
  ],
  [
    'translate to system and display',
    O,
    "src.c as c -> tgt.code as k, k.text = translate(c, 'http://x.nl/units', 'display'), k.coding as d, d.system = translate(c, 'http://x.nl/units', 'system');",
    { c: '1' },
    { code: { text: 'One', coding: [{ system: 'http://x.nl/first' }] } },
  ],
  [
    'translate of a Coding keeps to its system',
    P,
    "src.c as c -> tgt.gender = translate(c, 'http://x.nl/units', 'code');",
    { c: { system: 'http://x.nl/b', code: '2' } },
    { gender: 'two' },
  ],
  [
    'translate takes the best of several',
    P,
    "src.c as c -> tgt.gender = translate(c, 'http://x.nl/units', 'code');",
    { c: 'many' },
    { gender: 'same' },
  ],
  [
    'unmapped: provided',
    P,
    "src.c as c -> tgt.gender = translate(c, 'http://x.nl/provided', 'code');",
    { c: 'zz' },
    { gender: 'zz' },
  ],
  [
    'unmapped: fixed',
    P,
    "src.c as c -> tgt.gender = translate(c, 'http://x.nl/fixed', 'code');",
    { c: 'zz' },
    { gender: 'other' },
  ],
  [
    'unmapped: other map',
    P,
    "src.c as c -> tgt.gender = translate(c, 'http://x.nl/elsewhere', 'code');",
    { c: '1' },
    { gender: 'one' },
  ],
  [
    'reference to an entry',
    'Bundle',
    "src -> tgt.entry as e, e.fullUrl = 'urn:uuid:1', e.resource = create('Patient') as p then { src -> tgt.entry as f, f.resource = create('Observation') as o, o.subject as r, r.reference = reference(p); };",
    {},
    {
      entry: [
        { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient' } },
        { resource: { resourceType: 'Observation', subject: { reference: 'urn:uuid:1' } } },
      ],
    },
  ],
  [
    'reference to a resource without url',
    'Bundle',
    "src -> tgt.entry as e, e.resource = create('Patient') as p, e.fullUrl = reference(p);",
    {},
    { entry: [{ resource: { resourceType: 'Patient', id: 'id-1' }, fullUrl: 'Patient/id-1' }] },
  ],
  [
    'pointer',
    'Bundle',
    "src -> tgt.entry as e, e.resource = create('Patient') as p, e.fullUrl = pointer(p);",
    {},
    { entry: [{ resource: { resourceType: 'Patient', id: 'id-1' }, fullUrl: 'urn:uuid:id-1' }] },
  ],
  [
    'dateOp',
    P,
    "src.d as d -> tgt.birthDate = dateOp(d, 1, 'months');",
    { d: '2026-01-31' },
    { birthDate: '2026-02-28' },
  ],
  [
    'uuid, once per rule and kept in a variable',
    'Bundle',
    "src -> uuid() as id, tgt.id = id, tgt.entry as e, e.fullUrl = append('urn:uuid:', id);",
    {},
    { id: 'id-1', entry: [{ fullUrl: 'urn:uuid:id-1' }] },
  ],
  [
    'evaluate in brackets',
    O,
    'src.g as g -> tgt.value as q2 share s;'.replace(
      'src.g as g -> tgt.value as q2 share s;',
      "src.g as g -> tgt.value = create('Quantity') as q, q.value = (g / 1000);",
    ),
    { g: 3450 },
    { valueQuantity: { value: 3.45 } },
  ],
  [
    'evaluate over the source',
    P,
    "src.n as n -> tgt.gender = evaluate(n, 'a & b');",
    { n: { a: 'x', b: 'y' } },
    { gender: 'xy' },
  ],
  [
    'an expression that names elements of the source',
    P,
    'src.n as n -> tgt.gender = (a & b);',
    { n: { a: 'x', b: 'y' } },
    { gender: 'xy' },
  ],
  [
    'an expression that gives many, into a list',
    P,
    "src -> tgt.name as n, n.given = (l.where($this != 'B'));",
    { l: ['A', 'B', 'C'] },
    { name: [{ given: ['A', 'C'] }] },
  ],
  ['cc(text)', O, "src -> tgt.code = cc('x');", {}, { code: { text: 'x' } }],
  [
    'cc(system, code, display)',
    O,
    "src.c as c -> tgt.code = cc('http://x.nl', c, 'X');",
    { c: 'k' },
    { code: { coding: [{ system: 'http://x.nl', code: 'k', display: 'X' }] } },
  ],
  [
    'c',
    O,
    "src -> tgt.code as k, k.coding = c('http://x.nl', 'k');",
    {},
    { code: { coding: [{ system: 'http://x.nl', code: 'k' }] } },
  ],
  ['qty(text)', O, "src -> tgt.value = qty('12.5 kg');", {}, { valueQuantity: { value: 12.5, unit: 'kg' } }],
  [
    'qty(value, unit, system, code)',
    O,
    "src.v as v -> tgt.value = qty(v, 'cm', 'http://unitsofmeasure.org', 'cm');",
    { v: '49.5' },
    { valueQuantity: { value: 49.5, unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' } },
  ],
  [
    'id',
    P,
    "src.v as v -> tgt.identifier = id('http://x.nl', v, 'MR');",
    { v: 7 },
    {
      identifier: [
        {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
          system: 'http://x.nl',
          value: '7',
        },
      ],
    },
  ],
  ['cp', P, 'src.v as v -> tgt.telecom = cp(v);', { v: 'a@x.nl' }, { telecom: [{ system: 'email', value: 'a@x.nl' }] }],
  [
    'cp(system, value)',
    P,
    "src.v as v -> tgt.telecom = cp('phone', v);",
    { v: '06' },
    { telecom: [{ system: 'phone', value: '06' }] },
  ],
  [
    'a choice element takes the type of the value',
    O,
    'src.v as v -> tgt.value = v;',
    { v: 'text' },
    { valueString: 'text' },
  ],
  [
    'a choice element named with its type',
    O,
    'src.v as v -> tgt.valueString = v;',
    { v: 'text' },
    { valueString: 'text' },
  ],
  [
    'a date for a choice of dates',
    O,
    'src.v as v -> tgt.effective = v;',
    { v: '2026-08-20' },
    { effectiveDateTime: '2026-08-20' },
  ],
  [
    'a number for a text element',
    P,
    'src.v as v -> tgt.identifier as i, i.value = v;',
    { v: 12 },
    { identifier: [{ value: '12' }] },
  ],
  [
    'a text that is a number, for a number element',
    O,
    "src.v as v -> tgt.value = create('Quantity') as q, q.value = v;",
    { v: '1.50' },
    { valueQuantity: { value: 1.5 } },
  ],
  [
    'a primitive with value and extension',
    P,
    "src -> tgt.name as n, n.family as f, f.value = 'x', f.extension as e, e.url = 'u', e.value = 'y';",
    {},
    { name: [{ family: 'x', _family: { extension: [{ url: 'u', valueString: 'y' }] } }] },
  ],
  [
    'a primitive with an extension alone',
    P,
    "src -> tgt.birthDate as b, b.extension as e, e.url = 'u', e.value = cast('k', 'code');",
    {},
    { _birthDate: { extension: [{ url: 'u', valueCode: 'k' }] } },
  ],
  [
    'primitives in a list, the second extended',
    P,
    "src -> tgt.name as n, n.given = 'A', n.given = 'B' as g, g.extension as e, e.url = 'u', e.value = true;",
    {},
    { name: [{ given: ['A', 'B'], _given: [null, { extension: [{ url: 'u', valueBoolean: true }] }] }] },
  ],
  [
    'a source variable in a nested rule',
    P,
    'src.a as a then { a.b as b then { b.c as c -> tgt.gender = c; }; };',
    { a: { b: { c: 'x' } } },
    { gender: 'x' },
  ],
  ['a rule without target', P, 'src.a as a then { a.b -> tgt.gender; };', { a: { b: 'x' } }, { gender: 'x' }],
  [
    'one name for a source and a target',
    P,
    'src.name as name -> tgt.name as name, name.text = (%name.t);',
    { name: { t: 'x' } },
    { name: [{ text: 'x' }] },
  ],
  ['comments and rule names', P, '// first\nsrc.g -> tgt.gender /* here */ "gender";', { g: 'x' }, { gender: 'x' }],
  ['delimited names', P, 'src.`odd-name` as v -> tgt.gender = v;', { 'odd-name': 'x' }, { gender: 'x' }],
  ['an alias of the target itself', P, "src -> tgt as t, t.gender = 'x';", {}, { gender: 'x' }],
];

describe('the language, construct by construct', () => {
  it.each(CASES)('%s', (_, type, rules, input, expected) => {
    const before = structuredClone(input);
    expect(target(map(type, rules), input)).toEqual(expected);
    expect(input).toEqual(before);
  });

  it('reads typed sources by their definition', () => {
    const rules = `src.name as n -> tgt.name = n;
      src.deceased : boolean as d -> tgt.active = d;
      src.multipleBirth as m -> tgt.multipleBirth = m;
      src.birthDate as b -> tgt.birthDate = b;
      src.deceased as d where $this is boolean -> tgt.gender = 'x';`;
    const patient = {
      resourceType: 'Patient',
      name: [{ family: 'x' }],
      deceasedBoolean: true,
      multipleBirthInteger: 2,
      birthDate: '2026',
      _birthDate: { id: 'b' },
    };
    expect(target(map(P, rules, ' : Patient'), patient)).toEqual({
      name: [{ family: 'x' }],
      active: true,
      multipleBirthInteger: 2,
      birthDate: '2026',
      _birthDate: { id: 'b' },
      gender: 'x',
    });
  });

  it('log', () => {
    const result = run(map(P, "src.g as g log 'seen' -> tgt.gender = g;"), { g: ['x'] });
    expect(result).toMatchObject({ ok: true, log: ['seen'] });
  });

  it('let', () => {
    const text = `${HEAD}let system = 'http://x.nl';\nlet long = %system & '/a';
      group Main(source src, target tgt : PatientOut) { src -> tgt.identifier as i, i.system = long, i.value = (%system); }`;
    expect(target(text, {})).toEqual({ identifier: [{ system: 'http://x.nl/a', value: 'http://x.nl' }] });
  });

  it('dependent groups: variables, literals, expressions, several', () => {
    const text = `${HEAD}group Main(source src, target tgt : PatientOut) {
      src.a as a -> tgt.name as n then Name(a, n, 'L', (a.f & '!')), Use(n);
    }
    group Name(source a, target n, source literal, source made) {
      a.f as f -> n.family = f, n.given = literal, n.text = made;
    }
    group Use(target n : HumanName) { n -> n.use = 'official'; }`;
    expect(target(text, { a: { f: 'F' } })).toEqual({
      name: [{ family: 'F', given: ['L'], text: 'F!', use: 'official' }],
    });
  });

  it('dependent groups with nested rules behind them', () => {
    const text = `${HEAD}group Main(source src, target tgt : PatientOut) { src -> tgt.name as n then Use(n) { src.f as f -> n.family = f; }; }
    group Use(target n : HumanName) { n -> n.use = 'official'; }`;
    expect(target(text, { f: 'F' })).toEqual({ name: [{ use: 'official', family: 'F' }] });
  });

  it('groups that call themselves', () => {
    const text = `${HEAD}group Main(source src, target tgt : PatientOut) { src -> tgt.name as n then Walk(src, n); }
    group Walk(source node, target n) { node.v as v -> n.given = v; node.next as next then Walk(next, n); }`;
    expect(target(text, { v: 'A', next: { v: 'B', next: { v: 'C' } } })).toEqual({
      name: [{ given: ['A', 'B', 'C'] }],
    });
  });

  it('extends: the rules of the base first', () => {
    const text = `${HEAD}group Main(source src, target tgt : PatientOut) extends Base { src.l as l -> tgt.name as n, n.text = 'own'; }
    group Base(source s, target t : PatientOut) { s.l as l -> t.name as n, n.text = 'base'; }`;
    expect(target(text, { l: 1 })).toEqual({ name: [{ text: 'base' }, { text: 'own' }] });
  });

  it('default groups by type, with <<types>> and <<type+>>', () => {
    const text = `${HEAD}group Main(source src : Patient, target tgt : PatientOut) { src.name -> tgt.name; src.gender -> tgt.gender; src.contact -> tgt.contact; }
    group Names(source s : HumanName, target t : HumanName) <<types>> { s.family as f -> t.family = (f & '*'); }
    group Codes(source s : code, target t : code) <<type+>> { s.value as v -> t.value = (v & '+'); }`;
    const patient = {
      resourceType: 'Patient',
      name: [{ family: 'x', text: 'left out' }],
      gender: 'male',
      contact: [{ gender: 'male' }],
    };
    expect(target(text, patient)).toEqual({ name: [{ family: 'x*' }], gender: 'male+', contact: [{ gender: 'male' }] });
  });

  it('imports, near and by *', () => {
    const base = (url: string): MapText => ({
      file: 'b.map',
      text: `map "${url}" = "b"\ngroup Base(source s, target t : HumanName) { s.f as f -> t.family = f; }`,
    });
    const main = (url: string): string =>
      `${HEAD}imports "${url}"\ngroup Main(source src, target tgt : PatientOut) { src -> tgt.name as n then Base(src, n); }`;
    for (const url of ['http://x.nl/base', 'http://x.nl/b*']) {
      const result = compile(main(url), base('http://x.nl/base')).run({ f: 'x' }, counter());
      expect(result).toMatchObject({ ok: true, target: { name: [{ family: 'x' }] } });
    }
    expect(refusal(main('http://x.nl/nowhere'), base('http://x.nl/base')).code).toBe('unknown-import');
  });

  it('contained concept maps, with several groups and unmapped', () => {
    const text = `${HEAD}conceptmap "genders" {
      prefix s = "http://x.nl/s"
      prefix t = "http://x.nl/t"
      prefix u = "http://x.nl/u"
      unmapped for u = provided
      s:M == t:male
      s:"F 1" == t:female
      u:in-between == t:other
    }
    group Main(source src, target tgt : PatientOut) { src.g as g -> tgt.name as n, n.text = translate(g, '#genders', 'code'); }`;
    expect(target(text, { g: ['M', 'F 1', 'in-between', 'Z'] })).toEqual({
      name: [{ text: 'male' }, { text: 'female' }, { text: 'other' }, { text: 'Z' }],
    });
  });

  it('metadata in /// lines', () => {
    const text =
      '/// url = "http://x.nl/r5"\n/// name = \'m\'\nuses "http://hl7.org/fhir/StructureDefinition/Patient" alias P as target\ngroup G(source s, target t : P) { s.g -> t.gender; }';
    expect(target(text, { g: 'x' })).toEqual({ gender: 'x' });
  });

  it('a shared element belongs to its parent', () => {
    const text = `${HEAD}group Main(source src, target tgt : PatientOut) { src.l as l -> tgt.contact as k then Contact(l, k); }
    group Contact(source l, target k) { l.a as a -> k.telecom as t share one, t.value = a; l.b as b -> k.telecom as t share one, t.system = b; }`;
    expect(
      target(text, {
        l: [
          { a: '1', b: 'x' },
          { a: '2', b: 'y' },
        ],
      }),
    ).toEqual({
      contact: [{ telecom: [{ value: '1', system: 'x' }] }, { telecom: [{ value: '2', system: 'y' }] }],
    });
  });

  it('the map gives an untyped record a type, which its own words then follow', () => {
    const rules =
      "src.q : Quantity as q -> tgt.value = q; src.q as q where $this is Quantity -> tgt.note as n, n.text = 'x';";
    expect(target(map(O, rules), { q: { value: 1 } })).toEqual({ valueQuantity: { value: 1 } });
  });

  it('a shared element is shared within one run only', () => {
    const compiled = compile(map(P, 'src.a as a -> tgt.name as n share one, n.given = a;'));
    const once = compiled.run({ a: ['A'] }, counter());
    expect(compiled.run({ a: ['A'] }, counter())).toEqual(once);
  });
});

/** What a message can do wrong: rules, input, the code and the place. */
const FAULTS: [string, string, unknown, string, string][] = [
  [
    'a check that fails',
    "src.l as l check u = 'g' -> tgt.gender = 'x';",
    { l: [{ u: 'g' }, { u: 'secret' }] },
    'check-failed',
    'l[1]',
  ],
  ['too few', 'src.g 1..1 as g -> tgt.gender = g;', {}, 'too-few', 'g'],
  ['too many', 'src.g 0..1 as g -> tgt.name as n, n.text = g;', { g: ['secret', 'b'] }, 'too-many', ''],
  ['only one', 'src.g only_one as g -> tgt.name as n, n.text = g;', { g: ['secret', 'b'] }, 'only-one', ''],
  [
    'a code that is not mapped',
    "src.l as l then { l.c as c -> tgt.gender = translate(c, 'http://x.nl/units', 'code'); };",
    { l: [{ c: '1' }, { c: 'secret' }] },
    'unmapped-code',
    'l[1].c',
  ],
  [
    'a code that has no counterpart',
    "src.c as c -> tgt.gender = translate(c, 'http://x.nl/units', 'code');",
    { c: 'none' },
    'unmapped-code',
    'c',
  ],
  ['a cast that fails', "src.c as c -> tgt.birthDate = cast(c, 'date');", { c: 'secret' }, 'cast-failed', 'c'],
  ['a text for a number', "src.c as c -> tgt.multipleBirth = cast(c, 'integer');", { c: '1.5' }, 'cast-failed', 'c'],
  ['a text for a boolean', 'src.c as c -> tgt.active = c;', { c: 'secret' }, 'wrong-type', 'c'],
  ['a record for a scalar', 'src.c as c -> tgt.gender = c;', { c: { secret: 1 } }, 'wrong-type', 'c'],
  ['a scalar for a complex element', 'src.c as c -> tgt.maritalStatus = c;', { c: 'secret' }, 'wrong-type', 'c'],
  ['an untyped record copied', 'src.c -> tgt.maritalStatus;', { c: { text: 'secret' } }, 'no-default-group', 'c'],
  [
    'a second value for one element',
    'src.g as g -> tgt.gender = g;',
    { g: ['a', 'secret'] },
    'target-conflict',
    'g[1]',
  ],
  [
    'a quantity that is none',
    "src.g as g -> tgt.extension as e, e.value = qty(g, 'g');",
    { g: 'secret' },
    'bad-quantity',
    'g',
  ],
  ['an expression that fails', 'src.g as g -> tgt.gender = (g + 1);', { g: 'secret' }, 'expression-failed', 'g'],
  [
    'an expression that gives several',
    'src.g as g -> tgt.gender = append(g, (l));',
    { g: 'x', l: ['secret', 'b'] },
    'append',
    '',
  ],
];

describe('faults of a message', () => {
  it.each(FAULTS.slice(0, -1))('%s', (_, rules, input, code, path) => {
    expect(issues(map(P, rules), input)).toContainEqual({ code, path });
    expect(JSON.stringify(run(map(P, rules), input))).not.toContain('secret');
  });

  it('reports them all, each with map, group, rule and line', () => {
    const rules =
      "src.a as a -> tgt.birthDate = cast(a, 'date') \"one\";\nsrc.l as l -> tgt.name as n then { l.b as b -> n.use = translate(b, 'http://x.nl/units', 'code') \"two\"; };";
    const result = run(map(P, rules), { a: 'x', l: [{ b: 'y' }, { b: '1' }, { b: 'z' }] });
    expect(result.ok ? [] : result.issues).toMatchObject([
      { code: 'cast-failed', path: 'a', map: 'm', group: 'Main', rule: 'one', line: 7 },
      { code: 'unmapped-code', path: 'l[0].b', map: 'm', group: 'Main', rule: 'two', line: 8 },
      { code: 'unmapped-code', path: 'l[2].b', map: 'm', group: 'Main', rule: 'two', line: 8 },
    ]);
  });

  it('reports every item that fails a check', () => {
    const rules =
      "src.l as l check $this > 0 -> tgt.name as n, n.text = l; src.g as g -> tgt.birthDate = cast(g, 'date');";
    expect(issues(map(P, rules), { l: [-1, 2, -3], g: 'x' }).map(({ path }) => path)).toEqual(['l[0]', 'l[2]', 'g']);
  });

  it('ends on a record nested without end', () => {
    const text = `${HEAD}group Main(source src, target tgt : PatientOut) { src.next as next then Main(next, tgt); }`;
    let record: unknown = {};
    for (let depth = 0; depth < 2000; depth++) record = { next: record };
    expect(issues(text, record).map(({ code }) => code)).toEqual(['too-deep']);
  });

  it.each([null, 3, 'x', [], [[]], { g: [[['x']]] }])('takes the odd input %j without throwing', (input) => {
    expect(() => run(map(P, 'src.g as g -> tgt.gender = g;'), input)).not.toThrow();
  });
});

/** What cannot be right in any message is refused when the maps are compiled. */
const REFUSED: [string, string, string, number][] = [
  ['an unknown target element', map(P, '\nsrc -> tgt.colour = 1;'), 'unknown-element', 8],
  ['an unknown source element', map(P, 'src.colour -> tgt.gender;', ' : Patient'), 'unknown-element', 7],
  ['an unknown variable', map(P, 'src -> tgt.gender = nobody;'), 'unknown-variable', 7],
  ['an unknown source', map(P, 'nobody.a -> tgt.gender;'), 'unknown-variable', 7],
  ['an unknown target', map(P, 'src -> nobody.gender = 1;'), 'unknown-variable', 7],
  ['an unknown group', map(P, 'src as s then Nobody(s);'), 'unknown-group', 7],
  [
    'an unknown base',
    `${HEAD}group Main(source src, target tgt : PatientOut) extends Nobody { src.a -> tgt.gender; }`,
    'unknown-group',
    6,
  ],
  ['a wrong number of inputs', map(P, 'src as s then Main(s);'), 'wrong-inputs', 7],
  ['a source where a target belongs', map(P, 'src as s then Main(s, s);'), 'unknown-variable', 7],
  ['a wrong type', map(P, "src -> tgt.maritalStatus = c('http://x.nl', 'k');"), 'wrong-type', 7],
  ['a wrong literal', map(P, 'src -> tgt.active = 12;'), 'wrong-type', 7],
  ['a choice without a type', map(O, 'src -> tgt.value as v;'), 'type-not-certain', 7],
  ['an unknown type', map(O, "src -> tgt.value = create('Kwantiteit');"), 'bad-transform', 7],
  [
    'an abstract type',
    map('Bundle', "src -> tgt.entry as e, e.resource = create('DomainResource');"),
    'bad-transform',
    7,
  ],
  ['an unknown transform', map(P, 'src -> tgt.gender = frobnicate(src);'), 'unknown-transform', 7],
  ['too many parameters', map(P, "src -> tgt.gender = truncate('a', 1, 2);"), 'bad-transform', 7],
  [
    'an unknown concept map',
    map(P, "src.c as c -> tgt.gender = translate(c, 'http://x.nl/nowhere', 'code');"),
    'unknown-concept-map',
    7,
  ],
  ['a bad expression', map(P, 'src where (a = ) -> tgt.gender = 1;'), 'bad-expression', 7],
  ['an expression that reads the clock', map(P, 'src -> tgt.birthDate = (today());'), 'bad-expression', 7],
  [
    'a name that is a variable and maybe an element',
    map(P, "src.k as k then { src.l where k = 1 -> tgt.gender = 'x'; };"),
    'bad-expression',
    7,
  ],
  ['a target of unknown type', map('Nothing', 'src.a -> tgt.gender;'), 'unknown-type', 7],
  ['an unended group', `${HEAD}group Main(source src, target tgt : PatientOut) { src.a -> tgt.gender;`, 'syntax', 6],
  ['a missing semicolon', map(P, 'src.a -> tgt.gender\nsrc.b -> tgt.gender;'), 'syntax', 8],
  ['a path through a list', map(P, 'src.a -> tgt.name.family;'), 'list-in-path', 7],
  [
    'a prefix that is not declared',
    `${HEAD}conceptmap "c" { s:a == t:b }\ngroup G(source s, target t : PatientOut) { s.a -> t.gender; }`,
    'syntax',
    6,
  ],
  ['a map without groups', HEAD, 'syntax', 1],
  [
    'two groups of one name',
    `${HEAD}group A(source s, target t : PatientOut) { s.a -> t.gender; }\ngroup A(source s, target t : PatientOut) { s.a -> t.gender; }`,
    'duplicate-group',
    7,
  ],
];

describe('maps that cannot be right', () => {
  it.each(REFUSED)('%s', (_, text, code, line) => {
    const error = refusal(text);
    expect({ code: error.code, line: error.place.line }).toEqual({ code, line });
    expect(error.message).toContain('m.map');
  });

  it('are found in groups that the entry does not reach', () => {
    const text = `${map(P, 'src.a -> tgt.gender;')}\ngroup Other(source s, target t : PatientOut) { s.a -> t.colour; }`;
    expect(refusal(text).place.group).toBe('Other');
  });
});

describe('runs', () => {
  const compiled = compile(
    map(P, 'src.l as l -> tgt.name as n, n.family = l; src.c as c -> tgt.contact as k, k.name as n, n.text = c;'),
  );
  it('depend on the input alone and share nothing', () => {
    const record = fc.record({ l: fc.array(fc.string()), c: fc.array(fc.string()) });
    fc.assert(
      fc.property(record, record, (first, second) => {
        const alone = compiled.run(first, counter());
        compiled.run(second, counter());
        expect(compiled.run(first, counter())).toEqual(alone);
      }),
    );
  });

  it('give a copy: changing the result leaves the input as it was', () => {
    const input = { resourceType: 'Patient', name: [{ given: ['A'] }] };
    const text = map(P, 'src.name as n -> tgt.name = n;', ' : Patient');
    const result = run(text, input);
    if (result.ok) (result.target as typeof input).name[0]?.given.push('B');
    expect(input.name[0]?.given).toEqual(['A']);
  });
});
