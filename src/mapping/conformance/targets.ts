import { type ConstructCase, gives, map, observation, patient, rules } from './case.ts';

const P = 'Patient';

/** The right side of a rule, and what follows `then`. */
export const TARGETS: readonly ConstructCase[] = [
  {
    construct: 'a simple copy: a.b -> c.d',
    maps: rules(P, 'src.b -> tgt.birthDate; src.g -> tgt.gender;'),
    input: { b: '2026-05-02' },
    expected: patient({ birthDate: '2026-05-02' }),
  },
  {
    construct: 'a simple copy of a complex element',
    maps: rules(P, 'src.name -> tgt.name; src.contact -> tgt.contact;', 'PatientIn'),
    input: { resourceType: 'Patient', name: [{ given: ['A', 'B'] }], contact: [{ gender: 'male' }] },
    expected: patient({ name: [{ given: ['A', 'B'] }], contact: [{ gender: 'male' }] }),
  },
  {
    construct: 'constants: text, boolean, numbers',
    maps: rules(
      'Observation',
      "src -> tgt.status = 'final', tgt.value = create('Range') as r, r.low as l, l.value = -1, r.high as h, h.value = 2.5, tgt.component as c, c.value = true;",
    ),
    input: {},
    expected: observation({
      status: 'final',
      valueRange: { low: { value: -1 }, high: { value: 2.5 } },
      component: [{ valueBoolean: true }],
    }),
  },
  {
    construct: 'several targets of one rule',
    maps: rules(P, 'src.v as v -> tgt.gender = v, tgt.name as n, n.text = v;'),
    input: { v: 'male' },
    expected: patient({ gender: 'male', name: [{ text: 'male' }] }),
  },
  {
    construct: 'an element made without a value',
    maps: rules(P, 'src.g as g -> tgt.name as n, n.given = g;'),
    input: { g: ['A', 'B'] },
    expected: patient({ name: [{ given: ['A'] }, { given: ['B'] }] }),
  },
  {
    construct: 'a single element is made once',
    maps: rules(P, "src -> tgt.maritalStatus as m, m.text = 'x'; src -> tgt.maritalStatus as m, m.id = 'y';"),
    input: {},
    expected: patient({ maritalStatus: { text: 'x', id: 'y' } }),
  },
  {
    construct: 'an element without content is left out',
    maps: rules(P, 'src -> tgt.name as n then { src.g as g -> n.given = g; };'),
    input: {},
    expected: patient({}),
  },
  {
    construct: 'a target path of several steps',
    maps: rules('Observation', 'src.v as v -> tgt.code.text = v, tgt.subject.identifier.value = v;'),
    input: { v: 'x' },
    expected: observation({ code: { text: 'x' }, subject: { identifier: { value: 'x' } } }),
  },
  {
    construct: 'a simple copy along paths',
    maps: rules('Observation', 'src.a.b -> tgt.code.text;'),
    input: { a: { b: 'x' } },
    expected: observation({ code: { text: 'x' } }),
  },
  {
    construct: 'a second name for the target',
    maps: rules(P, "src -> tgt as t, t.gender = 'male';"),
    input: {},
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'a choice takes the type of the value',
    maps: rules('Observation', 'src.v as v -> tgt.component as c, c.value = v;'),
    input: { v: ['x', 1, true] },
    expected: observation({
      component: [{ valueString: 'x' }, { valueInteger: 1 }, { valueBoolean: true }],
    }),
  },
  {
    construct: 'a choice named with its type',
    maps: rules('Observation', 'src.v as v -> tgt.valueString = v;'),
    input: { v: 'x' },
    expected: observation({ valueString: 'x' }),
  },
  {
    construct: 'a choice written with [x]',
    maps: rules('Observation', 'src.v as v -> tgt.value[x] = v;'),
    input: { v: true },
    expected: observation({ valueBoolean: true }),
  },
  {
    construct: 'a value that its element cannot take',
    maps: rules(P, 'src.v as v -> tgt.active = v;'),
    input: { v: 'maybe' },
    expected: { faults: ['wrong-type v'] },
  },
  {
    construct: 'a second value for a single element',
    maps: rules(P, 'src.v as v -> tgt.gender = v;'),
    input: { v: ['male', 'female'] },
    expected: { faults: ['target-conflict v[1]'] },
  },
  {
    construct: 'target list mode first',
    maps: rules(P, "src -> tgt.name as n, n.text = 'b'; src -> tgt.name as n first, n.text = 'a';"),
    input: {},
    expected: patient({ name: [{ text: 'a' }, { text: 'b' }] }),
  },
  {
    construct: 'target list mode last',
    maps: rules(P, "src -> tgt.name as n last, n.text = 'b'; src -> tgt.name as n, n.text = 'a';"),
    input: {},
    expected: patient({ name: [{ text: 'a' }, { text: 'b' }] }),
  },
  {
    construct: 'target list mode first, by two rules',
    maps: rules(P, "src -> tgt.name as n first, n.text = 'b'; src -> tgt.name as n first, n.text = 'a';"),
    input: {},
    expected: { faults: ['target-conflict '] },
  },
  {
    construct: 'target list mode share',
    maps: rules(
      P,
      'src.a as a -> tgt.name as n share one, n.family = a; src.b as b -> tgt.name as n share one, n.given = b;',
    ),
    input: { a: ['F', 'G'], b: ['x', 'y', 'z'] },
    expected: patient({ name: [{ family: 'F', given: ['x'] }, { family: 'G', given: ['y'] }, { given: ['z'] }] }),
  },
  {
    construct: 'target list mode share of what create makes',
    maps: rules(
      'Bundle',
      "src.a as a -> tgt.entry as e share one, e.resource = create('Patient') as p, p.gender = a; src.b as b -> tgt.entry as e share one, e.fullUrl = b;",
    ),
    input: { a: 'male', b: 'urn:uuid:1' },
    expected: gives('Bundle', {
      entry: [{ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', gender: 'male' } }],
    }),
  },
  {
    construct: 'target list mode collate (R4)',
    maps: rules(P, 'src.l as l -> tgt.name as n collate, n.given = l;'),
    input: { l: ['A', 'B'] },
    expected: patient({ name: [{ given: ['A', 'B'] }] }),
  },
  {
    construct: 'target list mode single (R5)',
    maps: rules(P, 'src.l as l -> tgt.name as n single, n.given = l;'),
    input: { l: ['A', 'B'] },
    expected: patient({ name: [{ given: ['A', 'B'] }] }),
  },
  {
    construct: 'a primitive with its own extension',
    maps: rules(
      P,
      "src -> tgt.name as n, n.given = 'A', n.given = 'B' as g, g.extension as e, e.url = 'u', e.value = true;",
    ),
    input: {},
    expected: patient({
      name: [{ given: ['A', 'B'], _given: [null, { extension: [{ url: 'u', valueBoolean: true }] }] }],
    }),
  },
  {
    construct: 'a primitive made in two steps: value and extension',
    maps: rules(
      P,
      "src -> tgt.birthDate as b, b.value = '2026', b.extension as e, e.url = 'u', e.value = cast('k', 'code');",
    ),
    input: {},
    expected: patient({ birthDate: '2026', _birthDate: { extension: [{ url: 'u', valueCode: 'k' }] } }),
  },
  {
    construct: 'a contained resource and the reference to it',
    maps: rules(
      'Observation',
      "src -> tgt.contained = create('Patient') as p, p.id = 'p1', p.active = true, tgt.subject as r, r.reference = reference(p);",
    ),
    input: {},
    expected: observation({
      contained: [{ resourceType: 'Patient', id: 'p1', active: true }],
      subject: { reference: '#p1' },
    }),
  },
  {
    construct: 'a rule without targets',
    maps: rules(P, 'src.a as a then { a.b as b -> tgt.gender = b; };'),
    input: { a: { b: 'male' } },
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'nested rules within nested rules',
    maps: rules(P, 'src.a as a -> tgt.name as n then { a.b as b then { b.c as c -> n.given = c "c"; } "b"; } "a";'),
    input: { a: [{ b: { c: ['1', '2'] } }, { b: { c: '3' } }] },
    expected: patient({ name: [{ given: ['1', '2'] }, { given: ['3'] }] }),
  },
  {
    construct: 'then: a group with variables',
    maps: map(
      'group Main(source src, target tgt : Patient) { src.a as a -> tgt.name as n then Name(a, n); }\ngroup Name(source a, target n) { a.f as f -> n.family = f; }',
    ),
    input: { a: { f: 'F' } },
    expected: patient({ name: [{ family: 'F' }] }),
  },
  {
    construct: 'then: a group with literals and expressions',
    maps: map(
      "group Main(source src, target tgt : Patient) { src.a as a -> tgt.name as n then Name(a, 'L', (a.f & '!'), n); }\ngroup Name(source a, source literal, source made, target n) { a -> n.given = literal, n.text = made; }",
    ),
    input: { a: { f: 'F' } },
    expected: patient({ name: [{ given: ['L'], text: 'F!' }] }),
  },
  {
    construct: 'then: several groups',
    maps: map(
      "group Main(source src, target tgt : Patient) { src -> tgt.name as n then One(src, n), Two(src, n); }\ngroup One(source s, target n) { s -> n.use = 'official'; }\ngroup Two(source s, target n) { s -> n.text = 'x'; }",
    ),
    input: {},
    expected: patient({ name: [{ use: 'official', text: 'x' }] }),
  },
  {
    construct: 'then: a group and rules behind it',
    maps: map(
      "group Main(source src, target tgt : Patient) { src -> tgt.name as n then One(src, n) { src.f as f -> n.family = f; }; }\ngroup One(source s, target n) { s -> n.use = 'official'; }",
    ),
    input: { f: 'F' },
    expected: patient({ name: [{ use: 'official', family: 'F' }] }),
  },
  {
    construct: 'a FHIRPath value in ( )',
    maps: rules('Observation', "src.g as g -> tgt.value = create('Quantity') as q, q.value = (g / 1000);"),
    input: { g: 3450 },
    expected: observation({ valueQuantity: { value: 3.45 } }),
  },
  {
    construct: 'a FHIRPath value that is many, into a list',
    maps: rules(P, "src -> tgt.name as n, n.given = (l.where($this != 'B'));"),
    input: { l: ['A', 'B', 'C'] },
    expected: patient({ name: [{ given: ['A', 'C'] }] }),
  },
  {
    construct: 'a value kept in a variable without an element',
    maps: rules(P, "src.a as a -> (a & '!') as t, tgt.gender = t, tgt.name as n, n.text = t;"),
    input: { a: 'x' },
    expected: patient({ gender: 'x!', name: [{ text: 'x!' }] }),
  },
  {
    construct: 'a path of the source as value',
    maps: rules(P, 'src as s -> tgt.gender = s.a, tgt.name as n, n.given = s.l;'),
    input: { a: 'male', l: ['A', 'B'] },
    expected: patient({ gender: 'male', name: [{ given: ['A', 'B'] }] }),
  },
];
