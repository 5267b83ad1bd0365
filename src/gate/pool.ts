/**
 * A pool does tasks, on whatever it has: worker-pool.ts on threads of their own.
 */
import type { Description } from './kit.ts';
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
