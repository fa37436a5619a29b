import { type ConstructCase, HEAD, map, patient, rules } from './case.ts';

const PATIENT = 'http://hl7.org/fhir/StructureDefinition/Patient';
const library = (url: string, name = 'Base'): string =>
  `map '${url}' = 'library'\ngroup ${name}(source s, target t : HumanName) { s.family as f -> t.family = f; }`;
const importing = (pattern: string): string =>
  `${HEAD}imports '${pattern}'\ngroup Main(source src, target tgt : Patient) { src -> tgt.name as n then Base(src, n); }`;
const family = { family: 'Voorbeeld' };
const named = patient({ name: [family] });

/** What stands around the rules: the map, its structures, imports, constants, concept maps and groups. */
export const DECLARATIONS: readonly ConstructCase[] = [
  {
    construct: 'map with url and name',
    maps: rules('Patient', 'src.g as g -> tgt.gender = g;'),
    input: { g: 'male' },
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'metadata in /// lines (R5)',
    maps: [
      `/// url = 'http://example.org/main'\n/// name = 'main'\n/// title = 'Main'\n/// status = draft\nuses '${PATIENT}' alias Patient as target\ngroup Main(source src, target tgt : Patient) { src.g as g -> tgt.gender = g; }`,
    ],
    input: { g: 'male' },
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'comments of both kinds, documentation',
    maps: map(
      '// before\ngroup Main(source src /* one */, target tgt : Patient) { // in\n  src.g as g -> tgt.gender = g /* two */; // after\n  /* // */ src.a as a -> tgt.active = a;\n}',
    ),
    input: { g: 'male', a: true },
    expected: patient({ gender: 'male', active: true }),
  },
  {
    construct: 'quoted and delimited names',
    maps: rules('Patient', 'src.`odd-name` as v -> tgt.gender = v "a rule";'),
    input: { 'odd-name': 'male' },
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'uses as source, queried, target, produced',
    maps: [
      `map 'http://example.org/main' = 'main'\nuses '${PATIENT}' alias A as source\nuses 'http://hl7.org/fhir/StructureDefinition/Observation' alias B as queried\nuses '${PATIENT}' alias Patient as target\nuses 'http://hl7.org/fhir/StructureDefinition/HumanName' alias D as produced\ngroup Main(source src : A, target tgt : Patient) { src.name as n -> tgt.name = create('D') as d then Name(n, d); }\ngroup Name(source n, target d : D) { n.family as f -> d.family = f; }`,
    ],
    input: { resourceType: 'Patient', name: [family] },
    expected: named,
  },
  {
    construct: 'one alias for a source and a target structure',
    maps: [
      `map 'http://example.org/main' = 'main'\nuses 'http://hl7.org/fhir/StructureDefinition/RelatedPerson' alias Patient as source\nuses '${PATIENT}' alias Patient as target\ngroup Main(source src : Patient, target tgt : Patient) { src.relationship as r -> tgt.maritalStatus = r; }`,
    ],
    input: { resourceType: 'RelatedPerson', relationship: [{ text: 'x' }] },
    expected: patient({ maritalStatus: { text: 'x' } }),
  },
  {
    construct: 'uses without alias',
    maps: [
      `map 'http://example.org/main' = 'main'\nuses '${PATIENT}' as target\ngroup Main(source src, target tgt : Patient) { src.g as g -> tgt.gender = g; }`,
    ],
    input: { g: 'male' },
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'imports',
    maps: [importing('http://example.org/base'), library('http://example.org/base')],
    input: family,
    expected: named,
  },
  {
    construct: 'imports with *',
    maps: [importing('http://example.org/b*'), library('http://example.org/base')],
    input: family,
    expected: named,
  },
  {
    construct: 'imports of imports',
    maps: [
      importing('http://example.org/near'),
      "map 'http://example.org/near' = 'near'\nimports 'http://example.org/far'\ngroup Near(source s, target t : HumanName) { s -> t.use = 'old'; }",
      library('http://example.org/far'),
    ],
    input: family,
    expected: named,
  },
  {
    construct: 'the own group before an imported one of the same name',
    maps: [
      `${importing('http://example.org/base')}\ngroup Base(source s, target t : HumanName) { s.family as f -> t.text = f; }`,
      library('http://example.org/base'),
    ],
    input: family,
    expected: patient({ name: [{ text: 'Voorbeeld' }] }),
  },
  {
    construct: 'let (R5)',
    maps: map(
      "let system = 'http://example.org';\nlet long = %system & '/a';\ngroup Main(source src, target tgt : Patient) { src -> tgt.identifier as i, i.system = long, i.value = (%system); }",
    ),
    input: {},
    expected: patient({ identifier: [{ system: 'http://example.org/a', value: 'http://example.org' }] }),
  },
  {
    construct: 'let in a dependent group and a condition',
    maps: map(
      "let wanted = 'x';\ngroup Main(source src, target tgt : Patient) { src.l as l where k = %wanted -> tgt.name as n then Name(l, n); }\ngroup Name(source l, target n) { l -> n.text = wanted; }",
    ),
    input: { l: [{ k: 'x' }, { k: 'y' }] },
    expected: patient({ name: [{ text: 'x' }] }),
  },
  {
    construct: 'conceptmap block: R4 signs, quoted codes, second system, unmapped',
    maps: map(
      'conceptmap "codes" {\n  prefix s = "http://example.org/s"\n  prefix t = "http://example.org/t"\n  prefix u = "http://example.org/u"\n  unmapped for u = provided\n  s:M == t:male\n  s:"F 1" = t:female\n  u:in-between == t:other\n}\ngroup Main(source src, target tgt : Patient) { src.g as g -> tgt.name as n, n.text = translate(g, \'#codes\', \'code\'); }',
    ),
    input: { g: ['M', 'F 1', 'in-between', 'Z'] },
    expected: patient({ name: [{ text: 'male' }, { text: 'female' }, { text: 'other' }, { text: 'Z' }] }),
  },
  {
    construct: 'conceptmap block: the sign of R5',
    maps: map(
      'conceptmap "#codes" {\n  prefix s = "http://example.org/s"\n  prefix t = "http://example.org/t"\n  s:m - t:male\n}\ngroup Main(source src, target tgt : Patient) { src.g as g -> tgt.gender = translate(g, \'#codes\', \'code\'); }',
    ),
    input: { g: 'm' },
    expected: patient({ gender: 'male' }),
  },
  {
    construct: 'group with types of its inputs',
    maps: rules('Patient', 'src.name as n -> tgt.name = n;', 'PatientIn'),
    input: { resourceType: 'Patient', name: [family] },
    expected: named,
  },
  {
    construct: 'group with several sources',
    maps: map(
      'group Main(source src, target tgt : Patient) { src.a as a, src.b as b -> tgt.name as n then Both(a, b, n); }\ngroup Both(source a, source b, target n) { a -> n.family = a; b -> n.given = b; }',
    ),
    input: { a: 'F', b: 'G' },
    expected: patient({ name: [{ family: 'F', given: ['G'] }] }),
  },
  {
    construct: 'extends: the rules of the base first',
    maps: map(
      "group Main(source src, target tgt : Patient) extends Base { src -> tgt.name as n, n.text = 'own'; }\ngroup Base(source s, target t : Patient) { s -> t.name as n, n.text = 'base'; }",
    ),
    input: {},
    expected: patient({ name: [{ text: 'base' }, { text: 'own' }] }),
  },
  {
    construct: 'extends of an extending group, imported',
    maps: [
      `${HEAD}imports 'http://example.org/base'\ngroup Main(source src, target tgt : HumanName) extends Middle { src -> tgt.text = 'own'; }\ngroup Middle(source s, target t : HumanName) extends Base { s -> t.use = 'old'; }`,
      library('http://example.org/base'),
    ],
    input: family,
    expected: { target: { family: 'Voorbeeld', use: 'old', text: 'own' } },
  },
  {
    construct: '<<types>>: the default group for two types',
    maps: map(
      "group Main(source src : PatientIn, target tgt : Patient) { src.name -> tgt.name; src.gender -> tgt.gender; }\ngroup Names(source s : HumanName, target t : HumanName) <<types>> { s.family as f -> t.family = (f & '*'); }",
    ),
    input: { resourceType: 'Patient', name: [{ family: 'x', text: 'left out' }], gender: 'male' },
    expected: patient({ name: [{ family: 'x*' }], gender: 'male' }),
  },
  {
    construct: '<<type+>>: the default group for two types',
    maps: map(
      "group Main(source src : PatientIn, target tgt : Patient) { src.gender -> tgt.gender; }\ngroup Codes(source s : code, target t : code) <<type+>> { s.value as v -> t.value = (v & '+'); }",
    ),
    input: { resourceType: 'Patient', gender: 'male' },
    expected: patient({ gender: 'male+' }),
  },
  {
    construct: '<<type+>>: the default group for a type of source, where the target is open',
    maps: map(
      "group Main(source src : PatientIn, target tgt : Patient) { src.contained -> tgt.contained; }\ngroup Organizations(source s : Organization, target t : Organization) <<type+>> { s.name as n -> t.name = (n & '+'); }",
    ),
    input: { resourceType: 'Patient', contained: [{ resourceType: 'Organization', name: 'x', active: true }] },
    expected: patient({ contained: [{ resourceType: 'Organization', name: 'x+' }] }),
  },
  {
    construct: 'groups that call themselves',
    maps: map(
      'group Main(source src, target tgt : Patient) { src -> tgt.name as n then Walk(src, n); }\ngroup Walk(source node, target n) { node.v as v -> n.given = v; node.next as next then Walk(next, n); }',
    ),
    input: { v: 'A', next: { v: 'B', next: { v: 'C' } } },
    expected: patient({ name: [{ given: ['A', 'B', 'C'] }] }),
  },
  {
    construct: 'recursion without end is cut off',
    maps: map('group Main(source src, target tgt : Patient) { src then Main(src, tgt); }'),
    input: {},
    expected: { faults: ['too-deep '] },
  },
];
