import type { Consent, Resource } from '@medplum/fhirtypes';
import { decide } from '../consent/decide.ts';
import { type Flip, flipOf } from '../consent/flip.ts';
import type { Decision, DecisionEnv, DecisionInput, PatientParty } from '../consent/types.ts';
import type { Policy } from '../policy/policy.ts';
import type { PatientFile, StoredResource } from '../store/records.ts';
import { entitlementsOf } from '../views/entitlements.ts';
import { project } from '../views/project.ts';
import { resolveView } from '../views/resolve.ts';
import type { View, WithheldReason } from '../views/types.ts';
import { poliOf, toParty } from './family.ts';
import { toItem } from './item.ts';
import { placesToHide } from './protected-places.ts';

/** Who wants it, as what and why: a person who pulls, or a receiver that is sent something. */
export interface Question {
  readonly mode: DecisionInput['request']['mode'];
  readonly organisation: string;
  readonly sector: string;
  readonly discipline: string;
  readonly purpose: string;
  readonly btgReason?: string;
  /** How many patients the question is about; one when not given. */
  readonly patientCount?: number;
  /** State of the consent registers; absent: up, and Mitz is not asked. */
  readonly env?: DecisionEnv;
  /** ISO instant at which the question is asked. */
  readonly at: string;
}

/** Somebody with a record of their own who is spoken of in this one, with their own consents. */
export interface Relative {
  readonly party: PatientParty;
  readonly consents: readonly Consent[];
  /** What `party` was read from. */
  readonly resources?: readonly StoredResource[];
}

/** What goes out, what does not and why: the reading of one decision and one view. */
export interface Judgement {
  readonly released: readonly {
    readonly stored: StoredResource;
    readonly resource: Resource;
    readonly removed: readonly string[];
    /** Of `removed`: what a redaction or the rule about the BSN took away, and not the view. */
    readonly hidden: readonly string[];
  }[];
  readonly withheld: readonly {
    readonly stored: StoredResource;
    readonly reasons: readonly string[];
    /** Why the view gives nothing of it, where consent did not decide. */
    readonly view?: WithheldReason;
  }[];
  readonly decision: Decision;
}

/** Resources that describe professionals and organisations: they carry no category and go out only with what names them. */
export const DIRECTORY = 'directory';

/**
 * The whole judgement over a family's resources: consent first, then the view of the discipline at this poli. Pure: the same file, question
 * and policies always give the same answer, with its derivation.
 */
export function judge(
  file: PatientFile,
  relatives: readonly Relative[],
  question: Question,
  policy: Policy,
  resources: readonly StoredResource[] = file.resources,
): Judgement {
  const poli = poliOf(file);
  const { views, settings } = policy;
  const shared = resources.filter((one) => one.category !== DIRECTORY);
  const decision = decide(toInput(file, relatives, question, shared, settings), entitlementsOf(views, poli));
  const view = resolveView(views, question.discipline, poli);
  const released: Judgement['released'][number][] = [];
  const withheld: Judgement['withheld'][number][] = [];
  for (const stored of shared) {
    const item = decision.derivation.items[`${stored.type}/${stored.id}`];
    if (!view || !item || item.outcome === 'withhold') {
      withheld.push({ stored, reasons: item?.reasons ?? decision.reasons });
      continue;
    }
    const projected = project(stored.resource, view, new Set(item.redactions));
    if (projected.resource) {
      const { resource, removed, hidden } = projected;
      released.push({ stored, resource, removed, hidden });
    } else withheld.push({ stored, reasons: ['VIEW_NOT_ENTITLED'], view: projected.reason });
  }
  if (view) released.push(...directoryOf(resources, released, view));
  return { released, withheld, decision };
}

/** The smallest change that would turn what became of one resource (`Type/id`); undefined where it was not considered. Not for the hot path. */
export function flipIn(
  file: PatientFile,
  relatives: readonly Relative[],
  question: Question,
  policy: Policy,
  resources: readonly StoredResource[],
  ref: string,
): Flip | undefined {
  const shared = resources.filter((one) => `${one.type}/${one.id}` === ref && one.category !== DIRECTORY);
  const input = toInput(file, relatives, question, shared, policy.settings);
  return flipOf(input, entitlementsOf(policy.views, poliOf(file)), ref);
}

function directoryOf(
  resources: readonly StoredResource[],
  released: Judgement['released'],
  view: View,
): Judgement['released'] {
  const directory = resources.filter((one) => one.category === DIRECTORY);
  if (directory.length === 0) return [];
  const text = JSON.stringify(released.map((one) => one.resource));
  return directory
    .filter((one) => text.includes(`"${one.type}/${one.id}"`))
    .flatMap((stored) => {
      const projected = project(stored.resource, view, new Set());
      if (!projected.resource) return [];
      const { resource, removed, hidden } = projected;
      return [{ stored, resource, removed, hidden }];
    });
}

/** The state of the registers for one question. Two records of which nobody knows yet whose they are: as if the register could not be asked. */
export const envOf = (file: PatientFile, { env }: Pick<Question, 'env'>): DecisionEnv => ({
  ...env,
  registry: file.held ? 'down' : (env?.registry ?? 'up'),
});

function toInput(
  file: PatientFile,
  relatives: readonly Relative[],
  question: Question,
  shared: readonly StoredResource[],
  config: Policy['settings'],
): DecisionInput {
  const tellsPlace = placesToHide(file.resources);
  return {
    asOf: question.at,
    request: {
      mode: question.mode,
      purpose: question.purpose,
      org: `Organization/${question.organisation}`,
      sector: question.sector,
      discipline: question.discipline,
      patient: `Patient/${file.patient}`,
      treatmentRelation: file.relations.includes(question.organisation),
      ...(question.btgReason && { btgReason: question.btgReason }),
      ...(question.patientCount && { patientCount: question.patientCount }),
    },
    patients: [toParty(file), ...relatives.map((one) => one.party)],
    consents: [
      ...about(`Patient/${file.patient}`, file.consents),
      ...relatives.flatMap((one) => about(one.party.ref, one.consents)),
    ],
    resources: shared.map((one) => toItem(file.patient, one, tellsPlace)),
    config,
    env: envOf(file, question),
  };
}

/** A record says what its own patient consented to, whatever else stands in it. */
const about = (patient: string, consents: readonly Consent[]): Consent[] =>
  consents.filter((one) => one.patient?.reference === patient);
