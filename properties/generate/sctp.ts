/**
 * SCTP: an association from INIT to SHUTDOWN COMPLETE, with steps that are lost, repeated, bundled, or out of place.
 */
import { match } from 'ts-pattern';
import { type Bytes, bytesOf, lengthOf } from '../../spec/trace/packet.ts';
import { LAST_PACKET } from '../colours.ts';
import { COOKIE, initiating } from '../words.ts';
import type { Dice } from './dice.ts';
import { type End, packetOf, payloadOf, type Stage, type Turn } from './stage.ts';

type ChunkName = keyof typeof TYPES;

const TYPES = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  unknown: 132,
} as const;

const NAMES: readonly [ChunkName, ...ChunkName[]] = [
  'init', 'data', 'initAck', 'sack', 'heartbeat', 'heartbeatAck', 'abort', 'shutdown', 'shutdownAck', 'error', 'cookieEcho', 'cookieAck', 'shutdownComplete', 'unknown',
];

type Step = { readonly from: 'one' | 'two'; readonly chunks: readonly [ChunkName, ...ChunkName[]] };

/** As two ends speak that understand each other. */
const LIFE: readonly Step[] = [
  { from: 'one', chunks: ['init'] },
  { from: 'two', chunks: ['initAck'] },
  { from: 'one', chunks: ['cookieEcho'] },
  { from: 'two', chunks: ['cookieAck'] },
  // Four bytes in front, so that the blocks of the data stay whole in fragments.
  { from: 'one', chunks: ['unknown', 'data'] },
  { from: 'two', chunks: ['sack', 'data'] },
  { from: 'one', chunks: ['heartbeat'] },
  { from: 'two', chunks: ['heartbeatAck'] },
  { from: 'two', chunks: ['data'] },
  { from: 'one', chunks: ['shutdown'] },
  { from: 'two', chunks: ['shutdownAck'] },
  { from: 'one', chunks: ['shutdownComplete'] },
];

/** The tags that each end may ask for: few, so that they collide. */
export const TAGS = [0x11111111, 0x22222222, 0xfffffffe] as const;

export const sctpTurns = (stage: Stage): readonly Turn[] => {
  const { dice, pools, firstPacket } = stage;
  const ports = { inside: dice.among(...pools.ports), outside: dice.among(...pools.ports) };
  const tags = { inside: dice.among(...TAGS), outside: dice.among(...TAGS) };
  const ends: Readonly<Record<Step['from'], End>> = dice.chance(85) ? { one: 'inside', two: 'outside' } : { one: 'outside', two: 'inside' };
  return steps(dice).map(({ from, chunks }, turn) => {
    const source = ends[from];
    const destination = source === 'inside' ? 'outside' : 'inside';
    const number = (firstPacket + turn) % (LAST_PACKET + 1);
    // Now and then an end forgets its tag.
    const own = dice.chance(92) ? tags[source] : dice.among(...TAGS, 0);
    const packet = packetOf(stage, source === 'inside', {
      payload: {
        kind: 'sctp',
        sourcePort: ports[source],
        destinationPort: ports[destination],
        tag: tagOf(dice, chunks, tags[destination], tags[source]),
        checksum: 'right',
        payload: chunks.map((name) => chunk(stage, name, number, own)).join(''),
      },
    });
    return { outward: source === 'inside', packet };
  });
};

/** A life, or the beginning or some stretch of one, with other chunks in it. */
const steps = (dice: Dice): readonly Step[] => {
  // A client whose server is silent.
  if (dice.chance(10)) return Array.from({ length: dice.between(2, 6) }, () => ({ from: 'one', chunks: ['init'] }));
  const start = dice.chance(75) ? 0 : dice.between(0, LIFE.length - 1);
  const end = dice.chance(25) ? LIFE.length : dice.between(start + 1, LIFE.length);
  const anything = (): Step => ({
    from: dice.among('one', 'two'),
    chunks: dice.chance(75) ? [dice.among(...NAMES)] : [dice.among(...NAMES), dice.among(...NAMES)],
  });
  return LIFE.slice(start, end).flatMap((step): readonly Step[] =>
    dice.chance(75)
      ? [step]
      : dice.among<() => readonly Step[]>(
          () => [],
          () => [step, step],
          () => [step, anything()],
          () => [anything(), step],
          () => [{ ...step, from: step.from === 'one' ? 'two' : 'one' }, step],
          () => [step, { ...step, chunks: [...step.chunks, dice.among(...NAMES)] }],
        )(),
  );
};

/** The receiver's tag, none with an INIT, and sometimes another. */
const tagOf = (dice: Dice, [first]: Step['chunks'], receiver: number, sender: number): number => {
  if (dice.chance(8)) return dice.among(0, sender, receiver, 0x33333333);
  return first === 'init' ? 0 : receiver;
};

const chunk = (stage: Stage, name: ChunkName, number: number, own: number): Bytes => {
  const { dice, pools } = stage;
  // Only DATA is long. The T bit is the lowest flag.
  const data = name === 'data' ? payloadOf(stage, number, dice.among(...pools.sizes)) : '';
  const flags = name === 'data' ? 3 : dice.chance(15) ? 1 : 0;
  const body = bodyOf(name, own) + data;
  const length = dice.chance(97) ? (4 + lengthOf(body)) & 0xffff : dice.among(0, 3, 5, 65_535);
  const padding = '00'.repeat(-lengthOf(body) & 3);
  const whole = bytesOf(TYPES[name], 1) + bytesOf(flags, 1) + bytesOf(length, 2) + body + padding;
  return dice.chance(98) ? whole : whole.slice(0, 2 * dice.among(3, 8, 16));
};

const DATA_HEADER = '000000010000000000000000';
const HEARTBEAT = '0001000800000000';

/** What stands behind a chunk's header, for those that have something there. */
const bodyOf = (name: ChunkName, own: number): Bytes =>
  match(name)
    .with('data', () => DATA_HEADER)
    .with('init', () => initiating(own))
    .with('initAck', () => initiating(own) + COOKIE)
    .with('sack', () => '000000010000ffff00000000')
    .with('heartbeat', 'heartbeatAck', () => HEARTBEAT)
    .with('shutdown', 'cookieEcho', () => '00000001')
    .otherwise(() => '');
