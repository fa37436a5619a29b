import type { Resource } from '@medplum/fhirtypes';
import { Findings, type Invariant, listed, type Violation } from '../fhir/findings.ts';
import { holdsBsn } from './bsn-guard.ts';
import { project } from './project.ts';
import type { Views } from './registry.ts';
import { resolveView } from './resolve.ts';
import { sampleOf, UNLISTED } from './sample.ts';
import {
  type Branch,
  type CategoryView,
  HIDDEN,
  type Projection,
  type Redaction,
  type TypeView,
  type View,
} from './types.ts';

const SENTENCES = {
  'helpers-get-nothing-sensitive': {
    en: 'Nothing sensitive, and nothing about child protection, ever reaches a volunteer, a planner or the social domain.',
    nl: 'Niets gevoeligs, en niets over kinderbescherming, komt ooit bij een vrijwilliger, een planner of het sociaal domein.',
  },
  'helpers-get-no-care-record': {
    en: 'A volunteer, a planner and the social domain never get history, development, consults, diagnostics, medication or pregnancy; a volunteer and a planner no risks either.',
    nl: 'Een vrijwilliger, een planner en het sociaal domein krijgen nooit voorgeschiedenis, ontwikkeling, consulten, diagnostiek, medicatie of zwangerschap; een vrijwilliger en een planner ook geen risico’s.',
  },
  'helpers-have-no-rights': {
    en: 'A volunteer, a planner and the social domain have no right to the BSN and no emergency button.',
    nl: 'Een vrijwilliger, een planner en het sociaal domein hebben geen recht op het BSN en geen noodknop.',
  },
  'no-bsn-anywhere': {
    en: 'To a discipline without a right to it no BSN goes out, wherever in a resource it stands.',
    nl: 'Naar een functie zonder recht op het BSN gaat geen BSN, waar het ook in een gegeven staat.',
  },
  'only-what-is-listed': {
    en: 'Narrative, contained resources, extensions that are not listed and elements that are not listed never go out.',
    nl: 'Opmaaktekst, ingesloten gegevens, niet genoemde extensies en niet genoemde onderdelen gaan nooit naar buiten.',
  },
  'no-address-where-protected': {
    en: 'Where an address is protected no address, contact point, typed text or document goes out.',
    nl: 'Waar een adres beschermd is, gaat geen adres, contactgegeven, getypte tekst of document naar buiten.',
  },
  'of-another-only-that-it-is-there': {
    en: 'Of an item about another person goes out at most that it is there: what limits.json keeps, masked.',
    nl: 'Van een gegeven over een ander gaat hooguit naar buiten dat het er is: wat limits.json laat staan, afgedekt.',
  },
  'letters-whole-or-not': {
    en: 'A letter or other document goes out whole, or only that it is there (its kind and date), never a part of it.',
    nl: 'Een brief of ander document gaat heel naar buiten, of alleen dát het er is (soort en datum); nooit een deel ervan.',
  },
  'work-notes-stay': {
    en: 'Private working notes never go out.',
    nl: 'Persoonlijke werkaantekeningen gaan nooit naar buiten.',
  },
  'shortened-is-marked': {
    en: 'What goes out shortened says so (SUBSETTED), what says nothing is whole.',
    nl: 'Wat ingekort naar buiten gaat, zegt dat (SUBSETTED); wat niets zegt, is heel.',
  },
  'labelled-only': {
    en: 'What has no category, or two, goes to nobody.',
    nl: 'Wat geen categorie heeft, of twee, gaat naar niemand.',
  },
} as const;

/** What must hold of every view, in words. */
export const VIEW_INVARIANTS: readonly Invariant[] = listed(SENTENCES);

type Check = Findings<keyof typeof SENTENCES>;
type Project = typeof project;

/** Helpers around the family who are no care providers: no legal ground for the BSN (UAVG 46), no part in medical care. */
const HELPERS: readonly string[] = ['volunteer', 'planner', 'social-domain'];
const CARE_RECORD = ['history', 'development', 'consult', 'diagnostics', 'medication', 'obstetric'];
const POLIS = [undefined, 'pop', 'mamaplus', 'nazorg-neonatologie', 'huil-slaap-eet'];
/** Invented, and passes the 11-test. */
const BSN = '999911120';
const TEXT = 'text';

/** Which of the sentences a set of views breaks, each with one case that shows it; none when all hold. Pure. */
export function checkViews(views: Views, projectWith: Project = project): Violation[] {
  const found: Check = new Findings(SENTENCES);
  for (const view of allViews(views)) {
    checkHelpers(view, found);
    for (const cell of cellsOf(views, view)) checkCell(cell, projectWith, found);
  }
  return found.violations;
}

/** Every discipline at every poli; where a policy names no difference it is one and the same view. */
const allViews = (views: Views): View[] => [
  ...new Set(
    [...views.policies.keys()].flatMap((name) => POLIS.flatMap((poli) => resolveView(views, name, poli) ?? [])),
  ),
];

function checkHelpers(view: View, found: Check): void {
  if (!HELPERS.includes(view.discipline)) return;
  const never = view.discipline === 'social-domain' ? CARE_RECORD : [...CARE_RECORD, 'risk'];
  const seen = never.filter((category) => view.categories.has(category));
  found.expect('helpers-get-no-care-record', seen.length === 0, () => `${nameOf(view)}: ${seen.join(' ')}`);
  found.expect('helpers-have-no-rights', !view.bsn && !view.breakGlass, () => nameOf(view));
}

/** One resource type in one category of one view, with the widest tree of that type to fill a sample from. */
interface Cell {
  readonly view: View;
  readonly category: string;
  readonly seen: CategoryView;
  readonly type: string;
  readonly widest: TypeView;
}

