import type { Bundle, CapabilityStatement, Observation, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXITS } from '../src/api/pull/exits.ts';
import { CHANGES_AFTER } from '../src/api/pull/search.ts';
import type { Answer, Doors } from '../src/demo/doors.ts';
import { RELEASED_TYPES } from '../src/fhir/search/released-types.ts';
import { callsOf } from './support/calls.ts';
import { addClient } from './support/client.ts';
import { type ExitFamily, enterExitFamily, label, SECRET } from './support/exit-family.ts';
import { consentsOf, layInFile } from './support/file.ts';
import { type Network, openNetwork } from './support/network.ts';
import { statementsOf } from './support/queries.ts';
import { showResult } from './support/results.ts';

/*
 * Every way out, for every discipline, in cases of consent. What a plain read gives is the measure; `reference/consent.md` §8 numbers what must hold. Which test covers which:
 *   X03, X04, X05, X06, X07, X08, X09, X10, X11, X12: here.
 *   X01, X02: src/fhir/json/strict-json.test.ts and src/api/register-routes.test.ts (the doors that take JSON).
 *   X13, X14, X24: src/api/register-routes.test.ts; X15: src/api/register-routes.test.ts (identity at entry); X16: src/exchange/merge-patient.test.ts.
 *   X17 to X23: the register's life and the reports (other parts of this project); X25: src/consent/samples.test.ts.
 */

const DISCIPLINES = [
  'paediatrician',
  'gynaecologist',
  'midwife',
  'medical-social-work',
  'youth-doctor',
  'youth-nurse',
  'social-domain',
  'gp',
  'ggz',
  'physiotherapist',
  'maternity-care',
  'volunteer',
  'planner',
] as const;

const SOME = ['youth-doctor', 'gp', 'social-domain', 'volunteer'] as const;

let network: Network;
let family: ExitFamily;
let doors: Doors;

beforeAll(async () => {
  network = await openNetwork();
  family = await enterExitFamily(network);
  doors = await addClient(network, 'all-functions', {
    organisation: 'huisarts',
    disciplines: [...DISCIPLINES],
    scopes: ['system/*.rs'],
  });
});
afterAll(async () => {
  await doors?.close();
  await network?.close();
});

const outside = (id: string): string => network.gateway.ports.vault.ids('huisarts').out(id);
const patient = (): string => outside(family.patient);
const refOut = (reference: string): string => {
  const [type = '', id = ''] = reference.split('/');
  return `${type}/${outside(id)}`;
};
const thing = (name: string): string => refOut(family.things[name] ?? '');

/** The texts of all answers, to look for what should not be in them. */
let heard: string[] = [];

async function ask(
  discipline: string,
  path: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const contentType = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/fhir+json';
  const iua = { subject_role: discipline, purpose_of_use: 'TREAT' };
  const answer = await doors.send('all-functions', method, path.replace(network.base, ''), body, {
    iua,
    contentType,
    headers,
  });
  heard.push(JSON.stringify(answer.body ?? ''));
  return answer;
}

const entries = (answer: Answer): Resource[] =>
  ((answer.body as Bundle).entry ?? []).flatMap((one) => one.resource ?? []);
