import { Findings, type Invariant, listed, type Violation } from '../fhir/findings.ts';
import { decide } from './decide.ts';
import type { Outcome } from './derivation.ts';
import { SETTING_NAMES, SETTINGS, type Settings } from './settings.ts';
import type { Decision, DecisionInput, Entitlements } from './types.ts';
import { ITEMS, LIMITED, OBJECTIONS, UNREADABLE, type World, worldsOf } from './worlds.ts';

const SENTENCES = {
  'view-is-the-limit': {
    en: 'Whatever the family permits, and also with break-glass, a discipline gets only the categories of its view.',
    nl: 'Wat het gezin ook toestaat, en ook met de noodknop: een functie krijgt alleen de categorieën van zijn eigen weergave.',
  },
  'break-glass-is-a-right': {
    en: 'Break-glass gives nothing to a discipline that does not have it.',
    nl: 'De noodknop geeft niets aan een functie die hem niet heeft.',
  },
  'no-bsn-without-ground': {
    en: 'An item with a BSN never goes out whole to a discipline without a legal ground for the BSN.',
    nl: 'Een gegeven met een BSN gaat nooit heel naar een functie zonder wettelijke grond voor het BSN.',
  },
  'protected-address': {
    en: 'A protected address is left out for everybody.',
    nl: 'Een beschermd adres blijft voor iedereen weg.',
  },
  'third-person': {
    en: 'What an item tells about another person never goes out without that person.',
    nl: 'Wat een gegeven over een ander vertelt, gaat nooit naar buiten zonder die ander.',
  },
  'one-patient': {
    en: 'A question about one patient never releases anything of another.',
    nl: 'Een vraag over één patiënt geeft nooit iets van een ander vrij.',
  },
  'labelled-only': {
    en: 'An item without a known category goes to nobody.',
    nl: 'Een gegeven zonder bekende categorie gaat naar niemand.',
  },
  'silence-is-no-consent': {
    en: 'Where nobody said anything nothing goes out, except ordinary data in a referral that the family knows of, and by break-glass.',
    nl: 'Waar niemand iets heeft gezegd, gaat niets naar buiten. Uitzondering: gewone gegevens bij een verwijzing die het gezin kent, en de noodknop.',
  },
  'child-protection-by-name': {
    en: 'Child protection never goes out on a permission that does not name it or everything (break-glass aside).',
    nl: 'Kinderbescherming gaat nooit naar buiten op een toestemming die dat niet noemt, of niet alles noemt (de noodknop daargelaten).',
  },
  'unknown-is-refused': {
    en: 'What is not known is refused: a discipline, a purpose, a way of asking, an answer of a register, a statement.',
    nl: 'Wat niet bekend is, wordt geweigerd: een functie, een doel, een manier van vragen, een antwoord van een register, een verklaring.',
  },
  'care-relation': {
    en: 'Without a treatment relation, about a patient who has died, or on a report under a legal duty, nothing goes out.',
    nl: 'Zonder behandelrelatie, over een overleden patiënt, of bij een wettelijke melding gaat niets naar buiten.',
  },
  'objection-never-adds': {
    en: 'One more objection, by anybody, never adds a release.',
    nl: 'Een bezwaar erbij, van wie dan ook, geeft nooit iets extra vrij.',
  },
  'ending-never-adds': {
    en: 'Ending or losing a permission never adds a release.',
    nl: 'Een toestemming die eindigt of wegvalt, geeft nooit iets extra vrij.',
  },
  'strict-setting-never-adds': {
    en: 'A setting at its strictest value never releases more than at any other.',
    nl: 'Een instelling op de strengste stand geeft nooit meer vrij dan op een andere stand.',
  },
  'order-is-nothing': {
    en: 'The order of statements and of items is of no matter, and no item changes what happens to another.',
    nl: 'De volgorde van verklaringen en gegevens maakt niet uit, en geen gegeven verandert wat er met een ander gebeurt.',
  },
} as const;

/** What must hold of every consent decision, in words. */
export const CONSENT_INVARIANTS: readonly Invariant[] = listed(SENTENCES);

type Check = Findings<keyof typeof SENTENCES>;

