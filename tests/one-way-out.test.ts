import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../src/api/app.ts';
import { createMetrics } from '../src/api/operations.ts';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import { PARTIES } from '../src/demo/network.ts';
import { createAuthStore } from '../src/store/auth-store.ts';
import { temporaryFolder } from './support/data-dir.ts';
import { type Network, openNetwork } from './support/network.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

describe('The import rules', () => {
  interface Cruise {
    summary: {
      totalCruised: number;
      error: number;
      violations: { rule: { name: string }; from: string; to: string }[];
    };
    modules: { source: string; dependencies: { resolved: string }[] }[];
  }
  /** Runs dependency-cruiser as `npm run imports` does, in a folder that has `src`, `node_modules` and the rules. */
  async function cruise(folder: string): Promise<Cruise> {
    const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
    const args = [program, '--config', '.dependency-cruiser.json', '--output-type', 'json', 'src'];
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    // The exit code is the number of violations; what was found stands on standard output either way.
    const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
      (error: { stdout: string }) => error,
    );
    return JSON.parse(stdout) as Cruise;
  }

  it('hold, and were asked of every file', async () => {
    const { summary, modules } = await cruise(ROOT);
    expect(summary.violations.map((one) => `${one.rule.name}: ${one.from} → ${one.to}`)).toEqual([]);
    const own = modules.filter((one) => one.source.startsWith('src/'));
    expect(own.length).toBeGreaterThan(150);
    // Where the parser cannot read TypeScript it sees files and no imports.
    expect(own.flatMap((one) => one.dependencies).length).toBeGreaterThan(500);
  }, 120_000);

  it('would report what breaks them', async () => {
    const folder = await temporaryFolder();
    await cp(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
    for (const name of ['.dependency-cruiser.json', 'package.json', 'tsconfig.json'])
      await cp(join(ROOT, name), join(folder, name));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const plant = async (file: string, text: string) => {
      await mkdir(join(folder, file, '..'), { recursive: true });
      await writeFile(join(folder, file), text);
    };
    await plant(
      'src/api/planted.ts',
      "import { loadFile } from '../store/records.ts';\nexport const read = loadFile;\n",
    );
    await plant(
      'src/api/planted-view.ts',
      "import { project } from '../views/project.ts';\nexport const view = project;\n",
    );
    await plant(
      'src/consent/planted.ts',
      "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
    );
    await plant('src/fhir/planted.ts', "import { accept } from '../exchange/accept.ts';\nexport const up = accept;\n");
    await plant(
      'src/audit/planted.ts',
      "import { sendFhir } from '../receivers/fhir.ts';\nexport const send = sendFhir;\n",
    );
    await plant('src/exchange/planted.ts', "import { judge } from './judge.ts';\nexport const second = judge;\n");
    await plant('src/queue/planted-a.ts', "import { b } from './planted-b.ts';\nexport const a = () => b;\n");
    await plant('src/queue/planted-b.ts', "import { a } from './planted-a.ts';\nexport const b = () => a;\n");
    const { summary } = await cruise(folder);
    const found = summary.violations
      .filter((one) => one.from.includes('planted'))
      .map((one) => `${one.rule.name} ${one.from}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'doors-do-not-open-the-vault src/api/planted.ts',
        'doors-do-not-open-the-vault src/api/planted-view.ts',
        'pure-parts-do-no-io src/consent/planted.ts',
        'fhir-stays-on-its-floor src/fhir/planted.ts',
        'only-deliver-sends src/audit/planted.ts',
        'only-release-makes-released src/exchange/planted.ts',
        'no-cycles src/queue/planted-a.ts',
      ]),
    );
    await rm(folder, { recursive: true, force: true });
  }, 120_000);
});

type Who =
  | 'anybody'
  | 'a client'
  | 'a source'
  | 'a reader'
  | 'a recorder'
  | 'a privacy officer'
  | 'a keeper of consents';

/** Every door of the house and who may use it. A new route without a row here fails: somebody has to decide. */
const DOORS: Readonly<Record<string, Who>> = {
  'GET /healthz': 'anybody',
  'GET /readyz': 'anybody',
  'GET /metrics': 'anybody',
  'GET /': 'anybody',
  'GET /.well-known/smart-configuration': 'anybody',
  'GET /fhir/.well-known/smart-configuration': 'anybody',
  'GET /oauth/jwks': 'anybody',
  'POST /oauth/token': 'anybody',
  'ALL /oauth/token': 'anybody',
  'GET /fhir/metadata': 'anybody',
  // Who has the address of a subscription is Mitz; to anybody else there is nothing.
  'POST /mitz/notification/:token': 'anybody',
  'POST /exchange/:source': 'a source',
  'GET /exchange/:id': 'a client',
  'GET /exchange/:id/lineage': 'a client',
  'POST /fhir/': 'a recorder',
  'POST /fhir/Consent': 'a recorder',
  'PUT /fhir/Consent/:id': 'a recorder',
  'POST /fhir/DocumentReference': 'a recorder',
  'POST /fhir/Provenance': 'a recorder',
  'GET /fhir/Consent': 'a keeper of consents',
  'GET /fhir/Consent/:id': 'a keeper of consents',
  'GET /fhir/Consent/:id/_history': 'a keeper of consents',
  'GET /fhir/Consent/:id/_history/:version': 'a keeper of consents',
  'GET /fhir/Consent/:id/$signed': 'a keeper of consents',
  'GET /fhir/$reviews': 'a privacy officer',
  'POST /fhir/$reviews/:id/$close': 'a privacy officer',
  'GET /fhir/$consents-due': 'a keeper of consents',
  'GET /fhir/AuditEvent': 'a privacy officer',
  'GET /fhir/$changes': 'a reader',
  'POST /fhir/$explain': 'a reader',
  'GET /fhir/Patient': 'a reader',
  'POST /fhir/Patient/_search': 'a reader',
  'GET /fhir/Patient/:id/$everything': 'a reader',
  'GET /fhir/Patient/:id/$summary': 'a reader',
  'GET /fhir/Binary/:id': 'a reader',
  'GET /fhir/:type/:id/_history/:version': 'a reader',
  'GET /fhir/:type/:id/_history': 'a reader',
  'GET /fhir/:type/:id': 'a reader',
  'POST /fhir/:type/_search': 'a reader',
  'GET /fhir/:type': 'a reader',
  'GET /fhir/$export': 'a client',
  'GET /fhir/Patient/$export': 'a client',
  'GET /fhir/Group/:id/$export': 'a client',
  'GET /fhir/$graphql': 'a client',
  'GET /fhir/:type/:id/$graphql': 'a client',
  'GET /fhir/_history': 'a client',
  'GET /fhir/:type/_history': 'a client',
};

describe('The doors', () => {
  const [yonathan] = FAMILIES as [Family];
  let network: Network;
  let doors: string[];

  beforeAll(async () => {
    network = await openNetwork();
    const signedAt = new Date(Date.now() - 60_000).toISOString();
    expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(yonathan, signedAt))).status).toBe(200);
    const { ports } = network.gateway;
    doors = routesOf(createApp(ports, createAuthStore(ports.db, ports.vault, ports.directory), createMetrics()));
  });
  afterAll(() => network?.close());

  it('are those on the list and no others', () => {
    expect(doors.length).toBeGreaterThan(15);
    expect([...new Set(doors)].sort()).toEqual(Object.keys(DOORS).sort());
  });

  it('all but those for anybody are closed without a token', async () => {
    for (const [door, who] of Object.entries(DOORS)) {
      const [method = '', path = ''] = door.split(' ');
      const response = await fetch(network.base + path.replace(':source', 'hix').replace(/:\w+/, 'x'), {
        method: method === 'ALL' ? 'DELETE' : method,
      });
      const isOpen = ![401, 403].includes(response.status);
      await response.body?.cancel();
      expect([door, isOpen]).toEqual([door, who === 'anybody']);
    }
  });

  /** What a client of the demo gets at a door for these, about a family that all of them know. */
  const READERS = ['hix', 'kdplus', 'wijkteam', 'huisarts', 'buurtgezin'];
  const MAY: Readonly<Record<Who, readonly string[]>> = {
    anybody: PARTIES.map((one) => one.id),
    'a client': PARTIES.map((one) => one.id),
    'a source': ['hix', 'kdplus'],
    'a reader': READERS,
    'a recorder': ['kdplus'],
    'a privacy officer': ['jgz-privacy'],
    'a keeper of consents': ['kdplus', 'jgz-privacy'],
  };
  /** Where somebody may come in and still finds nothing to read under this id, or nothing to show. */
  const FOUND: Readonly<Record<string, (client: string) => number>> = {
    'GET /exchange/:id': () => 404,
    'GET /exchange/:id/lineage': () => 404,
    'GET /fhir/Consent/:id': () => 404,
    'GET /fhir/Consent/:id/_history': () => 404,
    'GET /fhir/Consent/:id/_history/:version': () => 404,
    'GET /fhir/Consent/:id/$signed': () => 404,
    'GET /readyz': () => 200,
    'GET /fhir/Binary/:id': () => 404,
    ...Object.fromEntries(
      [
        '$export',
        'Patient/$export',
        'Group/:id/$export',
        '$graphql',
        ':type/:id/$graphql',
        '_history',
        ':type/_history',
      ].map((path) => [`GET /fhir/${path}`, () => 501]),
    ),
  };

  it.each(PARTIES.map((one) => one.id))('%s gets at every GET what it may, and 403 at the others', async (client) => {
    const party = PARTIES.find((one) => one.id === client);
    const [discipline] = party?.disciplines ?? [];
    const iua = discipline ? { subject_role: discipline, purpose_of_use: 'TREAT' } : undefined;
    const { db, vault } = network.gateway.ports;
    const { id } = await db.selectFrom('patient').select('id').executeTakeFirstOrThrow();
    const patient = vault.ids(party?.organisation.id ?? '').out(id);
    for (const [door, who] of Object.entries(DOORS).filter(([one]) => one.startsWith('GET '))) {
      const path = door
        .slice(4)
        .replace('/exchange/:id', `/exchange/${id}`)
        .replace(':type/:id', `Patient/${patient}`)
        .replace(':version', '1')
        .replace(':id', patient)
        .replace(':type', 'Observation');
      const query = /(Observation|Consent|AuditEvent)$/.test(path) ? `?patient=${patient}` : '';
      const response = await fetch(`${network.base}${path}${query}`, {
        headers: { authorization: `Bearer ${await network.doors.token(client, iua)}` },
      });
      await response.body?.cancel();
      const expected = MAY[who].includes(client) ? (FOUND[door]?.(client) ?? 200) : 403;
      expect([door, response.status]).toEqual([door, expected]);
    }
  });
});

interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
  match(path: string): boolean;
}

/** The routes of an express 5 application, read from its router: express keeps no list of its own, and no path of a mounted router. */
function routesOf(app: Express): string[] {
  const MOUNTS = ['/exchange', '/fhir'];
  const walk = (stack: Layer[], prefix: string): string[] =>
    stack.flatMap((layer) => {
      if (layer.route) {
        const methods = Object.keys(layer.route.methods).map((one) => (one === '_all' ? 'ALL' : one.toUpperCase()));
        return [layer.route.path].flat().flatMap((path) => methods.map((method) => `${method} ${prefix}${path}`));
      }
      const inner = layer.handle?.stack;
      if (!inner) return [];
      const isEverywhere = layer.match('/somewhere/else');
      const mount = isEverywhere ? '' : MOUNTS.find((one) => layer.match(`${one}/x`));
      if (mount === undefined) throw new Error('A router stands on a path that this test does not know.');
      return walk(inner, prefix + mount);
    });
  return walk((app as unknown as { router: { stack: Layer[] } }).router.stack, '');
}
