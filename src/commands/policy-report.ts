import { createHash } from 'node:crypto';
import type { SimulatedFlip, Simulation } from '../exchange/simulation/simulate.ts';
import type { BlastRadius, RequestFlip } from '../exchange/weigh.ts';
import type { Change } from '../policy/diff.ts';

/** What is shown to whoever approves a policy. `seen` names the part of it that is the same tomorrow: it stands on the log with the approval. */
export interface PolicyReport {
  readonly text: string;
  readonly seen: string;
  /** Invariants that do not hold: such a policy cannot be released. */
  readonly broken: readonly string[];
}

/** Examples of each kind: enough to understand what happens. */
const EXAMPLES = 5;

/** Diff in sentences, simulation over the generated population, blast radius over the recorded decisions, and the proof of the invariants. */
export function policyReport(parts: {
  readonly changes: readonly Change[];
  readonly simulation: Simulation;
  readonly blast: BlastRadius | undefined;
  readonly days: number;
  readonly broken: readonly string[];
}): PolicyReport {
  const fixed = [...differences(parts.changes), ...simulated(parts.simulation)];
  const lines = [...fixed, ...invariants(parts.broken), ...(parts.blast ? recorded(parts.blast, parts.days) : [])];
  return {
    text: lines.join('\n'),
    broken: parts.broken,
    seen: createHash('sha256').update(fixed.join('\n')).digest('hex').slice(0, 16),
  };
}

function differences(changes: readonly Change[]): string[] {
  if (changes.length === 0) return ['Nothing is different.'];
  const mark = { true: '+', false: '-', undefined: ' ' };
  return [
    'What is different (+ somebody may see more, - less)',
    ...changes.map((one) => `  ${mark[`${one.widens}`]} ${one.sentence}`),
  ];
}

function simulated({ questions, families, flips }: Simulation): string[] {
  const opens = flips.filter((one) => one.opens.length > 0);
  const closes = flips.filter((one) => one.closes.length > 0);
  return [
    '',
    `In a generated population (${families} families, each at every poli; ${questions} questions): ${opens.length} give more, ${closes.length} give less`,
    ...perShape(flips),
    ...examples('more', opens, kindOfFlip, simulatedFlip('opens')),
    ...examples('less', closes, kindOfFlip, simulatedFlip('closes')),
  ];
}

const kindOfFlip = ({ shape, poli, discipline, kind }: SimulatedFlip) => [shape, poli, discipline, kind];

const simulatedFlip =
  (list: 'opens' | 'closes') =>
  ({ shape, poli, discipline, kind, ...flip }: SimulatedFlip): string =>
    flip[list]
      .slice(0, 1)
      .map(({ ref, category, before, after }) => `${ref.split('/')[0]} (${category}) ${before} → ${after}`)
      .map((item) => `${shape}, ${discipline} at ${poli ?? 'no poli'}, ${kind}: ${item}`)
      .join();

function perShape(flips: readonly SimulatedFlip[]): string[] {
  return [...Map.groupBy(flips, (one) => one.shape)].map(([shape, own]) => {
    const disciplines = [...new Set(own.map((one) => one.discipline))].sort();
    return `    ${shape}: ${own.length} questions (${disciplines.join(', ')})`;
  });
}

function recorded({ requests, patients, impossible, flips, patientsTouched }: BlastRadius, days: number): string[] {
  const opens = flips.filter((one) => one.opens.length > 0);
  const closes = flips.filter((one) => one.closes.length > 0);
  const tell = (list: 'opens' | 'closes') => (one: RequestFlip) =>
    one[list]
      .slice(0, 1)
      .map(
        ({ ref, category, before, after }) =>
          `receipt ${one.receipt}, ${one.discipline} of ${one.organisation}: ${ref} (${category}) ${before} → ${after}`,
      )
      .join();
  return [
    '',
    `Of the ${requests} decisions of the last ${days} days, about ${patients} patients: ${opens.length} would give more, ${closes.length} less, to ${patientsTouched} patients${impossible > 0 ? `; ${impossible} cannot be made again` : ''}`,
    ...examples('more', opens, (one) => [one.discipline, one.organisation], tell('opens')),
    ...examples('less', closes, (one) => [one.discipline, one.organisation], tell('closes')),
  ];
}

/** Spread over what differs: as few of the same kind as can be. */
function examples<Flip>(
  what: string,
  flips: readonly Flip[],
  kindOf: (flip: Flip) => readonly (string | undefined)[],
  tell: (flip: Flip) => string,
): string[] {
  const chosen: Flip[] = [];
  const met = new Set<string>();
  const isNew = (flip: Flip) => kindOf(flip).filter((one) => !met.has(`${one}`)).length;
  while (chosen.length < EXAMPLES && chosen.length < flips.length) {
    const [next] = flips.filter((one) => !chosen.includes(one)).sort((a, b) => isNew(b) - isNew(a)) as [Flip];
    chosen.push(next);
    for (const one of kindOf(next)) met.add(`${one}`);
  }
  return chosen.length === 0 ? [] : [`    examples of ${what}:`, ...chosen.map((one) => `      ${tell(one)}`)];
}

function invariants(broken: readonly string[]): string[] {
  return broken.length === 0
    ? ['', 'Every invariant holds.']
    : ['', 'These invariants do NOT hold; this policy cannot be released:', ...broken.map((one) => `  ! ${one}`)];
}