type Decide = (input: DecisionInput) => Decision;

/**
 * Which of the sentences a set of entitlements and settings breaks, each with one case that shows it; none when all hold. Goes through the whole finite
 * table: discipline × category × label × purpose × who has a say × what was said. Pure; takes about two seconds.
 */
export function checkConsent(
  entitlements: Entitlements,
  settings: Settings,
  decideWith: Decide = (input) => decide(input, entitlements),
): Violation[] {
  const found: Check = new Findings(SENTENCES);
  for (const discipline of Object.keys(entitlements.disciplines))
    for (const world of worldsOf(discipline, ITEMS, settings))
      checkLimits(world, decideWith(world.input), entitlements, settings, found);
  // How statements and settings work together does not depend on the discipline.
  for (const world of worldsOf(widest(entitlements), FEW, settings)) {
    const released = decideWith(world.input);
    checkStatements(world, released, decideWith, found);
    checkSettings(world, released, settings, decideWith, found);
    checkOrder(world, released, decideWith, found);
    if (world.said === 'all permit all there is') checkRefusals(world, released, decideWith, found);
  }
  return found.violations;
}

/** An item per label in the category that the statements speak of, one outside it, and the limited ones. */
const FEW = ITEMS.filter(({ category, labels }) => category === 'risk' || !labels || labels.length === 0);

/** The discipline with the most categories, if it can be one with break-glass. */
function widest({ disciplines }: Entitlements): string {
  const weight = (one: Entitlements['disciplines'][string]): number =>
    one.categories.length + (one.breakGlass ? 100 : 0);
  const all = Object.entries(disciplines).sort(([, a], [, b]) => weight(b) - weight(a));
  return all[0]?.[0] ?? '';
}

function checkLimits(
  { name, input, said }: World,
  { items }: Decision,
  entitlements: Entitlements,
  settings: Settings,
  found: Check,
): void {
  const rights = entitlements.disciplines[input.request.discipline];
  const emergency = input.request.purpose === 'BTG';
  const goes = (one: { readonly ref: string }): boolean => items[one.ref] !== 'withhold';
  for (const one of input.resources) {
    if (!goes(one)) continue;
    const at = (): string =>
      `${name}; item ${one.category ?? 'without category'} ${one.labels?.join(' ') ?? ''}`.trim();
    found.expect('view-is-the-limit', rights?.categories.includes(one.category ?? '') === true, at);
    found.expect('break-glass-is-a-right', !emergency || rights?.breakGlass === true, at);
    const silent = input.consents.length === 0 && !emergency;
    const ordinary = input.request.mode === 'push-referral' && !one.labels?.length;
    found.expect('silence-is-no-consent', !silent || ordinary, at);
    const unnamed = said === 'all permit' || said === 'all permit risk and psychiatry';
    found.expect('child-protection-by-name', emergency || !unnamed || !one.labels?.includes('CHILDPROT'), at);
  }
  const at = (): string => name;
  found.expect('no-bsn-without-ground', rights?.bsn === true || items[LIMITED.bsn.ref] !== 'release', at);
  found.expect('protected-address', items[LIMITED.address.ref] !== 'release', at);
  found.expect('third-person', items[LIMITED.about.ref] !== 'release' && !goes(LIMITED.wholly), at);
  const implied = settings.motherForNewborn === 'implied' && name.includes('newborn');
  found.expect('third-person', implied || items['Basic/medication-about'] !== 'release', at);
  found.expect('one-patient', !goes(LIMITED.sibling), at);
  found.expect('labelled-only', !goes(LIMITED.unlabelled) && !goes(LIMITED.oddly), at);
}

function checkStatements({ name, input, speak }: World, before: Decision, decideWith: Decide, found: Check): void {
  for (const by of speak)
    for (const objection of OBJECTIONS) {
      const after = decideWith({ ...input, consents: [...input.consents, objection.value(by)] });
      found.expect('objection-never-adds', !isMore(before, after), () => `${name}; and ${by} ${objection.name}`);
    }
  for (const ended of input.consents) {
    if (ended.provision?.type !== 'permit') continue;
    const others = input.consents.filter((one) => one !== ended);
    for (const consents of [others, [...others, { ...ended, status: 'inactive' as const }]])
      found.expect('ending-never-adds', !isMore(before, decideWith({ ...input, consents })), () => name);
  }
}

