import type { DecisionConfig } from './types.ts';

/** One thing the law or the standard leaves open: what the gateway does, what else could be chosen, and on what ground. */
export interface Setting<T> {
  readonly default: T;
  /** The strictest first: it never releases more than any of the others (checked in invariants.ts). */
  readonly choices: readonly T[];
  /** A number may also be any whole number in this range, ends included. */
  readonly range?: readonly [least: number, most: number];
  readonly title: { readonly nl: string; readonly en: string };
  /** The legal note, in English and in Dutch. */
  readonly note: string;
  readonly noteNl: string;
}

export type Settings = Required<DecisionConfig>;
export type SettingName = keyof Settings;

/** What privacy officers can choose (open decisions of the DPIA). Changing one is theirs to decide and to document, not the builder's. */
export const SETTINGS: { readonly [K in SettingName]: Setting<Settings[K]> } = {
  bothParents: {
    default: 'all-explicit',
    choices: ['all-explicit', 'one-unless-objection'],
    title: { nl: 'Toestemming van beide ouders', en: 'Consent of both parents' },
    note: 'Everyone with custody decides (BW 1:245 ff.), also after divorce. In routine matters the agreement of an absent parent may in practice be presumed; never for sensitive data, and never while custody is uncertain.',
    noteNl:
      'Iedereen met gezag beslist (BW 1:245 e.v.), ook na een scheiding. Bij gewone zaken mag een hulpverlener in de praktijk aannemen dat een afwezige ouder het eens is. Nooit bij gevoelige gegevens, en nooit zolang het gezag onzeker is.',
  },
  age12to15: {
    default: 'both',
    choices: ['both', 'child-alone', 'either'],
    title: { nl: 'Wie beslist van 12 tot en met 15 jaar', en: 'Who decides from 12 to 15' },
    note: 'For treatment the law asks the parents with custody and the child (BW 7:450). On sharing the record the sources differ: the child alone (line of doctors on confidentiality), both (strict reading of BW 7:457 and 7:465), or one of the two (practice at transfers in youth health care). With "child-alone" the parents step back once the child has given a permission; with "either" one side is enough and an objection of the other still stands.',
    noteNl:
      'Voor behandeling vraagt de wet de ouders met gezag én het kind (BW 7:450). Over het delen van het dossier verschillen de bronnen: het kind alleen (lijn van artsen over het beroepsgeheim), allebei (strenge lezing van BW 7:457 en 7:465), of een van beide (praktijk bij overdracht in de JGZ). Bij "child-alone" treden de ouders terug zodra het kind zelf toestemming heeft gegeven. Bij "either" is één kant genoeg en blijft een bezwaar van de ander gelden.',
  },
  at12: {
    default: 'nothing-until-confirmed',
    choices: ['nothing-until-confirmed', 'parents-until-confirmed'],
    title: {
      nl: 'Vanaf de 12e verjaardag tot het kind heeft gesproken',
      en: 'From the 12th birthday until the child has spoken',
    },
    note: 'From 12 the child has a say (BW 7:450). The law does not say whether what the parents permitted before goes on until the child is asked. With "parents-until-confirmed" only permissions from before the birthday go on, and only while nothing of the child itself is on record.',
    noteNl:
      'Vanaf 12 jaar beslist het kind mee (BW 7:450). De wet zegt niet of eerdere toestemming van de ouders doorloopt tot het kind is gevraagd. Bij "parents-until-confirmed" loopt alleen toestemming van vóór de verjaardag door, en alleen zolang er van het kind zelf niets is vastgelegd.',
  },
  breakGlass: {
    default: 'allowed',
    choices: ['never', 'allowed'],
    title: { nl: 'Noodknop', en: 'Break-glass' },
    note: 'No general legal ground was found for pulling data in an emergency without consent (a law for acute care is being prepared). Whether the emergency button exists at all between hospital and youth health care must be decided; conflict of duties stays a judgement of the professional.',
    noteNl:
      'Er is geen algemene wettelijke grond gevonden om in nood gegevens op te vragen zonder toestemming (een wet voor acute zorg is in voorbereiding). Of de noodknop tussen ziekenhuis en JGZ bestaat, moet worden besloten. Een conflict van plichten blijft een afweging van de professional.',
  },
  btgOverridesObjection: {
    default: false,
    choices: [false, true],
    title: { nl: 'Noodknop tegen een bezwaar in', en: 'Break-glass against an objection' },
    note: 'Whether break-glass also goes against a refusal that is on record, or against a statement that cannot be interpreted and might be one. No general legal ground for an emergency pull against a refusal was found.',
    noteNl:
      'Of de noodknop ook werkt tegen een vastgelegde weigering in, of tegen een verklaring die niet te lezen is en een weigering kan zijn. Een algemene wettelijke grond om tegen een weigering in gegevens op te vragen is niet gevonden.',
  },
  severalStatements: {
    default: 'specific-beats-general',
    choices: ['objection-wins', 'specific-beats-general'],
    title: { nl: 'Meer verklaringen van één persoon', en: 'Several statements of one person' },
    note: 'The draft text of the national generic function Consent lets the more specific statement win, and the objection at equal specificity. With "objection-wins" any objection that covers the item outweighs a permission in another statement, however specific; the exceptions within one statement stay what they are.',
    noteNl:
      'De conceptteksten van de landelijke generieke functie Toestemming laten de specifiekere verklaring winnen, en bij gelijke specificiteit het bezwaar. Bij "objection-wins" gaat elk bezwaar dat het gegeven raakt vóór een toestemming in een andere verklaring, hoe specifiek ook. Uitzonderingen binnen één verklaring blijven gelden.',
  },
  mitz: {
    default: 'not-used',
    choices: ['used', 'not-used'],
    title: { nl: 'Mitz', en: 'Mitz' },
    note: 'Mitz holds the consent for electronic exchange systems (Wabvpz 15a). Whether the exchange between hospital and youth health care is one is open. Where it is used nothing goes out without an answer of Mitz, and its answer can only restrict: it cannot say anything about youth health care alone.',
    noteNl:
      'Mitz bewaart de toestemming voor elektronische uitwisselingssystemen (Wabvpz 15a). Of de uitwisseling tussen ziekenhuis en JGZ daaronder valt, staat open. Waar Mitz wordt gebruikt, gaat niets naar buiten zonder antwoord van Mitz. Dat antwoord kan alleen beperken: over de JGZ alleen kan Mitz niets zeggen.',
  },
  mitzDenyWins: {
    default: true,
    choices: [true, false],
    title: { nl: 'Een weigering in Mitz', en: 'A refusal in Mitz' },
    note: 'Whether a refusal in Mitz outweighs consent given to this gateway. With false, explicit consent of everyone with a say goes first, as the more specific statement; without it the refusal in Mitz still stands.',
    noteNl:
      'Of een weigering in Mitz vóór toestemming gaat die aan deze poort is gegeven. Bij "false" gaat uitdrukkelijke toestemming van iedereen die beslist voor, als de specifiekere verklaring. Zonder die toestemming blijft de weigering in Mitz gelden.',
  },
  sensitiveTopics: {
    default: 'by-name',
    choices: ['by-name', 'unless-refused'],
    title: { nl: 'Gevoelige onderwerpen', en: 'Sensitive topics' },
    note: 'Consent must be specific (GDPR 4(11)); for sensitive topics (psychiatry, violence, addiction, HIV …) that reads as: named. With "unless-refused" a permission that names neither topics nor a confidentiality covers them too; child protection, topics that are not known here and very restricted data must still be named.',
    noteNl:
      'Toestemming moet specifiek zijn (AVG 4, onder 11). Voor gevoelige onderwerpen (psychiatrie, geweld, verslaving, hiv …) lezen wij dat als: bij naam genoemd. Bij "unless-refused" gelden zij ook als gedeeld wanneer de toestemming geen onderwerpen en geen vertrouwelijkheid noemt. Kinderbescherming, onbekende onderwerpen en zeer vertrouwelijke gegevens moeten altijd bij naam genoemd zijn.',
  },
  motherForNewborn: {
    default: 'own-consent',
    choices: ['own-consent', 'implied'],
    title: { nl: 'Feiten over de moeder die de baby nodig heeft', en: 'Facts about the mother that the newborn needs' },
    note: 'A fact about the mother in the record of the child is data of a third person (BW 7:456, 7:457). With "implied", history, diagnostics, medication and obstetric facts about the mother (also HIV; no other sensitive topic) go along for treatment in the first six weeks after birth unless she objects on her own record; the consent for the child is needed as for any item.',
    noteNl:
      'Een feit over de moeder in het dossier van het kind is een gegeven van een ander (BW 7:456, 7:457). Bij "implied" gaan voorgeschiedenis, diagnostiek, medicatie en zwangerschapsgegevens van de moeder (ook hiv, geen ander gevoelig onderwerp) mee voor behandeling in de eerste zes weken na de geboorte, tenzij zij in haar eigen dossier bezwaar maakt. Toestemming voor het kind is nodig zoals bij elk gegeven.',
  },
  tellWithheld: {
    default: 'privacy-officer',
    choices: ['privacy-officer', 'professional'],
    title: { nl: 'Wie weet dat er iets is achtergehouden', en: 'Who may know that something is withheld' },
    note: 'That something exists and is withheld is itself information about the family. Knowing it can matter to good care (BW 7:453) and can harm trust, or safety after a report. The privacy officer can always see it.',
    noteNl:
      'Dat er iets bestaat en wordt achtergehouden, is zelf informatie over het gezin. Het te weten kan nodig zijn voor goede zorg (BW 7:453), en kan het vertrouwen of na een melding de veiligheid schaden. De functionaris gegevensbescherming kan het altijd zien.',
  },
  consentMaxAgeMonths: {
    default: 0,
    choices: [12, 24, 36, 0],
    range: [0, 120],
    title: {
      nl: 'Hoe lang toestemming telt (maanden, 0 = zonder einde)',
      en: 'How long a permission counts (months, 0 = no end)',
    },
    note: 'The law sets no term. The older a consent the less it is still informed and specific (GDPR 4(11) and 7). Counted from the date of the statement; a statement without a date is then too old. Only permissions grow old, an objection never does.',
    noteNl:
      'De wet noemt geen termijn. Hoe ouder een toestemming, hoe minder zij nog geïnformeerd en specifiek is (AVG 4, onder 11, en 7). Geteld vanaf de datum van de verklaring; een verklaring zonder datum is dan te oud. Alleen toestemming veroudert, een bezwaar nooit.',
  },
  decisionMaxAgeSeconds: {
    default: 0,
    choices: [0],
    title: {
      nl: 'Hoe lang een beslissing hergebruikt wordt (seconden)',
      en: 'How long a decision is used again (seconds)',
    },
    note: 'Withdrawing must be as easy as giving and works at once (GDPR 7(3)). Every request, every page and every delivery is decided anew; this gateway knows no other way.',
    noteNl:
      'Intrekken moet net zo makkelijk zijn als geven en werkt meteen (AVG 7, lid 3). Elke vraag, elke pagina en elke aflevering wordt opnieuw beslist. Anders kan deze poort niet.',
  },
  registerDown: {
    default: 'nothing',
    choices: ['nothing', 'break-glass'],
    title: { nl: 'Als het toestemmingsregister niet bereikbaar is', en: 'When a consent register cannot be asked' },
    note: 'Without the register nobody knows who objected. With "break-glass" the emergency button still works, for those who have it, with all its duties; of what is known then only objections count, never a permission.',
    noteNl:
      'Zonder register weet niemand wie bezwaar heeft. Bij "break-glass" werkt de noodknop nog, voor wie die heeft, met alle plichten die erbij horen. Van wat dan bekend is, tellen alleen bezwaren, nooit een toestemming.',
  },
  copiesKeptDays: {
    default: 90,
    choices: [30, 90, 180],
    range: [1, 365],
    title: {
      nl: 'Hoe lang kopieën blijven na vertrek (dagen)',
      en: 'How long copies stay after the family leaves (days)',
    },
    note: 'What is shared here are copies; the source keeps the record for as long as the law asks (BW 7:454: 20 years). Storage limitation (GDPR 5(1)(e)): no longer than needed to finish what is on its way and to send corrections after it.',
    noteNl:
      'Wat hier gedeeld wordt, zijn kopieën. De bron bewaart het dossier zo lang als de wet vraagt (BW 7:454: 20 jaar). Opslagbeperking (AVG 5, lid 1, onder e): niet langer dan nodig is om af te maken wat onderweg is en om verbeteringen na te sturen.',
  },
  breakGlassMinutes: {
    default: 60,
    choices: [15, 30, 60],
    range: [5, 240],
    title: { nl: 'Hoe lang de noodknop duurt (minuten)', en: 'How long break-glass lasts (minutes)' },
    note: 'No norm names a term; NEN 7510 and 7513 ask that emergency access is bounded, logged and reviewed. Long enough for one acute question, too short to be a way of working.',
    noteNl:
      'Geen norm noemt een termijn. NEN 7510 en 7513 vragen dat noodtoegang begrensd is, wordt vastgelegd en wordt nagekeken. Lang genoeg voor één acute vraag, te kort om een gewoonte te worden.',
  },
};

