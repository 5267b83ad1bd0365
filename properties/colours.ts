/**
 * Coloured payloads: every block of 8 bytes says whose it is, so each byte that leaves can be traced home.
 *
 * A block is one 32-bit word and its one's complement. The word is tenant (5 bits, 1..31), packet (14 bits) and
 * position (13 bits: the block's index in the payload). A word and its complement add nothing to an Internet checksum
 * (RFC 1071), so any mixture of fragments keeps a valid one, and a mistake shows as a wrong colour instead of hiding
 * behind an invalid packet. Blocks stay whole in fragments, because a UDP header has 8 bytes and offsets count in 8.
 */
import type { Bytes } from '../spec/trace/packet.ts';

export type Colour = {
  /** 1..31. */
  readonly tenant: number;
  /** 0..16383. */
  readonly packet: number;
  /** The block's index in its payload, 0..8191. */
  readonly position: number;
};

/** The greatest packet number that a colour can name. */
export const LAST_PACKET = 0x3fff;

/**
 * A payload of `bytes` bytes (0..65535) in the colour of a tenant (1..31) and packet (0..LAST_PACKET).
 * A tail shorter than a block is zeros, which is nobody's colour.
 */
export const colouredPayload = (tenant: number, packet: number, bytes: number): Bytes => {
  const upper = (tenant << 11) | (packet >>> 3);
  const lower = (packet & 7) << 13;
  const [head, middle] = [hex(upper), hex(~upper & 0xffff)];
  const blocks: string[] = [];
  for (let position = 0; position < bytes >>> 3; position += 1) {
    blocks.push(head, hex(lower | position), middle, hex(~(lower | position) & 0xffff));
  }
  // Joined, not added up: a string of added parts keeps all its parts in memory.
  blocks.push('00'.repeat(bytes & 7));
  return blocks.join('');
};

/** A payload that is the same whoever sends it: truly equal bytes, which no colour tells apart. */
export const equalPayload = (packet: number, bytes: number): Bytes => colouredPayload(NOBODY, packet, bytes);

/** The word of each block from byte `offset` on, as a key for maps; undefined where a block is not a colour. */
export const wordsIn = (bytes: Bytes, offset = 0): readonly (number | undefined)[] => {
  const words: (number | undefined)[] = [];
  for (let at = offset * 2; at + 16 <= bytes.length; at += 16) {
    const word = Number.parseInt(bytes.slice(at, at + 8), 16);
    const complement = Number.parseInt(bytes.slice(at + 8, at + 16), 16);
    words.push((word ^ complement) === -1 && word >>> 27 !== NOBODY && word !== ALL_ONES ? word : undefined);
  }
  return words;
};

/** What a word says. */
export const colourOf = (word: number): Colour => ({
  tenant: word >>> 27,
  packet: (word >>> 13) & LAST_PACKET,
  position: word & 0x1fff,
});

/** The colours of the blocks from byte `offset` on, in order; undefined where a block is not a colour. A tail is left out. */
export const coloursIn = (bytes: Bytes, offset = 0): readonly (Colour | undefined)[] =>
  wordsIn(bytes, offset).map((word) => (word === undefined ? undefined : colourOf(word)));

/** The same bytes with the blocks from byte `offset` on in other colours. */
export const recoloured = (bytes: Bytes, offset: number, other: (colour: Colour) => Colour): Bytes => {
  let result = bytes.slice(0, offset * 2);
  for (const [index, word] of wordsIn(bytes, offset).entries()) {
    const at = offset * 2 + index * 16;
    result += word === undefined ? bytes.slice(at, at + 16) : block(other(colourOf(word)));
  }
  return result + bytes.slice(result.length);
};

const block = ({ tenant, packet, position }: Colour): Bytes => {
  const [upper, lower] = [(tenant << 11) | (packet >>> 3), ((packet & 7) << 13) | position];
  return hex(upper) + hex(lower) + hex(~upper & 0xffff) + hex(~lower & 0xffff);
};

/** The tenant number of equal payloads. */
const NOBODY = 0;

/** Not a colour either: ports of 65535 in front of an SCTP tag of 0 look like this, in a quote for example. */
const ALL_ONES = 0xffffffff;

const HEX = Array.from({ length: 0x10000 }, (_, value) => value.toString(16).padStart(4, '0'));

const hex = (value: number): string => HEX[value] ?? '';
