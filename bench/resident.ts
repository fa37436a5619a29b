import { readdir, readFile } from 'node:fs/promises';

/** Memory of a gateway and its PostgreSQL in MB, as proportional set size: pages that processes share count once (Linux only). */
export async function residentMegabytes(gateway: number): Promise<string> {
  const own = await proportional(gateway);
  let postgres = 0;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 'postgres') postgres += await proportional(Number(pid));
  }
  return `gateway ${own} MB + PostgreSQL ${postgres} MB = ${own + postgres} MB`;
}

async function proportional(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Math.round(Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024);
}
