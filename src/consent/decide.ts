import type { ItemDerivation, Redaction } from './derivation.ts';
import { type Moment, readMoment } from './dutch-date.ts';
import { hardStop, isBreakGlass } from './hard-stops.ts';
import { type ItemRules, judgeItem, withheld } from './items.ts';
import type { Asked } from './match.ts';
import { widerPurposes } from './purpose.ts';
import { type ReasonCode, sortReasons } from './reasons.ts';
import { type RecordVoices, recordVoices } from './record.ts';
import { DEFAULT_CONFIG } from './settings.ts';
import { readStatement } from './statement.ts';
import type { Decision, DecisionEnv, DecisionInput, Entitlements, Outcome, PatientParty } from './types.ts';
import { selfRefs } from './who-decides.ts';

const BREAK_GLASS_OBLIGATIONS = ['audit:break-glass', 'notify:privacy-officer', 'inform:patient', 'expire:60min'];
const REDACTION_OBLIGATIONS: readonly (readonly [Redaction, string])[] = [
  ['third-party', 'redact:third-party'],
  ['address', 'redact:address'],
  ['bsn', 'strip:bsn'],
];

/**
 * Decides which of the items may go to the one who asks, and why. Pure: the same input always gives the same decision with its whole derivation; the
 * consents may be any JSON. Deny by default: what is not understood is refused. Throws a RangeError only when `asOf` is no instant with a time zone.
 */
export function decide(input: DecisionInput, entitlements: Entitlements): Decision {
  const now = readMoment(input.asOf);
  if (now?.ms === undefined) throw new RangeError('asOf must be an instant with a time zone');
  const stop = hardStop(input, entitlements);
  const breakGlass = isBreakGlass(input.request);
  if (stop) return summarise(input, { hardStop: stop, breakGlass, people: [], unused: [] }, () => withheld([stop]));
  const rules = itemRules(input, entitlements, now);
  const { people, unused } = rules.record;
  return summarise(input, { breakGlass, people, unused }, (item) => judgeItem(item, rules));
}

/** All that does not depend on the item, worked out once. */
function itemRules(
  { request, patients, consents, config, env }: DecisionInput,
  entitlements: Entitlements,
  now: Moment,
): ItemRules {
  const asked: Asked = {
    org: request.org,
    sector: request.sector,
    discipline: request.discipline,
    purposes: widerPurposes(request.purpose),
  };
  const disciplines = new Set(Object.keys(entitlements.disciplines));
  const statements = consents.map((consent) => readStatement(consent, now, disciplines));
  const voices = (party: PatientParty | undefined): RecordVoices => recordVoices(party, statements, asked, now.from);
  const patient = patients.find((one) => one.ref === request.patient);
  const discipline = entitlements.disciplines[request.discipline];
  const others = new Map<string, RecordVoices | undefined>();
  return {
    config: { ...DEFAULT_CONFIG, ...config },
    mitzObjection: mitzObjection(env),
    referral: request.mode === 'push-referral' && asked.purposes.includes('TREAT'),
    subjects: new Set(patient ? selfRefs(patient) : [request.patient]),
    record: voices(patient),
    view: new Set(discipline?.categories),
    bsn: discipline?.bsn === true,
    breakGlass: isBreakGlass(request),
    about(ref) {
      if (!others.has(ref)) {
        const party = patients.find((one) => selfRefs(one).includes(ref));
        others.set(ref, party && !party.deceased ? voices(party) : undefined);
      }
      return others.get(ref);
    },
  };
}

/** Mitz can only restrict here: it records a refusal as deny, or as an inactive statement. */
function mitzObjection(env: DecisionEnv | undefined): ReasonCode | undefined {
  if (env?.mitz === 'deny') return 'MITZ_DENY';
  return env?.mitz === 'inactive' ? 'MITZ_INACTIVE_IS_REFUSAL' : undefined;
}

const STRICTNESS: Readonly<Record<Outcome, number>> = { release: 0, redact: 1, withhold: 2 };

function summarise(
  input: DecisionInput,
  head: Omit<Decision['derivation'], 'items'>,
  judge: (item: DecisionInput['resources'][number]) => ItemDerivation,
): Decision {
  const judged = new Map<string, ItemDerivation>();
  for (const item of input.resources) {
    const found = judge(item);
    const earlier = judged.get(item.ref);
    // The same reference twice: the stricter answer holds for both.
    if (!earlier || STRICTNESS[found.outcome] > STRICTNESS[earlier.outcome]) judged.set(item.ref, found);
  }
  const all = [...judged.values()];
  const released = all.some((one) => one.outcome !== 'withhold');
  const redactions = new Set(all.flatMap((one) => one.redactions));
  return {
    decision: !released ? 'deny' : all.every((one) => one.outcome === 'release') ? 'permit' : 'partial',
    reasons: sortReasons(head.hardStop ? [head.hardStop] : all.flatMap((one) => one.reasons)),
    items: Object.fromEntries([...judged].map(([ref, one]) => [ref, one.outcome])),
    obligations: [
      ...REDACTION_OBLIGATIONS.filter(([redaction]) => redactions.has(redaction)).map(([, obligation]) => obligation),
      ...(head.breakGlass && released ? BREAK_GLASS_OBLIGATIONS : []),
    ],
    derivation: { ...head, items: Object.fromEntries(judged) },
  };
}
