/**
 * The limits of an engine: everything that grows has one, and all memory is taken when the engine is built.
 *
 * What happens at a limit shows in the verdict's fate: `table-full` for connections, `fragments-full` for queues and
 * bytes of fragments. A network with too many devices is refused when it is set.
 */

/** Bytes of one page in which fragments are kept. */
export const PAGE_BYTES = 1024;

/** The largest IPv4 datagram, header included (RFC 791, total length). */
export const DATAGRAM_BYTES_MAX = 65_535;

/** The largest IPv6 datagram: a header, and what its payload length can say (RFC 8200). */
export const DATAGRAM6_BYTES_MAX = 40 + 65_535;

/** The most pieces that a datagram can be in: 8 bytes each, the last one less, all of IPv6's payload length. */
export const PIECES_MAX = 8192;

/** The longest timeout, and half of how far the clock goes: 2^51 ms, so that a sum of both stays an exact integer. */
export const TIMEOUT_MS_MAX = 2 ** 51;

/** The clock ends here. */
export const CLOCK_MS_MAX = 2 ** 52;

export type Limits = {
  /** Confirmed connections, 1..2^20. Beyond, a new connection's packet is dropped and the table stays as it is. */
  readonly connectionsMax: number;
  /** Datagrams that wait for fragments, 1..2^14. Beyond, a fragment that needs a queue of its own is dropped. */
  readonly queuesMax: number;
  /**
   * Bytes for fragments that wait, 2^17..2^28, in whole pages of 1024. A fragment whose pages might not be there is
   * dropped before it is looked at; queues stay. A lone fragment of 8 bytes takes a page; a first one of IPv6, two.
   */
  readonly fragmentBytesMax: number;
  /** Devices of a network, 2..2^16: one for each zone there can be. */
  readonly devicesMax: number;
  /** Mixed into every hash, any 32 bits. Changes speed under attack and never an outcome. */
  readonly hashSeed: number;
};

export const DEFAULT_LIMITS: Limits = {
  connectionsMax: 65_536,
  queuesMax: 4096,
  fragmentBytesMax: 2 ** 24,
  devicesMax: 1024,
  hashSeed: 0x2e0a_91c5,
};

/** Throws an Error in one sentence if a limit is out of its bounds. */
export const checkLimits = (limits: Limits): void => {
  within('connectionsMax', limits.connectionsMax, 1, 2 ** 20);
  within('queuesMax', limits.queuesMax, 1, 2 ** 14);
  within('fragmentBytesMax', limits.fragmentBytesMax, 2 ** 17, 2 ** 28);
  within('devicesMax', limits.devicesMax, 2, 2 ** 16);
  within('hashSeed', limits.hashSeed, -(2 ** 31), 2 ** 32 - 1);
  if (limits.fragmentBytesMax % PAGE_BYTES !== 0) {
    throw new Error(`engine: fragmentBytesMax must be a multiple of ${PAGE_BYTES}, not ${limits.fragmentBytesMax}`);
  }
};

/** Throws an Error in one sentence unless `value` is an integer from `least` to `most`. */
export const within = (name: string, value: number, least: number, most: number): void => {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`engine: ${name} must be an integer from ${least} to ${most}, not ${value}`);
  }
};
