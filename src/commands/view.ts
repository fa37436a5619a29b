const USAGE = 'Usage: gezinspoort view replay <receipt>  |  gezinspoort view preview [--help]';

/** `view`: what was decided, and what would be. 2: usage. */
export async function view([what, ...more]: string[]): Promise<number> {
  if (what === 'replay' && more.length === 1) return (await import('./view-replay.ts')).viewReplay(more[0] ?? '');
  if (what === 'preview') return (await import('./view-preview.ts')).viewPreview(more);
  console.error(USAGE);
  return 2;
}
