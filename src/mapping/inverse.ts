import type { ConceptMap } from '@medplum/fhirtypes';

/** How a map asks for a table the other way round: `'inverse http://…/ConceptMap/x'`, or for several at once with `*` in the url. */
const PREFIX = 'inverse ';

/** From certain to less certain: of several codes that lead to one, the surest wins, and two that are as sure leave none. */
const SURENESS = ['equal', 'equivalent', 'wider', 'narrower', 'subsumes', 'specializes', 'relatedto', 'inexact'];

type Way = { system: string | undefined; code: string; sureness: number };

/**
 * The ConceptMaps that an `inverse …` url names, turned round as one: what they map to becomes what is mapped. A code that several
 * lead to goes back to the one that is `equal` or `equivalent` to it; where that is not one, it has no way back (`unmatched`), so that
 * nothing is guessed. Undefined for another url, and where no table has the url.
 */
export function inverseOf(url: string, conceptMaps: readonly ConceptMap[]): ConceptMap | undefined {
  if (!url.startsWith(PREFIX)) return undefined;
  const [start = '', ...rest] = url.slice(PREFIX.length).split('*');
  const end = rest.at(-1);
  const found = conceptMaps.filter(({ url: own = '' }) =>
    end === undefined ? own === start : own.startsWith(start) && own.endsWith(end),
  );
  if (found.length === 0) return undefined;
  const systems = new Map<string | undefined, Map<string, Way[]>>();
  for (const { group = [] } of found) {
    for (const { source, target: system, element = [] } of group) {
      const codes = systems.get(system) ?? new Map<string, Way[]>();
      systems.set(system, codes);
      for (const { code, target = [] } of element) {
        for (const one of target) {
          const sureness = SURENESS.indexOf(one.equivalence ?? '');
          if (code === undefined || one.code === undefined || sureness < 0) continue;
          codes.set(one.code, [...(codes.get(one.code) ?? []), { system: source, code, sureness }]);
        }
      }
    }
  }
  return {
    resourceType: 'ConceptMap',
    status: 'active',
    url,
    group: [...systems].flatMap(([source, codes]) => groupsFrom(source, codes)),
  };
}

/** One group per code system that is led back to. */
function groupsFrom(source: string | undefined, codes: Map<string, Way[]>): NonNullable<ConceptMap['group']> {
  const groups = new Map<string | undefined, NonNullable<ConceptMap['group']>[number]>();
  for (const [code, ways] of codes) {
    const best = ways.filter((way) => way.sureness === Math.min(...ways.map((one) => one.sureness)));
    const [way] = best;
    if (!way || best.some((one) => one.code !== way.code)) continue;
    const group = groups.get(way.system) ?? { source, target: way.system, element: [] };
    groups.set(way.system, group);
    group.element.push({ code, target: [{ code: way.code, equivalence: 'equivalent' }] });
  }
  return [...groups.values()];
}