const keyOf = (one: Resource): string => `${one.resourceType}/${one.id}`;
const keys = (list: readonly Resource[]): string[] => list.map(keyOf).sort();
const codeOf = (answer: Answer): string =>
  (answer.body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code ?? '';

/** All pages of an answer, by its own links. */
async function everyPage(discipline: string, path: string): Promise<Resource[]> {
  const found: Resource[] = [];
  let next: string | undefined = path;
  while (next) {
    const answer: Answer = await ask(discipline, next);
    if (answer.status === 404) break;
    expect(answer.status).toBe(200);
    found.push(...entries(answer));
    next = (answer.body as Bundle).link?.find((one) => one.relation === 'next')?.url;
  }
  return found;
}

/** What everybody in the file is called, from the store itself. */
async function allReferences(): Promise<string[]> {
  const rows = await network.gateway.ports.db
    .selectFrom('resource')
    .select(['type', 'id'])
    .where('current', '=', true)
    .where('patient', '=', family.patient)
    .execute();
  return rows.map((one) => `${one.type}/${outside(one.id)}`).sort();
}

const CASES: Readonly<Record<string, (family: ExitFamily) => Parameters<typeof consentsOf>[2][]>> = {
  'the parents allow all that is not sensitive': (f) => [f.consent()],
  'they refuse growth and development': (f) => [
    f.consent(),
    f.consent({}, { type: 'deny', securityLabel: [label('cat-development')] }),
  ],
  'they allow psychiatric history by name': (f) => [
    f.consent(),
    f.consent(
      {},
      { securityLabel: [label('cat-history'), label('cat-consult'), label('cat-development'), label('PSY')] },
    ),
  ],
  'they refuse one letter': (f) => [
    f.consent(),
    f.consent({}, { type: 'deny', data: [{ meaning: 'instance', reference: { reference: f.things.letter ?? '' } }] }),
  ],
  'they withdrew': (f) => [f.consent({ status: 'inactive' })],
  'nobody was asked': () => [],
};

describe.each(Object.keys(CASES))('When %s, every exit gives what a plain read gives', (situation) => {
  beforeAll(async () => consentsOf(network, family.patient, ...(CASES[situation]?.(family) ?? [])));

  // All disciplines where the most can differ, some of each kind in the other cases.
  const asked = situation.includes('by name') ? DISCIPLINES : SOME;
  it.for([...asked])('to the %s', { timeout: 120_000 }, async (discipline, context) => {
    heard = [];
    const everybody = await allReferences();
    // The measure: what a read of each by its id gives.
    const read = new Map<string, Resource>();
    for (const reference of everybody) {
      const answer = await ask(discipline, `/fhir/${reference}`);
      expect([200, 404]).toContain(answer.status);
      if (answer.status === 200) read.set(reference, answer.body as Resource);
    }
    const may = [...read.keys()].sort();
    let exits = 1;
    const same = (exit: string, found: readonly Resource[], expected: readonly string[] = may): void => {
      exits += 1;
      expect([exit, keys(found)]).toEqual([exit, [...expected]]);
      for (const one of found) expect([exit, one]).toEqual([exit, read.get(keyOf(one))]);
    };
    const within = (exit: string, found: readonly Resource[]): void => {
      exits += 1;
      for (const one of found) expect([exit, one]).toEqual([exit, read.get(keyOf(one))]);
    };
    const ofType = (type: string): string[] => may.filter((one) => one.startsWith(`${type}/`));
    const types = [...new Set(everybody.map((one) => one.split('/')[0] ?? ''))];

    // Everything at once, in pages, of one kind, since ever.
    const whole = await ask(discipline, `/fhir/Patient/${patient()}/$everything`);
    expect(whole.status).toBe(may.length > 0 ? 200 : 404);
    if (may.length > 0) {
      same('$everything', entries(whole));
      expect((whole.body as Bundle).total).toBe(may.length);
    }
    same('$everything in pages', await everyPage(discipline, `/fhir/Patient/${patient()}/$everything?_count=4`));
    same(
      '$everything of one type',
      await everyPage(discipline, `/fhir/Patient/${patient()}/$everything?_type=Observation`),
      ofType('Observation'),
    );
    same('$everything since', await everyPage(discipline, `/fhir/Patient/${patient()}/$everything?_since=2020-01-01`));

    // Search of each type in its forms, through one batch for each form.
    for (const [form, suffix] of [
      ['search', ''],
      ['search sorted', '&_sort=-_lastUpdated'],
      ['search of a part', '&_elements=id'],
      ['counted', '&_summary=count'],
      ['in pages', '&_count=1000'],
    ] as const) {
      const batch = {
        resourceType: 'Bundle',
        type: 'batch',
        entry: types.map((type) => ({ request: { method: 'GET', url: `${type}?patient=${patient()}${suffix}` } })),
      };
      const answer = await ask(discipline, '/fhir', 'POST', batch);
      expect(answer.status).toBe(200);
      for (const [at, inner] of entries(answer).entries()) {
        const type = types[at] ?? '';
        const bundle = inner as Bundle;
        expect([form, type, bundle.total]).toEqual([form, type, ofType(type).length]);
        const found = (bundle.entry ?? []).flatMap((one) => one.resource ?? []);
        if (form === 'counted') expect(found).toEqual([]);
        else if (form === 'search of a part') expect(keys(found)).toEqual(ofType(type));
        else same(`${form} ${type}`, found, ofType(type));
      }
    }
    same(
      'POST _search',
      entries(await ask(discipline, '/fhir/Observation/_search', 'POST', `patient=${patient()}`)),
      ofType('Observation'),
    );
    same(
      'search in pages',
      await everyPage(discipline, `/fhir/Observation?patient=${patient()}&_count=2`),
      ofType('Observation'),
    );
    within(
      '_include',
      entries(
        await ask(
          discipline,
          `/fhir/Task?patient=${patient()}&_include=Task:focus&_include:iterate=Condition:asserter`,
        ),
      ),
    );
    within(
      '_include of professionals',
      entries(
        await ask(
          discipline,
          `/fhir/Observation?patient=${patient()}&_include=Observation:performer&_include=Observation:encounter`,
        ),
      ),
    );
    within(
      '_revinclude',
      entries(
        await ask(
          discipline,
          `/fhir/Encounter?patient=${patient()}&_revinclude=Observation:encounter&_revinclude=Condition:encounter`,
        ),
      ),
    );
    within(
      '_revinclude of Provenance',
      entries(await ask(discipline, `/fhir/Condition?patient=${patient()}&_revinclude=Provenance:target`)),
    );

    // Versions: the current one, and older ones only of what may be seen.
    for (const kind of ['history', 'vread of the current version', 'read in a batch'] as const) {
      const batch = {
        resourceType: 'Bundle',
        type: 'batch',
        entry: everybody.map((reference) => {
          const version = read.get(reference)?.meta?.versionId ?? '1';
          return {
            request: {
              method: 'GET',
              url:
                kind === 'history'
                  ? `${reference}/_history`
                  : kind === 'read in a batch'
                    ? reference
                    : `${reference}/_history/${version}`,
            },
          };
        }),
      };
      const answer = await ask(discipline, '/fhir', 'POST', batch);
      const found = ((answer.body as Bundle).entry ?? []).map((one) =>
        kind === 'history' ? (one.resource as Bundle | undefined)?.entry?.[0]?.resource : one.resource,
      );
      expect([kind, found.map((one) => one !== undefined)]).toEqual([kind, everybody.map((one) => read.has(one))]);
      within(
        kind,
        found.flatMap((one) => one ?? []),
      );
    }
    // Documents, as FHIR and as bytes.
    for (const name of ['letter', 'psychiatric-letter']) {
      const reference = thing(name);
      const carried = JSON.stringify(read.get(reference) ?? {}).includes('"data"');
      const id = reference.split('/')[1];
      expect([name, (await ask(discipline, `/fhir/Binary/${id}`)).status]).toEqual([name, carried ? 200 : 404]);
      expect([
        name,
        (await ask(discipline, `/fhir/Binary/${id}`, 'GET', undefined, { accept: 'application/pdf' })).status,
      ]).toEqual([name, carried ? 200 : 404]);
      exits += 2;
    }
    // One page, the caseload, and what changed in it.
    const page = await ask(discipline, `/fhir/Patient/${patient()}/$summary`);
    within('$summary', page.status === 200 ? entries(page).slice(1) : []);
    same('the caseload', entries(await ask(discipline, '/fhir/Patient')), ofType('Patient'));
    same('$changes', await everyPage(discipline, '/fhir/$changes'));
    same(
      '$changes since',
      await everyPage(discipline, `/fhir/$changes?_since=${new Date(Date.now() - 3_600_000).toISOString()}`),
    );

    // No answer held the text of something that its asker may not read, nor its id, at any exit.
    const all = heard.join('\n');
    for (const [name, reference] of Object.entries(family.things)) {
      if (read.has(refOut(reference))) continue;
      expect([name, all.includes(`${SECRET}${name}"`) || all.includes(`${SECRET}${name}<`)]).toEqual([name, false]);
      expect([name, all.includes(Buffer.from(`${SECRET}${name}`).toString('base64'))]).toEqual([name, false]);
    }
    showResult(context, {
      what: 'exits that gave what a plain read gives, over all disciplines and cases',
      passed: exits,
      of: exits,
    });
  });
});

const DOCTOR = 'youth-doctor';
const allowed = () => consentsOf(network, family.patient, family.consent());
const statusOf = async (path: string, discipline: string = DOCTOR): Promise<number> =>
  (await ask(discipline, path)).status;

describe('What is withheld leaves no trace', () => {
  beforeAll(allowed);

  it('X03: a search in which something is withheld looks as if it did not exist: no count, no gap, no word about it', async () => {
    const answer = await ask(DOCTOR, `/fhir/Condition?patient=${patient()}`);
    const { link: _, ...bundle } = answer.body as Bundle;
    expect(bundle).toEqual({ resourceType: 'Bundle', type: 'searchset', total: 0 });
    const pages = await everyPage(DOCTOR, `/fhir/Observation?patient=${patient()}&_count=1`);
    expect(pages.length).toBe((await everyPage(DOCTOR, `/fhir/Observation?patient=${patient()}`)).length);
  });
  it('X04: a count counts what may leave and nothing else', async () => {
    const found = await everyPage(DOCTOR, `/fhir/Observation?patient=${patient()}`);
    for (const query of ['_summary=count', '_total=accurate', '_count=0', '_count=1'])
      expect([
        query,
        ((await ask(DOCTOR, `/fhir/Observation?patient=${patient()}&${query}`)).body as Bundle).total,
      ]).toEqual([query, found.length]);
  });
  it('X05: whole populations, whole histories and GraphQL are refused with a clear answer', async () => {
    for (const path of [
      '$export',
      'Patient/$export',
      'Group/x/$export',
      '$graphql',
      `Patient/${patient()}/$graphql`,
      '_history',
      'Observation/_history',
    ]) {
      const answer = await ask(DOCTOR, `/fhir/${path}`);
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 501, 'exit-unsupported']);
    }
  });
  it('X06: the label of today governs every version: what was free once is not any more', async () => {
    const reference = thing('relabelled');
    for (const path of [reference, `${reference}/_history`, `${reference}/_history/1`, `${reference}/_history/2`])
      expect([path, await statusOf(`/fhir/${path}`)]).toEqual([path, 404]);
    await consentsOf(
      network,
      family.patient,
      family.consent(),
      family.consent({}, { securityLabel: [label('cat-development'), label('PSY')] }),
    );
    for (const path of [reference, `${reference}/_history`, `${reference}/_history/1`, `${reference}/_history/2`])
      expect([path, await statusOf(`/fhir/${path}`)]).toEqual([path, 200]);
    const old = (await ask(DOCTOR, `/fhir/${reference}/_history/1`)).body as Observation;
    expect(old.meta?.versionId).toBe('1');
    expect(old.meta?.security?.map((one) => one.code)).toContain('PSY');
    await allowed();
  });
  it('X06: what was entered in error is shown as such, and what it said before to nobody', async () => {
    const reference = thing('erroneous');
    expect(((await ask(DOCTOR, `/fhir/${reference}`)).body as Observation).status).toBe('entered-in-error');
    expect(await statusOf(`/fhir/${reference}/_history/1`)).toBe(404);
    expect(entries(await ask(DOCTOR, `/fhir/${reference}/_history`)).map((one) => one.meta?.versionId)).toEqual(['2']);
  });
  it('a corrected fact has both its versions, newest first, in pages, and since an instant', async () => {
    const reference = thing('corrected');
    const versions = (list: readonly Resource[]) => list.map((one) => one.meta?.versionId);
    expect(versions(entries(await ask(DOCTOR, `/fhir/${reference}/_history`)))).toEqual(['2', '1']);
    expect(versions(await everyPage(DOCTOR, `/fhir/${reference}/_history?_count=1`))).toEqual(['2', '1']);
    expect(await statusOf(`/fhir/${reference}/_history?_since=2099-01-01`)).toBe(404);
    expect(await statusOf(`/fhir/${reference}/_history/3`)).toBe(404);
    expect(await statusOf(`/fhir/${reference}/_history/x`)).toBe(404);
    expect(await statusOf(`/fhir/${reference}/_history?_at=2026`)).toBe(400);
  });
  it('X07: a search that only withheld things match answers as one that nothing matches', async () => {
    const shape = async (code: string) => {
      const { body, status } = await ask(DOCTOR, `/fhir/Condition?patient=${patient()}&code=${code}`);
      return [status, JSON.stringify(body).replaceAll(code, '')];
    };
    expect(await shape('58703003')).toEqual(await shape('11111111'));
  });
  it('X08: a direct read of something withheld is 404, like a read of nothing', async () => {
    const [hidden, nothing] = await Promise.all(
      [thing('psychiatric'), `Condition/${family.patient}`].map((one) => ask(DOCTOR, `/fhir/${one}`)),
    );
    expect(hidden?.status).toBe(404);
    expect(JSON.stringify(hidden?.body)).toBe(JSON.stringify(nothing?.body));
  });
  it('X09: what others say of something withheld goes with it: the reference to it, who wrote it, where it came from', async () => {
    const task = JSON.stringify((await ask(DOCTOR, `/fhir/${thing('task')}`)).body);
    expect(task).not.toContain(thing('psychiatric'));
    expect(task).not.toContain('focus');
    expect(await statusOf(`/fhir/${thing('psychiatrist')}`)).toBe(404);
    expect(await statusOf(`/fhir/${thing('psychiatric-provenance')}`)).toBe(404);
    expect(await statusOf(`/fhir/${thing('doctor')}`)).toBe(200);
  });
  it('X10: every page is decided when it is asked for: withdrawn in between, the next one is empty and the last', async () => {
    const first = await ask(DOCTOR, `/fhir/Observation?patient=${patient()}&_count=1`);
    const next = (first.body as Bundle).link?.find((one) => one.relation === 'next')?.url ?? '';
    expect(next).toContain('_page=');
    expect((await ask(DOCTOR, next)).body).toMatchObject({ entry: [{}] });
    await consentsOf(network, family.patient, family.consent({ status: 'inactive' }));
    const { link, ...rest } = (await ask(DOCTOR, next)).body as Bundle;
    expect(rest).toEqual({ resourceType: 'Bundle', type: 'searchset', total: 0 });
    expect(link?.map((one) => one.relation)).toEqual(['self']);
    await allowed();
  });
  it('a link to a page tells nothing and opens for nobody else: not for another function, not at another door, not when changed', async () => {
    const first = await ask(
      DOCTOR,
      '/fhir/Observation/_search',
      'POST',
      `patient=${patient()}&_count=1&_sort=value-quantity`,
    );
    const next = new URL((first.body as Bundle).link?.find((one) => one.relation === 'next')?.url ?? '');
    const token = next.searchParams.get('_page') ?? '';
    expect(Buffer.from(token.replaceAll('~', ''), 'base64url').toString('latin1')).not.toContain('patient');
    expect(next.href).not.toContain(patient());
    expect(await statusOf(`/fhir/Observation?_page=${token}`)).toBe(200);
    expect(await statusOf(`/fhir/Observation?_page=${token}`, 'gp')).toBe(400);
    expect(await statusOf(`/fhir/Condition?_page=${token}`)).toBe(400);
    expect(await statusOf(`/fhir/Observation?_page=${token}&_count=50`)).toBe(400);
    expect(await statusOf(`/fhir/Observation?_page=${token.slice(0, -2)}AA`)).toBe(400);
  });
  it('X11, X12: a token from before a withdrawal opens nothing after it: nothing decided is kept', async () => {
    expect(await statusOf(`/fhir/${thing('growth')}`)).toBe(200);
    await consentsOf(network, family.patient, family.consent({ status: 'inactive' }));
    expect(await statusOf(`/fhir/${thing('growth')}`)).toBe(404);
    await allowed();
  });

  /** The same requests three times, the smallest count: sweeps that happen to run beside them only add. */
  const counted = async (paths: readonly string[]) => {
    const runs = [await countedOnce(paths), await countedOnce(paths), await countedOnce(paths)];
    const size = ({ statements, calls }: (typeof runs)[number]) =>
      statements.length + Object.values(calls).reduce((sum, one) => sum + one, 0);
    return runs.reduce((one, other) => (size(other) < size(one) ? other : one));
  };
  /** Statements of requests: not those of the queue, the sequencer of the log and the held directory, which go on beside them. */
  const countedOnce = async (
    paths: readonly string[],
  ): Promise<{ statements: string[]; calls: Record<string, number> }> => {
    let calls: Record<string, number> = {};
    const statements = await statementsOf(async () => {
      calls = await callsOf(['consent/decide.ts decide', 'exchange/judge.ts judge'], async () => {
        for (const path of paths) await ask(DOCTOR, path);
      });
    });
    const own = statements.filter(
      (one) =>
        /from patient p|from "resource"|from resource|from "treatment_relation"|insert into (")?audit/.test(one) &&
        !/update audit/.test(one),
    );
    // One statement writes the log, with one entry more where something left.
    return { statements: own.map((one) => one.replace(/\(values .*\) as r/, '(values …) as r')), calls };
  };
  it.each([
    [
      'searches',
      [
        '/fhir/Condition?patient=P&code=58703003',
        '/fhir/Observation?patient=P&_count=1',
        '/fhir/Condition?patient=P&_summary=count',
      ],
    ],
    ['$everything', ['/fhir/Patient/P/$everything', '/fhir/Patient/P/$everything?_type=Condition']],
    ['$changes', ['/fhir/$changes', '/fhir/Patient']],
  ])('the same statements and decisions run for %s whether or not something is withheld', async (_what, paths) => {
    const own = paths.map((one) => one.replace('P', patient()).replace(`/fhir/${patient()}atient`, '/fhir/Patient'));
    const withheld = await counted(own);
    await consentsOf(
      network,
      family.patient,
      family.consent(),
      family.consent({}, { securityLabel: [label('cat-history'), label('PSY')] }),
    );
    const shown = await counted(own);
    await allowed();
    expect(withheld.statements.length).toBeGreaterThan(0);
    expect(withheld.calls['consent/decide.ts decide']).toBeGreaterThan(0);
    expect(shown).toEqual(withheld);
  });
  it.each(['ID', 'ID/_history', 'ID/_history/1'])(
    'the same statements and decisions run for a read of %s, whether it is withheld or was never there',
    async (path) => {
      const hidden = await counted([`/fhir/${path.replace('ID', thing('psychiatric'))}`]);
      const nothing = await counted([`/fhir/${path.replace('ID', `Condition/${family.patient}`)}`]);
      const garbage = await counted([`/fhir/${path.replace('ID', 'Condition/x')}`]);
      const kinds = (one: typeof hidden) => ({
        calls: one.calls,
        statements: one.statements.map((text) =>
          text
            .split(' ')
            .slice(0, 2)
            .join(' ')
            .replace(/^with held.*/, 'insert into'),
        ),
      });
      expect(hidden.statements.length).toBeGreaterThan(2);
      expect(kinds(nothing).calls).toEqual(kinds(hidden).calls);
      expect(nothing.statements.length).toBe(hidden.statements.length);
      expect(kinds(garbage)).toEqual(kinds(nothing));
    },
  );
});

