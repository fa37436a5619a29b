import type { Appointment, DocumentReference, Encounter, Observation, Patient, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { watch } from '../mapping/coverage.ts';
import { HL7_LIMITS } from './hl7v2/limits.ts';
import { bundleOf, counter, file, read, resources, sources } from './testing/maps-testkit.ts';

const HL7 = 'application/hl7-v2';
const sample = (name: string) => file('hix', 'samples', `${name}.hl7`).toString('latin1');
const change = (text: string, from: string | RegExp, to: string): string => {
  if (text.replace(from, to) === text) throw new Error('the sample no longer has what this test changes');
  return text.replace(from, to);
};
const bytes = (text: string) => Buffer.from(text, 'latin1');
const all = (text: string) => resources(bundleOf('hix', bytes(text), HL7));
const one = <T extends Resource>(text: string, type: T['resourceType']): T | undefined =>
  all(text).find((resource): resource is T => resource.resourceType === type);
const patient = (text: string) => one<Patient>(text, 'Patient');
const refusal = (text: string) => {
  const message = sources.read('hix', HL7, bytes(text));
  const result = message.ok ? sources.map(message, counter()) : message;
  return result.ok ? [] : result.issues.map((issue) => [issue.code, issue.path, issue.expected ?? '']);
};

const adt = sample('yonathan-adt-a31');
const NAME = 'Kwartelslag&&Kwartelslag^Yonathan^^^^^L~^Yonathan^^^^^N';

describe('names', () => {
  const order = (name: string) =>
    patient(change(adt, NAME, name))?.name?.[0]?.extension?.find((extension) =>
      extension.url.endsWith('assembly-order'),
    )?.valueCode;
  it.each([
    ['van Testpatiënt-van het Hek&van&Testpatiënt&van het&Hek^Jeanet', 'NL4'],
    ['van het Hek-van Testpatiënt&van&Testpatiënt&van het&Hek^Jeanet', 'NL3'],
    ['van het Hek&van&Testpatiënt&van het&Hek^Jeanet', 'NL2'],
    ['van Testpatiënt&van&Testpatiënt&van het&Hek^Jeanet', 'NL1'],
    ['Iets anders&van&Testpatiënt&van het&Hek^Jeanet', undefined],
    ['Jansen-Jansen&&Jansen&&Jansen^Jeanet', undefined],
    ['Jansen^Jeanet', undefined],
  ])('%s: order %s, from the surname as shown', (name, code) => expect(order(name)).toBe(code));

  it('takes parts without a whole for the own name, and keeps a partner prefix without a name', () => {
    expect(patient(change(adt, NAME, '&van&Proef^Noor'))?.name?.[0]?.family).toBe('van Proef');
    const [name] = patient(change(adt, NAME, 'Proef&&Proef&van der^Noor'))?.name ?? [];
    expect(JSON.stringify(name)).toContain('"valueString":"van der"');
  });

  it('knows legal, call and birth names', () => {
    const names = patient(change(adt, NAME, 'Een^A^^^^^L~Twee^B^^^^^M~^C^^^^^N~Vier^D^^^^^A'))?.name;
    expect(names?.map(({ use, family, given }) => [use, family, given?.[0]])).toEqual([
      ['official', 'Een', 'A'],
      ['maiden', 'Twee', 'B'],
      ['usual', undefined, 'C'],
    ]);
  });
});

describe('who it is', () => {
  it('an empty BSN is none, and passports and other numbers are not taken over', () => {
    const numbers = (ids: string) =>
      patient(change(adt, /7100147\^\^\^HIX\^PI~999903147\^\^\^NLMINBIZA\^NNNLD/, ids))?.identifier?.map(
        ({ value }) => value,
      );
    expect(numbers('1^^^HIX^PI~^^^NLMINBIZA^NNNLD')).toEqual(['1']);
    expect(numbers('1^^^HIX^PI~NX1^^^NLMINBIZA^PPN~ZD1^^^ZorgDomein^VN')).toEqual(['1']);
    expect(numbers('999903147^^^ELDERS^NNNLD~999903147^^^NLMINBIZA^NNNLD')).toEqual(['999903147']);
  });

  it.each([
    ['1^PRN^PH', { use: 'home', system: 'phone', value: '1' }],
    ['1^PRN^CP', { use: 'mobile', system: 'phone', value: '1' }],
    ['1^ORN^CP', { use: 'mobile', system: 'phone', value: '1' }],
    ['1^WPN^PH', { use: 'work', system: 'phone', value: '1' }],
    ['1^VHN^PH', { use: 'temp', system: 'phone', value: '1' }],
    ['1^PRN^FX', { use: 'home', system: 'fax', value: '1' }],
    ['1', { system: 'phone', value: '1' }],
    ['^NET^Internet^a@b.example', { system: 'email', value: 'a@b.example' }],
    ['^^^a@b.example', { system: 'email', value: 'a@b.example' }],
    ['^PRN^PH^^31^10^1234', { use: 'home', system: 'phone', value: '+31 10 1234' }],
    ['^PRN^PH^^^^^^^^^0101234', { use: 'home', system: 'phone', value: '0101234' }],
  ])('telephone %s', (phone, expected) =>
    expect(patient(change(adt, '0612345679^ORN^CP', phone))?.telecom).toEqual([expected]),
  );

  it('an empty field changes nothing and "" clears', () => {
    const marks = (text: string) =>
      patient(text)
        ?.extension?.filter(({ url }) => url.endsWith('cleared-part'))
        .map(({ valueCode }) => valueCode);
    const untouched = change(adt, '0612345679^ORN^CP', '');
    expect(marks(untouched)).toEqual(['generalPractitioner']);
    expect(marks(change(adt, '0612345679^ORN^CP', '""'))).toEqual(['telecom', 'generalPractitioner']);
  });

  it.each([
    ['a death indicator that is neither yes nor no', change(adt, /\|Y(\|+)20260904/, '|Y||||||misschien'), 'PID-30'],
    ['a death in 2099', change(adt, /\|Y(\|+)20260904/, '|Y|||||20990101'), 'PID-29'],
    ['a birth in 2099', change(adt, '|20260504|M|', '|20990504|M|'), 'PID-7'],
  ])('refuses %s at its place', (_what, text, path) => expect(refusal(text).map(([, at]) => at)).toContain(path));
});

describe('versions, dates, units', () => {
  it.each(['2.1', '2.2', '2.6', '2.8', '9.9', '2.999', '2', ''])(
    'refuses version %j and says which are read',
    (version) => {
      expect(refusal(change(adt, '|P|2.3.1|', `|P|${version}|`))).toEqual([
        ['version-unsupported', 'MSH-12', 'One of 2.3, 2.3.1, 2.4, 2.5, 2.5.1 was expected.'],
      ]);
    },
  );

  it.each(['2.3', '2.4', '2.5', '2.5.1', '2.5^NLD^2.5'])('reads version %s', (version) => {
    expect(refusal(change(adt, '|P|2.3.1|', `|P|${version}|`))).toEqual([]);
  });

  it('refuses a consult in 2099 at TXA-4', () => {
    const mdm = change(sample('yonathan-mdm'), 'TXA|1|CN|FT|20260820101500', 'TXA|1|CN|FT|20990820101500');
    expect(refusal(mdm).map(([, path]) => path)).toEqual(['TXA-4']);
  });

  it('an end of validity may lie as far away as can be', () => {
    expect(refusal(change(adt, 'NLMINBIZA^NNNLD', 'NLMINBIZA^NNNLD^^20260505^99991231'))).toEqual([]);
  });

  const oru = sample('yonathan-oru');
  it.each([
    ['pounds', change(oru, '4980|g^gram^UCUM', '11|[lb_av]^pound^UCUM'), 'kg, g'],
    ['inches', change(oru, '563|mm^millimeter^UCUM', '22|[in_i]^inch^UCUM'), 'cm, mm, m'],
  ])('a measurement in %s is refused at OBX-6, with the units that are', (_what, text, units) => {
    const [issue] = refusal(text);
    expect(issue?.[1]).toMatch(/^OBX\[[12]\]-6$/);
    expect(issue?.[2]).toContain(units);
  });

  it('a measurement without a unit is refused at OBX-6', () => {
    expect(refusal(change(oru, '4980|g^gram^UCUM', '4980|')).map(([, path]) => path)).toContain('OBX[1]-6');
  });
});

describe('results', () => {
  const oru = sample('yonathan-oru');
  /** The result that an OBX gives: type, code, value, unit and flag as sent, status final. */
  const result = (obx: string) => {
    const [type, code, , value, unit = '', flag = ''] = obx.split('|');
    const line = `OBX|3|${type}|${code}||${value}|${unit}||${flag}|||F`;
    return all(change(oru, /OBX\|3\|ST\|BLDKL[^\r]*/, line)).find(
      (resource): resource is Observation => resource.resourceType === 'Observation' && resource.code.text === 'Test',
    );
  };
  it.each([
    ['ST|T^Test^99LAB||6.7|mmol/l', { valueQuantity: { value: 6.7, unit: 'mmol/l' } }],
    ['ST|T^Test^99LAB||>=16|mg/L', { valueQuantity: { value: 16, unit: 'mg/L', comparator: '>=' } }],
    ['SN|T^Test^99LAB||<^5|mg/L', { valueQuantity: { value: 5, unit: 'mg/L', comparator: '<' } }],
    ['ST|T^Test^99LAB||8,0|mg/L', { valueString: '8,0 mg/L' }],
    ['ST|T^Test^99LAB||2 plus|', { valueString: '2 plus' }],
    ['FT|T^Test^99LAB||een~twee|', { valueString: 'een\ntwee' }],
    ['CE|T^Test^99LAB||P^Positief^99LAB|', { valueCodeableConcept: { text: 'Positief' } }],
  ])('%s', (value, expected) => expect(result(value)).toMatchObject(expected));

  it('keeps a flag that only the laboratory knows', () => {
    expect(result('ST|T^Test^99LAB||x||ZZ')?.interpretation?.[0]?.coding).toEqual([
      { system: 'http://gezinspoort.nl/fhir/CodeSystem/hix-local', code: 'ZZ' },
    ]);
  });

  it('text is read as it was meant, whatever the escapes and the separators', () => {
    const text = String.raw`a\F\b\S\c\R\d\T\e\E\f\X41\\.br\g\H\h\N\ `.trim();
    expect(result(`FT|T^Test^99LAB||${text}|`)?.valueString).toBe('a|b^c~d&e\\fA\ngh');
    const other = change(sample('luuk-oru-letter'), 'brief-kindergeneeskunde.pdf', String.raw`een_twee\R\drie`);
    expect(one<DocumentReference>(other, 'DocumentReference')?.content[0]?.attachment.title).toBe('een twee_drie');
  });

  it.each([
    ['that is not whole Base64', 'JVBERi0xLjQ'],
    ['that is too large', 'A'.repeat((HL7_LIMITS.attachment / 3) * 4 + 4)],
  ])('refuses a document %s at OBX-5', (_what, data) => {
    const text = change(sample('luuk-oru-letter'), /JVBER[^|]*/, data);
    expect(refusal(text).map(([, path]) => path)).toEqual(['OBX-5']);
  });
});

describe('the visit', () => {
  it.each([
    ['yonathan-adt-a01', 'in-progress'],
    ['yonathan-adt-a03', 'finished'],
    ['luuk-adt-a04', 'in-progress'],
    ['yonathan-mdm', 'finished'],
  ])('%s: %s', (name, status) => expect(one<Encounter>(sample(name), 'Encounter')?.status).toBe(status));

  it('class N and a person update are no visit', () => {
    expect(one(change(sample('luuk-adt-a04'), 'PV1|1|O|', 'PV1|1|N|'), 'Encounter')).toBeUndefined();
    expect(one(change(sample('luuk-adt-a04'), 'ADT^A04', 'ADT^A31'), 'Encounter')).toBeUndefined();
  });

  it('a segment that nobody here knows is no error, and counts as unread', () => {
    const text = `${sample('luuk-adt-a04')}ZXX|1|iets^anders\r`;
    const message = read('hix', bytes(text), HL7);
    const watched = watch(message.body);
    expect(sources.map({ ...message, body: watched.input }, counter()).ok).toBe(true);
    expect(watched.unread().filter((path) => path.startsWith('ZXX'))).toEqual(['ZXX.fields']);
  });
});

describe('appointments', () => {
  const s13 = sample('yonathan-siu-s13');
  const times = (text: string) => {
    const { start, end, minutesDuration } = one<Appointment>(text, 'Appointment') ?? {};
    return [start, end, minutesDuration];
  };
  it('an end follows from a duration in minutes, and from nothing else', () => {
    expect(times(change(s13, '^20261008104500', ''))).toEqual([
      '2026-10-08T10:15:00+02:00',
      '2026-10-08T10:45:00+02:00',
      30,
    ]);
    expect(
      refusal(change(change(s13, '^20261008104500', ''), '|30|MIN^minuten^ANS+', '||')).map(([, path]) => path),
    ).toEqual(['SCH']);
  });

  it('one without a number could never be moved or cancelled', () => {
    expect(refusal(change(s13, 'AFS-PL-77^HIX|AFS-44001^HIX', '|')).map(([, path]) => path)).toEqual(['SCH']);
  });
});

describe('a report that is replaced or taken back', () => {
  it.each(['yonathan-mdm-t04', 'yonathan-mdm-t11'])('%s needs the number of the report', (name) => {
    expect(refusal(change(sample(name), 'DOC-33018^HIX', '')).map(([, path]) => path)).toEqual(['TXA']);
  });
});
