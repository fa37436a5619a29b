import { POLIS } from '../../policy/diff.ts';
import type { Policy } from '../../policy/policy.ts';
import { judge, type Question } from '../judge.ts';
import { compare, type Flip } from './compare.ts';
import { type ORGANISATIONS, population } from './population.ts';

/** One question about a generated family that comes out differently. */
export interface SimulatedFlip extends Flip {
  readonly shape: string;
  readonly poli: string | undefined;
  readonly discipline: string;
  readonly kind: Kind;
}

export interface Simulation {
  readonly questions: number;
  readonly families: number;
  readonly flips: readonly SimulatedFlip[];
}

const KINDS = {
  pull: { mode: 'pull', purpose: 'TREAT' },
  'break-glass': { mode: 'pull', purpose: 'BTG', btgReason: 'given' },
  'known referral': { mode: 'push-referral', purpose: 'TREAT' },
} as const satisfies Record<string, Pick<Question, 'mode' | 'purpose' | 'btgReason'>>;
type Kind = keyof typeof KINDS;

/** Where a discipline of the population works; any other works at the hospital. */
const WORKS_AT: Readonly<Record<string, (typeof ORGANISATIONS)[number]>> = {
  'youth-nurse': 'jgz',
  'youth-doctor': 'jgz',
  'social-domain': 'social',
  gp: 'gp',
  volunteer: 'informal',
  ggz: 'ggz',
  'maternity-care': 'maternity',
  physiotherapist: 'physio',
};

/** Asks every discipline's questions about every generated family at every poli, under both policies. Pure: `at` is an ISO instant. */
export function simulate(before: Policy, after: Policy, at: string): Simulation {
  const flips: SimulatedFlip[] = [];
  let questions = 0;
  const disciplines = [...new Set([...before.views.policies.keys(), ...after.views.policies.keys()])].sort();
  const families = population(undefined, at.slice(0, 10)).length;
  for (const poli of POLIS) {
    for (const { name, family } of population(poli, at.slice(0, 10))) {
      for (const discipline of disciplines) {
        for (const [kind, how] of Object.entries(KINDS)) {
          const organisation = WORKS_AT[discipline] ?? 'hospital';
          const question = { ...how, organisation, sector: organisation, discipline, at };
          const { file, relatives } = family;
          const flip = compare(file.resources, (policy) => judge(file, relatives, question, policy), before, after);
          questions += 1;
          if (flip.opens.length + flip.closes.length > 0)
            flips.push({ ...flip, shape: name, poli, discipline, kind: kind as Kind });
        }
      }
    }
  }
  return { questions, families, flips };
}
