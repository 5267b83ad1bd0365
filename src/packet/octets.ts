/** Reading and writing of 16-bit fields and hexadecimal text in a packet's bytes, with one clear error for what does not fit. */
import { lengthOf } from '../../spec/trace/packet.ts';
import type { Bytes } from '../../spec/trace/packet.ts';

/** One byte, or 0 past the end. */
export const read8 = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

/** A big endian word. */
export const read16 = (bytes: Uint8Array, at: number): number => (read8(bytes, at) << 8) | read8(bytes, at + 1);

/** Two of them: 0..2^32-1. */
export const read32 = (bytes: Uint8Array, at: number): number => read16(bytes, at) * 0x10000 + read16(bytes, at + 2);

/** The bytes from `start` up to `end` as text. */
export const readHex = (bytes: Uint8Array, start: number, end: number): Bytes =>
  start === end ? '' : bufferOf(bytes).toString('hex', start, end);

/** Throws a RangeError where `value` is not a whole number 0..255. */
export const write8 = (bytes: Uint8Array, at: number, value: number, field: string): void => {
  bytes[at] = inRange(value, 0xff, field);
};

/** Throws a RangeError where `value` is not a whole number 0..65535. */
export const write16 = (bytes: Uint8Array, at: number, value: number, field: string): void => {
  bytes[at] = inRange(value, 0xffff, field) >>> 8;
  bytes[at + 1] = value & 0xff;
};

/** Throws a RangeError where `value` is not a whole number 0..2^32-1. */
export const write32 = (bytes: Uint8Array, at: number, value: number, field: string): void => {
  const word = inRange(value, 0xffffffff, field);
  write16(bytes, at, word >>> 16, field);
  write16(bytes, at + 2, word & 0xffff, field);
};

/** The number of bytes that `writeHex` writes. Throws a RangeError where `hex` ends within a byte. */
export const sizeOf = (hex: Bytes, field: string): number => {
  if (hex.length % 2 !== 0) throw notHex(field);
  return lengthOf(hex);
};

/** Throws a RangeError where `hex` is not hexadecimal; `bytes` has room for it. */
export const writeHex = (bytes: Uint8Array, at: number, hex: Bytes, field: string): void => {
  if (hex !== '' && bufferOf(bytes).write(hex, at, 'hex') !== sizeOf(hex, field)) throw notHex(field);
};

const notHex = (field: string): RangeError =>
  new RangeError(`Packet: ${field} is not hexadecimal text of whole bytes; give two digits 0-9 a-f a byte.`);

const inRange = (value: number, max: number, field: string): number => {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new RangeError(`Packet: ${field} is ${value}; give a whole number from 0 to ${max}.`);
};

/** The same memory, with the methods of a Buffer. */
export const bufferOf = (bytes: Uint8Array): Buffer => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
