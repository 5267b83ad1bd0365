/**
 * Threads of the daemon that look for what is over whenever time has passed: who goes on before they did sees something else.
 *
 * Nothing says when they are through; but the kernel counts how often a thread went to sleep.
 *
 * Source: proc(5), /proc/PID/task/TID/status; the threads ct_clean and ipf_clean in lib/conntrack.c and lib/ipf.c.
 */
import { readdirSync, readFileSync } from 'node:fs';

export type Sweepers = {
  /** What they have done so far, to be asked before time passes. */
  readonly mark: () => readonly number[];
  /** Resolves when each of them has woken since a mark, and sleeps. */
  readonly done: (since: readonly number[]) => Promise<void>;
};

const NAME = /^Name:\t(?:ct|ipf)_clean/;
const SLEEPS = /^State:\tS/m;
const SLEPT = /^voluntary_ctxt_switches:\t(\d+)/m;
/** That one of them does not wake is not known to happen; then the trace goes on. */
const MOST_TRIES = 500;

const sleeps = (status: string): number => Number(SLEPT.exec(status)?.[1] ?? 0);

/** `pid` is the daemon's, which has just been started. */
export const sweepersOf = (pid: number): Sweepers => {
  const tasks = `/proc/${pid}/task`;
  const statuses = readdirSync(tasks)
    .map((task) => `${tasks}/${task}/status`)
    .filter((file) => NAME.test(readFileSync(file, 'latin1')));
  return {
    mark: () => statuses.map((file) => sleeps(readFileSync(file, 'latin1'))),
    done: async (since) => {
      const isDone = (file: string, index: number): boolean => {
        const text = readFileSync(file, 'latin1');
        return SLEEPS.test(text) && sleeps(text) > (since[index] ?? 0);
      };
      for (let tries = 0; tries < MOST_TRIES && !statuses.every(isDone); tries += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
};
