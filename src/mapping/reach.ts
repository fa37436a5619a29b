import type { Group, MapSource, Rule } from './parse/ast.ts';

/**
 * The groups of a map that nothing can call: neither the first group nor what that calls, by name or by `extends`, and no default
 * group, which types call. Such a group holds rules that somebody believes to run.
 */
export function uncalled(map: MapSource): Group[] {
  const reached = new Set<Group>();
  const reach = (group: Group | undefined): void => {
    if (!group || reached.has(group)) return;
    reached.add(group);
    for (const name of calls(group)) reach(map.groups.find((each) => each.name === name));
  };
  reach(map.groups[0]);
  for (const group of map.groups) if (group.typeMode !== 'none') reach(group);
  return map.groups.filter((group) => !reached.has(group));
}

function calls(group: Group): string[] {
  const ofRule = (rule: Rule): string[] => [
    ...rule.dependents.map(({ name }) => name),
    ...rule.rules.flatMap((inner) => ofRule(inner)),
  ];
  return [...(group.extends === undefined ? [] : [group.extends]), ...group.rules.flatMap(ofRule)];
}
