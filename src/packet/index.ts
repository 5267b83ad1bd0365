/**
 * Packets and their bytes: `encode(decode(b))` is `b` for all bytes.
 *
 * `decode` is total and gives the *canonical* form: fields stand in the order of their types, a number is claimed or
 * wrong only where it is not the right one, and a payload is opaque wherever its type says so. A packet written by hand
 * need not be canonical: `encode` writes what each field says, `right` standing for what the finished bytes ask for, and
 * `decode(encode(p))` is then the canonical form of the same bytes. So `{ wrong: 0 }` in UDP becomes `none`, a checksum
 * called wrong that is right becomes `right`, a claimed total length within the bytes moves the end of the payload, and
 * UDP in a fragment becomes opaque. The `why` of a payload or of raw bytes is not written.
 *
 * Both are memoised, because a gate plays the same packets many times. Packets and byte arrays are therefore shared:
 * neither may be changed.
 */
import type { Packet } from '../../spec/trace/packet.ts';
import { decodeIpv4, encodeIpv4 } from './ipv4.ts';
import { decodeIpv6, encodeIpv6 } from './ipv6.ts';
import { bufferOf, sizeOf, writeHex } from './octets.ts';

export { addressToWord, wordToAddress } from './address.ts';

/** The memo is dropped as a whole when it would hold more than this: a few dozen traces, so that it is young when it goes. */
const MEMO_PACKETS = 1_024;
const MEMO_BYTES = 8 * 1024 * 1024;

const decoded = new Map<string, Packet>();
let decodedBytes = 0;
const encoded = new WeakMap<Packet, Uint8Array>();

/** The packet that these bytes are. Equal bytes give the same object while they are remembered. Never throws. */
export const decode = (bytes: Uint8Array): Packet => {
  if (bytes.length > MEMO_BYTES) return decodeAny(bytes);
  const key = bufferOf(bytes).toString('latin1');
  const known = decoded.get(key);
  if (known) return known;
  if (decoded.size >= MEMO_PACKETS || decodedBytes + bytes.length > MEMO_BYTES) {
    decoded.clear();
    decodedBytes = 0;
  }
  const packet = decodeAny(bytes);
  decoded.set(key, packet);
  decodedBytes += bytes.length;
  return packet;
};

/** By the version in the first four bits. */
const decodeAny = (bytes: Uint8Array): Packet => ((bytes[0] ?? 0) >>> 4 === 6 ? decodeIpv6(bytes) : decodeIpv4(bytes));

/**
 * The bytes of a packet, shared: copy them before changing them. Throws a RangeError with one sentence where a field
 * cannot be expressed: a number out of range, an address or hexadecimal text that is none, more than 65535 bytes.
 */
export const encode = (packet: Packet): Uint8Array => {
  const known = encoded.get(packet);
  if (known) return known;
  const bytes = encodeAny(packet);
  encoded.set(packet, bytes);
  return bytes;
};

const encodeAny = (packet: Packet): Uint8Array => {
  if (packet.kind === 'raw') return encodeRaw(packet.bytes);
  return packet.kind === 'ipv4' ? encodeIpv4(packet) : encodeIpv6(packet);
};

const encodeRaw = (hex: string): Uint8Array => {
  const bytes = Buffer.alloc(sizeOf(hex, 'raw'));
  writeHex(bytes, 0, hex, 'raw');
  return bytes;
};
