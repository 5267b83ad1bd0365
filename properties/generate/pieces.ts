/**
 * Pieces: a datagram cut into fragments, well or badly.
 */
import { withBehind } from '../../spec/extensions.ts';
import { type Bytes, type Fragment, type FragmentHeader, fragmentOf, type Ip, type Ipv4, type Ipv6, isFragment, lengthOf, slice } from '../../spec/trace/packet.ts';
import { TCP, UDP } from '../../spec/trace/transport.ts';
import { firstOf, writeChain } from '../../spec/wire/extensions.ts';
import { readTransport, writeTransport } from '../../spec/wire/transport.ts';
import type { Dice } from './dice.ts';

/** A datagram, ready to be cut. */
export type Whole = {
  /** All that is cut. */
  readonly bytes: Bytes;
  /** A fragment with these bytes; a packet that can be read if it is none. */
  readonly piece: (fields: Omit<Fragment, 'id'>, bytes: Bytes) => Ip;
};

/** `id` is IPv6's, which has none of its own. Of its extension headers some stay in front, and others are cut. */
export const wholeOf = (dice: Dice, packet: Ip, id: number): Whole => (packet.kind === 'ipv4' ? whole4(packet) : whole6(dice, packet, id));

const whole4 = (packet: Ipv4): Whole => ({
  bytes: writeTransport(packet),
  piece: (fields, bytes) => asWhole({ ...packet, ...fields, payload: { kind: 'opaque', bytes, why: 'fragment' } }),
});

const whole6 = (dice: Dice, packet: Ipv6, id: number): Whole => {
  const { extensions, protocol } = packet;
  const stay = dice.chance(70) ? extensions.length : dice.between(0, extensions.length);
  const [before, after] = [extensions.slice(0, stay), extensions.slice(stay)];
  return {
    bytes: writeChain(after, protocol) + writeTransport(packet),
    piece: (fields, bytes) => withBehind(packet, [...before, { kind: 'fragment', id, ...fields, reserved: 0 }], firstOf(after, protocol), bytes),
  };
};

/** The fragments of a whole datagram, in order, tiling it; at least two, of `least` bytes or more where it is as long as two such. */
export const fragmentsOf = (dice: Dice, whole: Whole, most: number, least = 0): readonly Ip[] => {
  const { bytes } = whole;
  if (least > 0 && lengthOf(bytes) > least) return longFragmentsOf(dice, whole, most, Math.ceil(least / 8));
  const blocks = Math.ceil(lengthOf(bytes) / 8);
  const count = Math.min(blocks, 1 + dice.heavyTail(most));
  // Now and then the first piece holds no whole header of TCP or SCTP.
  const cuts = new Set<number>(count > 1 && dice.chance(10) ? [8] : []);
  for (let tries = 0; cuts.size < count - 1 && tries < count * 4; tries += 1) cuts.add(dice.between(1, blocks - 1) * 8);
  const starts = [0, ...[...cuts].toSorted((a, b) => a - b)];
  return starts.map((start, index) => stretch(whole, start, starts[index + 1] ?? lengthOf(bytes)));
};

/** The same, every piece but the last having `least` blocks of 8 bytes or up to twice as many. */
const longFragmentsOf = (dice: Dice, whole: Whole, most: number, least: number): readonly Ip[] => {
  const size = lengthOf(whole.bytes);
  const count = Math.max(2, dice.heavyTail(most));
  const starts = [0];
  for (let start = least * 8; start < size && starts.length < count; start += dice.between(least, 2 * least) * 8) starts.push(start);
  return starts.map((start, index) => stretch(whole, start, starts[index + 1] ?? size));
};

