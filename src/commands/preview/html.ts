import type { Sheet, Viewer } from '../../exchange/simulation/preview.ts';
import { REASON_TEXTS } from '../../policy/reason-texts.ts';

/** The preview as one page that needs nothing from elsewhere: left the record, then a column for each discipline. Dutch, for professionals, privacy officers and parents. */
export function previewHtml(heading: string, sheets: readonly Sheet[], viewers: readonly Viewer[]): string {
  const head = viewers.map(({ discipline }) => `<th scope="col">${escapeHtml(discipline)}</th>`).join('');
  return `<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>${escapeHtml(heading)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(heading)}</h1>
<p>Links het hele dossier, rechts wat elke functie krijgt. <span class="released">gaat mee</span> <span class="redacted">een deel gaat mee</span> <span class="none">gaat niet mee</span></p>
<table><thead><tr><th scope="col">onderdeel</th><th scope="col">dossier</th>${head}</tr></thead>
${sheets.map((one) => section(one)).join('\n')}
</table></body></html>
`;
}

function section({ type, category, labels, outcomes, rows }: Sheet): string {
  const title = [type, category, ...labels].join(' · ');
  const cells = outcomes.map(({ outcome, reasons }) => {
    const why = reasons.map((code) => REASON_TEXTS[code]?.why.nl ?? code).join(' ');
    return `<td class="${outcome === 'withheld' ? 'none' : outcome}" title="${escapeHtml(why)}">${outcome === 'withheld' ? escapeHtml(why) : WORDS[outcome]}</td>`;
  });
  const lines = rows.map(({ path, values, seen, shown }) => {
    const own = outcomes.map(({ outcome }, at) => {
      if (outcome === 'withheld') return '<td></td>';
      const kind = seen[at] ?? 'none';
      return `<td class="${CLASS[kind]}">${kind === 'none' ? '' : escapeHtml((shown[at] ?? []).join(' | ')) || '✓'}</td>`;
    });
    return `<tr><td>${escapeHtml(path)}</td><td>${escapeHtml(values.join(' | '))}</td>${own.join('')}</tr>`;
  });
  return `<tbody><tr class="head"><th scope="rowgroup" colspan="2">${escapeHtml(title)}</th>${cells.join('')}</tr>${lines.join('')}</tbody>`;
}

const WORDS = { released: 'gaat mee', redacted: 'een deel gaat mee' } as const;
const CLASS = { all: 'released', some: 'redacted', none: 'none' } as const;

const STYLE = `body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;color:#1a1a1a}table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top;max-width:22rem;overflow-wrap:anywhere}thead th{position:sticky;top:0;background:#fff}.head{background:#f2f2f2}.released{background:#e3f4e5}.redacted{background:#fdf1d6}.none{background:#f6dcdc}`;

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
