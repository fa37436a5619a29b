import type { Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CATEGORIES } from '../fhir/categories.ts';
import type { Datatypes, ElementSet } from './policy.ts';
import { project } from './project.ts';
import type { Views } from './registry.ts';
import { resolveView } from './resolve.ts';
import { isAllowed } from './testing/allowed.ts';
import { EXAMPLES } from './testing/examples.ts';
import { leafPaths } from './testing/paths.ts';
import { ownFiles, ownViews } from './testing/test-views.ts';
import type { Redaction, View } from './types.ts';

let views: Views;
let all: View[];
let sets: ReadonlyMap<string, unknown>;
beforeAll(async () => {
  views = await ownViews();
  sets = ownFiles().elements;
  all = [...views.policies.keys()].flatMap((discipline) =>
    [undefined, 'pop', 'mamaplus', 'nazorg-neonatologie', 'huil-slaap-eet'].map(
      (poli) => resolveView(views, discipline, poli) as View,
    ),
  );
});

const BSNS = ['999911120', '999990019', '123456782'];
const redactions = fc.subarray<Redaction>(['third-party', 'address', 'bsn']).map((some) => new Set(some));
const example = fc.constantFrom(...Object.values(EXAMPLES));
/** A view by its place in `all`, which is not there yet when the property is written down. */
const viewIndex = fc.nat({ max: 13 * 5 - 1 });

const someValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      ...BSNS,
      'tekst',
      true,
      3,
      999911120,
      null,
      { reference: 'Patient/1', display: 'x' },
      { system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: BSNS[0] },
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'system',
        'value',
        'code',
        'coding',
        'text',
        'display',
        'extension',
        'url',
        'valueString',
        'identifier',
        'reference',
        'id',
        'name',
        'given',
        '_given',
        'line',
      ),
      tie('value'),
      {
        maxKeys: 4,
      },
    ),
  ),
})).value;

const KEYS = [
  'identifier',
  '_value',
  'display',
  'note',
  'secret',
  'extension',
  '_birthDate',
  '_status',
  'contained',
  'text',
  'value',
  'name',
];

/** An example in which one to four objects, at any depth, got other content under a name that is known there or not. */
const disturbed = fc
  .record({
    resource: example,
    category: fc.option(fc.constantFrom(...CATEGORIES)),
    hidden: fc.constantFrom('', '', BSNS[0] as string),
    changes: fc.array(
      fc.record({ where: fc.nat(), pick: fc.nat(), key: fc.option(fc.constantFrom(...KEYS)), value: someValue }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ resource, category, hidden, changes }) => {
    const { meta, resourceType, id, ...content } = structuredClone(resource) as Resource & Record<string, unknown>;
    for (const { where, pick, key, value } of changes) {
      const places = [content, ...objectsOf(content)].filter((one) => !Array.isArray(one)) as Record<string, unknown>[];
      const place = places[where % places.length] ?? content;
      const keys = Object.keys(place);
      place[key ?? keys[pick % keys.length] ?? 'note'] = structuredClone(value);
    }
    const code = category === null ? meta?.security?.[0]?.code : `cat-${category}`;
    const label = hidden ? [{ system: 'http://example.org', code: hidden }] : [];
    const security = [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code }, ...label];
    return {
      resourceType,
      id,
      ...content,
      language: hidden || 'nl',
      meta: { profile: [`http://example.org/${hidden}`], security },
    } as unknown as Resource;
  });

