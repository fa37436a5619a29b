import type { Patient } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { bundleOf, file, observations, refusedAt, resources } from './testing/maps-testkit.ts';

describe('hix HL7 v2', () => {
  const HL7 = 'application/hl7-v2';
  const oru = file('hix', 'samples', 'yonathan-oru.hl7').toString('latin1');
  const mdm = file('hix', 'samples', 'yonathan-mdm.hl7').toString('latin1');
  const change = (text: string, from: string, to: string): Buffer => {
    if (!text.includes(from)) throw new Error('the sample no longer has what this test changes');
    return Buffer.from(text.replace(from, to), 'latin1');
  };

  it.each([
    ['a weight in pounds', change(oru, '4980|g^gram^UCUM', '11|[lb_av]^pound^UCUM')],
    ['a weight in centimetres', change(oru, '4980|g^gram^UCUM', '49|cm^centimeter^UCUM')],
    ['a weight without a unit', change(oru, '4980|g^gram^UCUM', '4980|')],
    ['a weight as text', change(oru, 'OBX|1|NM|29463-7', 'OBX|1|ST|29463-7')],
    ['two weights in one result', change(oru, '4980|g', '4980~4990|g')],
    ['an unknown result status', change(oru, '|||||F|||20260820102000||', '|||||Q|||20260820102000||')],
    ['an unknown sex', change(oru, '|20260504|M|', '|20260504|X|')],
    [
      'a document of a kind that nobody opens',
      change(
        oru,
        'ST|BLDKL^Aspect monster^99HIX||licht icterisch',
        'ED|BLDKL^Aspect monster^99HIX||^application^x-msdownload^Base64^JVBERg==',
      ),
    ],
    ['a report without an author', change(mdm.replaceAll('03999903^Kindhoven^A.B.^^^dr.^^^VEKTIS', ''), 'TXA', 'TXA')],
    ['an unknown document type', change(mdm, 'TXA|1|CN|', 'TXA|1|ZZ|')],
    [
      'a number as a section',
      change(
        mdm,
        'OBX|1|FT|S^Subjectief^99SOEP||Geboren na 32 weken.\\.br\\Drinkt zeven keer per dag, spuugt weinig. Eén keer per nacht wakker.',
        'OBX|1|NM|S^Subjectief^99SOEP||12',
      ),
    ],
  ])('refuses %s, naming a place', (_what, message) => {
    const places = refusedAt('hix', message, HL7);
    expect(places.length).toBeGreaterThan(0);
    expect(places.every((place) => typeof place === 'string' && place.length > 0)).toBe(true);
  });

  it('accepts a newborn without a BSN: who that is, is for the gateway to find out', () => {
    const bundle = bundleOf('hix', change(oru, '~999903147^^^NLMINBIZA^NNNLD', ''), HL7);
    const patient = resources(bundle).find((resource): resource is Patient => resource.resourceType === 'Patient');
    expect(patient?.identifier).toEqual([
      { system: 'http://gezinspoort.nl/fhir/NamingSystem/hix-patient', value: '7100147' },
    ]);
  });

  it('keeps a code it does not know, with the number and the unit as sent', () => {
    const bundle = bundleOf(
      'hix',
      change(oru, '718-7^Hemoglobin [Mass/volume] in Blood^LN||10.9|g/dL^^UCUM', 'HB^Hemoglobine^99LAB||6.8|mmol/l'),
      HL7,
    );
    const result = observations(bundle).find((resource) => resource.code.text === 'Hemoglobine');
    expect(result?.code.coding).toEqual([
      { system: 'http://gezinspoort.nl/fhir/CodeSystem/hix-local', code: 'HB', display: 'Hemoglobine' },
    ]);
    expect(result?.valueQuantity).toEqual({ value: 6.8, unit: 'mmol/l' });
  });

  it.each([
    ['SNOMED', 'http://snomed.info/sct'],
    ['SNM', 'http://snomed.info/sct'],
    ['snomed-ct', 'http://snomed.info/sct'],
    ['ICD10', 'http://hl7.org/fhir/sid/icd-10-nl'],
    ['ICD-10', 'http://hl7.org/fhir/sid/icd-10-nl'],
    ['LOINC', 'http://loinc.org'],
  ])('knows the coding system %s', (name, system) => {
    const sent = change(oru, '718-7^Hemoglobin [Mass/volume] in Blood^LN', `X^Iets^${name}`);
    const result = observations(bundleOf('hix', sent, HL7)).find((resource) => resource.code.text === 'Iets');
    expect(result?.code.coding).toEqual([{ system, code: 'X', display: 'Iets' }]);
  });

  it('reads a weight under the other name of LOINC', () => {
    const [weight] = observations(
      bundleOf('hix', change(oru, '29463-7^Body weight^LN', '29463-7^Body weight^LOINC'), HL7),
    );
    expect(weight?.valueQuantity).toMatchObject({ value: 4.98, unit: 'kg' });
  });

  it('leaves the identifier out where a message has one test twice', () => {
    const bundle = bundleOf(
      'hix',
      change(oru, '2276-4^Ferritin [Mass/volume] in Serum or Plasma', '718-7^Hemoglobin [Mass/volume] in Blood'),
      HL7,
    );
    const twice = observations(bundle).filter((resource) => resource.code.coding?.[0]?.code === '718-7');
    expect(twice.map((result) => result.identifier)).toEqual([undefined, undefined]);
  });
});
