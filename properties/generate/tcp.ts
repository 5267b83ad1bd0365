/**
 * TCP: connections that open, carry data and end in every order, as two hosts would send them; and what networks and
 * attackers make of them: segments that are lost, repeated, out of the window, from the past, or of another kind.
 *
 * Both hosts count right, so that it shows when a tracker does not; what is wrong is wrong by a little or by a lot, around
 * the bounds that matter (windows, 66000 bytes, half of the circle).
 */
import { type Bytes, bytesOf, lengthOf } from '../../spec/trace/packet.ts';
import type { Tcp, TcpFlags } from '../../spec/trace/transport.ts';
import { LAST_PACKET } from '../colours.ts';
import type { Dice } from './dice.ts';
import { packetOf, payloadOf, type Stage, type Turn } from './stage.ts';

type Side = 'client' | 'server';

/** Who says what: flags, or `D` for data with an ACK. */
type Line = readonly [side: Side, what: string];

/** A host as it counts. */
type Host = {
  /** The sequence number of the next byte that it sends. */
  next: number;
  /** What it offers, unscaled. */
  readonly window: number;
  /** The options of its SYN. */
  readonly synOptions: Bytes;
};

type Scene = { readonly stage: Stage; readonly hosts: Readonly<Record<Side, Host>>; readonly faulty: number; readonly timestamps: boolean };

/** The most that fits into an IP packet behind all headers. */
const MOST = 65_400;

type Segment = Pick<Tcp, 'sequence' | 'acknowledgement' | 'flags' | 'window' | 'options'> & { readonly side: Side; readonly bytes: number };

export const tcpTurns = (stage: Stage): readonly Turn[] => {
  const { dice, pools, firstPacket } = stage;
  const ports = { client: dice.among(...pools.ports), server: dice.among(...pools.ports) };
  const inwards = dice.chance(15);
  const scene: Scene = {
    stage,
    hosts: { client: host(stage), server: host(stage) },
    faulty: dice.among(0, 5, 15, 40),
    timestamps: dice.chance(20),
  };
  const segments = plot(dice).flatMap((line) => spoken(scene, line));
  return segments.map(({ side, bytes, ...fields }, turn) => {
    const outward = (side === 'client') !== inwards;
    const [from, to] = side === 'client' ? (['client', 'server'] as const) : (['server', 'client'] as const);
    const packet = packetOf(stage, outward, {
      payload: {
        kind: 'tcp',
        sourcePort: ports[from],
        destinationPort: ports[to],
        ...fields,
        reserved: 0,
        checksum: 'right',
        urgent: fields.flags.includes('U') ? 1 : 0,
        payload: payloadOf(stage, (firstPacket + turn) % (LAST_PACKET + 1), bytes),
      },
    });
    return { outward, packet };
  });
};

const host = ({ dice, features }: Stage): Host => ({
  next: dice.among(1000, 5000, 0, 2 ** 32 - 10, 2 ** 31 - 10, 2 ** 32 - 66_000),
  window: dice.among(0, 1, 8, 64, 1000, 65_535, 65_535),
  synOptions: aligned(
    dice.among('', '', `03030${dice.among('0', '1', '7', 'e', 'f')}`) + dice.among('', '0402') + dice.among('', '', '020405b4', 'fe', 'fe01', '0000', '0303'),
    features.fragments,
  ),
});

/** Filled up with no-operations, so that colours stay whole where segments are cut: a header has to be a multiple of 8. */
const aligned = (options: Bytes, fragments: boolean): Bytes => {
  const length = Math.ceil(lengthOf(options) / 4) * 4;
  return options.padStart((fragments && length % 8 === 0 ? length + 4 : length) * 2, '01');
};

/** What happens, from the first segment to the last. Each part may be missing. */
const plot = (dice: Dice): readonly Line[] => [
  ...dice.among<readonly Line[]>(HANDSHAKE, HANDSHAKE, HANDSHAKE, HANDSHAKE, ...OPENINGS),
  ...Array.from({ length: dice.heavyTail(6) - 1 }, (): Line => [dice.among('client', 'server'), dice.among('D', 'D', 'A')]),
  ...dice.among<readonly Line[]>([], ...ENDINGS),
  ...dice.among<readonly Line[]>([], [], [], ...SEQUELS),
];

const HANDSHAKE: readonly Line[] = [['client', 'S'], ['server', 'SA'], ['client', 'A']];

const OPENINGS: readonly (readonly Line[])[] = [
  [],
  [],
  [['client', 'S']],
  [['client', 'S'], ['server', 'R']],
  // A half-open connection: the answer is no SYN, and the client resets.
  [['client', 'S'], ['server', 'A'], ['client', 'R']],
  // Simultaneous, and split into four.
  [['client', 'S'], ['server', 'S'], ['client', 'SA'], ['server', 'SA']],
  [['client', 'S'], ['server', 'S'], ['client', 'SA'], ['server', 'A']],
  [['client', 'S'], ['server', 'A'], ['server', 'S'], ['client', 'SA'], ['server', 'A']],
];

