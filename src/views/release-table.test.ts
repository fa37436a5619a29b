import { beforeAll, describe, expect, it } from 'vitest';
import { project } from './project.ts';
import type { Views } from './registry.ts';
import { resolveView } from './resolve.ts';
import { EXAMPLES } from './testing/examples.ts';
import { leafPaths } from './testing/paths.ts';
import { ownViews } from './testing/test-views.ts';
import type { Redaction, View } from './types.ts';

let views: Views;
beforeAll(async () => {
  views = await ownViews();
});

const NOT_CONTENT = /^[A-Z][A-Za-z]*\.(resourceType|id|meta\..*)$/;

/** One line per example: the elements that go out, or why nothing does. */
function lines(view: View, redactions: ReadonlySet<Redaction>): string {
  return Object.entries(EXAMPLES)
    .map(([name, example]) => {
      const { resource, reason } = project(example, view, redactions);
      if (!resource) return `${name}: (${reason})`;
      const paths = leafPaths(resource).filter((path) => !NOT_CONTENT.test(path));
      return `${name}: ${grouped(paths.map((path) => path.slice(path.indexOf('.') + 1)))}`;
    })
    .join('\n')
    .concat('\n');
}

/** `name.given name.family gender` → `name(given family) gender`. */
function grouped(paths: readonly string[]): string {
  const parts = Map.groupBy(paths, (path) => path.split('.', 1)[0] ?? '');
  const rest = (path: string): string => path.slice(path.indexOf('.') + 1);
  return [...parts].map(([top, all]) => (all[0] === top ? top : `${top}(${all.map(rest).join(' ')})`)).join(' ');
}

describe('which elements of whole examples go out', () => {
  const disciplines = [
    'paediatrician',
    'gynaecologist',
    'midwife',
    'medical-social-work',
    'youth-doctor',
    'youth-nurse',
    'social-domain',
    'gp',
    'ggz',
    'physiotherapist',
    'maternity-care',
    'volunteer',
    'planner',
  ];
  it.each(disciplines)('to %s', async (discipline) => {
    const view = resolveView(views, discipline, undefined) as View;
    await expect(lines(view, new Set())).toMatchFileSnapshot(`release-tables/${discipline}.txt`);
  });

  it.each(['third-party', 'address', 'bsn'] as const)('to a youth doctor with the redaction %s', async (redaction) => {
    const view = resolveView(views, 'youth-doctor', undefined) as View;
    await expect(lines(view, new Set([redaction]))).toMatchFileSnapshot(`release-tables/redacted-${redaction}.txt`);
  });
});
