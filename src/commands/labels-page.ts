import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';

/** The languages that the page is written in. */
export type Language = 'nl' | 'en';

type Title = Record<Language, string>;

interface Rule {
  readonly id: string;
  readonly title: Title;
  readonly types?: readonly string[];
  readonly category?: string;
  readonly labels?: readonly string[];
  readonly codes?: Record<string, readonly string[]>;
  readonly prefixes?: Record<string, readonly string[]>;
  readonly valueSets?: readonly string[];
}

/** The rule table of `profiles/labels.json`, as it is written. */
export interface LabelTable {
  readonly title: Title;
  readonly labels: readonly Rule[];
  readonly rules: readonly Rule[];
  readonly otherwise: readonly Rule[];
  readonly bds: {
    readonly groups: readonly { group: string; category: string; mothersRecord?: string; elements: string }[];
  };
  readonly types: Record<string, string>;
  readonly denials: { readonly codes: Record<string, readonly string[]> };
}

/** What the codes in the table are called. */
export interface Names {
  readonly categories: CodeSystem;
  readonly labels: ValueSet;
  readonly valueSets: ReadonlyMap<string, ValueSet>;
}

/** The rule table in plain sentences, for whoever must answer for it. It says all that the table says, in the table's order. Pure. */
export function labelsPage(table: LabelTable, names: Names, language: Language): string {
  const say = TEXTS[language];
  const category = (code: string) => `${categoryName(names.categories, code, language)} (${code})`;
  const rule = (one: Rule, index: number) =>
    `${index + 1}. **${one.title[language]}**: ${say.kinds(one.types ?? [])} ${say.with} ${codesOf(one, names, language)} ${say.belongs} ${category(one.category ?? '')}.`;
  return [
    `# ${table.title[language]}`,
    say.intro,
    `## ${say.sensitive}`,
    ...table.labels.map(
      (one) =>
        `- **${one.title[language]}**: ${say.gets} ${(one.labels ?? []).map((label) => labelName(names.labels, label, language)).join(say.and)} ${say.whereverIn} ${codesOf(one, names, language)}.`,
    ),
    say.denied(codeList(table.denials.codes, language)),
    `## ${say.first}`,
    ...table.rules.map(rule),
    `## ${say.elements}`,
    ...table.bds.groups.map(
      ({ group, category: of, mothersRecord, elements }) =>
        `- ${group} (${elements.replaceAll(' ', ', ')}): ${category(of)}${mothersRecord ? say.mother(category(mothersRecord)) : ''}.`,
    ),
    `## ${say.otherwise}`,
    ...table.otherwise.map(rule),
    `## ${say.byKind}`,
    ...Object.entries(table.types).map(([type, of]) => `- ${type}: ${category(of)}.`),
    say.follows,
  ]
    .join('\n\n')
    .replaceAll(/\n\n(?=(?:-|\d+\.) )/g, '\n');
}

const SYSTEMS: Record<string, Title> = {
  'http://snomed.info/sct': { nl: 'SNOMED CT', en: 'SNOMED CT' },
  'http://loinc.org': { nl: 'LOINC', en: 'LOINC' },
  'http://www.whocc.no/atc': { nl: 'ATC', en: 'ATC' },
  'http://hl7.org/fhir/sid/icd-10': { nl: 'ICD-10', en: 'ICD-10' },
  'http://hl7.org/fhir/sid/icd-10-nl': { nl: 'ICD-10 (Nederlands)', en: 'ICD-10 (Dutch)' },
  'http://hl7.org/fhir/sid/icpc-1': { nl: 'ICPC-1', en: 'ICPC-1' },
  'http://hl7.org/fhir/sid/icpc-1-nl': { nl: 'ICPC-1 (Nederlands)', en: 'ICPC-1 (Dutch)' },
  'urn:oid:2.16.840.1.113883.2.4.4.40.267': { nl: 'BDS-element', en: 'BDS element' },
  'http://terminology.hl7.org/CodeSystem/observation-category': { nl: 'soort waarneming', en: 'kind of observation' },
};

/** Value lists of the BDS have numbers; any other system stands under its own name. */
function systemName(system: string, language: Language): string {
  const list = /^urn:oid:2\.16\.840\.1\.113883\.2\.4\.(?:4\.40|3\.11\.60\.100\.12)\.(\d+)$/.exec(system)?.[1];
  return (
    SYSTEMS[system]?.[language] ??
    (list ? `${language === 'nl' ? 'BDS-waardelijst' : 'BDS value list'} ${list}` : system)
  );
}

