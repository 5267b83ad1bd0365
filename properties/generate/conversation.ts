/**
 * Conversations: what one tenant's hosts say to each other, packet by packet, and how it gets onto the wire.
 *
 * A protocol's script says what is sent; here it is cut, spoilt, scattered or left alone.
 */
import type { Network, Tenant } from '../../spec/trace/network.ts';
import { type Address, headerLength, type Ip, isFragment, type Packet } from '../../spec/trace/packet.ts';
import { transportLength } from '../../spec/wire/transport.ts';
import { type Dice, nonEmpty } from './dice.ts';
import type { Features, ProtocolName } from './features.ts';
import { perhapsFtp } from './ftp.ts';
import { genericTurns } from './generic.ts';
import { greTurns } from './gre.ts';
import { icmpTurns } from './icmp.ts';
import { asAnswer } from './nat.ts';
import { translates, wayOut } from '../tenants.ts';
import { broken, fragmentsOf, wholeOf } from './pieces.ts';
import { reopeningTurns } from './reopening.ts';
import type { Pools, Stage, Turn } from './stage.ts';
import { sctpTurns } from './sctp.ts';
import { garbage, stray } from './strays.ts';
import { garbage6, stray6 } from './strays6.ts';
import { udpLiteTurns } from './udp-lite.ts';
import { tcpTurns } from './tcp.ts';
import { udpTurns } from './udp.ts';

/** A packet before it has its place in time. */
export type Draft = { readonly device: string; readonly packet: Packet; readonly waitMs?: number };

/** The most that IPv4 can say, the most of it that is UDP's payload, and a size that only fragments can claim. */
const MOST = 65_535;
const MOST_PAYLOAD = 65_507;
const TOO_MANY = 65_512;

export const pools = (dice: Dice, features: Features): Pools => ({
  hosts: {
    4: {
      insides: dice.among(['10.0.0.1'], ['10.0.0.1', '10.0.0.2'], ['172.31.255.129']),
      // Addresses whose bits are many, so that none may be lost.
      outsides: dice.among(['192.0.2.9'], ['192.0.2.9', '10.0.0.1'], ['203.115.253.127', '192.0.2.9']),
    },
    6: {
      insides: dice.among(['fd00::1'], ['fd00::1', 'fd00::2']),
      // Two differ from others in one half only. The last three have two runs of zeros, one zero, and none (RFC 5952).
      // What means something on one device only is gathered by device.
      outsides: dice.chance(5) ? dice.among(['fe80::9'], ['ff02::9']) : dice.among(['2001:db8::9'], ['2001:db8::9', 'fd00::1'], ['fd00::1:0:0:1', 'fd00:1::1'], ['fd00::1:1:0:0:1', 'fd00:1:0:3:4:5:6:7', 'fd00:1:2:3:4:5:6:7']),
    },
  },
  // The last two begin what translation takes for classes of ports.
  ports: dice.among([1000], [1000, 2000], [53, 1000, 65_535], [1000, 0], [1000, 512, 1024]),
  ids: dice.among([7], [7, 8], [1, 256]),
  sizes: sizes(dice, features),
});

const sizes = (dice: Dice, { large, fragments, leastFragment: least }: Features): Pools['sizes'] => {
  // Where fragments have to be long, what is cut has to be longer.
  const long = least === 0 || !fragments || dice.chance(20) ? [] : [least, 2 * least + dice.between(0, 16), least * dice.between(2, 5)];
  if (large) return [16, 24, 32, 64, 1472, dice.heavyTail(MOST_PAYLOAD), dice.among(dice.between(1, 8188) * 8, TOO_MANY), dice.among(64, TOO_MANY), ...long.map((size) => size * 20)];
  return long.length > 0 ? nonEmpty(long) : dice.among([8], [16, 32], [24, 13, 0], [dice.heavyTail(512), 64], [dice.chance(15) ? 1400 : 40, 32]);
};

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
export const conversation = (dice: Dice, features: Features, from: Pools, network: Network, tenant: Tenant, firstPacket: number): readonly Draft[] => {
  const [inside = ''] = tenant.devices;
  const outside = wayOut(network, inside);
  const protocol = dice.among(...features.protocols);
  const version = dice.among(...features.versions);
  const { insides, outsides } = from.hosts[version];
  const hosts = { inside: dice.among(...insides), outside: dice.among(...outsides) };
  const translated = translates(network) && dice.chance(75);
  const stage: Stage = { dice, features, pools: from, tenant, version, hosts, firstPacket };
  const script = (translated || network.limits?.counters) && protocol === 'tcp' && dice.chance(40) ? reopeningTurns : SCRIPTS[protocol];
  const turns = perhapsFtp(stage, network) ?? script(stage);
  return turns.flatMap(({ outward, packet, waitMs }) => {
    const [device, other] = outward ? [inside, outside] : [outside, inside];
    const seen = translated && !outward ? asAnswer(packet, network, inside, outside) : packet;
    // Pieces of one datagram may take different paths.
    const scattered = (features.brokenFragments || isLocal(hosts.outside)) && dice.chance(20);
    return asSent(dice, features, seen, dice.among(...from.ids)).filter(canBe).map((sent, place) => ({
      device: scattered && dice.chance(40) ? other : device,
      packet: sent,
      ...(place === 0 && waitMs !== undefined && { waitMs }),
    }));
  });
};

/** Of one link, or a group on it. */
const isLocal = (address: Address): boolean => address.startsWith('fe80:') || address.startsWith('ff02:');

const spoilt = (dice: Dice, packet: Ip): Ip => (packet.kind === 'ipv4' ? stray(dice, packet) : stray6(dice, packet));

/** Whether its length can say how long it is; headers that were added may have made it too long. */
const canBe = (packet: Packet): boolean =>
  packet.kind === 'raw' || headerLength(packet) - (packet.kind === 'ipv4' ? 0 : 40) + transportLength(packet.payload) <= 65_535;

/** Whether it can be cut: a fragment already is, and of a chain of headers that is not all there nothing is known. */
const isReadable = (packet: Ip): boolean =>
  !isFragment(packet) && (packet.kind === 'ipv4' || packet.payload.kind !== 'opaque' || packet.payload.why === 'protocol');

/** How many bytes most pieces of a packet have to carry at least. */
const leastData = (dice: Dice, { leastFragment }: Features, packet: Ip): number =>
  leastFragment === 0 || dice.chance(10) ? 0 : Math.max(0, leastFragment - headerLength(packet));

/** Whole or in fragments; sound, strange or spoilt. */
const asSent = (dice: Dice, features: Features, packet: Ip, id: number): readonly Packet[] => {
  if (features.garbage && dice.chance(15)) return [packet.kind === 'ipv4' ? garbage(dice, packet) : garbage6(dice, packet)];
  const sent = features.strays && dice.chance(25) ? spoilt(dice, packet) : packet;
  const size = transportLength(sent.payload);
  if (sent.length !== 'right' || size <= 8 || !isReadable(sent)) return [sent];
  const fits = headerLength(sent) - (sent.kind === 'ipv4' ? 0 : 40) + size <= MOST;
  if (fits && (!features.fragments || dice.chance(50))) return [sent];
  const most = features.large ? (dice.chance(2) ? 8190 : 200) : 5;
  const whole = wholeOf(dice, sent, id);
  const pieces = fragmentsOf(dice, whole, most, leastData(dice, features, sent));
  if (features.brokenFragments && dice.chance(60)) return broken(dice, whole, pieces);
  return dice.chance(40) ? dice.shuffled(pieces) : pieces;
};