const ENDINGS: readonly (readonly Line[])[] = [
  [['client', 'FA'], ['server', 'A'], ['server', 'FA'], ['client', 'A']],
  [['server', 'FA'], ['client', 'FA'], ['server', 'A']],
  [['client', 'FA'], ['server', 'FA'], ['client', 'A'], ['server', 'A']],
  [['client', 'FA'], ['server', 'D'], ['server', 'FA']],
  [['client', 'R']],
  [['server', 'RA']],
];

const SEQUELS: readonly (readonly Line[])[] = [
  HANDSHAKE,
  [['server', 'S'], ['client', 'SA'], ['server', 'A']],
  [['client', 'S'], ['server', 'A'], ['client', 'R'], ...HANDSHAKE],
  [['client', 'R'], ['client', 'S']],
  [['server', 'R'], ['server', 'S'], ['client', 'S']],
  [['client', 'S'], ['server', 'R']],
];

const FLAGS: readonly [TcpFlags, ...TcpFlags[]] = ['A', 'S', 'SA', 'R', 'RA', 'FA', 'FAU', 'AU', 'SU', 'PA', 'SEC', '', 'F', 'FS', 'SR', 'PU', 'SAU'];

/** A line as segments: one, or what becomes of it. */
const spoken = (scene: Scene, line: Line): readonly Segment[] => {
  const { dice } = scene.stage;
  const segment = sent(scene, line);
  if (!dice.chance(scene.faulty)) return [segment];
  return dice.among<() => readonly Segment[]>(
    () => [],
    () => Array.from({ length: dice.between(2, 6) }, () => segment),
    () => [{ ...segment, sequence: off(scene, segment.sequence) }],
    () => [{ ...segment, sequence: off(scene, segment.sequence) }, segment],
    () => [{ ...segment, acknowledgement: off(scene, segment.acknowledgement) }],
    () => [{ ...segment, acknowledgement: off(scene, segment.acknowledgement) }, segment],
    () => [{ ...segment, flags: dice.among(...FLAGS) }],
    () => [{ ...segment, window: dice.among(0, 0, 1, 65_535) }],
    () => [{ ...segment, options: selective(scene, segment.side) }],
    () => [segment, reset(scene)],
    () => [reset(scene), segment],
    () => [sent(scene, [dice.among('client', 'client', 'server'), 'S']), segment],
  )();
};

/** What a host that counts right sends. A new SYN may have a new number. */
const sent = (scene: Scene, [side, what]: Line): Segment => {
  const { dice, pools, features } = scene.stage;
  const own = scene.hosts[side];
  const other = scene.hosts[opposite(side)];
  const flags = what === 'D' ? dice.among('A', 'A', 'PA') : what;
  const bytes = what === 'D' ? Math.min(MOST, dice.among(...pools.sizes)) : dice.chance(4) ? 8 : 0;
  const isSyn = flags.includes('S');
  if (isSyn && dice.chance(20)) own.next = off(scene, own.next);
  const sequence = own.next;
  own.next = moved(sequence, bytes + (isSyn ? 1 : 0) + (flags.includes('F') ? 1 : 0));
  return {
    side,
    bytes,
    flags,
    sequence,
    acknowledgement: flags.includes('A') || dice.chance(10) ? other.next : 0,
    window: own.window,
    options: isSyn ? own.synOptions : scene.timestamps ? TIMESTAMP : aligned('', features.fragments),
  };
};

/** Two no-operations and a timestamp, as most stacks send it. */
const TIMESTAMP: Bytes = '0101080a0000000100000001';

/** A reset of either side, with a number that is right or not. */
const reset = (scene: Scene): Segment => {
  const { dice } = scene.stage;
  const segment = sent(scene, [dice.among('client', 'server'), dice.among('R', 'RA')]);
  return {
    ...segment,
    sequence: dice.among(segment.sequence, segment.sequence, 0, off(scene, segment.sequence)),
    acknowledgement: dice.among(segment.acknowledgement, segment.acknowledgement, 0, off(scene, segment.acknowledgement)),
  };
};

/** Options that acknowledge one or two blocks, or fail to. */
const selective = (scene: Scene, side: Side): Bytes => {
  const { next } = scene.hosts[opposite(side)];
  const block = (): Bytes => [off(scene, next), scene.stage.dice.among(next, off(scene, next))].map((edge) => bytesOf(edge, 4)).join('');
  return scene.stage.dice.among<() => Bytes>(
    () => `0101050a${block()}`,
    () => `01010512${block()}${block()}`,
    () => `0101050b${block()}`,
    () => `05020101050a${block()}0000`,
  )();
};

/** A number that is off, by what may matter. */
const off = ({ stage: { dice }, hosts }: Scene, number: number): number => {
  const { window } = hosts[dice.among('client', 'server')];
  const far = dice.among(1, 1, 2, 8, window, window + 1, window + 2, 65_999, 66_000, 66_001, 2 ** 31 - 1, 2 ** 31);
  return moved(number, dice.among(far, -far));
};

const moved = (number: number, by: number): number => (number + by) >>> 0;

const opposite = (side: Side): Side => (side === 'client' ? 'server' : 'client');
