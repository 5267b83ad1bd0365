/**
 * The flow that the packet at hand belongs to. One record, used again for the next packet.
 */
import type { Key } from './connections.ts';
import { NONE } from './pool.ts';

export type Flow = {
  readonly key: Key;
  /** The key of the reply half of a connection that is bound and not in the table yet. */
  readonly reply: Key;
  /** The connection that the packet made and that is not in the table yet, or NONE. */
  unconfirmed: number;
  /** How long that is to live. */
  timeoutMs: number;
  /** The half that the packet belongs to, or NONE; of a connection that ended with it, as well. */
  half: number;
  /** Connections created since the last reset. */
  created: number;
};

export const createFlow = (): Flow => ({ key: createKey(), reply: createKey(), unconfirmed: NONE, timeoutMs: 0, half: NONE, created: 0 });

/** A key of nothing. */
export const createKey = (): Key => ({ family: 0, source: 0, destination: 0, ports: 0, replyPorts: 0, protocol: 0, zone: 0, replyZone: 0, assigned: 0 });
