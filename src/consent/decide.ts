import { addDays } from './calendar.ts';
import type { ItemDerivation, Redaction } from './derivation.ts';
import { type Moment, readMoment } from './dutch-date.ts';
import { hardStop, isBreakGlass, registersAnswer } from './hard-stops.ts';
import { type ItemRules, judgeItem, withheld } from './items.ts';
import type { Asked } from './match.ts';
import { widerPurposes } from './purpose.ts';
import { type ReasonCode, sortReasons } from './reasons.ts';
import { type RecordVoices, recordVoices } from './record.ts';
import { DEFAULT_CONFIG, type Settings } from './settings.ts';
import { readStatement, type Statement } from './statement.ts';
import type { Decision, DecisionEnv, DecisionInput, Entitlements, Item, Outcome, PatientParty } from './types.ts';
import { selfRefs } from './who-decides.ts';

const BREAK_GLASS_OBLIGATIONS = ['audit:break-glass', 'notify:privacy-officer', 'inform:patient'];
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
  const settings: Settings = { ...DEFAULT_CONFIG, ...input.config };
  const stop = hardStop(input, entitlements, settings);
  const breakGlass = isBreakGlass(input.request);
  const head = { breakGlass, minutes: settings.breakGlassMinutes };
  if (stop) return summarise(input, { ...head, hardStop: stop, people: [], unused: [] }, () => withheld([stop]));
  const rules = itemRules(input, entitlements, settings, now);
  const { people, unused } = rules.record;
  return summarise(
    input,
    { ...head, people, unused },
    alike(rules, (item) => judgeItem(item, rules)),
  );
}

/** All that does not depend on the item, worked out once. */
function itemRules(
  { request, patients, consents, env }: DecisionInput,
  entitlements: Entitlements,
  config: Settings,
  now: Moment,
): ItemRules {
  const asked: Asked = {
    org: request.org,
    sector: request.sector,
    discipline: request.discipline,
    purposes: widerPurposes(request.purpose),
  };
  const disciplines = new Set(Object.keys(entitlements.disciplines));
  const read = consents.map((consent) => readStatement(consent, now, disciplines, config.consentMaxAgeMonths));
  const known = registersAnswer(env, config);
  const statements = known ? read : read.map(onlyObjections);
  const voices = (party: PatientParty | undefined): RecordVoices =>
    recordVoices(party, statements, asked, now.from, config);
  const patient = patients.find((one) => one.ref === request.patient);
  const discipline = entitlements.disciplines[request.discipline];
  const others = new Map<string, RecordVoices | undefined>();
  return {
    config,
    mitzObjection: mitzObjection(env),
    referral: request.mode === 'push-referral' && asked.purposes.includes('TREAT'),
    subjects: new Set(patient ? selfRefs(patient) : [request.patient]),
    record: voices(patient),
    view: new Set(discipline?.categories),
    bsn: discipline?.bsn === true,
    breakGlass: isBreakGlass(request),
    labels: new Set(entitlements.sensitiveLabels),
    motherOfNewborn: new Set(known && isNewborn(patient, now) && impliedFor(config, asked) ? patient?.mother : []),
    about(ref) {
      if (!others.has(ref)) {
        const party = patients.find((one) => selfRefs(one).includes(ref));
        others.set(ref, party && !party.deceased ? voices(party) : undefined);
      }
      return others.get(ref);
    },
  };
}

/** Break-glass while a register cannot be asked: what is at hand may be old, so that no permission counts and every objection does. */
const onlyObjections = (one: Statement): Statement => ({
  ...one,
  rules: one.rules.filter((rule) => rule.type === 'deny'),
});

const impliedFor = (config: Settings, { purposes }: Asked): boolean =>
  config.motherForNewborn === 'implied' && purposes.includes('TREAT');

/** Six weeks: the time of childbed, in which the care for mother and child is one. */
const NEWBORN_DAYS = 42;

function isNewborn(patient: PatientParty | undefined, now: Moment): boolean {
  const born = readMoment(patient?.birthDate);
  return born !== undefined && now.from <= addDays(born.from, NEWBORN_DAYS);
}

/** Mitz can only restrict here: it records a refusal as deny, or as an inactive statement. */
function mitzObjection(env: DecisionEnv | undefined): ReasonCode | undefined {
  if (env?.mitz === 'deny') return 'MITZ_DENY';
  return env?.mitz === 'inactive' ? 'MITZ_INACTIVE_IS_REFUSAL' : undefined;
}

/**
 * Items that are alike in all that bears on the decision are judged once and have the same derivation, so that thousands of measurements cost little more
 * than one. Where a statement names items or dates these make a difference too.
 */
function alike({ record, about }: ItemRules, judge: (item: Item) => ItemDerivation): (item: Item) => ItemDerivation {
  const judged = new Map<string, ItemDerivation>();
  const named = (voices: RecordVoices | undefined): boolean => voices?.speakers.some(namesItems) === true;
  const own = named(record);
  return (item) => {
    if (own || (item.about !== undefined && named(about(item.about)))) return judge(item);
    const key = likeness(item);
    const known = judged.get(key);
    if (known) return known;
    const found = judge(item);
    judged.set(key, found);
    return found;
  };
}

const namesItems = ({ voices }: RecordVoices['speakers'][number]): boolean =>
  voices.some((voice) =>
    voice.candidates.some(({ rule }) => rule.instances !== undefined || rule.dataPeriod !== undefined),
  );

/** Each text with its length before it, so that no two lists of texts look the same. */
const likeness = ({ subject, category, about, aboutWhole, protectedAddress, hasBsn, labels }: Item): string =>
  `${part(subject)}${part(category)}${part(about)}${!!aboutWhole} ${!!protectedAddress} ${!!hasBsn}${labels?.map(part).join('')}`;

const part = (text: string | undefined): string => `${text?.length}:${text}`;

const STRICTNESS: Readonly<Record<Outcome, number>> = { release: 0, redact: 1, withhold: 2 };

function summarise(
  input: DecisionInput,
  { minutes, ...head }: Omit<Decision['derivation'], 'items'> & { minutes: number },
  judge: (item: DecisionInput['resources'][number]) => ItemDerivation,
): Decision {
  const judged = new Map<string, ItemDerivation>();
  for (const item of input.resources) {
    const found = judge(item);
    const earlier = judged.get(item.ref);
    // The same reference twice: the stricter answer holds for both.
    if (!earlier || STRICTNESS[found.outcome] > STRICTNESS[earlier.outcome]) judged.set(item.ref, found);
  }
  const all = [...new Set(judged.values())];
  const released = all.some((one) => one.outcome !== 'withhold');
  const redactions = new Set(all.flatMap((one) => one.redactions));
  return {
    decision: !released ? 'deny' : all.every((one) => one.outcome === 'release') ? 'permit' : 'partial',
    reasons: sortReasons(head.hardStop ? [head.hardStop] : all.flatMap((one) => one.reasons)),
    items: Object.fromEntries([...judged].map(([ref, one]) => [ref, one.outcome])),
    obligations: [
      ...REDACTION_OBLIGATIONS.filter(([redaction]) => redactions.has(redaction)).map(([, obligation]) => obligation),
      ...(head.breakGlass && released ? [...BREAK_GLASS_OBLIGATIONS, `expire:${minutes}min`] : []),
    ],
    derivation: { ...head, items: Object.fromEntries(judged) },
  };
}
