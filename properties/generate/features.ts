/**
 * Features: what traffic may contain, switched on and off trace by trace.
 *
 * A trace in which everything occurs at once hides what needs one thing often and another never (swarm testing: Groce
 * et al., ISSTA 2012).
 */
import type { UdpLite } from '../../spec/trace/transport.ts';
import type { Capabilities } from '../subject.ts';
import type { Terrain } from '../terrain.ts';
import type { Dice } from './dice.ts';

/** Protocols that have a script of their own. */
export type ProtocolName = 'udp' | 'tcp' | 'icmp' | 'udp-lite' | 'gre' | 'sctp' | 'generic';

/** A version of IP. */
export type Version = 4 | 6;

export type Features = {
  /** What conversations are carried by. */
  readonly versions: readonly [Version, ...(readonly Version[])];
  /** What conversations are held in. */
  readonly protocols: readonly [ProtocolName, ...(readonly ProtocolName[])];
  /** The checksum of most UDP-Lite: what the subject takes for right, or what it takes for wrong. */
  readonly udpLiteChecksum: UdpLite['checksum'];
  /** One tenant sends many lone fragments at once. */
  readonly flood: boolean;
  readonly fragments: boolean;
  /** How long most fragments are that are not the last, header included, in bytes; 0 is any length. */
  readonly leastFragment: number;
  /** Fragments that overlap, repeat, contradict each other or are missing. */
  readonly brokenFragments: boolean;
  readonly time: boolean;
  readonly answers: boolean;
  /** ICMP errors about what left, and such that somebody made up. */
  readonly errors: boolean;
  /** Packets that are refused, invalid, or dropped on their way. */
  readonly strays: boolean;
  /** Bytes that are not IP at all, and protocols that are not modelled. */
  readonly garbage: boolean;
  /** Options, extension headers, type of service, don't fragment. */
  readonly headers: boolean;
  /** Truly equal payloads instead of coloured ones. */
  readonly equalBytes: boolean;
  /** Commands to the table, and among them lists of all of it, which cost some implementations dear. */
  readonly control: boolean;
  readonly lists: boolean;
  /** Large datagrams, long conversations. */
  readonly large: boolean;
  /** So many conversations that tables and lists fill. */
  readonly crowd: boolean;
};

export const features = (dice: Dice, capabilities: Capabilities, terrain: Terrain): Features => ({
  control: capabilities.commands.length > 0 && dice.chance(30),
  versions: capabilities.ipv6 ? dice.among<Features['versions']>([4], [4], [6], [6], [4, 6]) : [4],
  protocols: some(dice, 'udp', 'tcp', 'icmp', 'udp-lite', 'gre', 'sctp', 'generic'),
  udpLiteChecksum: dice.chance(85) === (capabilities.profile.udpLiteChecksum === 'linux') ? 'as Linux' : 'right',
  flood: dice.chance(terrain === 'shipped' ? 15 : 1),
  fragments: dice.chance(60),
  leastFragment: capabilities.leastFragment ?? 0,
  brokenFragments: dice.chance(40),
  time: capabilities.clockMs !== false && dice.chance(50),
  answers: dice.chance(40),
  errors: dice.chance(30),
  strays: dice.chance(25),
  garbage: capabilities.rawBytes && dice.chance(8),
  headers: dice.chance(25),
  equalBytes: dice.chance(15),
  ...excess(dice, terrain),
  lists: dice.chance(15),
});

/** Rarely there is far more of something than usual. */
const excess = (dice: Dice, terrain: Terrain): Pick<Features, 'large' | 'crowd'> => {
  const much = dice.between(1, terrain === 'shipped' ? 40 : 125) === 1;
  const large = much && dice.chance(50);
  return { large, crowd: much && !large };
};

/** The first of these in every other case, and a random part of the others; something in any case. */
const some = <T>(dice: Dice, first: T, ...others: readonly T[]): readonly [T, ...(readonly T[])] => {
  const chosen = others.filter(() => dice.chance(25));
  const [one, ...more] = chosen;
  return one === undefined || dice.chance(50) ? [first, ...chosen] : [one, ...more];
};
