/**
 * IPv4 options: whether they can be read, and which of them every piece of a datagram carries.
 *
 * Source: RFC 791 section 3.1; ip_options_compile(), ip_options_fragment().
 */
import { type Bytes, lengthOf, slice } from './trace/packet.ts';

const END = 0;
const NOP = 1;
/** Options that a router acts on: record route, timestamp, loose source route, CIPSO, strict source route, router alert. */
const ACTED_ON = [7, 68, 131, 134, 137, 148];

export type Options =
  /** `bytes`: as they leave; whatever followed the end is zero. */
  | { readonly kind: 'readable'; readonly bytes: Bytes }
  | { readonly kind: 'malformed' }
  /** A router would act on them, which this model does not do. */
  | { readonly kind: 'acted on'; readonly type: number };

export const readOptions = (options: Bytes): Options => {
  let at = 0;
  while (at < lengthOf(options)) {
    const type = byteAt(options, at);
    if (type === END) return { kind: 'readable', bytes: slice(options, 0, at) + '00'.repeat(lengthOf(options) - at) };
    if (type === NOP) {
      at += 1;
      continue;
    }
    const length = byteAt(options, at + 1);
    if (!(length >= 2 && at + length <= lengthOf(options))) return { kind: 'malformed' };
    if (ACTED_ON.includes(type)) return { kind: 'acted on', type };
    at += length;
  }
  return { kind: 'readable', bytes: options };
};

/** Readable options as they stand in pieces after the first: those not marked to be copied become no-operations. */
export const copiedOptions = (options: Bytes): Bytes => {
  let copied = '';
  let at = 0;
  while (at < lengthOf(options)) {
    const type = byteAt(options, at);
    if (type === END) return copied + slice(options, at);
    const length = type === NOP ? 1 : byteAt(options, at + 1);
    copied += type >= 0x80 ? slice(options, at, at + length) : '01'.repeat(length);
    at += length;
  }
  return copied;
};

/** NaN beyond the end. */
const byteAt = (bytes: Bytes, at: number): number => Number.parseInt(slice(bytes, at, at + 1), 16);