describe('every projection', () => {
  it('writes only elements of the list', () => {
    fc.assert(
      fc.property(disturbed, viewIndex, redactions, (resource, at, redacted) => {
        const view = all[at] as View;
        const { resource: out } = project(resource, view, redacted);
        if (!out) return;
        const category = String(resource.meta?.security?.[0]?.code).slice('cat-'.length);
        const used = view.limits.directory.has(resource.resourceType) ? view.directory : view.categories.get(category);
        const set = sets.get(used?.use ?? '') as ElementSet;
        for (const path of leafPaths(out)) {
          const [type = '', ...rest] = path.split('.');
          if (/^(resourceType|id|meta)$/.test(rest[0] ?? '')) continue;
          if (redacted.has('third-party') && rest[0] === 'dataAbsentReason') continue;
          expect(isAllowed(set, sets.get('datatypes') as Datatypes, type, rest), path).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('holds no BSN where there is no right to it, wherever the BSN was', () => {
    fc.assert(
      fc.property(disturbed, viewIndex, redactions, (resource, at, redacted) => {
        const view = all[at] as View;
        if (view.bsn && !redacted.has('bsn')) return;
        const text = JSON.stringify(project(resource, view, redacted));
        for (const bsn of BSNS) expect(text.includes(bsn)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it('says what it left out without a value of the input', () => {
    fc.assert(
      fc.property(disturbed, viewIndex, redactions, (resource, at, redacted) => {
        for (const path of project(resource, all[at] as View, redacted).removed)
          expect(path).toMatch(/^[A-Z][A-Za-z]+(\._?[A-Za-z]+|\.\(unknown\))+$/);
      }),
    );
  });

  it('neither changes nor shares its input', () => {
    fc.assert(
      fc.property(disturbed, viewIndex, redactions, (resource, at, redacted) => {
        const before = JSON.stringify(resource);
        const inside = objectsOf(resource);
        const { resource: out } = project(deepFreeze(resource), all[at] as View, redacted);
        expect(JSON.stringify(resource)).toBe(before);
        if (out) for (const one of objectsOf(out)) expect(inside.has(one)).toBe(false);
      }),
    );
  });

  it('leaves out more, never less, under more redactions', () => {
    fc.assert(
      fc.property(disturbed, viewIndex, redactions, redactions, (resource, at, some, more) => {
        const view = all[at] as View;
        const fewer = project(resource, view, some).resource;
        const after = project(resource, view, new Set([...some, ...more])).resource;
        if (!after) return;
        const given = new Set(fewer ? leafPaths(fewer) : []);
        for (const path of leafPaths(after)) {
          if (!writtenByProject(path, after)) expect(given.has(path), path).toBe(true);
        }
      }),
      { numRuns: 1000, examples: [[OWN_CODE_WITHOUT_CODING, 0, new Set(), new Set(['third-party'])]] },
    );
  });
});

describe('the disturbed examples', () => {
  it('still go out often enough to prove something', () => {
    const sample = fc.sample(fc.tuple(disturbed, viewIndex), 500);
    const out = sample.filter(([resource, at]) => project(resource, all[at] as View, new Set()).resource);
    expect(out.length).toBeGreaterThan(100);
  });
});

describe('taking a category from a view', () => {
  it('never adds output', () => {
    for (const whole of all) {
      for (const taken of whole.categories.keys()) {
        const less: View = {
          ...whole,
          categories: new Map([...whole.categories].filter(([category]) => category !== taken)),
        };
        for (const resource of Object.values(EXAMPLES)) {
          const after = project(resource, less, new Set());
          if (after.resource) expect(after).toEqual(project(resource, whole, new Set()));
        }
      }
    }
  });
});

/** A finding about somebody else whose code holds no coding: the mask that project() puts there is more than was given. */
const OWN_CODE_WITHOUT_CODING = {
  resourceType: 'Observation',
  id: 'income',
  code: { coding: [], text: 'Kenmerken ouder' },
  valueString: 'x',
  effectiveDateTime: '2026-08-20',
  meta: { security: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code: 'cat-risk' }] },
} as unknown as Resource;

/** Tags and masks are the projection's own words: they say that something was left out. */
function writtenByProject(path: string, resource: Resource): boolean {
  const isMasked = 'dataAbsentReason' in resource;
  return /\.meta\.tag\.|\.dataAbsentReason\./.test(path) || (isMasked && /^\w+\.code\.coding\./.test(path));
}

function objectsOf(value: unknown, found = new Set<unknown>()): Set<unknown> {
  if (typeof value !== 'object' || value === null) return found;
  found.add(value);
  for (const child of Object.values(value)) objectsOf(child, found);
  return found;
}

function deepFreeze<T>(value: T): T {
  for (const one of objectsOf(value)) Object.freeze(one);
  return value;
}