/** What the law leaves open and this gateway does in one way only, until a privacy officer asks for another. */
export const FIXED_CHOICES: Readonly<Record<string, string>> = {
  'newer-does-not-matter':
    'Of several statements of one person the date is of no matter: a general refusal does not end an earlier, narrower permit: that one must be made inactive.',
  'unknown-is-sensitive': 'A label that is not known counts as sensitive.',
  'no-purpose-no-limit': 'A provision without a purpose covers every purpose the asker is registered for.',
  'withdrawn-is-nothing':
    'A withdrawn consent is no objection: break-glass, a known referral and the setting bothParents treat it as nothing on record.',
  'break-glass':
    'Break-glass by purpose BTG is for the record of one patient, is told to the patient and to the privacy officer.',
  'third-person':
    'A fact about somebody else goes only with the consent of that person on his or her own record (the setting motherForNewborn is the one exception).',
};

/** The configuration with every default filled in. */
export const DEFAULT_CONFIG: Settings = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
) as unknown as Settings;

/** The names of all settings, in the order in which they are shown. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** Whether a value may be chosen for a setting: one of its choices, or a whole number in its range. */
export function isChoice(name: SettingName, value: unknown): boolean {
  const { choices, range }: Setting<unknown> = SETTINGS[name];
  if (choices.includes(value)) return true;
  return range !== undefined && Number.isInteger(value) && Number(value) >= range[0] && Number(value) <= range[1];
}
