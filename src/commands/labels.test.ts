import { describe, expect, it } from 'vitest';
import { readLabelTable } from './labels.ts';
import { labelsPage } from './labels-page.ts';

const { table, names } = readLabelTable('profiles');

describe.each(['nl', 'en'] as const)('the table of labels in plain sentences: %s', (language) => {
  const page = labelsPage(table, names, language);
  const line = (title: string): string => page.split('\n').find((one) => one.includes(`**${title}**`)) ?? '';

  it.each([...table.labels, ...table.rules, ...table.otherwise])('says all of the rule $id', (rule) => {
    const text = line(rule.title[language]);
    const codes = [...Object.values(rule.codes ?? {}), ...Object.values(rule.prefixes ?? {})].flat();
    for (const one of [...codes, ...(rule.types ?? []), ...(rule.labels ?? []), ...(rule.valueSets ?? [])])
      expect(text).toContain(one);
    if (rule.category) expect(text).toContain(`(${rule.category})`);
  });

  it('says every group of elements, every kind and every denial', () => {
    for (const { group, elements } of table.bds.groups)
      expect(page).toContain(`${group} (${elements.replaceAll(' ', ', ')})`);
    for (const type of Object.keys(table.types)) expect(page).toContain(`- ${type}: `);
    for (const code of Object.values(table.denials.codes).flat()) expect(page).toContain(code);
  });

  it('names categories and labels, not only their codes', () => {
    expect(page).not.toMatch(/: risk \(risk\)|label [A-Z]{3,} /);
    expect(page).not.toContain('undefined');
  });
});
