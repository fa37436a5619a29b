import type { PersonDerivation, UnusedConsent } from './derivation.ts';
import type { Asked } from './match.ts';
import type { Speaker } from './opinion.ts';
import type { ReasonCode } from './reasons.ts';
import type { Settings } from './settings.ts';
import type { Statement } from './statement.ts';
import type { PatientParty } from './types.ts';
import { mayPermit, type Voice, voiceOf } from './voice.ts';
import { type ChildSpoke, type Say, selfRefs, whoDecides } from './who-decides.ts';

/** States in which a statement says something when the rest of it can be read. */
const SPEAKING: ReadonlySet<Statement['state']> = new Set(['valid', 'too-old', 'rejected', 'policy-superseded']);

/** The performer under which a court order that replaces a parent's consent is registered (BW 1:253a). */
const COURT = 'Organization/court';

/** Everything about the statements on one patient's record that does not depend on the item. */
export interface RecordVoices {
  readonly speakers: readonly Speaker[];
  /** The permission of the parents together or of the child: one of the two is enough. */
  readonly oneSide: boolean;
  /** Why nobody can be asked. */
  readonly problem?: ReasonCode;
  /** The reason when nobody with a say has anything on record that could have counted. */
  readonly silence: ReasonCode;
  readonly people: readonly PersonDerivation[];
  readonly unused: readonly UnusedConsent[];
}

/** Reads the statements on one record once per decision: who has a say on this Dutch calendar day, and with which statements. */
export function recordVoices(
  patient: PatientParty | undefined,
  statements: readonly Statement[],
  asked: Asked,
  today: string,
  settings: Settings,
): RecordVoices {
  const refs = new Set(patient ? selfRefs(patient) : []);
  const anybodys = statements.filter((one) => isAnybodys(one, refs));
  const here = statements.filter(
    (one) =>
      one.patient !== undefined && refs.has(one.patient) && one.state !== 'other-scope' && !anybodys.includes(one),
  );
  const deciders = whoDecides(patient, today, childSpoke(here, refs), settings);
  const speakers = deciders.says.map((say): Speaker => ({ say, voices: voicesOf(say, here, anybodys, asked) }));
  const spoken = new Set([
    ...anybodys,
    ...deciders.says.flatMap((say) => here.filter((one) => isBy(one, sayRefs(say)))),
  ]);
  const unused = statements.filter((one) => !spoken.has(one));
  return {
    speakers,
    oneSide: 'oneSide' in deciders && deciders.oneSide === true,
    ...('problem' in deciders && { problem: deciders.problem }),
    silence: silenceOf(patient, deciders.says, here, unused),
    people: speakers.map(({ say, voices }) => ({
      name: say.name,
      basis: say.basis,
      ref: say.refs[0],
      ...(say.before !== undefined && { until: 'child-speaks' as const }),
      consents: voices.flatMap((voice) => voice.considered),
    })),
    unused: unused.map((one) => ({ ...one.ref, state: one.state, because: unusedBecause(one, refs) })),
  };
}

/** A draft or a mistake says nothing; a permission that was withdrawn does. */
function childSpoke(here: readonly Statement[], refs: ReadonlySet<string>): ChildSpoke {
  const own = here.filter((one) => one.state !== 'not-active' && isBy(one, [...refs]));
  const permits = own.some(mayPermit);
  return own.length === 0 ? 'silent' : permits ? 'permitted' : 'spoke';
}

/**
 * Whether a statement that may not be interpreted could be anyone's: its patient cannot be read, or it is about this one and does not say who made it.
 * It might be a refusal by anybody with a say, so it stops everybody.
 */
function isAnybodys(one: Statement, refs: ReadonlySet<string>): boolean {
  if (one.patient !== undefined && !refs.has(one.patient)) return false;
  const stops = one.state === 'unsupported' || one.state === 'policy-unknown';
  const unreadable = one.patient === undefined || one.performers === undefined;
  if (stops) return unreadable || one.performers?.length === 0;
  // Also when the rest can be read: nobody knows whose it is, so nobody knows what it does.
  return unreadable && SPEAKING.has(one.state);
}

function voicesOf(say: Say, here: readonly Statement[], anybodys: readonly Statement[], asked: Asked): Voice[] {
  const stopping = anybodys.map(
    (one): Statement => (one.state === 'policy-unknown' ? one : { ...one, state: 'unsupported', rules: [] }),
  );
  const own = voiceOf([...here.filter((one) => isBy(one, say.refs)), ...stopping], asked);
  return say.court
    ? [
        own,
        voiceOf(
          here.filter((one) => isBy(one, [COURT])),
          asked,
        ),
      ]
    : [own];
}

const sayRefs = (say: Say): readonly string[] => (say.court ? [...say.refs, COURT] : say.refs);

const isBy = (one: Statement, refs: readonly string[]): boolean =>
  one.performers?.some((performer) => refs.includes(performer)) === true;

/** Someone without a say spoke, or someone spoke about another record, or nobody spoke at all. */
function silenceOf(
  patient: PatientParty | undefined,
  says: readonly Say[],
  here: readonly Statement[],
  unused: readonly Statement[],
): ReasonCode {
  const others = here.filter((one) => unused.includes(one));
  if (others.length > 0) {
    const parents = patient?.custody?.flatMap((one) => one.refs) ?? [];
    return says[0]?.basis === 'decides-alone' && others.some((one) => isBy(one, parents))
      ? 'AGE16_OWN_CONSENT_REQUIRED'
      : 'PERFORMER_NOT_AUTHORISED';
  }
  return unused.some((one) => one.state === 'valid' && !here.includes(one)) ? 'SUBJECT_MISMATCH' : 'NO_CONSENT';
}

function unusedBecause(one: Statement, refs: ReadonlySet<string>): UnusedConsent['because'] {
  if (one.patient !== undefined && !refs.has(one.patient)) return 'other-patient';
  return one.state === 'other-scope' ? 'other-scope' : 'performer-has-no-say';
}
