import type { Consent } from '@medplum/fhirtypes';
import type { Derivation, Outcome } from './derivation.ts';
import type { ReasonCode } from './reasons.ts';

export type Mode = 'pull' | 'push' | 'push-referral' | 'deliver' | 'legal-duty';

/** Who asks (or is sent something), as what, and what for. References are relative (`Organization/x`, `Patient/x`). */
export interface DecisionRequest {
  mode: Mode;
  /** Code of v3-ActReason; BTG is break-glass. */
  purpose: string;
  org: string;
  sector?: string;
  discipline: string;
  patient: string;
  treatmentRelation?: boolean;
  /** How many patients the question is about; 1 when not given. */
  patientCount?: number;
  btgReason?: string;
}

/** Somebody who may have custody over a child. `court`: a court gave substitute consent in this person's place (BW 1:253a). */
export interface Custodian {
  name: string;
  refs: readonly string[];
  custodial: boolean | 'unknown';
  court?: boolean;
}

/** A patient and the persons who may speak for him or her. */
export interface PatientParty {
  ref: string;
  /** FHIR date; empty or absent when it is not known. */
  birthDate?: string;
  /** True, or the date of death. */
  deceased?: boolean | string;
  /** All references that are this same person (a mother is a Patient and a RelatedPerson). */
  selfRefs: readonly string[];
  /** The legal representative of an adult who cannot decide: one or more references. */
  representative?: string | readonly string[];
  custody?: readonly Custodian[];
  /** All references that are the woman who gave birth to this patient. */
  mother?: readonly string[];
}

/** What the decision must know of one resource; never its content. */
export interface Item {
  ref: string;
  subject: string;
  /** One of the ten data categories, without the `cat-` prefix. */
  category?: string;
  /** FHIR date or dateTime of the data. */
  date?: string;
  /** Sensitivity labels, bare codes. */
  labels?: readonly string[];
  /** The third person whom the item tells something about. */
  about?: string;
  /** The item is wholly about that third person. */
  aboutWhole?: boolean;
  protectedAddress?: boolean;
  hasBsn?: boolean;
}

/** The settings that privacy officers choose; what each means, and on what ground, stands in settings.ts. */
export interface DecisionConfig {
  bothParents?: 'all-explicit' | 'one-unless-objection';
  age12to15?: 'both' | 'child-alone' | 'either';
  at12?: 'nothing-until-confirmed' | 'parents-until-confirmed';
  breakGlass?: 'allowed' | 'never';
  btgOverridesObjection?: boolean;
  severalStatements?: 'specific-beats-general' | 'objection-wins';
  mitz?: 'not-used' | 'used';
  mitzDenyWins?: boolean;
  sensitiveTopics?: 'by-name' | 'unless-refused';
  motherForNewborn?: 'own-consent' | 'implied';
  tellWithheld?: 'privacy-officer' | 'professional';
  consentMaxAgeMonths?: number;
  decisionMaxAgeSeconds?: number;
  registerDown?: 'nothing' | 'break-glass';
  copiesKeptDays?: number;
  breakGlassMinutes?: number;
}

/** State of the registers at the moment of the decision; absent: up, and Mitz has not answered (which stops all where it is used, see the setting). */
export interface DecisionEnv {
  registry?: 'up' | 'down';
  mitz?: 'permit' | 'deny' | 'inactive' | 'down';
}

export interface DecisionInput {
  /** Instant with a time zone. */
  asOf: string;
  request: DecisionRequest;
  patients: readonly PatientParty[];
  consents: readonly Consent[];
  resources: readonly Item[];
  config?: DecisionConfig;
  env?: DecisionEnv;
}

/** What each discipline may have at most; consent narrows it and never widens it. */
export interface Entitlements {
  disciplines: Record<string, { categories: readonly string[]; breakGlass: boolean; bsn: boolean }>;
  /** The sensitivity labels in use. A label that is not among them counts as sensitive too. */
  sensitiveLabels: readonly string[];
}

export type { Outcome };

export interface Decision {
  decision: 'permit' | 'partial' | 'deny';
  /** A set, in catalogue order. */
  reasons: ReasonCode[];
  items: Record<string, Outcome>;
  obligations: string[];
  derivation: Derivation;
}
