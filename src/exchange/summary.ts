import type { Bundle, CodeableConcept, Composition, CompositionSection, Resource } from '@medplum/fhirtypes';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';

/** One part of the page: its title, and which resources stand in it. */
interface Part {
  readonly title: string;
  readonly holds: (resource: Shown) => boolean;
  /** So many at most, the newest first. */
  readonly most: number;
  /** Of several with the same code only the newest: a growth curve is not a summary. */
  readonly newestPerCode?: true;
}

/** What is read of resources of any kind. */
type Shown = Resource & {
  status?: string;
  clinicalStatus?: CodeableConcept;
  verificationStatus?: CodeableConcept;
  code?: CodeableConcept;
  [element: string]: unknown;
};

const OVER: ReadonlySet<string> = new Set(
  'entered-in-error cancelled completed rejected failed stopped finished inactive resolved remission refuted revoked noshow not-taken'.split(
    ' ',
  ),
);
const WRONG: ReadonlySet<string> = new Set(['entered-in-error', 'refuted']);

const codesOf = (one: Shown): string[] =>
  [
    one.status,
    ...[one.clinicalStatus, one.verificationStatus].flatMap((each) => each?.coding?.map(({ code }) => code) ?? []),
  ].flatMap((code) => code ?? []);
const isNow = (one: Shown): boolean => !codesOf(one).some((code) => OVER.has(code));
const isRight = (one: Shown): boolean => !codesOf(one).some((code) => WRONG.has(code));
const isOf = (...types: string[]): ((one: Shown) => boolean) => {
  const set = new Set(types);
  return (one) => set.has(one.resourceType);
};
const inCategory = (one: Shown, category: string): boolean =>
  one.meta?.security?.some((each) => each.system === CATEGORY_SYSTEM && each.code === `cat-${category}`) ?? false;

/** The page from top to bottom: who is around this family, what matters now. A resource stands in the first part that holds it. */
const PARTS: readonly Part[] = [
  {
    title: 'Wie er om het gezin heen staan',
    holds: (one) =>
      isOf('RelatedPerson', 'CareTeam', 'Practitioner', 'PractitionerRole', 'Organization')(one) && isNow(one),
    most: 40,
  },
  {
    title: 'Afspraken, verwijzingen en taken',
    holds: (one) => isOf('Appointment', 'ServiceRequest', 'Task')(one) && isNow(one),
    most: 10,
  },
  { title: 'Allergieën', holds: (one) => isOf('AllergyIntolerance')(one) && isNow(one), most: 20 },
  {
    title: 'Medicijnen',
    holds: (one) => isOf('MedicationStatement', 'MedicationRequest')(one) && isNow(one),
    most: 20,
  },
  {
    title: 'Wat er nu speelt',
    holds: (one) =>
      (isOf('Condition', 'Flag', 'CarePlan', 'Goal')(one) && isNow(one)) ||
      (isOf('Observation')(one) && inCategory(one, 'risk') && isRight(one)),
    most: 20,
    newestPerCode: true,
  },
  {
    title: 'Zwangerschap en geboorte',
    holds: (one) => isOf('Observation', 'Procedure')(one) && inCategory(one, 'obstetric') && isRight(one),
    most: 10,
    newestPerCode: true,
  },
  {
    title: 'Groei en ontwikkeling',
    holds: (one) => isOf('Observation')(one) && isRight(one),
    most: 15,
    newestPerCode: true,
  },
  { title: 'Laatste contacten', holds: (one) => isOf('Encounter', 'Composition')(one) && isRight(one), most: 5 },
];

/** The parts of the page with what stands in each. Pure, and the same for the choice before a release and for the page after it. */
function partsOf(all: readonly Resource[]): { title: string; resources: readonly Shown[] }[] {
  const newest = [...(all as Shown[])].sort((one, other) => (timeOf(one) < timeOf(other) ? 1 : -1));
  const taken = new Set<Shown>();
  return PARTS.map(({ title, holds, most, newestPerCode }) => {
    const codes = new Set<string>();
    const resources: Shown[] = [];
    for (const one of newest) {
      if (taken.has(one) || !holds(one)) continue;
      taken.add(one);
      const code = newestPerCode ? codeKey(one) : undefined;
      if (resources.length === most || (code !== undefined && codes.has(code))) continue;
      if (code !== undefined) codes.add(code);
      resources.push(one);
    }
    return { title, resources };
  }).filter((part) => part.resources.length > 0);
}

const codeKey = (one: Shown): string | undefined => {
  const coding = one.code?.coding?.[0];
  return coding && `${coding.system}|${coding.code}`;
};

/** What of all that may leave stands on the page: the patient and the parts. */
export function chooseForSummary(all: readonly Resource[]): { resources: readonly Resource[] } {
  const patient = all.filter((one) => one.resourceType === 'Patient');
  if (patient.length === 0) return { resources: [] };
  return { resources: [...patient, ...partsOf(all).flatMap((part) => part.resources)] };
}

