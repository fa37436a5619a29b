import { type ConstructCase, gives, observation, patient, rules } from './case.ts';

const P = 'Patient';
const O = 'Observation';
const UCUM = 'http://unitsofmeasure.org';
const coded = (
  form: string,
  input: unknown,
  expected: string,
  conceptMap = 'codes',
): Omit<ConstructCase, 'construct'> => ({
  maps: rules(P, `src.c as c -> tgt.gender = translate(c, 'http://example.org/${conceptMap}'${form});`),
  input: { c: input },
  expected: patient({ gender: expected }),
});
const of = (transform: string, input: string | number, gender: string): Omit<ConstructCase, 'construct'> => ({
  maps: rules(P, `src.v as v -> tgt.gender = ${transform};`),
  input: { v: input },
  expected: patient({ gender }),
});

/** Every transform, with each number of parameters that it may have. */
export const TRANSFORMS: readonly ConstructCase[] = [
  {
    construct: 'create(type)',
    maps: rules(O, "src -> tgt.value = create('Quantity') as q, q.value = 1;"),
    input: {},
    expected: observation({ valueQuantity: { value: 1 } }),
  },
  {
    construct: 'create() of the only type',
    maps: rules(O, "src -> tgt.code = create() as c, c.text = 'x';"),
    input: {},
    expected: observation({ code: { text: 'x' } }),
  },
  {
    construct: 'create of a resource',
    maps: rules('Bundle', "src -> tgt.entry as e, e.resource = create('Patient') as p, p.active = true;"),
    input: {},
    expected: gives('Bundle', { entry: [{ resource: { resourceType: 'Patient', active: true } }] }),
  },
  { construct: 'copy', ...of('copy(v)', 'male', 'male') },
  { construct: 'truncate', ...of('truncate(v, 3)', 'ab💚de', 'ab💚') },
  { construct: 'escape(text, to)', ...of("escape(v, 'html')", '<a & "b">', '&lt;a &amp; &quot;b&quot;&gt;') },
  { construct: 'escape(text, from, to)', ...of("escape(v, 'html', 'uri')", 'a&amp;b', 'a%26b') },
  {
    construct: 'cast(value)',
    maps: rules(P, 'src.v as v -> tgt.birthDate = cast(v);'),
    input: { v: '2026-05-02T10:00:00+02:00' },
    expected: patient({ birthDate: '2026-05-02' }),
  },
  {
    construct: 'cast(value, type)',
    maps: rules(O, "src.v as v -> tgt.value = cast(v, 'integer');"),
    input: { v: '12' },
    expected: observation({ valueInteger: 12 }),
  },
  {
    construct: 'cast that cannot be',
    maps: rules(O, "src.v as v -> tgt.value = cast(v, 'integer');"),
    input: { v: '1.5' },
    expected: { faults: ['cast-failed v'] },
  },
  { construct: 'append of two', ...of("append('x', v)", 1, 'x1') },
  { construct: 'append of three', ...of("append('x', v, 'y')", 1, 'x1y') },
  { construct: 'append of many', ...of("append(v, '-', v, '-', v)", 'a', 'a-a-a') },
  { construct: 'translate to what the element takes', ...coded('', '1', 'one') },
  { construct: 'translate(…, code)', ...coded(", 'code'", '1', 'one') },
  { construct: 'translate of a number', ...coded(", 'code'", 1, 'one') },
  { construct: 'translate(…, system)', ...coded(", 'system'", '1', 'http://example.org/x') },
  { construct: 'translate(…, display)', ...coded(", 'display'", '1', 'One') },
  {
    construct: 'translate(…, Coding)',
    maps: rules(O, "src.c as c -> tgt.code as k, k.coding = translate(c, 'http://example.org/codes', 'Coding');"),
    input: { c: '1' },
    expected: observation({ code: { coding: [{ system: 'http://example.org/x', code: 'one', display: 'One' }] } }),
  },
  {
    construct: 'translate(…, CodeableConcept)',
    maps: rules(O, "src.c as c -> tgt.code = translate(c, 'http://example.org/codes', 'CodeableConcept');"),
    input: { c: '1' },
    expected: observation({ code: { coding: [{ system: 'http://example.org/x', code: 'one', display: 'One' }] } }),
  },
  {
    construct: 'translate of a Coding, by its system',
    ...coded(", 'code'", { system: 'http://example.org/b', code: '2' }, 'two'),
  },
  {
    construct: 'translate of a CodeableConcept',
    ...coded(
      ", 'code'",
      {
        coding: [
          { system: 'http://example.org/z', code: '1' },
          { system: 'http://example.org/a', code: '1' },
        ],
      },
      'one',
    ),
  },
  { construct: 'translate in the second group of a ConceptMap', ...coded(", 'code'", '2', 'two') },
  { construct: 'translate, unmapped: provided', ...coded(", 'code'", 'zz', 'zz', 'provided') },
  { construct: 'translate, unmapped: fixed', ...coded(", 'code'", 'zz', 'other', 'fixed') },
  {
    construct: 'translate, unmapped: other-map',
    ...coded(", 'code'", { system: 'http://example.org/b', code: '2' }, 'two', 'elsewhere'),
  },
  { construct: 'translate by a ConceptMap of R5: relationship', ...coded(", 'code'", '2', 'same', 'five') },
  { construct: 'translate by a ConceptMap of R5: use-source-code', ...coded(", 'code'", 'zz', 'zz', 'five') },
  {
    construct: 'translate of a code that is not mapped',
    ...coded(", 'code'", 'zz', ''),
    expected: { faults: ['unmapped-code c'] },
  },
  {
    construct: 'translate of a code without a counterpart',
    ...coded(", 'code'", 'none', ''),
    expected: { faults: ['unmapped-code c'] },
  },
  {
    construct: 'reference to an entry of the Bundle',
    maps: rules(
      'Bundle',
      "src -> tgt.entry as e, e.fullUrl = 'urn:uuid:1', e.resource = create('Patient') as p then { src -> tgt.entry as f, f.resource = create('Observation') as o, o.subject as r, r.reference = reference(p); };",
    ),
    input: {},
    expected: gives('Bundle', {
      entry: [
        { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient' } },
        { resource: { resourceType: 'Observation', subject: { reference: 'urn:uuid:1' } } },
      ],
    }),
  },
  {
    construct: 'reference to a resource of the source',
    maps: rules(O, 'src -> tgt.subject as r, r.reference = reference(src);', 'PatientIn'),
    input: { resourceType: 'Patient', id: 'p1' },
    expected: observation({ subject: { reference: 'Patient/p1' } }),
  },
  {
    construct: 'reference to a resource that gets its id so',
    maps: rules('Bundle', "src -> tgt.entry as e, e.resource = create('Patient') as p, e.fullUrl = reference(p);"),
    input: {},
    expected: gives('Bundle', {
      entry: [{ resource: { resourceType: 'Patient', id: 'id-1' }, fullUrl: 'Patient/id-1' }],
    }),
  },
  {
    construct: 'pointer',
    maps: rules('Bundle', "src -> tgt.entry as e, e.resource = create('Patient') as p, e.fullUrl = pointer(p);"),
    input: {},
    expected: gives('Bundle', {
      entry: [{ resource: { resourceType: 'Patient', id: 'id-1' }, fullUrl: 'urn:uuid:id-1' }],
    }),
  },
  {
    construct: 'dateOp: months, to the last day',
    maps: rules(P, "src.d as d -> tgt.birthDate = dateOp(d, 1, 'months');"),
    input: { d: '2026-01-31' },
    expected: patient({ birthDate: '2026-02-28' }),
  },
  {
    construct: 'dateOp: days, back',
    maps: rules(P, "src.d as d -> tgt.birthDate = dateOp(d, -1, 'day');"),
    input: { d: '2026-03-01' },
    expected: patient({ birthDate: '2026-02-28' }),
  },
  {
    construct: 'uuid, kept and used twice',
    maps: rules('Bundle', "src -> uuid() as id, tgt.id = id, tgt.entry as e, e.fullUrl = append('urn:uuid:', id);"),
    input: {},
    expected: gives('Bundle', { id: 'id-1', entry: [{ fullUrl: 'urn:uuid:id-1' }] }),
  },
  {
    construct: 'evaluate(variable, expression)',
    maps: rules(P, "src.n as n -> tgt.gender = evaluate(n, 'a & b');"),
    input: { n: { a: 'x', b: 'y' } },
    expected: patient({ gender: 'xy' }),
  },
  {
    construct: 'evaluate(expression)',
    maps: rules(P, 'src.n as n -> tgt.gender = evaluate(a & b);'),
    input: { n: { a: 'x', b: 'y' } },
    expected: patient({ gender: 'xy' }),
  },
  {
    construct: 'cc(text)',
    maps: rules(O, "src -> tgt.code = cc('x');"),
    input: {},
    expected: observation({ code: { text: 'x' } }),
  },
  {
    construct: 'cc(system, code)',
    maps: rules(O, "src.c as c -> tgt.code = cc('http://example.org', c);"),
    input: { c: 'k' },
    expected: observation({ code: { coding: [{ system: 'http://example.org', code: 'k' }] } }),
  },
  {
    construct: 'cc(system, code, display)',
    maps: rules(O, "src.c as c -> tgt.code = cc('http://example.org', c, 'K');"),
    input: { c: 'k' },
    expected: observation({ code: { coding: [{ system: 'http://example.org', code: 'k', display: 'K' }] } }),
  },
  {
    construct: 'c(system, code)',
    maps: rules(O, "src -> tgt.code as k, k.coding = c('http://example.org', 'k');"),
    input: {},
    expected: observation({ code: { coding: [{ system: 'http://example.org', code: 'k' }] } }),
  },
  {
    construct: 'c(system, code, display)',
    maps: rules(O, "src -> tgt.code as k, k.coding = c('http://example.org', 'k', 'K');"),
    input: {},
    expected: observation({ code: { coding: [{ system: 'http://example.org', code: 'k', display: 'K' }] } }),
  },
  {
    construct: 'qty(text)',
    maps: rules(O, "src -> tgt.value = qty('12.5 kg');"),
    input: {},
    expected: observation({ valueQuantity: { value: 12.5, unit: 'kg' } }),
  },
  {
    construct: 'qty(value, unit)',
    maps: rules(O, "src.v as v -> tgt.value = qty(v, 'cm');"),
    input: { v: 49.5 },
    expected: observation({ valueQuantity: { value: 49.5, unit: 'cm' } }),
  },
  {
    construct: 'qty(value, unit, system, code)',
    maps: rules(O, `src.v as v -> tgt.value = qty(v, 'cm', '${UCUM}', 'cm');`),
    input: { v: '49.5' },
    expected: observation({ valueQuantity: { value: 49.5, unit: 'cm', system: UCUM, code: 'cm' } }),
  },
  {
    construct: 'id(system, value)',
    maps: rules(P, "src.v as v -> tgt.identifier = id('http://example.org', v);"),
    input: { v: 7 },
    expected: patient({ identifier: [{ system: 'http://example.org', value: '7' }] }),
  },
  {
    construct: 'id(system, value, type)',
    maps: rules(P, "src.v as v -> tgt.identifier = id('http://example.org', v, 'MR');"),
    input: { v: '7' },
    expected: patient({
      identifier: [
        {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
          system: 'http://example.org',
          value: '7',
        },
      ],
    }),
  },
  {
    construct: 'cp(value)',
    maps: rules(P, 'src.v as v -> tgt.telecom = cp(v);'),
    input: { v: 'a@example.org' },
    expected: patient({ telecom: [{ system: 'email', value: 'a@example.org' }] }),
  },
  {
    construct: 'cp(system, value)',
    maps: rules(P, "src.v as v -> tgt.telecom = cp('phone', v);"),
    input: { v: '0612345678' },
    expected: patient({ telecom: [{ system: 'phone', value: '0612345678' }] }),
  },
];
