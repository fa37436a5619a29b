import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../load.ts';
import { compileCondition, compilePath } from './compile.ts';
import { type Node, pathOf, rootNode } from './node.ts';

const definitions = await loadDefinitions();
const SHARED = process.env.SHARED_DIR ?? join(import.meta.dirname, '../../../../shared');

function run(expression: string, input: unknown, variables: Record<string, unknown> = {}): Node[] {
  const names = Object.keys(variables);
  const slotOf = (name: string): number | undefined => (names.includes(name) ? names.indexOf(name) : undefined);
  const type = (input as { resourceType?: string } | null)?.resourceType;
  const node = rootNode(input, type);
  const slots = names.map((name) => rootNode(variables[name], undefined));
  return compilePath(expression, { definitions, slotOf })([node], { slots, self: node, index: 0, resource: node });
}

const values = (expression: string, input: unknown, variables?: Record<string, unknown>): unknown[] =>
  run(expression, input, variables).map((node) => node.value);

const OBSERVATION = {
  resourceType: 'Observation',
  status: 'final',
  valueQuantity: { value: 3450, unit: 'g' },
  component: [{ code: { text: 'a' } }, { code: { text: 'b' }, valueString: 'x' }],
  _status: { extension: [{ url: 'http://x.nl/e', valueCode: 'k' }] },
};

describe('compilePath', () => {
  it.each<[string, unknown[]]>([
    ['status', ['final']],
    ['value.unit', ['g']],
    ['(value as Quantity).value / 1000', [3.45]],
    ['value.ofType(string)', []],
    ['component.value', ['x']],
    ['component[1].code.text', ['b']],
    ["component.where(code.text = 'b').value", ['x']],
    ["component.code.text.join(', ')", ['a, b']],
    ["status.extension('http://x.nl/e').value", ['k']],
    ["status in ('final' | 'amended')", [true]],
    ["method.text & 'x'", ['x']],
    ['method.exists().not() and component.count() = 2', [true]],
    ['component.select($index)', [0, 1]],
    ["iif(status = 'final', 'yes', 'no')", ['yes']],
    ['-(2 + 3) * 2', [-10]],
    ["'a//b' /* note */ & 'c' // end", ['a//bc']],
    ["'abc'.substring(1, 1)", ['b']],
    ["'2026-08-20' < '2026-09'", [true]],
    ['{} = 1', []],
    ["component.code.text.intersect('b' | 'c')", ['b']],
  ])('%s', (expression, expected) => {
    expect(values(expression, OBSERVATION)).toEqual(expected);
  });

  it('reads untyped records, false and 0 included', () => {
    const record = { unit: 'g', flag: false, zero: 0, list: [{ n: 1 }, { n: 2 }] };
    expect(values('flag', record)).toEqual([false]);
    expect(values('zero.exists()', record)).toEqual([true]);
    expect(values('list.where(n = 2).n', record)).toEqual([2]);
    expect(values('constructor', record)).toEqual([]);
    expect(values('__proto__', record)).toEqual([]);
  });

  it('uses variables, marked or bare', () => {
    expect(values('(v / 1000)', {}, { v: 3450 })).toEqual([3.45]);
    expect(values("%v & '!'", {}, { v: 'x' })).toEqual(['x!']);
  });

  it('knows the place of what it finds', () => {
    expect(run('component.code', OBSERVATION).map(pathOf)).toEqual(['component[0].code', 'component[1].code']);
  });

  it.each(['a b', 'a)', '(a', 'nothing()', '%unknown', 'today()', 'now()', 'a.where()', "a = 'x"])(
    'refuses %s while compiling',
    (expression) => {
      expect(() => compilePath(expression, { definitions, slotOf: () => undefined })).toThrow();
    },
  );

  it('never gives binary noise for a unit conversion', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), fc.constantFrom(10, 100, 1000), (grams, by) => {
        const [value] = values(`(v / ${by})`, {}, { v: grams }) as number[];
        expect(value).toBe(Number((grams / by).toFixed(3)));
      }),
    );
  });
});

