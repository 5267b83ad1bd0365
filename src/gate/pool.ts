/**
 * A pool does tasks: here in this thread, one after the other. worker-pool.ts does them in several.
 */
import { describe } from './kit.ts';
import type { Description, Kit } from './kit.ts';
import { perform } from './task.ts';
import type { Reply, Task } from './task.ts';

export interface Pool {
  readonly description: Description;
  /**
   * Does all tasks, replies in any order. After an abort no further task is begun, and what a pool can't end early is
   * lost. Rejects if a task failed for another reason than the subject.
   */
  run(tasks: Iterable<Task>, take: (reply: Reply) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Nothing watches for a hang here: a subject that never returns stops the run. */
export const localPool = (kit: Kit): Pool => ({
  description: describe(kit),
  async run(tasks, take, signal) {
    for (const task of tasks) {
      if (signal.aborted) return;
      try {
        take(await perform(kit, task, () => signal.throwIfAborted(), signal));
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      // Lets a signal in: in-process subjects never leave the thread by themselves.
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  async close() {
    await kit.subject.close();
  },
});
