import { describe, expect, it } from 'vitest';
import { loadDefinitions, loadPack } from './load.ts';

const definitions = await loadDefinitions();

describe('Definitions', () => {
  it.each([
    ['Patient', 'name', { types: ['HumanName'], isArray: true, choice: false, min: 0 }],
    ['Patient', 'id', { types: ['string'], isArray: false }],
    ['Observation', 'status', { types: ['code'], min: 1, isArray: false }],
    ['Observation', 'component', { types: ['Observation.component'], isArray: true }],
    ['Observation.component', 'code', { types: ['CodeableConcept'], min: 1 }],
    ['Observation.component', 'referenceRange', { types: ['Observation.referenceRange'], isArray: true }],
    ['Bundle.entry', 'resource', { types: ['Resource'], isArray: false }],
    ['Questionnaire.item', 'item', { types: ['Questionnaire.item'], isArray: true }],
    ['Age', 'value', { types: ['decimal'] }],
    ['Encounter', 'class', { types: ['Coding'], min: 1 }],
  ])('knows %s.%s', (type, element, expected) => {
    expect(definitions.element(type, element)).toMatchObject(expected);
  });

  it.each(['value', 'value[x]'])('finds a choice element as %s', (name) => {
    const element = definitions.element('Observation', name);
    expect(element).toMatchObject({ name: 'value', choice: true, isArray: false });
    expect(element?.types).toContain('Quantity');
    expect(element?.keys.get('dateTime')).toBe('valueDateTime');
  });

  it('knows the types a reference may name and the value set of a required binding', () => {
    expect(definitions.element('Observation', 'subject')?.targets).toEqual(['Patient', 'Group', 'Device', 'Location']);
    const url = definitions.element('Patient', 'gender')?.requiredValueSet as string;
    expect(definitions.valueSet(url)).toEqual({
      'http://hl7.org/fhir/administrative-gender': ['male', 'female', 'other', 'unknown'],
    });
  });

  it.each([
    ['Patient', 'Resource', true],
    ['Observation.component', 'BackboneElement', true],
    ['code', 'string', true],
    ['Age', 'Quantity', true],
    ['Patient', 'Quantity', false],
    ['string', 'code', false],
  ])('%s is a %s: %s', (type, ancestor, expected) => {
    expect(definitions.isA(type, ancestor)).toBe(expected);
  });

  it('gives undefined for what does not exist', () => {
    expect(definitions.type('Patiënt')).toBeUndefined();
    expect(definitions.element('Patient', 'valueString')).toBeUndefined();
    expect(definitions.element('Nothing', 'id')).toBeUndefined();
    expect(definitions.typeOfUrl('http://example.org/nothing')).toBeUndefined();
  });

  it('calls only resources a resource: a nested element has no resourceType', () => {
    expect(definitions.type('Bundle')?.kind).toBe('resource');
    expect(definitions.type('Bundle.entry')?.kind).toBe('complex-type');
  });
});

describe('the pack', () => {
  it('expands every required value set of the shared types but the two that have no list', async () => {
    const pack = await loadPack();
    const missing = new Set<string>();
    for (const element of pack.structures.flatMap((structure) => structure.snapshot.element)) {
      const { strength, valueSet } = element.binding ?? {};
      if (strength === 'required' && valueSet && !pack.valueSets[valueSet]) missing.add(valueSet);
    }
    expect([...missing].sort()).toEqual([
      'http://hl7.org/fhir/ValueSet/currencies',
      'http://hl7.org/fhir/ValueSet/mimetypes',
    ]);
  });

  it('stays small: the whole gateway must start in seconds', async () => {
    expect(JSON.stringify(await loadPack()).length).toBeLessThan(2_000_000);
  });
});