function* cellsOf(views: Views, view: View): Generator<Cell> {
  const done = new Set<string>();
  for (const [category, seen] of view.categories) {
    const key = `${seen.use} ${[...(seen.codes?.codes ?? [])].join()}`;
    if (!done.has(key)) for (const [type, widest] of widestTrees(views)) yield { view, category, seen, type, widest };
    done.add(key);
  }
}

/** Per type the tree with the most elements of its own. */
function widestTrees(views: Views): Map<string, TypeView> {
  const trees = new Map<string, TypeView>();
  for (const { types } of views.sets.values())
    for (const [type, tree] of types) {
      const other = trees.get(type);
      if (!other || tree.root.children.size > other.root.children.size) trees.set(type, tree);
    }
  return trees;
}

function checkCell(cell: Cell, projectWith: Project, found: Check): void {
  const { view, category, seen, type, widest } = cell;
  const at = (): string => `${nameOf(view)}: ${type} in ${category}`;
  const sample = (text: string, label?: string): Resource =>
    listedIn(cell, sampleOf(type, widest, text, category, label));
  const shown = (resource: Resource, ...redactions: Redaction[]): Projection =>
    projectWith(resource, view, new Set(redactions));
  const plain = shown(sample(TEXT));
  const { resource } = plain;
  if (resource) {
    const { text, ...rest } = resource as Resource & { text?: unknown };
    found.expect('only-what-is-listed', text === undefined && !holds(rest, UNLISTED), at);
    found.expect('letters-whole-or-not', attachmentsAreWhole(seen.types.get(type)?.root), at);
    const marked = resource.meta?.tag?.some((one) => one.code === 'SUBSETTED') === true;
    found.expect('shortened-is-marked', marked === plain.removed.length > 0, at);
  }
  const helper = HELPERS.includes(view.discipline);
  for (const label of helper ? ['CHILDPROT', 'PSY', 'ZZZ'] : [])
    found.expect(
      'helpers-get-nothing-sensitive',
      !shown(sample(TEXT, label)).resource,
      () => `${at()} labelled ${label}`,
    );
  found.expect('work-notes-stay', !shown(sample(TEXT, 'WORKNOTE')).resource, at);
  for (const redactions of view.bsn ? [['bsn'] as const] : [[], ['bsn'] as const])
    found.expect('no-bsn-anywhere', !bsnIn(shown(sample(BSN), ...redactions).resource), at);
  const root = seen.types.get(type)?.root;
  found.expect('no-address-where-protected', !root || !hiddenIn(shown(sample(TEXT), 'address').resource, root), at);
  const about = shown(sample(TEXT), 'third-party').resource;
  found.expect('of-another-only-that-it-is-there', !about || isMasked(about, view), at);
  const security = [
    ...(sample(TEXT).meta?.security ?? []),
    { system: sample(TEXT).meta?.security?.[0]?.system, code: 'cat-naw' },
  ];
  const odd = category === 'naw' ? [] : security;
  for (const wrong of [[], odd])
    if (!view.limits.directory.has(type))
      found.expect('labelled-only', !shown({ ...sample(TEXT), meta: { security: wrong } }).resource, at);
}

/** Where a view gives only listed codes the sample has one of them. */
function listedIn({ seen, type }: Cell, resource: Resource): Resource {
  const [listed] = seen.codes?.codes ?? [];
  const at = seen.types.get(type)?.codesAt;
  if (listed === undefined || !Array.isArray(at)) return resource;
  const [system, code] = listed.split('|');
  const concept = { coding: [{ system, code }] };
  return Object.assign(resource, Object.fromEntries(at.map((key) => [key, concept])));
}

const nameOf = (view: View): string => (view.poli ? `${view.discipline} at ${view.poli}` : view.discipline);

const holds = (value: unknown, text: string): boolean => JSON.stringify(value).includes(text);

/** The sample is told apart by its text, so that every text that is left can be looked at by itself. */
const bsnIn = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(bsnIn)
    : typeof value === 'string' && holdsBsn(value);

const CONTENT = ['data', 'url', 'title', 'size', 'hash'];

/** An Attachment or a Binary goes out with its content, or with nothing that comes from it. */
function attachmentsAreWhole(root: Branch | undefined, seen = new Set<Branch>()): boolean {
  if (!root || seen.has(root)) return true;
  seen.add(root);
  const parts = root.type === 'Attachment' || root.type === 'Binary' ? root.children : undefined;
  if (parts && !parts.has('data') && CONTENT.some((one) => parts.has(one))) return false;
  return [...root.children.values()].every((node) => node.kind === 'leaf' || attachmentsAreWhole(node, seen));
}

/** Whether something is left that a protected address must take away: an element marked as address, text or document. */
function hiddenIn(value: unknown, tree: Branch): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, part]) => {
    const node = tree.children.get(key);
    if (!node) return false;
    if ((node.hidden & (HIDDEN.address | HIDDEN.freetext | HIDDEN.opaque)) !== 0) return true;
    return node.kind === 'branch' && [part].flat().some((one) => hiddenIn(one, node));
  });
}

const ALWAYS: readonly string[] = ['resourceType', 'id', 'meta', 'language'];

function isMasked(resource: Resource, { limits }: View): boolean {
  const rule = limits.thirdParty.get(resource.resourceType);
  const masks = rule?.masked ? ['code', 'dataAbsentReason'] : [];
  const keeps = (key: string): boolean =>
    [...ALWAYS, ...masks].includes(key) ||
    [...(rule?.keep ?? [])].some((one) => one === key || (one.endsWith('[x]') && key.startsWith(one.slice(0, -3))));
  return Object.keys(resource).every(keeps) && !(rule?.masked && holds((resource as { code?: unknown }).code, TEXT));
}
