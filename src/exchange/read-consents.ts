import type { Consent, Resource } from '@medplum/fhirtypes';
import type { AuditActor } from '../audit/event.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { parseSearch, type Query } from '../fhir/search/parse.ts';
import { consentHolder, consentVersions, loadFile, type PatientFile } from '../store/records.ts';
import { papersOf } from './consent-papers.ts';
import { consentView } from './consent-view.ts';
import { type Released, type ReleasePorts, releaseConsents, releasePapers } from './release.ts';

export type Found = { readonly ok: true; readonly released: Released } | Refusal;

/** The current Consents of a patient, for those of an organisation with a treatment relation; `query`: search parameters of Consent beside the patient. */
export async function searchConsents(
  ports: ReleasePorts,
  patientId: string,
  query: Query,
  actor: AuditActor,
): Promise<Found> {
  const search = parseSearch('Consent', query);
  if (!search.ok) return search;
  const file = await openFor(ports, ports.vault.ids(actor.organisation).in(patientId), actor);
  if (!file) return refuse('not-found');
  // Searched is what is shown: nothing that stays inside can be probed.
  const shown = new Map<Resource, Consent>(file.consents.map((one) => [consentView(one), one]));
  const wanted = search.select([...shown.keys()]).resources.flatMap((one) => shown.get(one) ?? []);
  return { ok: true, released: await releaseConsents(ports, file.patient, wanted, actor) };
}

/** One version of a Consent (the current one unless it is named), for those of an organisation with a treatment relation. */
export async function readConsent(
  ports: ReleasePorts,
  consentId: string,
  version: string | undefined,
  actor: AuditActor,
): Promise<Found> {
  const known = await find(ports, consentId, actor);
  const wanted = known?.versions.find((one, index, all) =>
    version === undefined ? index === all.length - 1 : one.meta?.versionId === version,
  );
  if (!known || !wanted) return refuse('not-found');
  return { ok: true, released: await releaseConsents(ports, known.file.patient, [wanted], actor) };
}

/** All versions of a Consent, newest first. */
export async function consentHistory(ports: ReleasePorts, consentId: string, actor: AuditActor): Promise<Found> {
  const known = await find(ports, consentId, actor);
  if (!known) return refuse('not-found');
  const released = await releaseConsents(ports, known.file.patient, known.versions.toReversed(), actor);
  return { ok: true, released };
}

/** The current version of a Consent with its papers: the form that was signed, with its version and language, and who signed it when and how. */
export async function signedConsent(ports: ReleasePorts, consentId: string, actor: AuditActor): Promise<Found> {
  const known = await find(ports, consentId, actor);
  const consent = known?.versions.at(-1);
  if (!known || !consent) return refuse('not-found');
  const papers = await papersOf(ports.db, known.file, consent.id ?? '');
  return { ok: true, released: await releasePapers(ports, known.file.patient, consent, papers, actor) };
}

async function find(
  ports: ReleasePorts,
  consentId: string,
  actor: AuditActor,
): Promise<{ file: PatientFile; versions: Consent[] } | undefined> {
  const id = ports.vault.ids(actor.organisation).in(consentId);
  const file = id && (await openFor(ports, await consentHolder(ports.db, id), actor));
  return file ? { file, versions: await consentVersions(ports.db, file.dataKey, file.patient, id) } : undefined;
}

/** Unknown, erased and of no concern to this organisation answer alike. */
async function openFor(
  ports: ReleasePorts,
  patient: string | undefined,
  actor: AuditActor,
): Promise<PatientFile | undefined> {
  const file = patient ? await loadFile(ports.db, ports.vault, patient, ports.now(), {}) : undefined;
  return file?.relations.includes(actor.organisation) ? file : undefined;
}