describe('The log says what really left', () => {
  beforeAll(allowed);

  it('each page by itself, with what was included, and no more than it', async () => {
    const { db } = network.gateway.ports;
    const lastOf = async () => {
      const row = await db
        .selectFrom('audit')
        .select('event')
        .where('kind', '=', 'release')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      const event = JSON.parse(row.event) as { entity?: { what?: { reference?: string }; role?: { code?: string } }[] };
      return (event.entity ?? [])
        .filter((one) => one.role?.code === '4')
        .map((one) => refOut((one.what?.reference ?? '').split('/_history')[0] ?? ''))
        .sort();
    };
    const first = await ask(DOCTOR, `/fhir/Observation?patient=${patient()}&_count=2&_include=Observation:encounter`);
    expect(await lastOf()).toEqual(keys(entries(first)));
    const next = (first.body as Bundle).link?.find((one) => one.relation === 'next')?.url ?? '';
    const second = await ask(DOCTOR, next);
    expect(await lastOf()).toEqual(keys(entries(second)));
    const page = await ask(DOCTOR, `/fhir/Patient/${patient()}/$summary`);
    expect(await lastOf()).toEqual(keys(entries(page).slice(1)));
  });
  it('a count is a decision and no release', async () => {
    const { db } = network.gateway.ports;
    const releases = async () =>
      (await db.selectFrom('audit').select('seq').where('kind', '=', 'release').execute()).length;
    const before = await releases();
    await ask(DOCTOR, `/fhir/Observation?patient=${patient()}&_summary=count`);
    expect(await releases()).toBe(before);
  });
});

