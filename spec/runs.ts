/**
 * Runs: how a queue knows whether a fragment is new, a duplicate, or an overlap.
 *
 * A run is a stretch of bytes without a hole. It grows only at the far end, by fragments that come in order; whatever
 * comes out of order makes a run of its own, and neighbours are never joined. So a fragment that repeats two
 * neighbouring runs is an overlap, although each of its bytes is known.
 *
 * Source: inet_frag_queue_insert(), the rb-tree of runs.
 */

/** From `start` up to, not including, `end`, in bytes. */
export type Run = { readonly start: number; readonly end: number };

/** By position; the last one is where fragments in order are appended. */
export type Runs = readonly Run[];

/** The runs with a fragment put into its place, or why it has none. */
export const insert = (runs: Runs, start: number, end: number): Runs | 'duplicate' | 'overlap' => {
  const tail = runs.at(-1);
  if (!tail) return [{ start, end }];
  if (tail.end < end) return append(runs, tail, start, end);
  for (const [index, run] of runs.entries()) {
    if (end <= run.start) return runs.toSpliced(index, 0, { start, end });
    if (start < run.end) return start >= run.start && end <= run.end ? 'duplicate' : 'overlap';
  }
  return [...runs, { start, end }];
};

/** A fragment that ends beyond everything held is compared with the far end only. */
const append = (runs: Runs, tail: Run, start: number, end: number): Runs | 'overlap' => {
  if (start < tail.end) return 'overlap';
  return start === tail.end
    ? [...runs.slice(0, -1), { start: tail.start, end }]
    : [...runs, { start, end }];
};
