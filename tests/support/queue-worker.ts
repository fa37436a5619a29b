// A process that works on the queue in its first argument (JSON: openQueue's options) and never finishes a job: it says
// each id it gets on a line of its own and waits to be killed.
import { openQueue } from '../../src/queue/queue.ts';

const queue = await openQueue(JSON.parse(process.argv[2] ?? '{}'));
queue.work(
  (id) => {
    console.log(id);
    return new Promise(() => {});
  },
  { concurrency: 1 },
);
