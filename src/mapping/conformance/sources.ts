import { type ConstructCase, observation, patient, rules } from './case.ts';

const P = 'Patient';
const names = (...texts: string[]) => patient({ name: texts.map((text) => ({ text })) });
const list = (clause: string): readonly string[] => rules(P, `src.l ${clause} as l -> tgt.name as n, n.text = l;`);
const ABC = { l: ['A', 'B', 'C'] };

/** The left side of a rule. */
export const SOURCES: readonly ConstructCase[] = [
  { construct: 'a repeating source', maps: list(''), input: ABC, expected: names('A', 'B', 'C') },
  {
    construct: 'an absent source: the rule does nothing',
    maps: rules(P, 'src.x as x -> tgt.active = true; src.g as g -> tgt.gender = g;'),
    input: { g: 'male', x: null },
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'false and 0 are values',
    maps: rules('Observation', 'src.f as v -> tgt.value = v; src.n as v -> tgt.component as c, c.value = v;'),
    input: { f: false, n: 0 },
    expected: observation({ valueBoolean: false, component: [{ valueInteger: 0 }] }),
  },
  {
    construct: 'several sources: every combination',
    maps: rules(P, 'src.a as a, src.b as b -> tgt.name as n, n.text = (a & b);'),
    input: { a: ['1', '2'], b: ['x', 'y'] },
    expected: names('1x', '1y', '2x', '2y'),
  },
  {
    construct: 'a second source below the first',
    maps: rules(P, 'src.a as a, a.b as b -> tgt.name as n, n.text = (a.k & b);'),
    input: {
      a: [
        { k: '1', b: ['x', 'y'] },
        { k: '2', b: ['z'] },
      ],
    },
    expected: names('1x', '1y', '2z'),
  },
  {
    construct: 'a path of several steps',
    maps: rules(P, 'src.a.b as b -> tgt.name as n, n.text = b;'),
    input: { a: [{ b: ['A', 'B'] }, { b: 'C' }] },
    expected: names('A', 'B', 'C'),
  },
  {
    construct: 'a path of several steps, with a list mode over all of it',
    maps: rules(P, 'src.a.b last as b -> tgt.name as n, n.text = b;'),
    input: { a: [{ b: ['A', 'B'] }, { b: 'C' }] },
    expected: names('C'),
  },
  { construct: 'list mode first', maps: list('first'), input: ABC, expected: names('A') },
  { construct: 'list mode not_first', maps: list('not_first'), input: ABC, expected: names('B', 'C') },
  { construct: 'list mode last', maps: list('last'), input: ABC, expected: names('C') },
  { construct: 'list mode not_last', maps: list('not_last'), input: ABC, expected: names('A', 'B') },
  { construct: 'list mode only_one', maps: list('only_one'), input: { l: ['A'] }, expected: names('A') },
  {
    construct: 'list mode only_one, with two',
    maps: list('only_one'),
    input: ABC,
    expected: { faults: ['only-one '] },
  },
  { construct: 'cardinality that holds', maps: list(': string 1..3'), input: ABC, expected: names('A', 'B', 'C') },
  { construct: 'cardinality: too few', maps: list('1..*'), input: {}, expected: { faults: ['too-few l'] } },
  { construct: 'cardinality: too many', maps: list('0..2'), input: ABC, expected: { faults: ['too-many '] } },
  {
    construct: 'type restriction on a choice',
    maps: rules(
      'Observation',
      'src.value : Quantity as q -> tgt.value = q; src.value : string as s -> tgt.note as n, n.text = s;',
      'ObservationIn',
    ),
    input: { resourceType: 'Observation', valueQuantity: { value: 1 } },
    expected: observation({ valueQuantity: { value: 1 } }),
  },
  {
    construct: 'type restriction on the kinds of an untyped record',
    maps: rules(
      'Observation',
      'src.v : integer as v -> tgt.component as c, c.value = v; src.v : string as v -> tgt.component as c, c.value = v;',
    ),
    input: { v: [1, 'x', true] },
    expected: observation({ component: [{ valueInteger: 1 }, { valueString: 'x' }] }),
  },
  {
    construct: 'a choice in the source, whatever its type',
    maps: rules(
      P,
      'src.deceased as d -> tgt.deceased = d; src.multipleBirth as m -> tgt.multipleBirth = m;',
      'PatientIn',
    ),
    input: { resourceType: 'Patient', deceasedDateTime: '2026-01-02', multipleBirthInteger: 2 },
    expected: patient({ deceasedDateTime: '2026-01-02', multipleBirthInteger: 2 }),
  },
  {
    construct: 'a choice in the source, written with [x]',
    maps: rules(P, 'src.deceased[x] as d -> tgt.deceased = d;', 'PatientIn'),
    input: { resourceType: 'Patient', deceasedBoolean: true },
    expected: patient({ deceasedBoolean: true }),
  },
  {
    construct: 'extensions on primitives ("_" siblings)',
    maps: rules(
      P,
      'src.birthDate as b -> tgt.birthDate = b; src.birthDate as b then { b.extension as e -> tgt.extension = e; };',
      'PatientIn',
    ),
    input: { resourceType: 'Patient', birthDate: '2026', _birthDate: { extension: [{ url: 'u', valueCode: 'k' }] } },
    expected: patient({
      extension: [{ url: 'u', valueCode: 'k' }],
      birthDate: '2026',
      _birthDate: { extension: [{ url: 'u', valueCode: 'k' }] },
    }),
  },
  {
    construct: 'a primitive with an extension and no value',
    maps: rules(P, 'src.birthDate as b -> tgt.birthDate = b;', 'PatientIn'),
    input: { resourceType: 'Patient', _birthDate: { extension: [{ url: 'u', valueCode: 'k' }] } },
    expected: patient({ _birthDate: { extension: [{ url: 'u', valueCode: 'k' }] } }),
  },
  {
    construct: 'contained resources by type',
    maps: rules(P, 'src.contained : Organization as o -> tgt.name as n, n.text = (o.name);', 'PatientIn'),
    input: {
      resourceType: 'Patient',
      contained: [{ resourceType: 'Organization', name: 'x' }, { resourceType: 'Practitioner' }],
    },
    expected: names('x'),
  },
  {
    construct: 'where',
    maps: rules(P, "src.l as l where k = 'x' -> tgt.name as n, n.text = (l.t);"),
    input: {
      l: [
        { k: 'x', t: 'A' },
        { k: 'y', t: 'B' },
      ],
    },
    expected: names('A'),
  },
  {
    construct: 'where on the item itself ($this)',
    maps: rules(P, "src.l as l where ($this != 'B') -> tgt.name as n, n.text = l;"),
    input: ABC,
    expected: names('A', 'C'),
  },
  {
    construct: 'where with the own variable',
    maps: rules(P, 'src.l as l where l.t.exists() -> tgt.name as n, n.text = (l.t);'),
    input: { l: [{}, { t: 'A' }] },
    expected: names('A'),
  },
  {
    construct: 'where with %variable of an outer rule',
    maps: rules(P, 'src.k as k then { src.l as l where (l.k = %k) -> tgt.name as n, n.text = (l.t); };'),
    input: {
      k: 1,
      l: [
        { k: 1, t: 'A' },
        { k: 2, t: 'B' },
      ],
    },
    expected: names('A'),
  },
  {
    construct: 'where on a context without element',
    maps: rules(P, "src where (k = 'x') -> tgt.active = true; src where (k = 'y') -> tgt.gender = 'other';"),
    input: { k: 'x' },
    expected: patient({ active: true }),
  },
  {
    construct: 'where on elements of a typed source',
    maps: rules(P, "src.name as n where use = 'official' and family.exists() -> tgt.name = n;", 'PatientIn'),
    input: {
      resourceType: 'Patient',
      name: [
        { use: 'old', family: 'x' },
        { use: 'official', family: 'y' },
      ],
    },
    expected: patient({ name: [{ use: 'official', family: 'y' }] }),
  },
  {
    construct: 'where, then a list mode',
    maps: rules(P, "src.l first as l where ($this != 'A') -> tgt.name as n, n.text = l;"),
    input: ABC,
    expected: names('B'),
  },
  {
    construct: 'check that holds',
    maps: rules(P, 'src.l as l check ($this.length() = 1) -> tgt.name as n, n.text = l;'),
    input: ABC,
    expected: names('A', 'B', 'C'),
  },
  {
    construct: 'check that fails',
    maps: rules(P, "src.l as l check ($this != 'B') -> tgt.name as n, n.text = l;"),
    input: ABC,
    expected: { faults: ['check-failed l[1]'] },
  },
  {
    construct: 'log',
    maps: rules(P, "src.l as l log ('seen ' & l) -> tgt.name as n, n.text = l;"),
    input: { l: 'A' },
    expected: { ...names('A'), log: ['seen A'] },
  },
  {
    construct: 'default, as R4 writes it',
    maps: rules(P, "src.g default 'unknown' as g -> tgt.gender = g;"),
    input: {},
    expected: patient({ gender: 'unknown' }),
  },
  {
    construct: 'default, an expression (R5)',
    maps: rules(P, "src.g default ('un' & 'known') as g -> tgt.gender = g;"),
    input: {},
    expected: patient({ gender: 'unknown' }),
  },
  {
    construct: 'default is for what is absent',
    maps: rules(P, "src.g default ('unknown') as g -> tgt.gender = g;"),
    input: { g: 'male' },
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'the same name in the source and the target',
    maps: rules(P, 'src.name as name -> tgt.name as name, name.text = (%name.t);'),
    input: { name: { t: 'x' } },
    expected: names('x'),
  },
  {
    construct: 'a nested variable hides an outer one of its name, and only there',
    maps: rules(
      P,
      'src.a as v then { v.b as v -> tgt.name as n, n.text = v; v.c as c -> tgt.name as n, n.text = c; };',
    ),
    input: { a: { b: 'x', c: 'y' } },
    expected: names('x', 'y'),
  },
];
