/**
 * FTP: control connections in which somebody says where it listens, and the connections that come of that: in time, too
 * early, too late, twice, from somebody else, or without anything having been said.
 *
 * All of it is about few ports, so that what one tenant announces is what another one connects to.
 */
import { eraOf, knows } from '../../spec/era.ts';
import { EXPECTED_MS } from '../../spec/expectations.ts';
import { lengthOf } from '../../spec/trace/packet.ts';
import type { Network } from '../../spec/trace/network.ts';
import { LAST_PACKET } from '../colours.ts';
import { bytesOfText, FTP_PORT, lines } from '../ftp.ts';
import { isDirected } from '../tenants.ts';
import type { Dice } from './dice.ts';
import { packetOf, payloadOf, type Stage, type Turn } from './stage.ts';

type Side = 'client' | 'server';

/** The port that control connections are helped to, or undefined. */
const helperPortOf = ({ devices }: Network): number | undefined => devices.find(({ helper }) => helper)?.helper?.port;

/** The network, and now and then some of its devices with a helper. */
export const perhapsHelped = (dice: Dice, network: Network): Network => {
  if (!dice.chance(helpedShare(network))) return network;
  const everywhere = dice.chance(60);
  const port = dice.chance(90) ? FTP_PORT : 1000;
  return { ...network, devices: network.devices.map((device, index) => (everywhere || index % 2 === 0 ? { ...device, helper: { name: 'ftp', port } } : device)) };
};

/** In how many of a hundred networks: more of those that are rare and have rules of their own, unless they hardly track anything. */
const helpedShare = (network: Network): number => {
  if (mixesExpectations(network)) return network.extensions === undefined ? 75 : 10;
  return network.devices.some(isDirected) ? 20 : 5;
};

/** Whether what one zone's connections expect is in the way of another's. */
const mixesExpectations = (network: Network): boolean => !knows(eraOf(network), 'linux-4.3');

/** A connection as it is held, each side at its next number. */
type Held = { readonly opener: Side; readonly ports: Readonly<Record<Side, number>>; readonly next: Record<Side, number> };

type Scene = { readonly stage: Stage; readonly inwards: boolean; readonly turns: Turn[]; readonly faulty: number };

/** What is said to a helper, mostly, if there is one. */
export const perhapsFtp = (stage: Stage, network: Network): readonly Turn[] | undefined => {
  const { dice } = stage;
  const port = helperPortOf(network);
  const mixed = mixesExpectations(network);
  if (port === undefined || !dice.chance(mixed ? 90 : 60)) return undefined;
  return dice.chance(mixed ? 80 : 5) ? rivalTurns(stage, port) : ftpTurns(stage, port);
};

const ftpTurns = (stage: Stage, helperPort: number): readonly Turn[] => {
  const { dice } = stage;
  const scene: Scene = { stage, inwards: dice.chance(15), turns: [], faulty: dice.among(0, 0, 10, 30) };
  const control = controlTo(scene, dice.among(1000, 1000, 1001), dice.chance(95) ? helperPort : 22);
  const isSilent = dice.chance(15);
  if (!isSilent) {
    opens(scene, control);
    if (dice.chance(90)) says(scene, control, 'server', '220 a\r\n');
    if (dice.chance(90)) says(scene, control, 'client', 'USER a\r\n');
  }
  for (let files = dice.heavyTail(4); files > 0; files -= 1) transfer(scene, control, isSilent);
  if (!isSilent && dice.chance(20)) ends(scene, control);
  return scene.turns;
};

/** An announcement of what everybody announces, and nobody comes. */
const rivalTurns = (stage: Stage, helperPort: number): readonly Turn[] => {
  const scene: Scene = { stage, inwards: false, turns: [], faulty: 0 };
  const control = controlTo(scene, stage.dice.between(1000, 1003), helperPort);
  opens(scene, control);
  says(scene, control, 'client', 'USER a\r\n');
  announces(scene, control, 'client', 2000);
  return scene.turns;
};

const controlTo = ({ stage: { dice } }: Scene, client: number, server: number): Held => ({
  opener: 'client',
  ports: { client, server },
  next: { client: 1000, server: dice.among(5000, 2 ** 32 - 30) },
});

const opposite = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** A side says that it listens, and the other one connects: mostly. */
const transfer = (scene: Scene, control: Held, isSilent: boolean): void => {
  const { dice } = scene.stage;
  const port = dice.among(2000, 2000, 2001, 1000);
  const listener: Side = dice.among('client', 'server');
  const connection: Held = { opener: opposite(listener), ports: { client: port, server: port, [opposite(listener)]: dice.among(20, 3000, 3001) }, next: { client: 100, server: 900 } };
  if (dice.chance(8)) connects(scene, connection);
  if (!isSilent) announces(scene, control, listener, port);
  // Else its master would not live longer than what it expects: its timer of unacknowledged data is as long.
  if (!isSilent && dice.chance(70)) segment(scene, control, opposite(listener), 'A', '');
  if (!isSilent && dice.chance(10)) alsoAnnounces(scene, control, listener, port);
  if (dice.chance(80)) connects(scene, connection, dice.chance(12) ? dice.among(EXPECTED_MS, EXPECTED_MS, EXPECTED_MS / 2) : undefined);
  if (dice.chance(15)) connects(scene, { ...connection, ports: { ...connection.ports, [connection.opener]: 3333 }, next: { client: 7, server: 8 } });
};

