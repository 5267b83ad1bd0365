/**
 * Ctrl-C: the first one ends the work in order, a later one ends the process.
 */

/** A terminal signals a process and its wrapper, which passes it on: that is one Ctrl-C and not two. */
const SAME_MS = 500;

/** Runs work under a signal that the first SIGINT or SIGTERM aborts. */
export const interruptible = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    firstMs ??= performance.now();
    controller.abort();
    if (performance.now() - firstMs < SAME_MS) return;
    off();
    process.kill(process.pid, name);
  };
  const off = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    off();
  }
};
