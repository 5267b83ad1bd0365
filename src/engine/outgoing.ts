/**
 * What leaves: the pieces of one datagram, one behind the other in one buffer that is used again for every packet.
 */
import { DATAGRAM6_BYTES_MAX, PIECES_MAX } from './limits.ts';

export type Outgoing = {
  readonly bytes: Uint8Array;
  /** Where each piece begins in `bytes`. */
  readonly start: Int32Array;
  /** Where each piece ends. */
  readonly end: Int32Array;
  /** How many there are; 0 if nothing leaves. */
  pieces: number;
};

export const createOutgoing = (): Outgoing => ({
  // Every piece repeats the header, which has at most 60 bytes in IPv4. What IPv6 headers make longer does not leave.
  bytes: new Uint8Array(DATAGRAM6_BYTES_MAX + PIECES_MAX * 60),
  start: new Int32Array(PIECES_MAX),
  end: new Int32Array(PIECES_MAX),
  pieces: 0,
});