/** The same port, in a control connection of its own between the same two. */
const alsoAnnounces = (scene: Scene, { ports: { server } }: Held, listener: Side, port: number): void => {
  const control = controlTo(scene, scene.stage.dice.between(1002, 1009), server);
  opens(scene, control);
  says(scene, control, listener, 'NOOP\r\n');
  announces(scene, control, listener, port);
};

const announces = (scene: Scene, control: Held, listener: Side, port: number): void => {
  const { stage } = scene;
  const { dice, version } = stage;
  if (listener === 'server' && dice.chance(60)) says(scene, control, 'client', dice.among('PASV\r\n', 'EPSV\r\n'));
  const address = dice.chance(95) ? hostOf(scene, listener) : hostOf(scene, opposite(listener));
  const short = dice.chance(version === 4 ? 60 : 5) && address.includes('.');
  const line = listener === 'client' ? (short ? lines.PORT(address, port) : lines.EPRT(address, port)) : short ? lines.PASV(address, port) : lines.EPSV(address, port);
  const said = dice.chance(scene.faulty) ? misspelt(dice, line) : line;
  if (!dice.chance(scene.faulty)) return says(scene, control, listener, said);
  dice.among(
    // In two segments, and then at once; again; behind a line; not at all.
    () => {
      const cut = dice.between(1, said.length - 1);
      says(scene, control, listener, said.slice(0, cut));
      says(scene, control, listener, said.slice(cut));
      if (dice.chance(50)) says(scene, control, listener, said, said.length);
    },
    () => {
      says(scene, control, listener, said);
      says(scene, control, listener, said, said.length);
    },
    () => says(scene, control, listener, `200 b\r\n${said}`),
    () => {
      control.next[listener] = (control.next[listener] + said.length) >>> 0;
    },
    () => says(scene, control, opposite(listener), said),
  )();
};

/** The same line, written otherwise or wrongly. */
const misspelt = (dice: Dice, line: string): string =>
  dice.among(
    () => line.toLowerCase(),
    () => line.replace('\r\n', dice.among('', '\n', '\r', ' \r\n')),
    () => line.replace(/\d/, dice.among('', '0', '00', '9', '4294967296')),
    () => line.replaceAll('|', dice.among('!', '.', ':', 'a', '1', '~', ' ')),
    () => line.replace(/[(|,]/, ''),
    () => line.slice(0, dice.between(1, line.length)),
    () => line.replace(/^\w/, dice.among('X', '5')),
    () => line.replace(/::/, dice.among(':0:', ':0:0:0:0:0:0:', '::0:', ':0::', ':::')),
  )();

const hostOf = ({ stage: { hosts }, inwards }: Scene, side: Side): string => ((side === 'client') === inwards ? hosts.outside : hosts.inside);

const opens = (scene: Scene, held: Held): void => {
  const { opener } = held;
  segment(scene, held, opener, 'S', '');
  segment(scene, held, opposite(opener), 'SA', '');
  segment(scene, held, opener, 'A', '');
};

/** As far as it comes. Now and then what begins is no beginning. */
const connects = (scene: Scene, held: Held, waitMs?: number): void => {
  const { stage } = scene;
  const { dice, firstPacket } = stage;
  const { opener } = held;
  if (dice.chance(6)) return segment(scene, held, opener, dice.among('R', 'SA', 'A'), '');
  segment(scene, held, opener, 'S', '', waitMs);
  if (dice.chance(10)) segment(scene, { ...held, next: { ...held.next, [opener]: held.next[opener] - 1 } }, opener, 'S', '');
  if (dice.chance(40)) return;
  segment(scene, held, opposite(opener), 'SA', '');
  segment(scene, held, opener, 'A', '');
  if (dice.chance(50)) segment(scene, held, dice.among('client', 'server'), 'PA', payloadOf(stage, (firstPacket + scene.turns.length) % (LAST_PACKET + 1), dice.among(8, 16)));
};

const ends = (scene: Scene, held: Held): void => {
  if (scene.stage.dice.chance(40)) return segment(scene, held, 'client', 'RA', '');
  segment(scene, held, 'client', 'FA', '');
  segment(scene, held, 'server', 'FA', '');
  segment(scene, held, 'client', 'A', '');
};

/** A text in one segment, which begins so many bytes before the next one. */
const says = (scene: Scene, held: Held, side: Side, text: string, again = 0): void => {
  held.next[side] = (held.next[side] - again) >>> 0;
  segment(scene, held, side, 'PA', bytesOfText(text));
};

const segment = ({ stage, inwards, turns }: Scene, { ports, next }: Held, side: Side, flags: string, payload: string, waitMs?: number): void => {
  const outward = (side === 'client') !== inwards;
  const other = opposite(side);
  const sequence = next[side];
  const counted = lengthOf(payload) + (/[SF]/.test(flags) ? 1 : 0);
  next[side] = (sequence + counted) >>> 0;
  const packet = packetOf(stage, outward, {
    payload: {
      kind: 'tcp',
      sourcePort: ports[side],
      destinationPort: ports[other],
      sequence,
      acknowledgement: flags.includes('A') ? next[other] : 0,
      reserved: 0,
      flags,
      window: 65_535,
      checksum: 'right',
      urgent: 0,
      options: '',
      payload,
    },
  });
  turns.push({ outward, packet, ...(waitMs !== undefined && { waitMs }) });
};
