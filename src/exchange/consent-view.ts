import type { CodeableConcept, Coding, Consent, ConsentProvision, Period, Reference } from '@medplum/fhirtypes';

/**
 * A Consent as the register shows it: what was agreed, by reference and code. Whatever else was sent with it (narrative, identifiers, names, free text, the
 * signed form itself) stays inside. Pure; ids and references are still the gateway's own.
 */
export function consentView(consent: Consent): Consent {
  const { sourceAttachment: form, sourceReference } = consent;
  return compact({
    resourceType: 'Consent',
    id: consent.id,
    meta: compact({ versionId: consent.meta?.versionId, lastUpdated: consent.meta?.lastUpdated }),
    status: consent.status,
    scope: concept(consent.scope) ?? {},
    category: consent.category?.map((one) => concept(one) ?? {}),
    patient: reference(consent.patient),
    dateTime: consent.dateTime,
    performer: references(consent.performer),
    organization: references(consent.organization),
    sourceAttachment: form && compact({ title: form.title, language: form.language }),
    sourceReference: reference(sourceReference),
    policy: consent.policy?.map(({ authority, uri }) => compact({ authority, uri })),
    provision: consent.provision && provision(consent.provision),
  });
}

function provision(one: ConsentProvision): ConsentProvision {
  return compact({
    type: one.type,
    period: period(one.period),
    actor: one.actor?.map((actor) => compact({ role: concept(actor.role), reference: reference(actor.reference) })),
    action: one.action?.map((action) => concept(action) ?? {}),
    securityLabel: one.securityLabel?.map(coding),
    purpose: one.purpose?.map(coding),
    class: one.class?.map(coding),
    code: one.code?.map((code) => concept(code) ?? {}),
    dataPeriod: period(one.dataPeriod),
    data: one.data?.map((data) => compact({ meaning: data.meaning, reference: reference(data.reference) })),
    provision: one.provision?.map(provision),
  }) as ConsentProvision;
}

const concept = (one: CodeableConcept | undefined): CodeableConcept | undefined =>
  one?.coding && { coding: one.coding.map(coding) };

const coding = ({ system, version, code }: Coding): Coding => compact({ system, version, code });

const period = (one: Period | undefined): Period | undefined => one && compact({ start: one.start, end: one.end });

/** Only where it points: a Reference may also carry a name or a BSN. */
const reference = <T extends Reference>(one: T | undefined): T | undefined =>
  one?.reference === undefined ? undefined : ({ reference: one.reference } as T);

const references = <T extends Reference>(list: T[] | undefined): T[] | undefined =>
  list?.map((one) => reference(one)).filter((one) => one !== undefined);

/** Without the elements that are not there. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
