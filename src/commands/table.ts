/** Between columns. */
const GAP = '  ';

/**
 * Rows as a table that fits `width`: a column is as wide as its widest cell, or has its share of the room; a longer cell goes on in the next line. The first
 * row is the head.
 */
export function table(rows: readonly (readonly string[])[], width: number): string {
  const count = Math.max(...rows.map((row) => row.length));
  const wanted = Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const widths = share(wanted, Math.max(width - GAP.length * (count - 1), count * 12));
  return rows.flatMap((row) => lines(row, widths)).join('\n');
}

/** Narrow columns get what they want; the others share what is left. */
function share(wanted: readonly number[], room: number): number[] {
  const fair = Math.floor(room / wanted.length);
  const narrow = wanted.filter((one) => one <= fair);
  const wide = wanted.length - narrow.length;
  const rest = Math.floor((room - narrow.reduce((sum, one) => sum + one, 0)) / Math.max(wide, 1));
  return wanted.map((one) => Math.min(one, one <= fair ? one : rest));
}

function lines(row: readonly string[], widths: readonly number[]): string[] {
  const cells = widths.map((width, at) => wrap(row[at] ?? '', width));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    widths
      .map((width, at) => (cells[at]?.[line] ?? '').padEnd(width))
      .join(GAP)
      .trimEnd(),
  );
}

/** Cuts at spaces where there are any. */
function wrap(text: string, width: number): string[] {
  const out: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > 0 ? space : width;
    out.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...out, rest];
}