/** The same fragments out of order, and with what senders, networks and attackers do to them. */
export const broken = (dice: Dice, whole: Whole, pieces: readonly Ip[]): readonly Ip[] => {
  const mended = pieces.flatMap((fragment): readonly Ip[] => {
    const fields = fragmentOf(fragment);
    if (!fields || !dice.chance(25)) return [fragment];
    const bytes = fragment.payload.kind === 'opaque' ? fragment.payload.bytes : '';
    const { offset: start, mf } = fields;
    const end = start + lengthOf(bytes);
    const changed = dice.among<() => readonly Ip[] | undefined>(
      () => [],
      () => [fragment, fragment],
      () => [fragment, stretch(whole, start, end + 8)],
      () => [fragment, stretch(whole, Math.max(0, start - 8), end)],
      () => [stretch(whole, start, lengthOf(whole.bytes) - 8)],
      () => [whole.piece({ offset: start, mf: !mf }, bytes)],
      () => [whole.piece({ offset: start, mf: true }, slice(bytes, 0, Math.max(0, lengthOf(bytes) - dice.between(1, 7))))],
      () => [whole.piece({ offset: start, mf }, '')],
      () => [fragment, whole.piece({ offset: dice.among(0, 8, 65_528), mf }, bytes)],
      () => undefined,
      () => undefined,
      () => undefined,
      () => undefined,
      () => undefined,
    )();
    return changed ?? [fragment.kind === 'ipv4' ? otherHeader4(dice, fragment) : otherHeader6(dice, whole, fragment)].flat();
  });
  return dice.chance(50) ? dice.shuffled(mended) : mended;
};

/** A fragment whose header is unlike the others'. */
const otherHeader4 = (dice: Dice, fragment: Ipv4): Ipv4 =>
  dice.among<() => Ipv4>(
    () => ({ ...fragment, tos: dice.among(0, 1, 2, 3) }),
    () => ({ ...fragment, df: !fragment.df }),
    () => ({ ...fragment, protocol: fragment.protocol === TCP ? UDP : TCP }),
    () => ({ ...fragment, ttl: dice.among(1, 2, 200) }),
    () => ({ ...fragment, options: dice.among('', '01010100', '01'.repeat(40)) }),
  )();

/** The same, or the whole datagram as a fragment of itself beside it. */
const otherHeader6 = (dice: Dice, whole: Whole, fragment: Ipv6): readonly Ip[] =>
  dice.among<() => readonly Ip[]>(
    () => [{ ...fragment, trafficClass: dice.among(0, 1, 2, 3) }],
    () => [{ ...fragment, protocol: dice.among(6, 0, 60, 59) }],
    () => [{ ...fragment, hopLimit: dice.among(1, 2, 200) }],
    () => [withHeader(fragment, (header) => ({ ...header, reserved: dice.between(1, 1023) }))],
    () => [withHeader(fragment, (header) => ({ ...header, id: header.id + dice.among(1, 0x10000, 0x1000000) }))],
    () => [{ ...fragment, extensions: [{ kind: 'destination-options', data: '010400000000' }, ...fragment.extensions] }],
    () => [{ ...fragment, extensions: fragment.extensions.slice(-1) }],
    () => [fragment, whole.piece({ offset: 0, mf: false }, whole.bytes)],
    () => [whole.piece({ offset: 0, mf: false }, whole.bytes), fragment],
  )();

const withHeader = (packet: Ipv6, change: (header: FragmentHeader) => FragmentHeader): Ipv6 => ({
  ...packet,
  extensions: packet.extensions.map((header) => (header.kind === 'fragment' ? change(header) : header)),
});

/** Without the flag and with offset 0 it is no fragment, and its bytes are a datagram that can be read. */
const asWhole = (packet: Ipv4): Ipv4 => (isFragment(packet) ? packet : { ...packet, payload: readTransport(packet, writeTransport(packet)) });

/** The bytes from `start` to `end` as a fragment; the last one if they reach the end. */
const stretch = ({ bytes, piece }: Whole, start: number, end: number): Ip =>
  piece({ offset: start, mf: end < lengthOf(bytes) }, slice(bytes, start, Math.max(start, end)));
