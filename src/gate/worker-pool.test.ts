/** A worker that hangs or dies costs its trace, and nothing else. */
import { expect, test } from 'vitest';
import { Inconclusive } from './errors.ts';
import { NOTHING, sumOf } from './tally.ts';
import type { Tally } from './tally.ts';
import type { Reply, Task } from './task.ts';
import { workerPool } from './worker-pool.ts';

/** Speaks as worker.ts does, and counts traces; what it does at an index is up to the test. */
const entryOf = (atIndex: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, workerData } from 'node:worker_threads';
      const pulse = new Int32Array(workerData.pulse);
      const digest = '0000000000000001';
      const none = { excluded: {}, incomparable: {}, unspecified: {}, rules: {}, confirmed: {}, laws: {} };
      parentPort.on('message', ({ kind, task }) => {
        if (kind === 'close') return parentPort.close();
        let traces = 0;
        for (let index = task.from; index < task.to; index += 1) {
          if (task.skip.includes(index)) continue;
          Atomics.store(pulse, 1, index);
          Atomics.add(pulse, 0, 1);
          ${atIndex}
          traces += 1;
        }
        parentPort.postMessage({ kind: 'reply', reply: { kind: 'judged', tally: { ...none, traces, digest } } });
      });
      parentPort.postMessage({ kind: 'ready', description: { subject: 'fake', version: '0', profile: { udpStream: 'never', udpLiteChecksum: 'linux', tcpLongTimer: 'two-minutes', datapath: 'linux' }, laws: [] } });
    `)}`,
  );

const judged = async (atIndex: string, workers: number): Promise<Tally> => {
  const pool = await workerPool({ subject: 'fake', laws: [], seed: 1, terrain: 'apart', workers, hangMs: 300, entry: entryOf(atIndex) });
  const tasks = Array.from({ length: 5 }, (_, chunk): Task => ({ kind: 'judge', from: 4 * chunk, to: 4 * chunk + 4, skip: [] }));
  let tally = NOTHING;
  try {
    await pool.run(tasks, (reply: Reply) => {
      if (reply.kind === 'judged') tally = sumOf([tally, reply.tally]);
    }, new AbortController().signal);
  } finally {
    await pool.close();
  }
  return tally;
};

test('without trouble every trace is judged', async () => {
  expect(await judged('', 3)).toMatchObject({ traces: 20, laws: {} });
});

test.each([1, 3])('a trace that hangs is one violation with %i workers', async (workers) => {
  const { traces, laws } = await judged('while (index === 6);', workers);
  expect(traces).toBe(20);
  expect(laws['crash']?.violated).toEqual({ hang: { count: 1, lowest: [{ index: 6, breach: expect.objectContaining({ what: 'hang' }) }] } });
});

test('a trace that kills its worker is one violation', async () => {
  const { traces, laws } = await judged('if (index === 6) process.exit(9);', 2);
  expect(traces).toBe(20);
  expect(laws['crash']?.violated['crash']).toMatchObject({ count: 1, lowest: [{ index: 6, breach: { seen: 'the worker died: exit code 9' } }] });
});

test('a mistake of the suite itself is not blamed on the subject', async () => {
  await expect(judged("if (index === 6) return parentPort.postMessage({ kind: 'bug', message: 'mine', stack: '' });", 2)).rejects.toThrow('mine');
});

test('a subject that is missing leaves nothing to conclude', async () => {
  const entry = new URL(`data:text/javascript,${encodeURIComponent("import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ kind: 'unavailable', reason: 'No kernel.' });")}`);
  await expect(workerPool({ subject: 'fake', laws: [], seed: 1, terrain: 'apart', workers: 1, entry })).rejects.toThrow(new Inconclusive('No kernel.'));
});

test('an interrupt ends a worker in the middle of a trace', async () => {
  const controller = new AbortController();
  const pool = await workerPool({ subject: 'fake', laws: [], seed: 1, terrain: 'apart', workers: 1, entry: entryOf('while (index === 6);') });
  setTimeout(() => controller.abort(), 200);
  await pool.run([{ kind: 'judge', from: 0, to: 10, skip: [] }], () => {}, controller.signal);
  await pool.close();
  expect(controller.signal.aborted).toBe(true);
});