describe('A batch', () => {
  beforeAll(allowed);
  const batchOf = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'batch', entry });
  const getOf = (url: string) => ({ request: { method: 'GET', url } });

  it('answers each entry as the same request by itself', async () => {
    const urls = [
      thing('growth'),
      thing('psychiatric'),
      `Observation?patient=${patient()}`,
      'Observation?foo=bar',
      '$export',
      `Patient/${patient()}/$everything`,
      'Observation?patient=999903147',
      `${network.base}/fhir/${thing('growth')}`,
    ];
    const answer = await ask(DOCTOR, '/fhir', 'POST', batchOf(...urls.map(getOf)));
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'batch-response' });
    const statuses = ((answer.body as Bundle).entry ?? []).map((one) => one.response?.status);
    expect(statuses).toEqual(['200', '404', '200', '400', '501', '200', '400', '200']);
  });
  it('with a write in it is refused whole, and nothing of it is answered', async () => {
    for (const request of [
      { method: 'DELETE', url: thing('growth') },
      { method: 'POST', url: 'Observation' },
      { method: 'HEAD', url: 'Observation' },
      undefined,
    ]) {
      const answer = await ask(DOCTOR, '/fhir', 'POST', batchOf(getOf(thing('growth')), { request }));
      expect([answer.status, codeOf(answer)]).toEqual([422, 'batch-reads-only']);
    }
    expect((await ask(DOCTOR, '/fhir', 'POST', batchOf())).status).toBe(422);
    expect(
      (await ask(DOCTOR, '/fhir', 'POST', batchOf(...Array.from({ length: 51 }, () => getOf('Patient'))))).status,
    ).toBe(422);
  });
});

