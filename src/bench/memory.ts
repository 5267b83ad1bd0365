/**
 * Memory: what is kept of what was done, on V8's heap and outside it.
 */

/** Bytes in use after an action that were not before. Throws an Error unless node runs with --expose-gc. */
export const bytesKept = (action: () => void): number => {
  const before = bytesInUse();
  action();
  return bytesInUse() - before;
};

/** Array buffers count as external. */
const bytesInUse = (): number => {
  if (globalThis.gc === undefined) throw new Error('bench: memory cannot be measured without --expose-gc; start it as `npm run bench`');
  // Twice: what the first one finds may be given back a moment later.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
