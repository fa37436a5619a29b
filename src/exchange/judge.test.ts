import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT, allowed, CHILD, fileOf, MOTHER, observation, stored } from '../../tests/support/family.ts';
import { knowledge } from '../../tests/support/knowledge.ts';
import { EXTENSIONS, POLI_SYSTEM } from '../fhir/extensions.ts';
import type { PatientFile } from '../store/records.ts';
import { judge, type Question } from './judge.ts';

const [WEIGHT, RISK, DOCTOR] = [randomUUID(), randomUUID(), randomUUID()];
const weight = stored(observation(WEIGHT), 'development');
const risk = stored(observation(RISK), 'risk');

const question = (more: Partial<Question> = {}): Question => ({
  mode: 'pull',
  organisation: 'jgz',
  sector: 'jgz',
  discipline: 'youth-nurse',
  purpose: 'TREAT',
  at: AT,
  ...more,
});
const ask = (file: PatientFile, more: Partial<Question> = {}) => judge(file, [], question(more), knowledge.policy);
const goesOut = (file: PatientFile, more: Partial<Question> = {}) =>
  ask(file, more).released.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
const reasonsOf = (file: PatientFile, more: Partial<Question> = {}) =>
  [...new Set(ask(file, more).withheld.flatMap((one) => one.reasons))].sort();

describe('consent first', () => {
  const everything = [`Patient/${CHILD}`, `RelatedPerson/${MOTHER}`, `Observation/${WEIGHT}`];

  it('with consent and a treatment relation the youth nurse gets the child’s growth', () => {
    expect(goesOut(fileOf({}, weight))).toEqual(everything);
  });
  it.each<[string, PatientFile, Partial<Question>]>([
    ['no consent', fileOf({ consents: [] }, weight), {}],
    ['consent for another organisation', fileOf({ consents: [allowed('gp')] }, weight), {}],
    ['a withdrawn consent', fileOf({ consents: [{ ...allowed('jgz'), status: 'inactive' }] }, weight), {}],
    ['a consent of tomorrow', fileOf({}, weight), { at: '2026-09-30T10:00:00Z' }],
    ['no treatment relation', fileOf({ relations: ['hospital'] }, weight), {}],
    ['another purpose', fileOf({}, weight), { purpose: 'HRESCH' }],
    ['an unknown discipline', fileOf({}, weight), { discipline: 'neighbour' }],
    ['no discipline', fileOf({}, weight), { discipline: '' }],
  ])('%s: nothing at all, not even the name', (_name, file, more) => {
    expect(goesOut(file, more)).toEqual([]);
    expect(ask(file, more).withheld).toHaveLength(3);
    expect(reasonsOf(file, more).length).toBeGreaterThan(0);
  });
});

describe('consents speak of their own record only', () => {
  const elsewhere = 'Patient/99999999-9999-4999-8999-999999999999';
  it('one about this child that lies in the record of a relative does not count', () => {
    const relative = { party: { ref: elsewhere, selfRefs: [elsewhere] }, consents: [allowed('jgz')] };
    const { released } = judge(fileOf({ consents: [] }, weight), [relative], question(), knowledge.policy);
    expect(released).toEqual([]);
  });
  it('nor one in the child’s record that is about somebody else', () => {
    const file = fileOf({ consents: [{ ...allowed('jgz'), patient: { reference: elsewhere } }] }, weight);
    expect(goesOut(file)).toEqual([]);
    expect(ask(file).decision.derivation.people.flatMap((one) => one.consents)).toEqual([]);
  });
});

