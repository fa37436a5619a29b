import type { Resource } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkViews, VIEW_INVARIANTS } from './invariants.ts';
import type { ViewPolicy } from './policy.ts';
import { project } from './project.ts';
import type { Views } from './registry.ts';
import { build, ownFiles, ownViews } from './testing/test-views.ts';
import type { Projection } from './types.ts';

let views: Views;
beforeAll(async () => {
  views = await ownViews();
});

it('the views of this project keep every sentence', () => expect(checkViews(views)).toEqual([]));

/** One discipline that may see most and two helpers are enough to see a sentence broken. */
const few = (all: Views): Views => ({
  ...all,
  policies: new Map(
    [...all.policies].filter(([name]) => ['youth-doctor', 'volunteer', 'planner', 'social-domain'].includes(name)),
  ),
});

describe('a policy that goes wrong breaks a sentence', () => {
  type Files = ReturnType<typeof ownFiles>;
  const policy = (files: Files, name: string): ViewPolicy => structuredClone(files.views.get(name)) as ViewPolicy;
  const changed = (name: string, change: object) => (files: Files) =>
    files.views.set(name, { ...policy(files, name), ...change });

  const datatypes = (files: Files) => {
    const copy = structuredClone(files.elements.get('datatypes')) as {
      shapes: { AttachmentOutline: { elements: Record<string, string> } };
    };
    files.elements.set('datatypes', copy);
    return copy;
  };

  it.each<[string, (files: Files) => void]>([
    ['helpers-get-nothing-sensitive', changed('volunteer', { sensitive: 'with-consent' })],
    ['helpers-get-no-care-record', changed('planner', { categories: { naw: 'minimum', medication: 'summary' } })],
    ['helpers-get-no-care-record', changed('volunteer', { categories: { naw: 'minimum', risk: 'summary' } })],
    [
      'helpers-get-no-care-record',
      changed('social-domain', { polis: { pop: { basis: 'Only for this test.', categories: { consult: 'full' } } } }),
    ],
    ['helpers-have-no-rights', changed('social-domain', { bsn: true })],
    ['helpers-have-no-rights', changed('planner', { breakGlass: true })],
    [
      'letters-whole-or-not',
      (files) => void Object.assign(datatypes(files).shapes.AttachmentOutline.elements, { title: 'freetext' }),
    ],
  ])('%s, %#', async (name, change) => {
    const files = ownFiles();
    change(files);
    const result = await build(files);
    if (!result.ok) throw new Error(result.problems.join('\n'));
    expect(checkViews(few(result.views)).map((one) => one.name)).toEqual([name]);
  });
});

describe('a projection that goes wrong breaks a sentence', () => {
  type Wrong = (projected: Projection, resource: Resource, redactions: ReadonlySet<string>) => Projection;
  const whole = (resource: Resource): Projection => ({ resource, removed: [], hidden: [], reason: 'whole' });
  const also = (projected: Projection, more: object): Projection =>
    projected.resource ? { ...projected, resource: { ...projected.resource, ...more } as Resource } : projected;

  it.each<[string, Wrong]>([
    ['no-bsn-anywhere', (projected) => also(projected, { language: '999911120' })],
    ['only-what-is-listed', (projected) => also(projected, { text: { div: 'x' } })],
    ['only-what-is-listed', (projected) => also(projected, { extension: [{ url: 'unlisted' }] })],
    [
      'no-address-where-protected',
      (projected, resource, redactions) => (redactions.has('address') ? whole(resource) : projected),
    ],
    [
      'of-another-only-that-it-is-there',
      (projected, resource, redactions) => (redactions.has('third-party') ? whole(resource) : projected),
    ],
    [
      'work-notes-stay',
      (projected, resource) => (JSON.stringify(resource.meta).includes('WORKNOTE') ? whole(resource) : projected),
    ],
    ['shortened-is-marked', (projected) => also(projected, { meta: {} })],
    ['labelled-only', (projected, resource) => (resource.meta?.security?.length === 0 ? whole(resource) : projected)],
    [
      'labelled-only',
      (projected, resource) => ((resource.meta?.security?.length ?? 0) > 1 ? whole(resource) : projected),
    ],
    [
      'helpers-get-nothing-sensitive',
      (projected, resource) => (JSON.stringify(resource.meta).includes('CHILDPROT') ? whole(resource) : projected),
    ],
  ])('%s, %#', (name, wrong) => {
    const violations = checkViews(few(views), (resource, view, redactions) =>
      wrong(project(resource, view, redactions), resource, redactions),
    );
    expect(violations.map((one) => one.name)).toContain(name);
    expect(violations.find((one) => one.name === name)).toMatchObject({
      en: expect.any(String),
      counterexample: expect.any(String),
    });
  });

  it('every sentence has both languages', () => {
    for (const { nl, en } of VIEW_INVARIANTS) expect([nl, en].every((text) => text.endsWith('.'))).toBe(true);
  });
});
