/** A tally: how many frames each of a few words is true of. */

export type Count = { readonly what: string; readonly frames: number };

export type Tally = {
  readonly add: (what: string, frames?: number) => void;
  /** Most frames first, then by name. */
  readonly counts: () => readonly Count[];
};

export const tallyOf = (): Tally => {
  const frames = new Map<string, number>();
  return {
    add: (what, more = 1) => {
      if (more > 0) frames.set(what, (frames.get(what) ?? 0) + more);
    },
    counts: () =>
      Array.from(frames, ([what, count]) => ({ what, frames: count })).toSorted(
        (a, b) => b.frames - a.frames || (a.what < b.what ? -1 : 1),
      ),
  };
};
