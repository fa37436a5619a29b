import type { Task } from '@medplum/fhirtypes';
import type { AuditActor } from '../audit/event.ts';
import { type DueOfPatient, listDue } from './list-due.ts';
import { type Released, type ReleasePorts, releaseTasks } from './release.ts';

export const DUE_SYSTEM = 'http://gezinspoort.nl/fhir/CodeSystem/consent-due';

/** What is due about consent for the patients of an organisation, as FHIR: one Task for each, with the patient, what, and the day. */
export async function dueTasks(ports: ReleasePorts, actor: AuditActor, days: number): Promise<Released> {
  const due = await listDue(ports, actor, days);
  return releaseTasks(
    ports,
    due.map((one) =>
      toTask(one, ports.vault.stableId('consent-due', one.patient, one.kind, one.consent ?? '', one.on)),
    ),
    actor,
  );
}

const toTask = ({ kind, on, consent, patient }: DueOfPatient, id: string): Task => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: DUE_SYSTEM, code: kind }] },
  for: { reference: `Patient/${patient}` },
  ...(consent && { focus: { reference: consent } }),
  restriction: { period: { end: on } },
});
