import { setTimeout as pause } from 'node:timers/promises';
import { errorCode, type Log } from '../log.ts';
import type { ReadMessage, Sources } from '../sources/registry.ts';
import type { Db } from '../store/database.ts';
import { addUnread, type UnreadElement } from '../store/unread-elements.ts';

export interface UnreadPorts {
  readonly db: Db;
  readonly sources: Sources;
  readonly log: Log;
  now(): Date;
}

/** Messages that wait to be looked at. More are let go, and that is logged: these are counts of what maps lack, not a record of messages. */
const ROOM = 100;
/** Characters of a message: a larger one would hold up the doors while it is looked at. Whole dossiers are smaller. */
const LARGEST = 256 * 1024;
/** How often counts are written. */
const WRITE_MS = 5_000;

/**
 * Counts what accepted messages held and no rule read, per source and month (docs/decisions/0011). A message is looked at after it was acknowledged, between
 * other work, one at a time; counts are added to the store every few seconds. Paths only: no value, no patient.
 */
export function startUnread(ports: UnreadPorts) {
  const waiting: { message: ReadMessage; month: string }[] = [];
  let counts = new Map<string, UnreadElement>();
  let skipped = 0;

  const add = ({ source, month, path, count }: UnreadElement): void => {
    const key = JSON.stringify([source, month, path]);
    counts.set(key, { source, month, path, count: count + (counts.get(key)?.count ?? 0) });
  };
  const report = (error: unknown): void => ports.log.error({ event: 'unread-failed', code: errorCode(error) });
  function look(): void {
    const next = waiting.shift();
    if (!next) return;
    const { message, month } = next;
    try {
      for (const [path, count] of ports.sources.leftBehind(message))
        add({ source: message.source, month, path, count });
    } catch (error) {
      report(error);
    }
    if (waiting.length > 0) setImmediate(look);
  }
  async function write(): Promise<void> {
    if (skipped > 0) ports.log.warn({ event: 'unread-skipped', count: skipped });
    skipped = 0;
    const taken = counts;
    counts = new Map();
    try {
      await addUnread(ports.db, [...taken.values()], ports.now());
    } catch (error) {
      for (const one of taken.values()) add(one);
      report(error);
    }
  }

  const ended = new AbortController();
  const running = loop();
  async function loop(): Promise<void> {
    while (!ended.signal.aborted) {
      await pause(WRITE_MS, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
      await write();
    }
  }

  return {
    /** Has an accepted message looked at, later. */
    note(message: ReadMessage): void {
      if (waiting.length >= ROOM || message.content.length > LARGEST) {
        skipped += 1;
        return;
      }
      waiting.push({ message, month: ports.now().toISOString().slice(0, 7) });
      if (waiting.length === 1) setImmediate(look);
    },
    async stop(): Promise<void> {
      while (waiting.length > 0) look();
      ended.abort();
      await running;
    },
  };
}
