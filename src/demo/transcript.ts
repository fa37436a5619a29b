import { CATEGORIES } from '../fhir/categories.ts';
import type { Pulled, Story } from './play.ts';

/** The addresses at the end of the transcript. */
export interface Addresses {
  readonly base: string;
  readonly mllpPort: number;
  readonly inboxPort: number;
}

const rule = '─'.repeat(108);

/** The story of the demo on one screen (under 110 columns). It is a transcript, not a log: the families are invented and called by their given names. */
export function transcript(story: Story, delivered: Readonly<Record<string, number>>, at: Addresses): string {
  return [
    rule,
    ' Gezinspoort · the main job, played through the real doors',
    rule,
    ' Pushed',
    ...story.pushes.flatMap(({ door, who, what, answer, receipt }) => [
      `   ${door.padEnd(11)}${who.padEnd(10)}${what.padEnd(27)}${inWords(answer)}`,
      ...notKept(receipt),
    ]),
    `   HiX  HTTP  Luuk      the same message again     ${story.again}`,
    ` Delivered  ${Object.entries(delivered)
      .map(([inbox, count]) => `${inbox} ${count} resources`)
      .join('   ')}`,
    '',
    ' Who got what of Yonathan ($everything, in resources by category), and why not the rest: from the log',
    ...story.pulls.flatMap(pulled),
    '',
    ' Laila, MamaPlus poli',
    `   no consent on record     HiX pushes: ${story.laila.refused.slice(0, 3)}, nobody may receive this; nothing of the content was kept`,
    `   consent registered       HiX pushes the same message: ${inWords(story.laila.accepted)}; the youth nurse gets ${story.laila.before} resources`,
    `   consent withdrawn        the youth nurse gets ${inWords(story.laila.after)}`,
    ...footer(at),
  ].join('\n');
}

/** The last lines: where to look. */
export function footer(at: Addresses): string[] {
  return [
    rule,
    ` FHIR ${at.base}/fhir   Console ${at.base}/   MLLP port ${at.mllpPort}   Inboxes of the others: port ${at.inboxPort}`,
    ' Try: npx gezinspoort demo pull Yonathan --as gp      Stop: Ctrl-C',
    rule,
  ];
}

function notKept(receipt: Story['pushes'][number]['receipt']): string[] {
  const groups = (receipt?.notKept ?? []).map(
    ({ count, type, reasons }) => `${count} ${type} (${inWords(reasons[0] ?? '')})`,
  );
  return groups.length === 0 ? [] : columns('     not kept, because nobody may get it:', groups);
}

function pulled({ discipline, got, name, bsn, grounds }: Pulled): string[] {
  const who = `${name.split(' ')[0] || 'no name'}, ${bsn ? 'BSN' : 'no BSN'}`;
  const categories = ordered(Object.entries(got).map(([category, count]) => `${category} ${count}`));
  return [...columns(`   ${discipline.padEnd(15)}${who}`, categories), ...reasons(grounds)];
}

/** `category count` texts in the order of the national guide. */
const ordered = (texts: readonly string[]): string[] =>
  [...texts].sort((a, b) => ORDER.indexOf(a.split(' ')[0] ?? '') - ORDER.indexOf(b.split(' ')[0] ?? ''));

const ORDER: readonly string[] = CATEGORIES;

const LEFT = 50;
const WIDTH = 108;

/** A left column and a list beside it, broken over lines where it is too wide. */
function columns(left: string, items: readonly string[]): string[] {
  const lines = [left.padEnd(LEFT)];
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? `${item}, ` : item;
    const line = lines.at(-1) ?? '';
    if (line.length + text.length > WIDTH && line.length > LEFT) lines.push(`${' '.repeat(LEFT)}${text}`);
    else lines[lines.length - 1] = line + text;
  }
  return items.length === 0 ? [`${left.padEnd(LEFT)}nothing`] : lines.map((line) => line.trimEnd());
}

/** Reason codes in the words of a reader. */
const WORDS: Readonly<Record<string, string>> = {
  VIEW_NOT_ENTITLED: 'not needed by this discipline',
  SENSITIVE_NOT_INCLUDED: 'sensitive, not named in the consent',
  'third-party': 'about somebody else',
  bsn: 'no legal ground for the BSN',
  address: 'protected address',
  '202': '202 accepted',
  AA: 'AA accepted',
  '404': '404, as for a woman nobody knows',
};

const inWords = (code: string): string => WORDS[code] ?? code.toLowerCase().replaceAll('_', ' ');

/** `withheld consult VIEW_NOT_ENTITLED 3` and its like → one line a reason. */
function reasons(grounds: readonly string[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const ground of grounds) {
    const [what = '', category = '', ...rest] = ground.split(' ');
    const count = rest.at(-1) ?? '';
    const why = rest.length > 1 ? (rest[0] ?? '').split('+').map(inWords).join(', ') : 'to what this discipline needs';
    const key = `${what}|${why}`;
    byReason.set(key, [...(byReason.get(key) ?? []), `${category} ${count}`]);
  }
  return [...byReason].flatMap(([key, categories]) => columns(`     ${key.replace('|', ': ')}`, ordered(categories)));
}
