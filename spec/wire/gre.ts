/**
 * What tracking reads of GRE. Source: RFC 2784, RFC 2637.
 */
import { type Bytes, lengthOf, numberAt } from '../trace/packet.ts';

export type Call = {
  /** The EtherType of what is carried. */
  readonly carries: number;
  readonly id: number;
};

/** As far as a call id reaches. */
const HEADER = 8;

/** The call that version 1 belongs to; none in other versions, which the low three bits of the second byte say. */
export const callOf = (bytes: Bytes): Call | undefined => {
  const isCall = lengthOf(bytes) >= HEADER && (numberAt(bytes, 1, 1) & 7) === 1;
  return isCall ? { carries: numberAt(bytes, 2, 2), id: numberAt(bytes, 6, 2) } : undefined;
};
