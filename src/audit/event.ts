import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from '@medplum/fhirtypes';

/** What happened, in the gateway's own words; each kind has its FHIR and IHE BALP coding below. */
export type AuditKind =
  | 'push'
  | 'refusal'
  | 'decision'
  | 'release'
  | 'delivery'
  | 'delivery-failed'
  | 'consent'
  | 'family'
  | 'log-read'
  | 'lineage'
  | 'notice'
  | 'break-glass'
  | 'review'
  | 'erasure'
  | 'explain'
  | 'policy';

/** Who did it. Ids only: no name of a professional or a family ever enters the log. */
export interface AuditActor {
  readonly client: string;
  readonly organisation: string;
  readonly person?: string;
  readonly discipline?: string;
  readonly purpose?: string;
  readonly address?: string;
  /** Id of the answer that all this is part of: the receipt that the caller gets in a header. */
  readonly receipt?: string;
}

/** One thing to be recorded. References carry the version (`Observation/x/_history/2`). */
export interface AuditFact {
  readonly kind: AuditKind;
  readonly actor: AuditActor;
  /** Id of the patient whose record it concerns; absent when nobody was identified. */
  readonly patient?: string;
  readonly exchange?: string;
  readonly requestId?: string;
  readonly items?: readonly string[];
  readonly consents?: readonly string[];
  /** Short coded facts: reasons, categories, counts. Never content. */
  readonly details?: readonly (readonly [name: string, value: string])[];
}

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const REST = { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' };
const INTERACTION = 'http://hl7.org/fhir/restful-interaction';
const LIFECYCLE = 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle';
const AUTHZ = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType';
const OWN = 'http://gezinspoort.nl/fhir/CodeSystem/audit-kind';

interface Coded {
  readonly type: Coding;
  readonly subtype: Coding;
  readonly action: NonNullable<AuditEvent['action']>;
  readonly outcome: NonNullable<AuditEvent['outcome']>;
}

/** IHE BALP 1.1: RESTful patterns for create and read, AuthZ for decisions, disclosure for deliveries; a failure has outcome 4 or 8. */
const CODED: Record<AuditKind, Coded> = {
  push: { type: REST, subtype: { system: INTERACTION, code: 'create' }, action: 'C', outcome: '0' },
  refusal: { type: REST, subtype: { system: INTERACTION, code: 'create' }, action: 'C', outcome: '4' },
  decision: {
    type: { system: DCM, code: '110113' },
    subtype: { system: AUTHZ, code: 'AuthZ-Consent' },
    action: 'E',
    outcome: '0',
  },
  release: { type: REST, subtype: { system: INTERACTION, code: 'search' }, action: 'R', outcome: '0' },
  delivery: {
    type: { system: DCM, code: '110106' },
    subtype: { system: LIFECYCLE, code: 'disclose' },
    action: 'R',
    outcome: '0',
  },
  'delivery-failed': {
    type: { system: DCM, code: '110106' },
    subtype: { system: LIFECYCLE, code: 'disclose' },
    action: 'R',
    outcome: '4',
  },
  consent: { type: REST, subtype: { system: INTERACTION, code: 'update' }, action: 'U', outcome: '0' },
  family: { type: REST, subtype: { system: INTERACTION, code: 'create' }, action: 'C', outcome: '0' },
  notice: {
    type: { system: DCM, code: '110106' },
    subtype: { system: LIFECYCLE, code: 'disclose' },
    action: 'R',
    outcome: '0',
  },
  // DICOM: Security Alert, Emergency Override Started.
  'break-glass': {
    type: { system: DCM, code: '110113' },
    subtype: { system: DCM, code: '110127' },
    action: 'E',
    outcome: '0',
  },
  review: { type: REST, subtype: { system: INTERACTION, code: 'update' }, action: 'U', outcome: '0' },
  erasure: {
    type: { system: DCM, code: '110110' },
    subtype: { system: LIFECYCLE, code: 'destroy' },
    action: 'D',
    outcome: '0',
  },
  lineage: { type: REST, subtype: { system: INTERACTION, code: 'read' }, action: 'R', outcome: '0' },
  explain: { type: REST, subtype: { system: INTERACTION, code: 'operation' }, action: 'E', outcome: '0' },
  policy: { type: REST, subtype: { system: INTERACTION, code: 'update' }, action: 'U', outcome: '0' },
  'log-read': { type: REST, subtype: { system: INTERACTION, code: 'search' }, action: 'E', outcome: '0' },
};

/** A fact as a FHIR R4 AuditEvent (NEN 7513: who, for whom, on what ground, about whom, which data). `recorded` is an ISO instant; pure. */
export function toAuditEvent(fact: AuditFact, id: string, recorded: string): AuditEvent {
  const { type, subtype, action, outcome } = CODED[fact.kind];
  const entity = entities(fact);
  return {
    resourceType: 'AuditEvent',
    id,
    type,
    subtype: [subtype, { system: OWN, code: fact.kind }],
    action,
    recorded,
    outcome,
    ...(fact.actor.purpose && { purposeOfEvent: [{ coding: [purpose(fact.actor.purpose)] }] }),
    agent: agents(fact),
    source: { observer: { display: 'gezinspoort' } },
    ...(entity.length > 0 && { entity }),
  };
}

function agents({ actor, kind }: AuditFact): AuditEventAgent[] {
  // BALP: the client is the source role for writes and queries, the destination role for reads.
  const [clientRole, gatewayRole] =
    kind === 'release' || kind === 'lineage' ? ['110152', '110153'] : ['110153', '110152'];
  const client: AuditEventAgent = {
    type: { coding: [{ system: DCM, code: clientRole }] },
    who: { identifier: { value: actor.client } },
    requestor: !actor.person,
    ...(actor.address && { network: { address: actor.address, type: '2' as const } }),
  };
  const gateway: AuditEventAgent = {
    type: { coding: [{ system: DCM, code: gatewayRole }] },
    who: { display: 'gezinspoort' },
    requestor: false,
  };
  const organisation: AuditEventAgent = {
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', code: 'PROV' }] },
    who: { reference: `Organization/${actor.organisation}` },
    requestor: false,
  };
  const user: AuditEventAgent | undefined =
    actor.person || actor.discipline
      ? {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          ...(actor.person && { who: { identifier: { value: actor.person } } }),
          ...(actor.discipline && {
            role: [
              { coding: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/discipline', code: actor.discipline }] },
            ],
          }),
          ...(actor.purpose && { purposeOfUse: [{ coding: [purpose(actor.purpose)] }] }),
          requestor: Boolean(actor.person),
        }
      : undefined;
  return [client, gateway, organisation, ...(user ? [user] : [])];
}

function entities(fact: AuditFact): AuditEventEntity[] {
  // In the order of the canonical form: there may be thousands of these.
  const role = (code: string): Coding => ({ code, system: 'http://terminology.hl7.org/CodeSystem/object-role' });
  const kind = (code: string): Coding => ({ code, system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type' });
  return [
    ...(fact.patient ? [{ what: { reference: `Patient/${fact.patient}` }, type: kind('1'), role: role('1') }] : []),
    ...(fact.exchange
      ? [{ what: { identifier: { value: fact.exchange } }, type: kind('4'), role: role('21'), name: 'exchange' }]
      : []),
    ...(fact.consents ?? []).map((reference) => ({
      what: { reference },
      type: kind('2'),
      role: role('3'),
      name: 'consent',
    })),
    ...(fact.items ?? []).map((reference) => ({ role: role('4'), type: kind('2'), what: { reference } })),
    ...(fact.requestId
      ? [{ what: { identifier: { value: fact.requestId } }, type: kind('4'), role: role('21'), name: 'X-Request-Id' }]
      : []),
    ...(fact.actor.receipt
      ? [{ what: { identifier: { value: fact.actor.receipt } }, type: kind('4'), role: role('21'), name: 'receipt' }]
      : []),
    ...(fact.details?.length
      ? [
          {
            type: kind('4'),
            role: role('13'),
            name: 'ground',
            detail: fact.details.map(([type, valueString]) => ({ type, valueString })),
          },
        ]
      : []),
  ];
}

const purpose = (code: string): Coding => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code });
