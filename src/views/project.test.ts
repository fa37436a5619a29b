import type { Observation, Patient, Resource } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import { project } from './project.ts';
import type { Views } from './registry.ts';
import { resolveView } from './resolve.ts';
import { EXAMPLES } from './testing/examples.ts';
import { ownViews } from './testing/test-views.ts';
import type { Redaction, View } from './types.ts';

let views: Views;
beforeAll(async () => {
  views = await ownViews();
});

const view = (discipline: string, poli?: string): View => resolveView(views, discipline, poli) as View;
const of = (name: string, changes: object = {}): Resource =>
  ({ ...structuredClone(EXAMPLES[name]), ...changes }) as Resource;
const released = (resource: Resource, discipline: string, redactions: Redaction[] = []) =>
  project(resource, view(discipline), new Set(redactions));
const security = (...codings: { system: string; code: string }[]) => ({ meta: { security: codings } });
const CATEGORY = 'http://gezinspoort.nl/fhir/CodeSystem/data-category';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

describe('meta', () => {
  it('keeps version, time, profiles, category and labels, and marks what is not whole', () => {
    const { resource, reason } = released(of('parent-illness'), 'youth-doctor');
    expect(reason).toBe('reduced');
    expect(resource?.meta).toEqual({
      versionId: '3',
      lastUpdated: '2026-08-20T10:15:00.000Z',
      profile: ['http://nictiz.nl/fhir/StructureDefinition/nl-core-Example'],
      security: [
        { system: CATEGORY, code: 'cat-risk' },
        { system: ACT_CODE, code: 'PSY' },
      ],
      tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }],
    });
  });

  it('is not marked where everything goes out', () => {
    const whole = {
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'Gewicht' },
      ...security({ system: CATEGORY, code: 'cat-development' }),
    } as Observation;
    const { resource, removed, reason } = released(whole, 'paediatrician');
    expect(resource).toEqual(whole);
    expect({ removed, reason }).toEqual({ removed: [], reason: 'whole' });
  });
});