describe('compileCondition', () => {
  const CONDITIONS = [
    "unit = 'g'",
    "unit != 'g'",
    'n = 235',
    'n in (1 | 235)',
    "unit in ('g' | 'kg')",
    'unit.exists()',
    'flag = false',
    "n = 235 and unit = 'g'",
    "n = 1 or unit = 'g'",
    'unit.exists() and (n = 1 or n = 2)',
    "unit = 'g' and n.exists().not()",
  ];
  it('means the same in its fast form as in general', () => {
    const record = fc.record(
      {
        unit: fc.constantFrom('g', 'kg', '', null, ['g'], ['g', 'kg'], []),
        n: fc.constantFrom(1, 2, 235, '235', null, [235]),
        flag: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(record, fc.constantFrom(...CONDITIONS), (json, text) => {
        const scope = { definitions, slotOf: () => undefined };
        const node = rootNode(json, undefined);
        const context = () => ({ slots: [], self: node, index: 0, resource: undefined });
        const attempt = (run: () => boolean): boolean | string => {
          try {
            return run();
          } catch {
            return 'refused';
          }
        };
        const fast = attempt(() => compileCondition(text, scope)(node, context()));
        const general = attempt(() => {
          const [result] = compilePath(`(${text}) = true`, scope)([node], context());
          return result?.value === true;
        });
        expect(fast).toEqual(general);
      }),
      { numRuns: 2000 },
    );
  });
});

const FILES: Record<string, string> = {
  'patient-example.xml': 'Patient-example.json',
  'observation-example.xml': 'Observation-example.json',
  'questionnaire-example.xml': 'Questionnaire-3141.json',
};
const SUITE = join(SHARED, 'corpora/fhir-test-cases/r4/fhirpath/tests-fhir-r4.xml');

describe.skipIf(!existsSync(SUITE))('the official FHIRPath suite for R4', () => {
  /** What fails: quantity units, date arithmetic, type reflection, the clock. */
  const EXPECTED = 700;

  it(`passes at least ${EXPECTED} of its expressions`, () => {
    let passed = 0;
    for (const test of officialTests(readFileSync(SUITE, 'utf8'))) if (passes(test)) passed++;
    expect(passed).toBeGreaterThanOrEqual(EXPECTED);
  });
});

type OfficialTest = {
  file: string | undefined;
  expression: string;
  invalid: boolean;
  predicate: boolean;
  outputs: string[];
};

function officialTests(xml: string): OfficialTest[] {
  const decode = (text: string): string =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&');
  return [...xml.replace(/<!--[\s\S]*?-->/g, '').matchAll(/<test ([^>]*)>([\s\S]*?)<\/test>/g)].map(
    ([, head = '', body = '']) => {
      const expression = /<expression([^>]*)>([\s\S]*?)<\/expression>/.exec(body);
      return {
        file: /inputfile="([^"]+)"/.exec(head)?.[1],
        expression: decode(expression?.[2] ?? ''),
        invalid: /invalid="/.test(expression?.[1] ?? ''),
        predicate: head.includes('predicate="true"'),
        outputs: [...body.matchAll(/<output type="[^"]+">([\s\S]*?)<\/output>/g)].map(([, text = '']) =>
          decode(text).replace(/^@/, ''),
        ),
      };
    },
  );
}

function passes(test: OfficialTest): boolean {
  const name = test.file === undefined ? undefined : FILES[test.file];
  if (test.file !== undefined && name === undefined) return false;
  const input = name ? JSON.parse(readFileSync(join(SHARED, 'corpora/fhir-r4-core-examples', name), 'utf8')) : {};
  try {
    const found = values(test.expression, input).map(show);
    const results =
      test.predicate && test.outputs.length === 1 ? [String(found.length > 0 && found[0] !== 'false')] : found;
    return !test.invalid && JSON.stringify(results) === JSON.stringify(test.outputs);
  } catch {
    return test.invalid;
  }
}

function show(value: unknown): string {
  const quantity = value as { value?: unknown; code?: string; unit?: string } | null;
  return typeof value === 'object' && quantity?.value !== undefined
    ? `${quantity.value} '${quantity.code ?? quantity.unit}'`
    : String(value);
}