function checkSettings(
  { name, input }: World,
  asIs: Decision,
  settings: Settings,
  decideWith: Decide,
  found: Check,
): void {
  for (const setting of SETTING_NAMES) {
    const [strictest, ...others]: readonly unknown[] = SETTINGS[setting].choices;
    if (UNDECIDING.has(setting)) continue;
    const under = (value: unknown): Decision =>
      value === settings[setting] ? asIs : decideWith({ ...input, config: { ...settings, [setting]: value } });
    const strict = under(strictest);
    for (const other of others)
      found.expect('strict-setting-never-adds', !isMore(under(other), strict), () => `${name}; ${setting} ${other}`);
  }
}

/** Settings that bear on what is told, kept or timed, not on what is released. */
const UNDECIDING: ReadonlySet<keyof Settings> = new Set([
  'tellWithheld',
  'decisionMaxAgeSeconds',
  'copiesKeptDays',
  'breakGlassMinutes',
]);

function checkOrder({ name, input }: World, { items }: Decision, decideWith: Decide, found: Check): void {
  const { consents, resources } = input;
  const turned = { ...input, consents: consents.toReversed(), resources: resources.toReversed() };
  const half = { ...input, resources: resources.filter((_, index) => index % 2 === 0) };
  for (const other of [turned, half]) {
    const again = decideWith(other).items;
    found.expect(
      'order-is-nothing',
      Object.entries(again).every(([ref, outcome]) => items[ref] === outcome),
      () => name,
    );
  }
}

/** Questions that must get nothing, whatever else is true. */
function checkRefusals({ name, input }: World, released: Decision, decideWith: Decide, found: Check): void {
  const { request } = input;
  const odd = 'constructor';
  const asking = (more: object): DecisionInput => ({ ...input, request: { ...request, ...more } });
  const unknown: Record<string, DecisionInput> = {
    discipline: asking({ discipline: odd }),
    purpose: asking({ purpose: odd }),
    'way of asking': asking({ mode: odd }),
    'state of the register': {
      ...input,
      env: { registry: odd as 'down' },
      config: { ...input.config, registerDown: 'nothing' },
    },
    'answer of Mitz': { ...input, env: { mitz: odd as 'down' }, config: { ...input.config, registerDown: 'nothing' } },
  };
  const by = released.derivation.people[0]?.ref;
  // Break-glass goes against what might be a refusal only where the setting says so.
  if (by !== undefined && !(request.purpose === 'BTG' && input.config?.btgOverridesObjection))
    for (const { name: what, value } of UNREADABLE)
      unknown[`statement with ${what}`] = { ...input, consents: [...input.consents, value(by)] };
  for (const [what, question] of Object.entries(unknown))
    found.expect('unknown-is-refused', decideWith(question).decision === 'deny', () => `${name}; unknown ${what}`);
  const uncared: Record<string, DecisionInput> = {
    'a patient who has died': { ...input, patients: input.patients.map((one) => ({ ...one, deceased: true })) },
    'a legal duty': asking({ mode: 'legal-duty' }),
    ...(request.purpose !== 'BTG' && { 'no treatment relation': asking({ treatmentRelation: false }) }),
  };
  for (const [what, question] of Object.entries(uncared))
    found.expect('care-relation', decideWith(question).decision === 'deny', () => `${name}; ${what}`);
}

const RANK: Readonly<Record<Outcome, number>> = { withhold: 0, redact: 1, release: 2 };

/** Whether B releases something that A does not: an item, or what was left out of one. */
function isMore(a: Decision, b: Decision): boolean {
  return Object.entries(b.items).some(([ref, outcome]) => {
    const before = a.items[ref] ?? 'withhold';
    if (RANK[outcome] !== RANK[before]) return RANK[outcome] > RANK[before];
    const left = b.derivation.items[ref]?.redactions ?? [];
    return outcome === 'redact' && !a.derivation.items[ref]?.redactions.every((one) => left.includes(one));
  });
}
