/**
 * Pieces: a datagram cut into fragments, well or badly.
 */
import { type Bytes, type Ipv4, isFragment, lengthOf, slice } from '../../spec/trace/packet.ts';
import { TCP, UDP } from '../../spec/trace/transport.ts';
import { readTransport, writeTransport } from '../../spec/wire/transport.ts';
import type { Dice } from './dice.ts';

/** The fragments of a whole datagram, in order, tiling it. At least two. */
export const fragmentsOf = (dice: Dice, packet: Ipv4, most: number): readonly Ipv4[] => {
  const bytes = writeTransport(packet);
  const blocks = Math.ceil(lengthOf(bytes) / 8);
  const count = Math.min(blocks, 1 + dice.heavyTail(most));
  const cuts = new Set<number>();
  for (let tries = 0; cuts.size < count - 1 && tries < count * 4; tries += 1) cuts.add(dice.between(1, blocks - 1) * 8);
  const starts = [0, ...[...cuts].toSorted((a, b) => a - b)];
  return starts.map((start, index) => piece(packet, bytes, start, starts[index + 1] ?? lengthOf(bytes)));
};

/** The same fragments out of order, and with what senders, networks and attackers do to them. */
export const broken = (dice: Dice, packet: Ipv4, pieces: readonly Ipv4[]): readonly Ipv4[] => {
  const bytes = writeTransport(packet);
  const mended = pieces.flatMap((fragment): readonly Ipv4[] => {
    if (!dice.chance(25)) return [fragment];
    const start = fragment.offset;
    const length = fragment.payload.kind === 'opaque' ? lengthOf(fragment.payload.bytes) : 0;
    return dice.among<() => readonly Ipv4[]>(
      () => [],
      () => [fragment, fragment],
      () => [fragment, piece(packet, bytes, start, start + length + 8)],
      () => [fragment, piece(packet, bytes, Math.max(0, start - 8), start + length)],
      () => [piece(packet, bytes, start, lengthOf(bytes) - 8)],
      () => [{ ...fragment, mf: !fragment.mf }],
      () => [{ ...piece(packet, bytes, start, start + length - dice.between(1, 7)), mf: true }],
      () => [{ ...fragment, payload: { kind: 'opaque', bytes: '', why: 'fragment' } }],
      () => [{ ...fragment, tos: dice.among(0, 1, 2, 3) }],
      () => [{ ...fragment, df: !fragment.df }],
      () => [{ ...fragment, protocol: fragment.protocol === TCP ? UDP : TCP }],
      () => [{ ...fragment, ttl: dice.among(1, 2, 200) }],
      () => [fragment, { ...fragment, offset: dice.among(0, 8, 65_528) }],
      () => [{ ...fragment, options: dice.among('', '01010100', '01'.repeat(40)) }],
    )();
  });
  const sound = mended.map((fragment) => (isFragment(fragment) ? fragment : asWhole(fragment)));
  return dice.chance(50) ? dice.shuffled(sound) : sound;
};

/** Without the flag and with offset 0 it is no fragment, and its bytes are a datagram that can be read. */
const asWhole = (packet: Ipv4): Ipv4 => ({
  ...packet,
  payload: readTransport(packet, writeTransport(packet)),
});

/** The bytes from `start` to `end` as a fragment; the last one if they reach the end. */
const piece = (packet: Ipv4, bytes: Bytes, start: number, end: number): Ipv4 => ({
  ...packet,
  mf: end < lengthOf(bytes),
  offset: start,
  payload: { kind: 'opaque', bytes: slice(bytes, start, Math.max(start, end)), why: 'fragment' },
});
