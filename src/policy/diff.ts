import canonicalize from 'canonicalize';
import { CATEGORIES } from '../fhir/categories.ts';
import type { CodeList } from '../views/codes.ts';
import { resolveView } from '../views/resolve.ts';
import type { View } from '../views/types.ts';
import type { Shipped } from './content.ts';
import { DIRECTORY, elementsOf, outermost } from './elements-of.ts';

/** The four polis and none, as a view can differ at each. */
export const POLIS = [undefined, 'pop', 'mamaplus', 'nazorg-neonatologie', 'huil-slaap-eet'] as const;

/** One change in one sentence. `widens`: somebody may see more. */
export interface Change {
  readonly sentence: string;
  readonly widens: boolean | undefined;
}

/**
 * What is different between two policies, in sentences: settings first, then what each discipline may or may no longer see, then the files that differ, so that a change that no sentence tells
 * cannot hide. Pure.
 */
export function diff(before: Shipped, after: Shipped): Change[] {
  return [...settingChanges(before, after), ...disciplineChanges(before, after), ...fileChanges(before, after)];
}

function settingChanges(before: Shipped, after: Shipped): Change[] {
  const was: Readonly<Record<string, unknown>> = { ...before.policy.settings };
  return Object.entries(after.policy.settings).flatMap(([name, value]) =>
    canonicalize(was[name]) === canonicalize(value)
      ? []
      : [
          {
            sentence: `The setting ${name} is now ${JSON.stringify(value)}; it was ${JSON.stringify(was[name])}.`,
            widens: undefined,
          },
        ],
  );
}

function disciplineChanges(before: Shipped, after: Shipped): Change[] {
  const [was, is] = [before.policy.views, after.policy.views];
  return [...new Set([...was.policies.keys(), ...is.policies.keys()])].sort().flatMap((discipline): Change[] => {
    const old = POLIS.map((poli) => resolveView(was, discipline, poli));
    const now = POLIS.map((poli) => resolveView(is, discipline, poli));
    if (!now[0]) return [{ sentence: `${discipline} is gone: it sees nothing any more.`, widens: false }];
    const head = old[0] ? flags(discipline, old[0], now[0]) : [{ sentence: `${discipline} is new.`, widens: true }];
    return [
      ...head,
      ...[...CATEGORIES, DIRECTORY].flatMap((category) => categoryChanges(discipline, category, old, now)),
    ];
  });
}

function flags(discipline: string, old: View, now: View): Change[] {
  const changes: Change[] = [];
  const flag = (differs: boolean, widens: boolean, yes: string, no: string) => {
    if (differs) changes.push({ sentence: `${discipline} ${widens ? yes : no}.`, widens });
  };
  flag(old.bsn !== now.bsn, now.bsn, 'may now have the BSN', 'may no longer have the BSN');
  flag(old.breakGlass !== now.breakGlass, now.breakGlass, 'may now break the glass', 'may no longer break the glass');
  flag(
    old.sensitive !== now.sensitive,
    now.sensitive === 'with-consent',
    'may now see sensitive items, with consent',
    'may no longer see sensitive items',
  );
  return changes;
}

type Resolved = readonly (View | undefined)[];