describe('then the view', () => {
  it('a volunteer gets a name without BSN, birth date or growth, and it says why', () => {
    const file = fileOf({ consents: [allowed('jgz')] }, weight, risk);
    const judgement = ask(file, { discipline: 'volunteer', sector: 'informal' });
    const child = judgement.released.find((one) => one.stored.type === 'Patient')?.resource;
    expect(JSON.stringify(child)).toContain('Proefkind');
    expect(JSON.stringify(child)).not.toContain('999903147');
    expect(child).not.toHaveProperty('birthDate');
    expect(judgement.withheld.map((one) => `${one.stored.id} ${one.reasons}`)).toEqual(
      expect.arrayContaining([`${WEIGHT} VIEW_NOT_ENTITLED`, `${RISK} VIEW_NOT_ENTITLED`]),
    );
  });

  it('everything is either released or withheld with a reason, and nothing is both', () => {
    const disciplines = [...knowledge.views.policies.keys()];
    const categories = ['naw', 'history', 'development', 'risk', 'consult', 'diagnostics', 'medication', 'obstetric'];
    const labels = fc.subarray(['PSY', 'SDV', 'CHILDPROT']);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...categories), labels), { maxLength: 8 }),
        fc.constantFrom(...disciplines),
        fc.constantFrom('nazorg-neonatologie', 'pop', undefined),
        (items, discipline, poli) => {
          const resources = items.map(([category, labelled]) =>
            stored(observation(randomUUID()), category, { labels: labelled }),
          );
          const episode = poli && [
            stored(
              {
                resourceType: 'EpisodeOfCare',
                id: randomUUID(),
                status: 'active',
                type: [{ coding: [{ system: POLI_SYSTEM, code: poli }] }],
                patient: {},
              },
              'referral',
            ),
          ];
          const file = fileOf({}, ...resources, ...(episode || []));
          const before = JSON.stringify(file.resources);
          const { released, withheld } = ask(file, { discipline });
          const refs = [...released, ...withheld].map((one) => one.stored);
          expect(new Set(refs).size).toBe(file.resources.length);
          expect(refs).toHaveLength(file.resources.length);
          expect(withheld.every((one) => one.reasons.length > 0)).toBe(true);
          // Labels of this consent name nothing sensitive: it goes to nobody.
          expect(released.filter((one) => one.stored.labels.length > 0)).toEqual([]);
          expect(JSON.stringify(file.resources)).toBe(before);
          expect(ask(file, { discipline })).toEqual({
            released,
            withheld,
            decision: ask(file, { discipline }).decision,
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('professionals go out with what names them, and only then', () => {
  const doctor = stored({ resourceType: 'Practitioner', id: DOCTOR, name: [{ text: 'dr. B. Bedacht' }] }, 'directory');
  const performed = stored(
    observation(WEIGHT, { performer: [{ reference: `Practitioner/${DOCTOR}` }] }),
    'development',
  );

  it('named in something released', () => {
    expect(goesOut(fileOf({}, performed, doctor))).toContain(`Practitioner/${DOCTOR}`);
  });
  it('named nowhere, or only in what is withheld', () => {
    expect(goesOut(fileOf({}, weight, doctor))).not.toContain(`Practitioner/${DOCTOR}`);
    expect(goesOut(fileOf({}, performed, doctor), { discipline: 'volunteer' })).not.toContain(`Practitioner/${DOCTOR}`);
    expect(goesOut(fileOf({ consents: [] }, performed, doctor))).toEqual([]);
  });
});

describe('a part of the file', () => {
  it('only the resources asked about are judged, with the whole family’s consent', () => {
    const file = fileOf({}, weight, risk);
    const judgement = judge(file, [], question(), knowledge.policy, [risk]);
    expect(judgement.released.map((one) => one.stored.id)).toEqual([RISK]);
    expect(judgement.withheld).toEqual([]);
  });
});

describe('facts about somebody with a record of her own', () => {
  const aboutHer = stored(
    observation(RISK, {
      focus: [{ reference: `RelatedPerson/${MOTHER}` }],
      extension: [{ url: EXTENSIONS.aboutWhole, valueBoolean: true }],
    }),
    'risk',
  );
  it('need her consent too: without it they stay, with it they go', () => {
    const her = {
      ref: 'Patient/mother',
      birthDate: '1990-01-01',
      selfRefs: ['Patient/mother', `RelatedPerson/${MOTHER}`],
    };
    const hers = {
      ...allowed('jgz'),
      id: 'h',
      patient: { reference: 'Patient/mother' },
      performer: [{ reference: 'Patient/mother' }],
    };
    const released = (consents: (typeof hers)[]) =>
      judge(fileOf({}, aboutHer), [{ party: her, consents }], question(), knowledge.policy).released.map(
        (one) => one.stored.id,
      );
    expect(released([])).not.toContain(RISK);
    expect(released([hers])).toContain(RISK);
  });
});
