import { expect, it } from 'vitest';
import { within } from './deadline.ts';

it('gives the result, or queue-away when it is late or fails, without the text of the failure', async () => {
  expect(await within(1_000, Promise.resolve(7))).toBe(7);
  await expect(within(20, new Promise(() => {}))).rejects.toMatchObject({ code: 'queue-away' });
  const failing = within(1_000, Promise.reject(new Error('Jansen')));
  await expect(failing).rejects.toMatchObject({ code: 'queue-away', message: expect.not.stringContaining('Jansen') });
});
