import type { Sheet, Viewer } from '../../exchange/simulation/preview.ts';
import { REASON_TEXTS } from '../../policy/reason-texts.ts';
import { table } from '../table.ts';

const MARK = { all: '●', some: '◐', none: '·' } as const;

/** The preview for a terminal. One viewer: record and view side by side. Several: a mark for each beside every element. */
export function previewText(sheets: readonly Sheet[], viewers: readonly Viewer[], width: number): string {
  const body =
    viewers.length === 1
      ? sheets.map((one) => sideBySide(one, viewers[0] as Viewer, width))
      : [legend(viewers), ...sheets.map((one) => matrix(one, width))];
  return body.join('\n\n');
}

const title = ({ type, category, labels }: Sheet): string =>
  `${type} · ${category}${labels.length > 0 ? ` · ${labels.join(', ')}` : ''}`;

function sideBySide(sheet: Sheet, viewer: Viewer, width: number): string {
  const [outcome] = sheet.outcomes;
  const rows = sheet.rows.map(({ path, values, seen, shown }) => [
    path,
    values.join(' | '),
    outcome?.outcome === 'withheld'
      ? ''
      : seen[0] === 'none'
        ? '·'
        : (shown[0] ?? []).join(' | ') || MARK[seen[0] ?? 'none'],
  ]);
  return table([[title(sheet), 'the record', `${viewer.discipline}: ${inWords(outcome)}`], ...rows], width);
}

function matrix(sheet: Sheet, width: number): string {
  const marks = (of: (viewer: number) => string) => sheet.outcomes.map((_, at) => of(at).padEnd(2)).join(' ');
  const head = ` ${title(sheet)}`;
  const left = Math.max(40, width - sheet.outcomes.length * 3 - 2);
  const line = (text: string, right: string) => `${text.slice(0, left).padEnd(left)} ${right}`.trimEnd();
  return [
    line(
      head,
      marks((at) => SIGN[sheet.outcomes[at]?.outcome ?? 'withheld']),
    ),
    ...sheet.rows.map(({ path, values, seen }) =>
      line(
        `   ${path}${values.length > 0 ? `  ${values.join(' | ')}` : ''}`,
        marks((at) => (sheet.outcomes[at]?.outcome === 'withheld' ? ' ' : MARK[seen[at] ?? 'none'])),
      ),
    ),
    ...why(sheet),
  ].join('\n');
}

const SIGN = { released: '✓', redacted: '✂', withheld: '✗' } as const;

/** Why it is withheld or redacted, once for each reason. */
function why({ outcomes }: Sheet): string[] {
  const reasons = new Map<string, number[]>();
  outcomes.forEach(({ outcome, reasons: own }, at) => {
    if (outcome !== 'released') for (const one of own) reasons.set(one, [...(reasons.get(one) ?? []), at + 1]);
  });
  return [...reasons].map(([code, at]) => `     ${at.join(', ')}: ${REASON_TEXTS[code]?.why.en ?? code}`);
}

function legend(viewers: readonly Viewer[]): string {
  const names = viewers.map(({ discipline }, at) => `${at + 1} ${discipline}`).join('   ');
  return `${names}\n✓ released  ✂ released, redacted  ✗ withheld     ● whole element  ◐ some of its values  · left out`;
}

const inWords = (outcome: Sheet['outcomes'][number] | undefined): string =>
  outcome ? `${outcome.outcome} (${outcome.reasons.map((code) => REASON_TEXTS[code]?.why.en ?? code).join(' ')})` : '';