describe('Changes in the caseload', () => {
  it('since an instant: what came after it and nothing else, then where the next pull begins', async () => {
    await allowed();
    const { db } = network.gateway.ports;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const since = new Date().toISOString();
    const untouched = await ask(DOCTOR, `/fhir/$changes?_since=${since}`);
    expect((untouched.body as Bundle).entry).toBeUndefined();
    const id = (family.things.growth ?? '').split('/')[1] ?? '';
    await layInFile(network, family.patient, {
      resource: {
        resourceType: 'Observation',
        id,
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        subject: { reference: `Patient/${family.patient}` },
      },
      category: 'development',
    });
    const answer = await ask(DOCTOR, `/fhir/$changes?_since=${since}`);
    expect(keys(entries(answer))).toEqual([thing('growth')]);
    const again = (answer.body as Bundle).link?.find((one) => one.relation === CHANGES_AFTER)?.url ?? '';
    expect(Date.parse(new URL(again).searchParams.get('_since') ?? '')).toBeLessThan(Date.now());
    expect(keys(entries(await ask(DOCTOR, again)))).toContain(thing('growth'));
    // A new consent can open what was closed: then all of it comes again.
    await consentsOf(network, family.patient, family.consent());
    expect(entries(await ask(DOCTOR, `/fhir/$changes?_since=${since}`)).length).toBeGreaterThan(10);
    expect(await db.selectFrom('audit').select('seq').limit(1).execute()).toHaveLength(1);
  });
  it('families with nothing to show leave no trace: no shorter page, no next page for them', async () => {
    const { db, vault } = network.gateway.ports;
    const { createPatient } = await import('../src/store/records.ts');
    const ids = Array.from({ length: 4 }, () => crypto.randomUUID());
    for (const id of ids) {
      await createPatient(db, vault, id, undefined);
      await db
        .insertInto('treatment_relation')
        .values({ patient: id, organisation: 'huisarts', source: 'test', since: new Date(0), until: null })
        .execute();
    }
    for (const path of ['/fhir/Patient?_count=1', '/fhir/$changes?_count=1']) {
      const bundle = (await ask(DOCTOR, path)).body as Bundle;
      expect([path, bundle.entry?.length === 0 || bundle.entry === undefined]).toEqual([path, false]);
      expect([path, bundle.link?.some((one) => one.relation === 'next')]).toEqual([path, false]);
    }
  });
  it.each(['_since=yesterday', '_count=0', '_type=Observation', '_after=x', '_since=2026-01-01&_since=2026-02-01'])(
    '%s is refused',
    async (query) => expect(await statusOf(`/fhir/$changes?${query}`)).toBe(400),
  );
});

