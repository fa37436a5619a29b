import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Bundle, Consent, Resource } from '@medplum/fhirtypes';
import { FAMILIES, familyBundle, type Family as Invented } from '../../demo/families.ts';
import { toParty } from '../../exchange/family.ts';
import { intake, withSubject } from '../../exchange/intake.ts';
import type { Family } from '../../exchange/relatives.ts';
import type { loadKnowledge } from '../../knowledge.ts';
import type { StoredResource } from '../../store/records.ts';
import { createVault } from '../../store/vault.ts';

type Knowledge = Awaited<ReturnType<typeof loadKnowledge>>;

/** The messages of the samples that tell of each invented family, in the order in which they came. */
const MESSAGES: Readonly<Record<string, readonly [system: string, file: string][]>> = {
  yonathan: [
    ['hix', 'yonathan-oru.hl7'],
    ['hix', 'yonathan-mdm.hl7'],
    ['hix', 'yonathan-consult.json'],
    ['kdplus', 'yonathan-contact.json'],
  ],
  luuk: [
    ['hix', 'luuk-consult.json'],
    ['kdplus', 'luuk-contacts.json'],
    ['kdplus', 'luuk-first-years.json'],
  ],
  laila: [['hix', 'laila-mamaplus.json']],
};

/** The names by which the invented families are asked for. */
export const INVENTED = Object.keys(MESSAGES);

/** An invented family with all that its sample messages bring, as the store would open its file; nothing is stored. `poli`: as if the family were at that one. */
export async function inventedFamily(
  knowledge: Knowledge,
  name: string,
  poli: string | undefined,
  now: Date,
): Promise<Family> {
  const given = FAMILIES.find((one) => one.given.toLowerCase() === name) as Invented;
  const signed = new Date(now.getTime() - 60_000).toISOString();
  const entered = withIds(familyBundle({ ...given, poli: poli ?? given.poli }, signed));
  const vault = createVault(randomBytes(32));
  const resources = new Map<string, StoredResource>();
  for (const one of entered) if (one.resourceType !== 'Consent') put(resources, one, categoryOf(one), []);
  for (const [system, file] of MESSAGES[name] ?? []) {
    const taken = await readSample(knowledge, vault, system, file, now);
    for (const { resource, category, labels } of taken)
      put(resources, withSubject(resource, PATIENT), category, labels);
  }
  const file = {
    patient: PATIENT,
    dataKey: vault.dataKey(PATIENT, vault.newDataKey(PATIENT)),
    resources: [...resources.values()],
    consents: entered.filter((one): one is Consent => one.resourceType === 'Consent'),
    relations: given.organisations,
    gate: 0,
  };
  // Whoever has no birth date has no say: found here and not in an empty preview.
  if (!toParty(file).birthDate) throw new Error(`The invented family ${name} has no patient.`);
  return { file, relatives: [] };
}

const PATIENT = '00000000-0000-4000-8000-000000000000';

/** The Bundle's own urn:uuid ids as the store would give them. */
function withIds(bundle: Bundle): Resource[] {
  const text = JSON.stringify(bundle);
  const ids = new Map(
    (bundle.entry ?? []).map(({ fullUrl = '', resource }) => [
      fullUrl,
      `${resource?.resourceType}/${fullUrl.slice(9)}`,
    ]),
  );
  let linked = text;
  for (const [url, reference] of ids) linked = linked.replaceAll(`"reference":"${url}"`, `"reference":"${reference}"`);
  return ((JSON.parse(linked) as Bundle).entry ?? []).map(
    ({ fullUrl = '', resource }) =>
      ({ ...resource, id: fullUrl.slice('urn:uuid:'.length), meta: { versionId: '1' } }) as Resource,
  );
}

const categoryOf = (one: Resource): string =>
  ['Patient', 'RelatedPerson'].includes(one.resourceType) ? 'naw' : 'referral';

function put(all: Map<string, StoredResource>, resource: Resource, category: string, labels: readonly string[]): void {
  const { resourceType: type, id = '' } = resource;
  const security = resource.meta?.security ?? [
    { system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code: `cat-${category}` },
  ];
  const own = category === 'directory' ? resource : { ...resource, meta: { ...resource.meta, security } };
  all.set(`${type}/${id}`, { type, id, version: 1, category, labels, author: 'ziekenhuis', resource: own });
}

async function readSample(
  knowledge: Knowledge,
  vault: ReturnType<typeof createVault>,
  system: string,
  file: string,
  now: Date,
) {
  const bytes = await readFile(`mappings/${system}/samples/${file}`);
  const message = knowledge.sources.read(
    system,
    file.endsWith('.hl7') ? 'application/hl7-v2' : 'application/json',
    bytes,
  );
  if (!message.ok) throw new Error(`The sample ${file} cannot be read.`);
  const mapped = knowledge.sources.map(message, () => crypto.randomUUID());
  const taken = mapped.ok ? intake({ ...knowledge, vault }, mapped.bundle, system, now) : mapped;
  if (!taken.ok) throw new Error(`The sample ${file} is refused: ${taken.issues[0].code}.`);
  return taken.items;
}
