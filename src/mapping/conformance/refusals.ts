import { type ConstructCase, map, rules } from './case.ts';

const refused = (construct: string, code: string, maps: readonly string[]): ConstructCase => ({
  construct,
  maps,
  input: {},
  expected: { refused: code },
});
const P = 'Patient';

/** Maps that cannot be right: refused before the first message. */
export const REFUSALS: readonly ConstructCase[] = [
  refused(
    'refused: an element that the target does not have',
    'unknown-element',
    rules(P, 'src.a as a -> tgt.colour = a;'),
  ),
  refused(
    'refused: an element that the source does not have',
    'unknown-element',
    rules(P, 'src.colour as c -> tgt.gender = c;', 'PatientIn'),
  ),
  refused(
    'refused: an element that the source does not have, at the end of a path',
    'unknown-element',
    rules(P, 'src.name.colour as c -> tgt.gender = c;', 'PatientIn'),
  ),
  refused(
    'refused: an element that the source does not have, in an expression',
    'unknown-element',
    rules(P, "src.name as n where (colour = 'red') -> tgt.gender = 'other';", 'PatientIn'),
  ),
  refused(
    'refused: a value of the wrong type',
    'wrong-type',
    rules(P, "src -> tgt.maritalStatus = c('http://example.org', 'k');"),
  ),
  refused(
    'refused: a type that the source never has',
    'wrong-type',
    rules(P, "src.birthDate : Quantity as q -> tgt.gender = 'other';", 'PatientIn'),
  ),
  refused(
    'refused: a group that takes another type',
    'wrong-type',
    map(
      'group Main(source src, target tgt : Patient) { src -> tgt.name as n then A(src, n); }\ngroup A(source s, target t : Address) { s -> t.city = s.c; }',
    ),
  ),
  refused('refused: a choice without a type', 'type-not-certain', rules('Observation', 'src -> tgt.value as v;')),
  refused('refused: a path through a list', 'list-in-path', rules(P, 'src.v as v -> tgt.name.family = v;')),
  refused('refused: a group that is not there', 'unknown-group', rules(P, 'src as s then Nobody(s, tgt);')),
  refused(
    'refused: a base group that is not there',
    'unknown-group',
    map('group Main(source src, target tgt : Patient) extends Nobody { src.a -> tgt.gender; }'),
  ),
  refused(
    'refused: a group that extends itself in a circle',
    'wrong-inputs',
    map(
      'group Main(source src, target tgt : Patient) extends Other { src.a -> tgt.gender; }\ngroup Other(source s, target t : Patient) extends Main { s.b -> t.gender; }',
    ),
  ),
  refused(
    'refused: a group called with too few variables',
    'wrong-inputs',
    map(
      'group Main(source src, target tgt : Patient) { src as s then Other(s); }\ngroup Other(source s, target t : Patient) { s.b -> t.gender; }',
    ),
  ),
  refused(
    'refused: an import that is not there',
    'unknown-import',
    map("imports 'http://example.org/nowhere'\ngroup Main(source src, target tgt : Patient) { src.a -> tgt.gender; }"),
  ),
  refused('refused: a variable that is not there', 'unknown-variable', rules(P, 'src -> tgt.gender = nobody;')),
  refused(
    'refused: a variable out of its scope',
    'unknown-variable',
    rules(P, 'src.a as a -> tgt.gender = a; src -> tgt.language = a;'),
  ),
  refused(
    'refused: a transform that is not there',
    'unknown-transform',
    rules(P, 'src -> tgt.gender = frobnicate(src);'),
  ),
  refused(
    'refused: a transform with too many parameters',
    'bad-transform',
    rules(P, "src -> tgt.gender = truncate('a', 1, 2);"),
  ),
  refused(
    'refused: a concept map that is not there',
    'unknown-concept-map',
    rules(P, "src.c as c -> tgt.gender = translate(c, 'http://example.org/nowhere', 'code');"),
  ),
  refused('refused: an expression that is none', 'bad-expression', rules(P, 'src where (a = ) -> tgt.active = true;')),
  refused('refused: a cardinality that nothing has', 'bad-cardinality', rules(P, 'src.a 2..1 as a -> tgt.gender = a;')),
  refused(
    'refused: a rule whose condition is never true',
    'unreachable-rule',
    rules(P, "src.a as a where (1 = 2) -> tgt.gender = 'other';"),
  ),
  refused(
    'refused: a group that nothing calls',
    'unreachable-group',
    map(
      'group Main(source src, target tgt : Patient) { src.a -> tgt.gender; }\ngroup Other(source s, target t : Patient) { s.b -> t.gender; }',
    ),
  ),
  refused(
    'refused: a group of another that nothing calls',
    'unreachable-group',
    map(
      'group Main(source src, target tgt : Patient) { src.a -> tgt.gender; }\ngroup Other(source s, target t) { s then Other(s, t); }',
    ),
  ),
  refused(
    'refused: two groups of one name',
    'duplicate-group',
    map(
      'group Main(source src, target tgt : Patient) { src.a -> tgt.gender; }\ngroup Main(source s, target t : Patient) { s.b -> t.gender; }',
    ),
  ),
  refused('refused: a text that is no map', 'syntax', rules(P, 'src.a -> tgt.gender\nsrc.b -> tgt.gender;')),
];
