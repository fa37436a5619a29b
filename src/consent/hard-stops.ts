import { isPurpose } from './purpose.ts';
import type { ReasonCode } from './reasons.ts';
import type { Settings } from './settings.ts';
import type { DecisionEnv, DecisionInput, DecisionRequest, Entitlements } from './types.ts';

/** Modes in which a decision may release something. */
const MODES: readonly string[] = ['pull', 'push', 'push-referral', 'deliver'];

/** Whether a request is a break-glass request. */
export const isBreakGlass = (request: DecisionRequest): boolean => request.purpose === 'BTG';

/** Whether every register that must be asked has answered, in a word that is understood. Where Mitz is used, no answer is none. */
export function registersAnswer(env: DecisionEnv | undefined, { mitz }: Settings): boolean {
  const answer = env?.mitz ?? (mitz === 'not-used' ? 'permit' : 'down');
  return (env?.registry ?? 'up') === 'up' && ['permit', 'deny', 'inactive'].includes(answer);
}

/**
 * The first reason, in this order, for which nothing is released whatever the family said: another legal route, a register that cannot be asked, an
 * unknown discipline, break-glass that is not allowed, no treatment relation (break-glass stands in for it), an unknown purpose, a patient who has died.
 */
export function hardStop(
  { request, patients, env }: DecisionInput,
  { disciplines }: Entitlements,
  settings: Settings,
): ReasonCode | undefined {
  if (!MODES.includes(request.mode)) return 'LEGAL_DUTY_ROUTE';
  const emergency = settings.registerDown === 'break-glass' && isBreakGlass(request);
  if (!emergency && !registersAnswer(env, settings)) return 'REGISTRY_UNAVAILABLE';
  const discipline = Object.hasOwn(disciplines, request.discipline) ? disciplines[request.discipline] : undefined;
  if (!discipline) return 'ROLE_UNKNOWN';
  if (isBreakGlass(request)) {
    const refusal = breakGlassRefusal(request, discipline.breakGlass, settings);
    if (refusal) return refusal;
  } else if (request.treatmentRelation !== true) return 'NO_TREATMENT_RELATION';
  if (!isPurpose(request.purpose)) return 'PURPOSE_MISMATCH';
  return patients.some((one) => one.ref === request.patient && one.deceased) ? 'PATIENT_DECEASED' : undefined;
}

/** Break-glass is for someone who is entitled to it, says why, and reads the record of one patient. */
function breakGlassRefusal(
  request: DecisionRequest,
  entitled: boolean,
  { breakGlass }: Settings,
): ReasonCode | undefined {
  if (breakGlass !== 'allowed') return 'BTG_NOT_AVAILABLE';
  if (!entitled) return 'BTG_NOT_ENTITLED';
  if (!request.btgReason?.trim()) return 'BTG_NO_REASON';
  return request.mode !== 'pull' || (request.patientCount ?? 1) !== 1 ? 'BTG_NOT_AVAILABLE' : undefined;
}
