import { CATEGORIES as ALL_CATEGORIES } from '../fhir/categories.ts';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';
import type { Settings } from './settings.ts';
import type { Json } from './shape.ts';

/** Whether a text is the code of a data category. */
export const CATEGORIES: ReadonlySet<string> = new Set(ALL_CATEGORIES);

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const TOPIC_SYSTEMS = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  'http://gezinspoort.nl/fhir/CodeSystem/label',
]);

/** v3-Confidentiality from unrestricted to very restricted. */
const RANKS = new Map([...'ULMNRV'].map((code, rank) => [code, rank]));
const NORMAL = 3;
const RESTRICTED = 4;

/** v3-ActCode (R4): sensitivity topics that lie within a wider topic. */
const WIDER = new Map(
  Object.entries({
    BH: 'SPI',
    MH: 'SPI',
    PSY: 'SPI',
    PSYTHPN: 'SPI',
    SUD: 'SPI',
    COGN: 'BH',
    DVD: 'BH',
    EMOTDIS: 'BH',
    ETHUD: 'SUD',
    OPIOIDUD: 'SUD',
  }),
);

/** Child protection is never covered by a permission that does not name it, whatever the setting sensitiveTopics says. */
const CHILD_PROTECTION = 'CHILDPROT';

/**
 * What the labels of one item come to. `topics`: per topic on it, the topic and every wider one. `rank`: its confidentiality. `byName`: only a permission
 * that names it reaches it, in every setting.
 */
export interface Sensitivity {
  readonly rank: number;
  readonly topics: readonly (readonly string[])[];
  readonly byName: boolean;
}

const PLAIN: Sensitivity = { rank: NORMAL, topics: [], byName: false };

/** Reads the labels of an item. Every label that is no confidentiality code is a topic, known or not, and makes the item restricted. */
export function sensitivityOf(labels: readonly string[] | undefined, known: ReadonlySet<string>): Sensitivity {
  if (!labels || labels.length === 0) return PLAIN;
  const named = labels.filter((label) => !RANKS.has(label));
  const topics = named.map(withWider);
  const stated = labels.flatMap((label) => RANKS.get(label) ?? []);
  const own = stated.length > 0 ? Math.max(...stated) : NORMAL;
  const rank = topics.length > 0 ? Math.max(own, RESTRICTED) : own;
  const byName = rank > RESTRICTED || named.some((topic) => topic === CHILD_PROTECTION || !known.has(topic));
  return { topics, rank, byName };
}

function withWider(topic: string): string[] {
  const chain = [topic];
  for (let at = WIDER.get(topic); at; at = WIDER.get(at)) chain.push(at);
  return chain;
}

/** The codes a permission must name to reach such data: every topic, or the confidentiality where that says more. */
export function namesOf({ rank, topics }: Sensitivity): string[] {
  if (rank <= NORMAL) return [];
  const named = rank === RESTRICTED ? topics.flatMap(([topic]) => topic ?? []) : [];
  return named.length > 0 ? [...new Set(named)] : ['ULMNRV'.charAt(rank)];
}

/** Whether HIV is the one topic that makes an item sensitive. */
export const isOnlyHiv = ({ topics, rank }: Sensitivity): boolean =>
  rank === RESTRICTED && topics.length > 0 && topics.every(([topic]) => topic === 'HIV');

export const isSensitive = (item: Sensitivity): boolean => item.rank > NORMAL;

/** The security labels of a provision, sorted by kind. `understood` is false when one of them is of no system or code known here. */
export interface LabelRule {
  readonly categories: ReadonlySet<string>;
  readonly topics: ReadonlySet<string>;
  readonly ranks: readonly number[];
  readonly understood: boolean;
}

/** Reads `securityLabel`. Never fails: a label that is not known permits nothing, and makes a refusal that cannot be interpreted. */
export function readLabels(codings: readonly Json[]): LabelRule {
  const categories = new Set<string>();
  const topics = new Set<string>();
  const ranks: number[] = [];
  let understood = true;
  for (const { system, code } of codings) {
    const rank = system === CONFIDENTIALITY && typeof code === 'string' ? RANKS.get(code) : undefined;
    if (typeof code !== 'string' || code === '' || typeof system !== 'string') understood = false;
    else if (system === CATEGORY_SYSTEM && CATEGORIES.has(code.replace(/^cat-/, '')) && code.startsWith('cat-'))
      categories.add(code.slice(4));
    else if (TOPIC_SYSTEMS.has(system)) topics.add(code);
    else if (rank !== undefined) ranks.push(rank);
    else understood = false;
  }
  return { categories, topics, ranks, understood };
}

/** How narrow the labels that matched are: the item falls under no label, a confidentiality, or a category or topic. */
export type LabelLevel = 0 | 1 | 2;

/**
 * Whether a permit reaches an item, and how narrowly. A confidentiality label means "up to this". Categories, where named, limit. A sensitive item
 * must have each of its topics named (or its confidentiality), and its category as well where categories are named. With the setting 'unless-refused' a
 * rule that names neither topics nor a confidentiality reaches sensitive items too.
 */
export function permitReach(
  rule: LabelRule | undefined,
  category: string,
  item: Sensitivity,
  sensitiveTopics: Settings['sensitiveTopics'],
): LabelLevel | 'other-data' | 'sensitive' {
  const unnamed = sensitiveTopics === 'unless-refused' && !item.byName;
  if (!rule) return isSensitive(item) && !unnamed ? 'sensitive' : 0;
  const named = rule.categories.size > 0;
  if (named && !rule.categories.has(category)) return 'other-data';
  const byConfidentiality = rule.ranks.some((rank) => rank >= item.rank);
  if (!isSensitive(item)) return named ? 2 : byConfidentiality ? 1 : 'other-data';
  const byName =
    item.rank === RESTRICTED &&
    item.topics.length > 0 &&
    item.topics.every((chain) => chain.some((topic) => rule.topics.has(topic)));
  // A rule that names topics or a confidentiality has said how far it goes.
  const silent = unnamed && named && rule.topics.size === 0 && rule.ranks.length === 0;
  return byName || silent ? 2 : byConfidentiality ? 1 : 'sensitive';
}

/** Whether a refusal hits an item: any label will do. A confidentiality label means "from this up", so that refusing R is restricted items only. */
export function denyReach(rule: LabelRule | undefined, category: string, item: Sensitivity): LabelLevel | undefined {
  if (!rule) return 0;
  if (rule.categories.has(category) || item.topics.some((chain) => chain.some((topic) => rule.topics.has(topic))))
    return 2;
  return rule.ranks.some((rank) => item.rank >= rank) ? 1 : undefined;
}
