import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bundle } from '@medplum/fhirtypes';
import { loadDefinitions } from '../fhir/load.ts';
import { type Issue, PROBLEMS } from '../fhir/problems.ts';
import { type LineageEntry, readMap } from '../mapping/index.ts';
import { asSent } from '../sources/as-sent.ts';
import { contentTypeOf } from '../sources/content-type.ts';
import { atPointer } from '../sources/pointer.ts';
import { provenanceOf } from '../sources/provenance.ts';
import { loadSources, type ReadMessage, type Sources, type Traced } from '../sources/registry.ts';
import { explainMap } from './map-static.ts';
import { table } from './table.ts';
import { unreadTable } from './unread-table.ts';

const USAGE = 'Usage: gezinspoort map explain <message | map> [--system NAME] [--values | --provenance]';

/** Columns of a terminal that does not say how many it has. */
export const WIDTH = 160;

interface Arguments {
  readonly file: string;
  readonly system: string | undefined;
  readonly values: boolean;
  readonly provenance: boolean;
}

/** `map explain`: what a map makes of a message, element by element; or, of a map, what each of its rules does. 1: standard error says why not; 2: usage. */
export async function explain(args: string[]): Promise<number> {
  const given = read(args);
  if (!given) {
    console.error(USAGE);
    return 2;
  }
  const bytes = readFileSync(given.file);
  const width = process.stdout.columns ?? WIDTH;
  if (given.file.endsWith('.map')) {
    console.log(explainMap(readMap({ file: given.file, text: bytes.toString('utf8') }), width));
    return 0;
  }
  const sources = await loadSources('mappings', await loadDefinitions());
  const message = readAs(sources, given, bytes);
  const traced = message.ok ? sources.trace(message, randomUUID) : message;
  if (!message.ok || !traced.ok) {
    for (const issue of traced.ok ? [] : traced.issues) console.error(sentence(issue));
    return 1;
  }
  if (given.provenance) {
    console.log(JSON.stringify(asProvenance(message, traced), undefined, 2));
    return 0;
  }
  console.log(`${message.source}, ${message.kind.id}: ${message.kind.map}`);
  console.log(lineageTable(message, traced, given.values, width));
  console.log(`\nNot read\n${unreadTable(sources.leftBehind(message), sources.dropped(message.source), width)}`);
  return 0;
}

function read(args: string[]): Arguments | undefined {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        system: { type: 'string' },
        values: { type: 'boolean', default: false },
        provenance: { type: 'boolean', default: false },
      },
    });
    const [file, ...more] = positionals;
    if (!file || more.length > 0 || (values.values && values.provenance)) return undefined;
    return { file, system: values.system, values: values.values, provenance: values.provenance };
  } catch {
    return undefined;
  }
}

/** Reads the message as the system that is named, else as the only one that takes it. */
function readAs(sources: Sources, { system }: Arguments, bytes: Buffer): ReturnType<Sources['read']> {
  if (system !== undefined && !sources.has(system))
    throw new Error(`There is no system ${system}: ${sources.names.join(', ')}.`);
  const type = contentTypeOf(bytes);
  const readings = (system === undefined ? sources.names : [system]).map((one) => sources.read(one, type, bytes));
  const taken = readings.filter((one) => one.ok);
  if (taken.length > 1) throw new Error('Several systems take this message: say which with --system.');
  if (taken.length === 0 && readings.length > 1)
    throw new Error('No system takes this message: say with --system which one should, to see why not.');
  return (taken[0] ?? readings[0]) as ReturnType<Sources['read']>;
}

/** A problem as a line: where, what, and what was expected. */
const sentence = ({ code, path, expected }: Issue): string =>
  `${path ?? '(message)'}: ${PROBLEMS[code].en}${expected ? ` (${expected})` : ''}`;

/** A file has no sender and no number in a ledger: its system and input stand for them. */
function asProvenance(message: ReadMessage, traced: Traced): Bundle {
  const provenances = provenanceOf(message, traced, {
    author: { display: message.source },
    message: { display: `${message.source} ${message.kind.id}` },
    recorded: new Date().toISOString(),
  });
  return { resourceType: 'Bundle', type: 'collection', entry: provenances.map((resource) => ({ resource })) };
}

function lineageTable(message: ReadMessage, { bundle, lineage }: Traced, values: boolean, width: number): string {
  const byResource = Map.groupBy(
    lineage.filter((one) => one.holdsValue),
    ({ target }) => /^Bundle\.entry\[\d+\]/.exec(target)?.[0] ?? 'Bundle',
  );
  return [...byResource]
    .map(([place, entries]) => {
      const rows = entries.map((entry) => row(message, bundle, entry, place, values));
      return `\n${heading(bundle, place)}\n${table([['SOURCE', 'RULE', 'TARGET'], ...rows], width)}`;
    })
    .join('\n');
}

function heading(bundle: Bundle, place: string): string {
  const index = /\[(\d+)\]/.exec(place)?.[1];
  const resource = index === undefined ? bundle : bundle.entry?.[Number(index)]?.resource;
  return place === 'Bundle' ? place : `${place} ${resource?.resourceType ?? ''}`;
}

function row(message: ReadMessage, bundle: Bundle, entry: LineageEntry, place: string, values: boolean): string[] {
  const shown = (path: string, root: unknown): string => (values ? ` = ${JSON.stringify(valueAt(root, path))}` : '');
  const from = entry.sources.map((path) => asSent(message, path) + shown(path, message.body)).join(' + ');
  const because = [...new Set(entry.conditions.map((path) => asSent(message, path)))].join(', ');
  const { file, group, rule, line } = entry.rule;
  const target = entry.target.slice(place.length + 1).replace(/^resource\.?/, '');
  return [
    [from || '(constant)', because && `if ${because}`].filter(Boolean).join(' '),
    `${file}:${line} ${[group, rule].filter(Boolean).join(' › ')}`,
    target === '' ? '(the resource)' : target + shown(entry.target, { Bundle: bundle }),
  ];
}

const valueAt = (root: unknown, path: string): unknown =>
  atPointer(
    root,
    `/${path
      .split(/[.[\]]+/)
      .filter(Boolean)
      .join('/')}`,
  );
