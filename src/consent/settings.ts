import type { DecisionConfig } from './types.ts';

/** One thing the law or the standard leaves open: what the gateway does, what else could be chosen, and on what ground. */
export interface Setting<T> {
  readonly default: T;
  readonly choices: readonly T[];
  readonly note: string;
}

/** What privacy officers can choose. The strict choice is the default; changing one is theirs to decide and to document, not the builder's. */
export const SETTINGS: { readonly [K in keyof Required<DecisionConfig>]: Setting<Required<DecisionConfig>[K]> } = {
  bothParents: {
    default: 'all-explicit',
    choices: ['all-explicit', 'one-unless-objection'],
    note: 'Everyone with custody decides (BW 1:245 ff.), also after divorce. In routine matters the agreement of an absent parent may in practice be presumed; never for sensitive data, and never while custody is uncertain.',
  },
  btgOverridesObjection: {
    default: false,
    choices: [false, true],
    note: 'Whether break-glass also goes against a refusal that is on record, or against a statement that cannot be interpreted and might be one. No general legal ground for an emergency pull against a refusal was found.',
  },
  mitzDenyWins: {
    default: true,
    choices: [true, false],
    note: 'Whether a refusal in Mitz outweighs consent given to this gateway. With false, explicit consent of everyone with a say goes first, as the more specific statement; without it the refusal in Mitz still stands.',
  },
  mitz: { default: 'not-used', choices: ['not-used', 'used'], note: '' },
  consentMaxAgeMonths: { default: 0, choices: [0], note: '' },
  copiesKeptDays: { default: 90, choices: [90], note: '' },
  breakGlassMinutes: { default: 60, choices: [60], note: '' },
};

/** What the law leaves open and this gateway does in one way only, until a privacy officer asks for another. */
export const FIXED_CHOICES: Readonly<Record<string, string>> = {
  'age-12-to-15':
    'From the 12th birthday the child and everyone with custody must permit; until the child has confirmed, nothing is released.',
  'specific-beats-general':
    'Of several statements of one person the narrower wins, whichever is newer; equally narrow or not comparable: the objection wins. A general refusal does not end an earlier, narrower permit: that one must be made inactive.',
  'sensitive-by-name':
    'A sensitive topic must be permitted by name or with confidentiality R; a label that is not known counts as sensitive.',
  'no-purpose-no-limit': 'A provision without a purpose covers every purpose the asker is registered for.',
  'withdrawn-is-nothing':
    'A withdrawn consent is no objection: break-glass, a known referral and the setting bothParents treat it as nothing on record.',
  'register-down': 'When a consent register cannot be asked nothing is released, not even with break-glass.',
  'break-glass':
    'Break-glass by purpose BTG lasts 60 minutes, is for the record of one patient, is told to the patient and to the privacy officer.',
  'third-person': 'A fact about somebody else goes only with the consent of that person on his or her own record.',
};

/** The configuration with every default filled in. */
export const DEFAULT_CONFIG: Required<DecisionConfig> = {
  bothParents: SETTINGS.bothParents.default,
  btgOverridesObjection: SETTINGS.btgOverridesObjection.default,
  mitzDenyWins: SETTINGS.mitzDenyWins.default,
  mitz: SETTINGS.mitz.default,
  consentMaxAgeMonths: SETTINGS.consentMaxAgeMonths.default,
  copiesKeptDays: SETTINGS.copiesKeptDays.default,
  breakGlassMinutes: SETTINGS.breakGlassMinutes.default,
};
