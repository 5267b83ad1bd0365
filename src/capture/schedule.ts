/**
 * Schedule: when the packets of a capture are played, in whole seconds, and which of them the limits leave room for.
 *
 * Virtual time moves in steps of a second, the coarsest clock among subjects. Time is only ever moved forward: a packet
 * that is stamped earlier than one before it is played at the time already reached.
 */

/** Longer than any timeout in a played capture, so a longer silence changes nothing. 10 minutes. */
export const LONGEST_GAP_MS = 600_000;

const STEP_NS = 1_000_000_000n;

export type Clock = {
  /** Milliseconds, a multiple of 1000, by which time moves before a packet with this stamp (ns), if it has one. */
  readonly until: (timestampNs: bigint | undefined) => number;
  /** Packets stamped earlier than one before them. */
  readonly backwards: () => number;
  /** Silences that were longer than `LONGEST_GAP_MS`, and played as that. */
  readonly shortened: () => number;
};

export const clockOf = (): Clock => {
  let reached: bigint | undefined;
  let latest = 0n;
  let backwards = 0;
  let shortened = 0;
  return {
    until: (timestampNs) => {
      if (timestampNs === undefined) return 0;
      if (reached === undefined) [reached, latest] = [timestampNs, timestampNs];
      if (timestampNs < latest) backwards += 1;
      else latest = timestampNs;
      const steps = (latest - reached) / STEP_NS;
      reached += steps * STEP_NS;
      const milliseconds = Number(steps) * 1000;
      if (milliseconds <= LONGEST_GAP_MS) return milliseconds;
      shortened += 1;
      return LONGEST_GAP_MS;
    },
    backwards: () => backwards,
    shortened: () => shortened,
  };
};