/**
 * One page about a family as a FHIR document (a Composition with Dutch sections, like the International Patient Summary but our own), made only of what was released. `at` is the instant of the question, `id` that of
 * the document.
 */
export function summaryDocument(released: readonly Resource[], base: string, at: string, id: string): Bundle {
  const patient = released.find((one) => one.resourceType === 'Patient');
  const sections = partsOf(released);
  const title = 'Het gezin op één bladzijde';
  const composition: Composition = {
    resourceType: 'Composition',
    id,
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '60591-5' }] },
    subject: { reference: `Patient/${patient?.id}` },
    date: at,
    author: [{ display: 'Gezinspoort' }],
    title,
    text: narrative(`<p>${asHtml(lineOf(patient as Shown))}</p>`),
    section: sections.map(
      (part): CompositionSection => ({
        title: part.title,
        text: narrative(`<ul>${part.resources.map((one) => `<li>${asHtml(lineOf(one))}</li>`).join('')}</ul>`),
        entry: part.resources.map((one) => ({ reference: `${one.resourceType}/${one.id}` })),
      }),
    ),
  };
  if (composition.section?.length === 0) delete composition.section;
  return {
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` },
    timestamp: at,
    entry: [composition, ...released].map((resource) => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
      resource,
    })),
  };
}

/** The same page for a browser: nothing in it runs or is loaded from elsewhere. */
export function summaryPage(document: Bundle): string {
  const composition = document.entry?.[0]?.resource as Composition;
  const sections = (composition.section ?? []).map(
    (one) => `<section><h2>${asHtml(one.title ?? '')}</h2>${one.text?.div}</section>`,
  );
  return `<!doctype html><html lang="nl"><meta charset="utf-8"><title>${composition.title}</title><body><h1>${composition.title}</h1>${composition.text?.div}${sections.join('')}</body></html>`;
}

const narrative = (html: string) => ({
  status: 'generated' as const,
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>`,
});

/** Elements that say when, and those that say what, the best first. */
const WHEN =
  'effectiveDateTime start authoredOn recordedDate onsetDateTime performedDateTime date dateAsserted occurrenceDateTime'.split(
    ' ',
  );
const WHAT = 'code medicationCodeableConcept description type relationship specialty reasonCode category'.split(' ');

function timeOf(one: Shown): string {
  for (const key of WHEN) if (typeof one[key] === 'string') return one[key];
  return (one.period as { start?: string } | undefined)?.start ?? one.meta?.lastUpdated ?? '';
}

/** One resource in a line: who or what, which value, when. */
function lineOf(one: Shown): string {
  const name = [one.name]
    .flat()
    .map((each) => nameOf(each))
    .find(Boolean);
  const what = WHAT.flatMap((key) => [one[key]].flat())
    .map((each) => conceptText(each))
    .filter(Boolean)[0];
  const when = dutchDate(one);
  return [
    [name, what].filter(Boolean).join(', ') || (one.title as string) || DUTCH[one.resourceType] || one.resourceType,
    valueText(one),
    when && `(${when})`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** What a line says of a resource that tells nothing else of itself. */
const DUTCH: Readonly<Record<string, string>> = {
  Appointment: 'Afspraak',
  CareTeam: 'Team om het gezin',
  Composition: 'Verslag',
  Encounter: 'Contact',
  Organization: 'Organisatie',
  Patient: 'Het kind of de ouder om wie het gaat',
  Practitioner: 'Zorgverlener',
  PractitionerRole: 'Zorgverlener',
  RelatedPerson: 'Naaste',
  ServiceRequest: 'Verwijzing',
  Task: 'Taak',
};

function dutchDate(one: Shown): string | undefined {
  const time =
    one.resourceType === 'Patient'
      ? (one.birthDate as string | undefined)
      : timeOf(one) === one.meta?.lastUpdated
        ? undefined
        : timeOf(one);
  return time?.slice(0, 10).split('-').reverse().join('-');
}

function nameOf(name: unknown): string | undefined {
  if (typeof name === 'string') return name;
  const { text, given, family } = (name ?? {}) as { text?: string; given?: string[]; family?: string };
  return text ?? ([...(given ?? []), family].filter(Boolean).join(' ') || undefined);
}

function conceptText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const { text, coding } = (value ?? {}) as CodeableConcept;
  return text ?? coding?.find((one) => one.display)?.display ?? coding?.[0]?.code;
}

function valueText(one: Shown): string | undefined {
  const quantity = one.valueQuantity as { value?: number; unit?: string; code?: string } | undefined;
  if (quantity?.value !== undefined)
    return `${String(quantity.value).replace('.', ',')} ${quantity.unit ?? quantity.code ?? ''}`.trim();
  if (typeof one.valueString === 'string') return one.valueString;
  if (typeof one.valueBoolean === 'boolean') return one.valueBoolean ? 'ja' : 'nee';
  return conceptText(one.valueCodeableConcept);
}

const asHtml = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[one] ?? '&quot;');
