import type { Patient, RelatedPerson, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { type Intake, intake } from '../src/exchange/intake.ts';
import { toItem } from '../src/exchange/item.ts';
import { EXTENSIONS, extension } from '../src/fhir/extensions.ts';
import { type Element, messageWith } from '../src/sources/testing/maps-kdplus-testkit.ts';
import { bundleOf, bytes, json } from '../src/sources/testing/maps-testkit.ts';
import { createVault } from '../src/store/vault.ts';
import { project } from '../src/views/project.ts';
import { resolveView } from '../src/views/resolve.ts';
import { knowledge } from './support/knowledge.ts';

// What the maps make of KD+ comes through the real intake: valid, of one category, within the project's profiles; and what must not act does not.

type Line = { element: number; group: string; value: unknown; only?: string };
const core = json<Line[]>('kdplus', 'core-elements.json');
const ports = { ...knowledge, vault: createVault(Buffer.alloc(32, 3)) };
const NOW = new Date('2026-11-01T10:00:00Z');

function taken(group: string, ...elements: Element[]): Intake {
  const result = intake(ports, bundleOf('kdplus', bytes(messageWith(group, ...elements))), 'jgz', NOW);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result;
}
const first = ({ items }: Intake, type: string) => {
  const found = items.find(({ resource }) => resource.resourceType === type);
  if (!found) throw new Error(`no ${type}`);
  return found;
};
const DISCIPLINES = [...knowledge.views.policies.keys()];
/** Whether any discipline gets anything of a resource. */
const seenBy = (resource: Resource): string[] =>
  DISCIPLINES.filter((one) => {
    const view = resolveView(knowledge.views, one, undefined);
    return view && project(resource, view, new Set()).resource;
  });

describe('KD+ through the intake', () => {
  it.each(core)('$group $element is taken in', ({ element, group, value }) => {
    expect(taken(group, { bdsNumber: element, value }).ok).toBe(true);
  });

  it.each([
    ['G012', 1165, true, 'Consent', 'naw', []],
    ['R003', 631, '01', 'Condition', 'naw', []],
    ['G019', 80, '14', 'FamilyMemberHistory', 'history', ['PSY']],
    ['R013', 481, '06', 'Observation', 'risk', ['CHILDPROT', 'SDV']],
    ['R014', 745, '01', 'Observation', 'risk', ['SUD']],
    ['R014', 740, 2, 'Observation', 'history', []],
    ['R014', 88, '09', 'Observation', 'medication', ['PSY']],
    ['R016', 115, true, 'Condition', 'history', []],
    ['G041', 361, '03', 'Observation', 'thirdparty-consult', ['PSY']],
    ['R037', 368, true, 'Procedure', 'diagnostics', []],
    ['G076', 461, '01', 'Immunization', 'history', []],
    ['G081', 1151, 'x', 'CarePlan', 'development', []],
    ['G081', 1151, 'x', 'Goal', 'development', []],
    ['G081', 1151, 'x', 'Condition', 'development', []],
    ['G082', 42, 'x', 'CareTeam', 'thirdparty-consult', []],
    ['G072', 1169, '98', 'DocumentReference', 'consult', []],
    ['G072', 1169, '01', 'DocumentReference', 'consult', ['CHILDPROT', 'HIV', 'PSY', 'SDV', 'SEX', 'SUD']],
    ['R054', 1635, '05', 'Observation', 'risk', ['CHILDPROT']],
  ])('%s %i %s gives a %s of category %s with the labels %j', (group, bdsNumber, value, type, category, labels) => {
    const item = first(taken(group, { bdsNumber, value }), type);
    expect([item.category, item.labels]).toEqual([category, labels]);
  });

  it('a consent that comes with a record is a proposal under a policy nobody decides by, and goes to nobody', () => {
    const { resource } = first(taken('G012', { bdsNumber: 1165, value: true }), 'Consent');
    expect(resource).toMatchObject({
      status: 'proposed',
      policy: [{ uri: 'http://gezinspoort.nl/policy/bds-g012' }],
      provision: { type: 'permit' },
    });
    expect(seenBy(resource)).toEqual([]);
  });

  it('custody in a record gives nobody a say', () => {
    const { resource } = first(taken('G116', { bdsNumber: 1565, value: 'Ja' }), 'RelatedPerson');
    expect(extension(resource as RelatedPerson, EXTENSIONS.custody)).toBeUndefined();
    expect(extension(resource as RelatedPerson, EXTENSIONS.bdsElement)).toBeDefined();
    for (const item of taken('R003', { bdsNumber: 631, value: '01' }).items)
      expect(JSON.stringify(item.resource)).not.toContain(EXTENSIONS.custody);
  });

  it('who sees whose the custody is sees no more of it than that', () => {
    const { resource } = first(taken('R003', { bdsNumber: 631, value: '06' }), 'Condition');
    expect(DISCIPLINES.filter((one) => !seenBy(resource).includes(one)).sort()).toEqual(['planner', 'volunteer']);
    for (const one of seenBy(resource)) {
      const view = resolveView(knowledge.views, one, undefined);
      const seen = view && project(resource, view, new Set()).resource;
      expect(Object.keys(seen ?? {}).sort()).toEqual(['category', 'code', 'id', 'meta', 'resourceType', 'subject']);
    }
  });

  it('the BSN of a parent goes to nobody', () => {
    const { resource } = first(taken('G014', { bdsNumber: 655, value: '999903299' }), 'RelatedPerson');
    expect(JSON.stringify(resource)).toContain('999903299');
    for (const one of DISCIPLINES) {
      const view = resolveView(knowledge.views, one, undefined);
      if (view) expect(JSON.stringify(project(resource, view, new Set()))).not.toContain('999903299');
    }
  });

  it.each([
    ['02', undefined],
    ['03', undefined],
    ['04', true],
    ['98', true],
  ])('care for somebody other than the child (%s) is told apart', (value, whole) => {
    const { resource } = first(taken('G041', { bdsNumber: 362, value }), 'Observation');
    const stored = { type: 'Observation', id: resource.id, category: 'x', labels: [], resource };
    const item = toItem('p', stored as unknown as Parameters<typeof toItem>[1]);
    expect([item.about?.startsWith('RelatedPerson/'), item.aboutWhole]).toEqual([whole ? undefined : true, whole]);
  });

  it('the general practitioner and the organisation of the child are those in the message', () => {
    const result = taken('G086', { bdsNumber: 1509, value: '01999902' });
    const [reference] = (result.patient as Patient).generalPractitioner ?? [];
    const ids = result.items.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
    expect(ids).toContain(reference?.reference);
  });
});
