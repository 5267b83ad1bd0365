/**
 * A trace: a network and what happened to it. Generated, reduced, stored, replayed and exported; plain JSON.
 */
import type { Event } from './event.ts';
import type { Network } from './network.ts';

export type Trace = {
  /** The file format's version. */
  readonly version: 1;
  /** One sentence for the reader. */
  readonly about?: string;
  readonly network: Network;
  /** In order of time; ids rise. */
  readonly events: readonly Event[];
};
