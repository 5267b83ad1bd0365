/**
 * Conversations: what one tenant's hosts say to each other, packet by packet, and how it gets onto the wire.
 *
 * A protocol's script says what is sent; here it is cut, spoilt, scattered or left alone.
 */
import type { Tenant } from '../../spec/trace/network.ts';
import { headerLength, type Ipv4, type Packet } from '../../spec/trace/packet.ts';
import { transportLength } from '../../spec/wire/transport.ts';
import type { Dice } from './dice.ts';
import type { Features, ProtocolName } from './features.ts';
import { genericTurns } from './generic.ts';
import { greTurns } from './gre.ts';
import { icmpTurns } from './icmp.ts';
import { broken, fragmentsOf } from './pieces.ts';
import type { Pools, Stage, Turn } from './stage.ts';
import { sctpTurns } from './sctp.ts';
import { garbage, stray } from './strays.ts';
import { udpLiteTurns } from './udp-lite.ts';
import { tcpTurns } from './tcp.ts';
import { udpTurns } from './udp.ts';

/** A packet before it has its place in time. */
export type Draft = { readonly device: string; readonly packet: Packet };

/** The most that IPv4 can say, the most of it that is UDP's payload, and a size that only fragments can claim. */
const MOST = 65_535;
const MOST_PAYLOAD = 65_507;
const TOO_MANY = 65_512;

export const pools = (dice: Dice, features: Features): Pools => ({
  insides: dice.among(['10.0.0.1'], ['10.0.0.1', '10.0.0.2']),
  outsides: dice.among(['192.0.2.9'], ['192.0.2.9', '10.0.0.1']),
  ports: dice.among([1000], [1000, 2000], [53, 1000, 65_535], [1000, 0]),
  ids: dice.among([7], [7, 8], [1, 256]),
  sizes: features.large
    ? [16, 24, 32, 64, 1472, dice.heavyTail(MOST_PAYLOAD), dice.among(dice.between(1, 8188) * 8, TOO_MANY)]
    : dice.among([8], [16, 32], [24, 13, 0], [dice.heavyTail(512), 64]),
});

const SCRIPTS: Readonly<Record<ProtocolName, (stage: Stage) => readonly Turn[]>> = {
  udp: udpTurns,
  tcp: tcpTurns,
  icmp: icmpTurns,
  'udp-lite': udpLiteTurns,
  gre: greTurns,
  sctp: sctpTurns,
  generic: genericTurns,
};

/** A script on one tenant's devices. `firstPacket` is the number of its first packet's colour. */
export const conversation = (dice: Dice, features: Features, from: Pools, tenant: Tenant, firstPacket: number): readonly Draft[] => {
  const [inside = '', outside = ''] = tenant.devices;
  const hosts = { inside: dice.among(...from.insides), outside: dice.among(...from.outsides) };
  const script = SCRIPTS[dice.among(...features.protocols)];
  return script({ dice, features, pools: from, tenant, hosts, firstPacket }).flatMap(({ outward, packet }) => {
    const [device, other] = outward ? [inside, outside] : [outside, inside];
    // Pieces of one datagram may take different paths.
    const scattered = features.brokenFragments && dice.chance(20);
    return asSent(dice, features, packet).map((sent) => ({ device: scattered && dice.chance(40) ? other : device, packet: sent }));
  });
};

/** Whole or in fragments; sound, strange or spoilt. */
const asSent = (dice: Dice, features: Features, packet: Ipv4): readonly Packet[] => {
  if (features.garbage && dice.chance(15)) return [garbage(dice, packet)];
  const sent = features.strays && dice.chance(25) ? stray(dice, packet) : packet;
  const size = transportLength(sent.payload);
  if (sent.length !== 'right' || size <= 8) return [sent];
  const fits = headerLength(sent) + size <= MOST;
  if (fits && (!features.fragments || dice.chance(35))) return [sent];
  const most = features.large ? (dice.chance(2) ? 8190 : 200) : 6;
  const pieces = fragmentsOf(dice, sent, most);
  if (features.brokenFragments && dice.chance(60)) return broken(dice, sent, pieces);
  return dice.chance(40) ? dice.shuffled(pieces) : pieces;
};
