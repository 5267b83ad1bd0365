/**
 * A worker thread: a kit of its own, and one task at a time.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { asInconclusive, messageOf } from './errors.ts';
import { describe } from './kit.ts';
import { openKit } from './open.ts';
import { perform } from './task.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-pool.ts';

const say = (message: FromWorker): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread has no origin
  parentPort?.postMessage(message);
};

const complain = (error: unknown): void => {
  const missing = asInconclusive(error);
  if (missing) say({ kind: 'unavailable', reason: missing.message });
  else say({ kind: 'bug', message: messageOf(error), stack: error instanceof Error ? (error.stack ?? '') : '' });
};

const serve = async ({ pulse: shared, ...options }: WorkerStart): Promise<void> => {
  const kit = await openKit(options);
  const pulse = new Int32Array(shared);
  const tick = (index: number): void => {
    Atomics.store(pulse, 1, index);
    Atomics.add(pulse, 0, 1);
  };
  const answer = async (message: ToWorker): Promise<void> => {
    if (message.kind === 'task') return say({ kind: 'reply', reply: await perform(kit, message.task, tick) });
    await kit.subject.close();
    parentPort?.close();
  };
  // The other side of this channel is worker-pool.ts, which posts nothing else.
  parentPort?.on('message', (message: ToWorker) => void answer(message).catch(complain));
  say({ kind: 'ready', description: describe(kit) });
};

// Set by worker-pool.ts, which starts this file and no one else does.
const start: WorkerStart = workerData;
await serve(start).catch(complain);
