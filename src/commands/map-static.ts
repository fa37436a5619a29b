import type { Dependent, Group, MapSource, Parameter, Rule, Source, Target } from '../mapping/parse/ast.ts';
import { table } from './table.ts';

/** Paths of the variables that a rule can see. */
type Names = ReadonlyMap<string, string>;

/** What each rule of a map reads and writes, whatever the message: its sources, its name and line, its targets; groups in the order of the map. */
export function explainMap({ url, groups }: MapSource, width: number): string {
  const parts = groups.map((group) => {
    const rows = rowsOf(group.rules, new Map(group.inputs.map(({ name }) => [name, name])));
    return `\n${headOf(group)}\n${table([['SOURCE', 'RULE', 'TARGET'], ...rows], width)}`;
  });
  return [url, ...parts].join('\n');
}

const headOf = ({ name, inputs, extends: base }: Group): string => {
  const names = inputs.map(({ mode, name: input, type }) => `${mode} ${input}${type ? ` : ${type}` : ''}`);
  return `group ${name}(${names.join(', ')})${base ? ` extends ${base}` : ''}`;
};

function rowsOf(rules: readonly Rule[], names: Names): string[][] {
  return rules.flatMap((rule) => {
    const inner = new Map(names);
    const from = rule.sources.map((source) => sourceOf(source, inner));
    const to = rule.targets.map((target) => targetOf(target, inner));
    const calls = rule.dependents.map((dependent) => callOf(dependent, inner));
    const own = [from.join(', '), `${rule.line} ${rule.name}`, [...to, ...calls].join('; ')];
    return [own, ...rowsOf(rule.rules, inner)];
  });
}

function sourceOf({ context, element, where, check, variable }: Source, names: Map<string, string>): string {
  const path = pathOf(context, element, names);
  if (variable) names.set(variable, path);
  return [path, where && `where ${where}`, check && `check ${check}`].filter(Boolean).join(' ');
}

function targetOf(target: Target, names: Map<string, string>): string {
  const { context, element, transform, parameters, variable } = target;
  const value = transform && textOf(transform, parameters, names);
  const path = context === undefined ? undefined : pathOf(context, element, names);
  if (variable) names.set(variable, path ?? variable);
  if (path === undefined) return `${variable ?? ''} = ${value}`;
  return value === undefined ? path : `${path} = ${value}`;
}

const callOf = ({ name, parameters }: Dependent, names: Names): string =>
  `→ ${name}(${parameters.map((one) => parameterOf(one, names)).join(', ')})`;

function textOf(transform: string, parameters: readonly Parameter[], names: Names): string {
  const given = parameters.map((one) => parameterOf(one, names)).join(', ');
  return transform === 'copy' || transform === 'evaluate' ? given : `${transform}(${given})`;
}

function parameterOf(parameter: Parameter, names: Names): string {
  if (parameter.kind === 'variable') return names.get(parameter.name) ?? parameter.name;
  if (parameter.kind === 'expression') return parameter.text;
  return typeof parameter.value === 'string' ? `'${parameter.value}'` : String(parameter.value);
}

function pathOf(context: string, element: string | undefined, names: Names): string {
  const start = names.get(context) ?? context;
  return element === undefined ? start : `${start}.${element}`;
}