/** Elements that came and went, at which polis; the same change at every poli is one sentence. */
function categoryChanges(discipline: string, category: string, old: Resolved, now: Resolved): Change[] {
  const found = new Map<string, { at: (string | undefined)[]; widens: boolean }>();
  POLIS.forEach((poli, at) => {
    const [was, is] = [elementsOf(old[at], category), elementsOf(now[at], category)];
    const add = (path: string, widens: boolean) => {
      const key = `${widens} ${path}`;
      found.set(key, { at: [...(found.get(key)?.at ?? []), poli], widens });
    };
    for (const path of outermost([...is].filter((one) => !was.has(one)))) add(path, true);
    for (const path of outermost([...was].filter((one) => !is.has(one)))) add(path, false);
    const codes = [codesOf(old[at], category), codesOf(now[at], category)] as const;
    if (was.size > 0 && is.size > 0 && codes[0] !== codes[1]) {
      const widens =
        codes[1] === '' || (codes[0] !== '' && codes[0].split(' ').every((one) => codes[1].split(' ').includes(one)));
      add(
        codes[1] === '' ? 'items with any code' : 'only items with certain codes, and other ones than before',
        widens,
      );
    }
  });
  const grouped = Map.groupBy(found, ([key, { at, widens }]) => `${widens}|${at.map(String).join()}|${typeOf(key)}`);
  const sentences = [...grouped.values()].map((entries) => {
    const [, { at, widens }] = entries[0] as (typeof entries)[number];
    const paths = entries.map(([key]) => key.slice(key.indexOf(' ') + 1));
    const verb = widens ? 'may now see' : 'may no longer see';
    return { sentence: `${discipline} ${verb} ${list(paths)} of category ${category}${where(at)}.`, widens };
  });
  return [...setChanges(discipline, category, old, now), ...sentences];
}

/** What comes or goes as a whole is told together; elements by their type. */
const typeOf = (key: string): string => /^\w+ ([A-Z]\w+)\./.exec(key)?.[1] ?? '';

/** Which set of elements a category is given by: the short form of what follows. */
function setChanges(discipline: string, category: string, old: Resolved, now: Resolved): Change[] {
  const use = (view: View | undefined) =>
    (category === DIRECTORY ? view?.directory : view?.categories.get(category))?.use ?? 'nothing';
  const changed = POLIS.map((poli, at) => ({ poli, was: use(old[at]), is: use(now[at]) })).filter(
    (one) => one.was !== one.is,
  );
  return [...Map.groupBy(changed, ({ was, is }) => `${was}|${is}`).values()].map((same) => {
    const [{ was, is }] = same as [(typeof same)[number]];
    const at = where(same.map((one) => one.poli));
    return { sentence: `${discipline} gets category ${category}${at} as "${is}"; it was "${was}".`, widens: undefined };
  });
}

const codesOf = (view: View | undefined, category: string): string => {
  const codes: CodeList | undefined = view?.categories.get(category)?.codes;
  return codes ? [...codes.codes].sort().join(' ') : '';
};

function where(at: readonly (string | undefined)[]): string {
  if (at.length === POLIS.length) return '';
  const named = at.map((one) => one ?? 'none');
  return named.length === 1 ? ` at the poli ${named[0]}` : ` at the polis ${named.join(', ')}`;
}

/** Paths by resource type: `Observation.(value[x], note)`; a type that comes or goes as a whole by its name alone. */
function list(paths: readonly string[]): string {
  const types = Map.groupBy(paths, (path) => /^[A-Z]\w+(?=\.)/.exec(path)?.[0] ?? path);
  return [...types]
    .map(([type, own]) => {
      const elements = own.filter((path) => path !== type).map((path) => path.slice(type.length + 1));
      return elements.length > 1
        ? `${type}.(${elements.join(', ')})`
        : elements.length === 1
          ? `${type}.${elements[0]}`
          : type;
    })
    .join(', ');
}

function fileChanges(before: Shipped, after: Shipped): Change[] {
  return (['views', 'elements', 'valueSets'] as const).flatMap((folder) => {
    const [was, is] = [before.content[folder], after.content[folder]];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].sort().flatMap((name): Change[] => {
      if (canonicalize(was[name]) === canonicalize(is[name])) return [];
      const what = !(name in was) ? 'is new' : !(name in is) ? 'is gone' : 'differs';
      return [{ sentence: `The file ${FOLDERS[folder]}/${name}.json ${what}.`, widens: undefined }];
    });
  });
}

const FOLDERS = { views: 'views', elements: 'views/elements', valueSets: 'valuesets' } as const;