describe('One page about a family', () => {
  it('is a FHIR document with Dutch sections, and a page for a browser, made of what may leave', async () => {
    await allowed();
    const bundle = (await ask(DOCTOR, `/fhir/Patient/${patient()}/$summary`)).body as Bundle;
    const [composition] = entries({ status: 200, body: bundle });
    expect(bundle.type).toBe('document');
    expect(composition).toMatchObject({
      resourceType: 'Composition',
      status: 'final',
      title: 'Het gezin op één bladzijde',
    });
    const sections = (composition as { section?: { title: string; entry: { reference: string }[] }[] }).section ?? [];
    expect(sections.map((one) => one.title)).toEqual(
      expect.arrayContaining(['Wie er om het gezin heen staan', 'Medicijnen', 'Groei en ontwikkeling']),
    );
    const there = new Set(keys(entries({ status: 200, body: bundle })));
    for (const { reference } of sections.flatMap((one) => one.entry)) expect(there).toContain(reference);
    const html = await ask(DOCTOR, `/fhir/Patient/${patient()}/$summary`, 'GET', undefined, { accept: 'text/html' });
    expect(String(html.body)).toContain('<h2>Medicijnen</h2>');
    expect(String(html.body)).not.toContain('psychiatric');
  });
});

describe('The CapabilityStatement is the table of exits', () => {
  it('every interaction it names answers, on every type, and every exit is named or refuses', async () => {
    await allowed();
    const statement = (await (await fetch(`${network.base}/fhir/metadata`)).json()) as CapabilityStatement;
    const [rest] = statement.rest ?? [];
    const released = rest?.resource?.filter((one) => RELEASED_TYPES.has(one.type ?? '')) ?? [];
    expect(released.map((one) => one.type).sort()).toEqual([...RELEASED_TYPES].sort());
    const named = new Set<string>();
    for (const { type, interaction = [], searchParam = [] } of released) {
      for (const { code } of interaction) {
        named.add(code ?? '');
        const path = {
          read: `${type}/${family.patient}`,
          vread: `${type}/${family.patient}/_history/1`,
          'history-instance': `${type}/${family.patient}/_history`,
          'search-type': `${type}?patient=${patient()}`,
        }[String(code)];
        expect([type, code, await statusOf(`/fhir/${path}`)]).toEqual([type, code, code === 'search-type' ? 200 : 404]);
      }
      if (type !== 'Binary')
        expect(searchParam.map((one) => one.name)).toEqual(expect.arrayContaining(['patient', '_id', '_lastUpdated']));
    }
    for (const { name } of [
      ...(rest?.operation ?? []),
      ...(rest?.resource ?? []).flatMap((one) => one.operation ?? []),
    ]) {
      named.add(name ?? '');
      const { status } =
        name === 'explain'
          ? await ask(DOCTOR, '/fhir/$explain', 'POST', {
              resourceType: 'Parameters',
              parameter: [{ name: 'patient', valueReference: { reference: `Patient/${patient()}` } }],
            })
          : await ask(DOCTOR, name === 'changes' ? '/fhir/$changes' : `/fhir/Patient/${patient()}/$${name}`);
      expect([name, status]).toEqual([name, 200]);
    }
    for (const exit of EXITS) {
      const name = exit.named && ('interaction' in exit.named ? exit.named.interaction : exit.named.operation);
      if (name) expect(named).toContain(name);
      else expect(await statusOf(`/fhir${exit.path.replace(':type', 'Observation').replace(':id', 'x')}`)).toBe(501);
    }
  });
  it('the types in it are those that some view lets out', () => {
    const { views } = network.gateway.ports.policy();
    const out = new Set([...views.sets.values()].flatMap((one) => [...one.types.keys()]));
    expect([...RELEASED_TYPES].sort()).toEqual([...out].sort());
  });
});
