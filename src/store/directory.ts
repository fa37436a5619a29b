import type { Db } from './database.ts';
import type { ClientRow, OrganisationRow, ReceiverRow } from './schema.ts';

/** One function (discipline at an organisation) that may ask for or receive data. */
export interface CareFunction {
  readonly organisation: string;
  readonly sector: string;
  readonly discipline: string;
}

/** Who takes part: organisations, clients, receivers. Small, and read on every exchange, so it is held for a few seconds. */
export interface Directory {
  readonly organisations: ReadonlyMap<string, OrganisationRow>;
  readonly clients: ReadonlyMap<string, ClientRow>;
  readonly receivers: readonly ReceiverRow[];
  /** Every function that some client or receiver is registered for. */
  readonly functions: readonly CareFunction[];
}

/** Reads the directory from the store. Inactive clients and receivers are left out. */
export async function readDirectory(db: Db): Promise<Directory> {
  const [organisations, clients, receivers] = await Promise.all([
    db.selectFrom('organisation').selectAll().execute(),
    db.selectFrom('client').selectAll().where('active', '=', true).execute(),
    db.selectFrom('receiver').selectAll().where('active', '=', true).orderBy('id').execute(),
  ]);
  const byId = new Map(organisations.map((one) => [one.id, one]));
  const functions = new Map<string, CareFunction>();
  const add = (organisation: string, discipline: string) =>
    functions.set(`${organisation}/${discipline}`, {
      organisation,
      sector: byId.get(organisation)?.sector ?? '',
      discipline,
    });
  for (const client of clients) for (const discipline of client.disciplines) add(client.organisation, discipline);
  for (const receiver of receivers) add(receiver.organisation, receiver.discipline);
  return {
    organisations: byId,
    clients: new Map(clients.map((one) => [one.id, one])),
    receivers,
    functions: [...functions.values()],
  };
}

/** A directory that is held for a short while. */
export interface HeldDirectory {
  get(): Promise<Directory>;
  /** The last one read, for a decision that cannot wait; undefined before the first. Asking for it starts a reading when it is old. */
  last(): Directory | undefined;
  refresh(): Promise<void>;
}

/** Reads the directory again when it is older than `maxAgeMs`. A withdrawn registration works on within that time, no longer. */
export function heldDirectory(db: Db, maxAgeMs: number, now: () => number): HeldDirectory {
  let reading: { at: number; value: Promise<Directory> } | undefined;
  let last: Directory | undefined;
  function read(): Promise<Directory> {
    const value = readDirectory(db);
    const own = { at: now(), value };
    reading = own;
    value.then(
      (directory) => {
        last = directory;
      },
      () => {
        if (reading === own) reading = undefined;
      },
    );
    return value;
  }
  const get = () => (reading && now() - reading.at <= maxAgeMs ? reading.value : read());
  return {
    get,
    last() {
      get().catch(() => undefined);
      return last;
    },
    refresh: async () => void (await read()),
  };
}