describe('what does not go out at all', () => {
  it.each([
    ['no category', { meta: {} }, 'label-missing'],
    [
      'two categories',
      security({ system: CATEGORY, code: 'cat-risk' }, { system: CATEGORY, code: 'cat-naw' }),
      'label-missing',
    ],
    ['a category of another system', security({ system: 'http://example.org', code: 'cat-risk' }), 'label-missing'],
    ['an unknown category', security({ system: CATEGORY, code: 'cat-everything' }), 'category-not-in-view'],
    [
      'a working note',
      security(
        { system: CATEGORY, code: 'cat-consult' },
        { system: 'http://gezinspoort.nl/fhir/CodeSystem/label', code: 'WORKNOTE' },
      ),
      'label-never-shared',
    ],
    [
      'a modifier extension',
      { modifierExtension: [{ url: 'http://example.org/not', valueBoolean: true }] },
      'modifier-not-understood',
    ],
    [
      'a modifier extension deeper down',
      { component: [{ code: { text: 'x' }, modifierExtension: [{ url: 'http://example.org/not' }] }] },
      'modifier-not-understood',
    ],
    ['implicit rules', { implicitRules: 'http://example.org/rules' }, 'modifier-not-understood'],
  ])('%s', (_, changes, reason) => {
    expect(released(of('growth', changes), 'paediatrician')).toEqual({ resource: undefined, removed: [], reason });
  });

  it('a modifier extension on an element that stays out does not matter', () => {
    const contact = [{ name: { text: 'Mies' }, modifierExtension: [{ url: 'http://example.org/not' }] }];
    expect(released(of('patient', { contact }), 'volunteer').reason).toBe('reduced');
  });

  it.each(['volunteer', 'planner', 'social-domain'])('a sensitive item to %s, whatever its category', (discipline) => {
    for (const code of ['PSY', 'SOMETHING-NEW']) {
      const labelled = of('patient', security({ system: CATEGORY, code: 'cat-naw' }, { system: ACT_CODE, code }));
      expect(released(labelled, discipline).reason).toBe('sensitive-not-in-view');
    }
  });

  it('normal confidentiality is no sensitivity', () => {
    const normal = of(
      'patient',
      security(
        { system: CATEGORY, code: 'cat-naw' },
        { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' },
      ),
    );
    expect(released(normal, 'volunteer').reason).toBe('reduced');
  });
});

describe('primitive extensions', () => {
  it('go out only with their element', () => {
    const { resource } = released(of('patient', { gender: undefined }), 'paediatrician');
    expect(resource).not.toHaveProperty('_gender');
    expect(JSON.stringify(released(of('patient'), 'volunteer').resource)).not.toContain('birth');
  });

  it('keep their place beside their item', () => {
    const qualifier = {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier', valueCode: 'BR' }],
    };
    const name = [{ given: ['999911120', 'Jip'], _given: [qualifier, qualifier] }];
    const { resource } = released(of('patient', { name }), 'social-domain');
    expect((resource as Patient).name).toEqual([{ given: [null, 'Jip'], _given: [null, qualifier] }]);
  });

  it('are left out where the value has another type than the policy allows', () => {
    const name = [
      {
        family: 'Voorbeeld',
        _family: {
          extension: [
            {
              url: 'http://hl7.org/fhir/StructureDefinition/humanname-own-name',
              valueReference: { reference: 'Patient/1' },
            },
          ],
        },
      },
    ];
    expect((released(of('patient', { name }), 'paediatrician').resource as Patient).name).toEqual([
      { family: 'Voorbeeld' },
    ]);
  });
});

describe('references', () => {
  it('lose name and number of patients and relatives, not those of professionals', () => {
    const performer = (released(of('growth'), 'paediatrician').resource as Observation).performer;
    expect(performer).toEqual([
      {
        reference: 'Practitioner/author',
        display: 'dr. B. Bedacht',
        identifier: { system: 'http://fhir.nl/fhir/NamingSystem/agb-z', value: '01012345' },
      },
      { reference: 'RelatedPerson/mother' },
    ]);
  });

  it('to what is contained stay out', () => {
    const { resource } = released(
      of('growth', { performer: [{ reference: '#contained', display: 'x' }] }),
      'paediatrician',
    );
    expect(resource).not.toHaveProperty('performer');
  });

  it('that search for a BSN stay out where there is no right to it', () => {
    const subject = { reference: 'Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|999911120' };
    expect(released(of('growth', { subject }), 'physiotherapist').resource).not.toHaveProperty('subject');
  });
});

describe('the BSN', () => {
  const bsn = { system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '999911120' };
  it('of the patient goes to those with a right to it', () => {
    expect((released(of('patient'), 'gp').resource as Patient).identifier).toEqual([bsn]);
  });

  it('no other number of the patient goes to anybody: with one, others could join what they hold', () => {
    for (const discipline of ['gp', 'physiotherapist', 'youth-doctor'])
      expect(JSON.stringify(released(of('patient'), discipline).resource)).not.toContain('P-17');
    expect(released(of('patient'), 'physiotherapist').resource).not.toHaveProperty('identifier');
  });

  it.each([
    ['mother', { identifier: [bsn] }],
    ['professional', { identifier: [bsn] }],
    ['growth', { identifier: [bsn] }],
    ['growth', { performer: [{ reference: 'Practitioner/author', identifier: bsn }] }],
  ])('of anybody else goes to nobody: %s %j', (name, changes) => {
    expect(JSON.stringify(released(of(name, changes), 'gp').resource)).not.toContain(bsn.value);
  });
});

describe('third-party data', () => {
  it('an observation says neither what was found nor what was looked for', () => {
    const { resource } = released(of('income'), 'youth-doctor', ['third-party']);
    expect(resource).toMatchObject({
      code: { coding: [{ code: 'masked' }] },
      dataAbsentReason: { coding: [{ code: 'masked' }] },
    });
    for (const hidden of ['valueCodeableConcept', 'note', 'focus', 'category'])
      expect(resource).not.toHaveProperty(hidden);
    expect(JSON.stringify(resource)).not.toMatch(/inkomen|gokver|Kenmerken/i);
  });

  it('no profile goes along that would name the finding', () => {
    const income = of('income');
    const profile = ['http://example.org/StructureDefinition/debts'];
    const named = { ...income, meta: { ...income.meta, profile } } as Resource;
    expect(released(named, 'youth-doctor').resource?.meta?.profile).toEqual(profile);
    expect(released(named, 'youth-doctor', ['third-party']).resource?.meta).not.toHaveProperty('profile');
  });

  it('nor one that would say what a view leaves unsaid', () => {
    const profile = ['http://nictiz.nl/fhir/StructureDefinition/nl-core-Procedure-request'];
    const request = {
      resourceType: 'ServiceRequest',
      id: 's',
      status: 'active',
      intent: 'order',
      code: { text: 'Hulp bij alcoholgebruik' },
      meta: { profile, security: [{ system: CATEGORY, code: 'cat-referral' }] },
    } as unknown as Resource;
    expect(released(request, 'youth-doctor').resource?.meta?.profile).toEqual(profile);
    const asked = released(request, 'planner').resource;
    expect(asked).not.toHaveProperty('code');
    expect(asked?.meta).not.toHaveProperty('profile');
  });

  it('an answer that is masked does not pass a list of answers', () => {
    expect(released(of('income'), 'social-domain').reason).toBe('reduced');
    expect(released(of('income'), 'social-domain', ['third-party']).reason).toBe('code-not-in-view');
  });

  it('a type without a rule does not go out', () => {
    expect(released(of('condition'), 'paediatrician', ['third-party']).reason).toBe('no-redaction-rule');
  });

  it('labels of a masked item do not go along', () => {
    expect(released(of('parent-illness'), 'youth-doctor', ['third-party']).resource?.meta?.security).toEqual([
      { system: CATEGORY, code: 'cat-risk' },
    ]);
  });
});

describe('the social domain', () => {
  it('gets of a fact about money only the listed codings', () => {
    expect((released(of('income'), 'social-domain').resource as Observation).valueCodeableConcept).toEqual({
      coding: [{ system: 'urn:oid:2.16.840.1.113883.2.4.4.40.5', code: '11', display: 'Minimuminkomen' }],
    });
  });

  it.each(['Condition', 'RiskAssessment', 'Flag'])(
    'gets no %s in the category risk, not even with a listed code',
    (resourceType) => {
      const code = { coding: [{ system: 'http://snomed.info/sct', code: '160933000' }] };
      const fact = { resourceType, code, ...security({ system: CATEGORY, code: 'cat-risk' }) } as Resource;
      expect(released(fact, 'social-domain').reason).toBe('type-not-in-view');
    },
  );
});

describe('documents', () => {
  const binary = {
    resourceType: 'Binary',
    id: 'b',
    contentType: 'application/pdf',
    data: 'AAAA',
    ...security({ system: CATEGORY, code: 'cat-consult' }),
  } as Resource;
  it('go out whole to those who see all of the consult', () => {
    expect(released(binary, 'paediatrician').resource).toMatchObject({ data: 'AAAA' });
  });
  it.each<[string, Redaction[]]>([
    ['paediatrician', ['address']],
    ['paediatrician', ['bsn']],
  ])('do not go to a %s under the redaction %s: nobody can look through them', (discipline, redactions) => {
    expect(released(binary, discipline, redactions).reason).toBe('nothing-left');
  });
  it('do not go out as a summary', () => {
    expect(released(binary, 'gp').reason).toBe('type-not-in-view');
  });
});

describe('a wrong shape', () => {
  it.each([
    ['an object for a primitive', { status: { toString: 'final' } }],
    ['a primitive for an object', { code: 'text' }],
    ['null', { note: null, code: null }],
    ['a list of lists', { note: [[{ text: 'x' }]] }],
    ['an inherited name', JSON.parse('{"__proto__": {"status": "final"}, "constructor": {"x": 1}}')],
  ])('is left out: %s', (_, changes) => {
    const { resource } = released(of('growth', changes), 'paediatrician');
    for (const key of Object.keys(changes)) expect(Object.hasOwn(resource ?? {}, key)).toBe(false);
  });

  it('an element name that is none of FHIR is not repeated', () => {
    expect(released(of('growth', { '999911120': 'x' }), 'paediatrician').removed).toContain('Observation.(unknown)');
  });
});