const codeList = (codes: Record<string, readonly string[]>, language: Language): string =>
  Object.entries(codes)
    .map(([system, all]) => `${systemName(system, language)}: ${all.join(', ')}`)
    .join('; ');

function codesOf({ codes = {}, prefixes = {}, valueSets = [] }: Rule, names: Names, language: Language): string {
  const lists = valueSets.map((name) => {
    const { title, name: short = name } = names.valueSets.get(name) ?? {};
    return `${TEXTS[language].list} “${title ?? short}” (${name})`;
  });
  const starts = Object.entries(prefixes).map(
    ([system, all]) => `${systemName(system, language)} ${TEXTS[language].beginning}: ${all.join(', ')}`,
  );
  return [codeList(codes, language), ...starts, ...lists].filter((one) => one !== '').join('; ');
}

const inLanguage = (designations: { language?: string; value: string }[] | undefined, language: Language) =>
  designations?.find((one) => one.language === language)?.value;

function categoryName({ concept = [] }: CodeSystem, code: string, language: Language): string {
  const found = concept.find((one) => one.code === `cat-${code}`);
  return inLanguage(found?.designation as never, language) ?? code;
}

function labelName({ compose }: ValueSet, code: string, language: Language): string {
  const found = compose?.include.flatMap((one) => one.concept ?? []).find((one) => one.code === code);
  const name = inLanguage(found?.designation as never, language);
  return name ? `“${name}” (${code})` : code;
}

const TEXTS = {
  nl: {
    intro:
      'Deze tabel bepaalt van elk gegeven onder welke categorie het valt en of het gevoelig is. Toestemming en weergaven werken met de uitkomst. Voor de categorie telt de eerste regel die past, van boven naar beneden; past er geen, dan wordt het gegeven niet bewaard. Labels tellen op, en wat de bron zelf gevoelig noemt blijft gevoelig.',
    sensitive: 'Wat gevoelig is',
    gets: 'een gegeven krijgt het label',
    and: ' en ',
    whereverIn: 'als er ergens in staat:',
    beginning: 'beginnend met',
    list: 'een code uit de lijst',
    denied: (codes: string) =>
      `Een verslag krijgt de labels van alles wat het bericht vaststelt, want de tekst kan het herhalen. Alleen een antwoord dat zegt dat iets er niet is, maakt een verslag niet gevoelig: ${codes}.`,
    first: 'De categorie: eerst deze regels, op code',
    kinds: (types: readonly string[]) => types.join(', '),
    with: 'met',
    belongs: 'valt onder',
    elements: 'Dan het nummer van het BDS-element',
    mother: (category: string) => `; in het dossier van de moeder zelf: ${category}`,
    otherwise: 'Dan deze ruimere codes',
    byKind: 'Ten slotte het soort gegeven',
    follows:
      'Een bestand (Binary) volgt het document dat ernaar verwijst; een herkomstvermelding (Provenance) volgt het gegeven waarover zij gaat.',
  },
  en: {
    intro:
      'This table decides of every datum which category it belongs to and whether it is sensitive. Consent and views work with the outcome. For the category the first rule that fits counts, from top to bottom; where none fits, the datum is not kept. Labels add up, and what the source itself calls sensitive stays sensitive.',
    sensitive: 'What is sensitive',
    gets: 'a datum gets the label',
    and: ' and ',
    whereverIn: 'where anywhere in it stands:',
    beginning: 'beginning with',
    list: 'a code of the list',
    denied: (codes: string) =>
      `A report gets the labels of all that the message states, because its text can repeat it. Only an answer that something is not so makes no report sensitive: ${codes}.`,
    first: 'The category: first these rules, by code',
    kinds: (types: readonly string[]) => types.join(', '),
    with: 'with',
    belongs: 'belongs to',
    elements: 'Then the number of the BDS element',
    mother: (category: string) => `; in the mother's own record: ${category}`,
    otherwise: 'Then these wider codes',
    byKind: 'Last, the kind of datum',
    follows:
      'A file (Binary) follows the document that refers to it; a statement of origin (Provenance) follows what it is about.',
  },
} as const;
