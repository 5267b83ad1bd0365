/**
 * The small words that scenarios are written in: a network, who sends what, and in which order. Ids number themselves.
 */
import type { Era } from '../spec/era.ts';
import type { Answer, Advance, Command, Event, EventId, IcmpError, Receive } from '../spec/trace/event.ts';
import type { Assignment, Device, DeviceName, Limits, Network, Translation, ZoneRule } from '../spec/trace/network.ts';
import { type Address, type Bytes, bytesOf, type Ip, type Ipv4, ipv4, type Ipv6, ipv6, lengthOf, type Packet, slice } from '../spec/trace/packet.ts';
import type { Trace } from '../spec/trace/trace.ts';
import type { Icmp, Sctp, Tcp, TcpFlags, Udp, UdpLite } from '../spec/trace/transport.ts';
import { DEFAULT_TCP } from '../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../spec/timeouts.ts';
import { writeHeader } from '../spec/wire/ipv4.ts';
import { writeTransport } from '../spec/wire/transport.ts';
import { type Tuple, tupleOf } from '../spec/tuple.ts';
import type { Zone, ZoneId } from '../spec/zone.ts';

/** An event that has no id yet. */
export type Word =
  | Omit<Receive, 'id'>
  | Omit<Advance, 'id'>
  | ({ readonly kind: 'control' } & Command)
  | (Omit<Answer, 'id' | 'to'> & { readonly to: Word })
  | (Omit<IcmpError, 'id' | 'to'> & { readonly to: Word });

/** A trace out of words; events are numbered from 1. Throws a RangeError if a reaction stands before what it is made of. */
export const scenario = (told: {
  readonly shows: string;
  readonly network: Network;
  readonly events: readonly Word[];
}): Trace => {
  const ids = new Map<Word, EventId>();
  const events = told.events.map((word, index): Event => {
    const id = index + 1;
    ids.set(word, id);
    if (word.kind === 'receive') return { kind: 'receive', id, device: word.device, packet: word.packet };
    if (word.kind === 'advance') return { kind: 'advance', id, milliseconds: word.milliseconds };
    if (word.kind === 'control') return { ...word, id };
    const to = ids.get(word.to);
    if (to === undefined || to === id) throw new RangeError(`scenario: event ${id} is made of an event that is not before it`);
    return word.kind === 'answer' ? { kind: 'answer', id, to } : { kind: 'error', id, to, type: word.type, code: word.code };
  });
  return { version: 1, about: told.shows, network: told.network, events };
};

/** The two devices of a tenant, each the other's exit: `t1a` and `t1b` for tenant 1. */
export const devicesOf = (tenant: number): readonly [DeviceName, DeviceName] => [`t${tenant}a`, `t${tenant}b`];

/** One tenant for each zone, numbered from 1, with two devices each. `undefined`: nobody assigns that tenant a zone. */
export const tenantsInZones = (...zones: readonly (ZoneId | undefined)[]): Network => ({
  devices: zones.flatMap((id, index) => {
    const zone = id === undefined ? {} : { zone: { id, counts: 'both' } as const };
    const passes = [{ ...zone, assigned: 'before-defragmentation' }] as const;
    const [a, b] = devicesOf(index + 1);
    return [{ name: a, passes, exit: b }, { name: b, passes, exit: a }];
  }),
  tenants: zones.map((_, index) => ({ number: index + 1, devices: devicesOf(index + 1) })),
  timeouts: DEFAULT_TIMEOUTS,
  tcp: DEFAULT_TCP,
  fragments: { distance: 0, memoryBytes: 0 },
});

/**
 * The RFC's network: private networks that use the same addresses, each behind a tunnel in a zone of its own. Each is
 * translated to a unique network on its way through a pair of devices into zone 0, and there once more, to the address
 * of eth0:
 *
 *     tunl1 (zone) -> veth1 (zone): source 172.16.0.1 -> main1 -> eth0: source 192.0.2.1
 *
 * What comes in by eth0 for no connection goes to lan0. One tenant for each zone, none of which is 0, 256 at most.
 */
export const tunnels = (...zones: readonly ZoneId[]): Network => ({
  ...tenantsInZones(),
  devices: [
    ...zones.flatMap((id, index): readonly Device[] => {
      const own = [{ zone: zone(id), assigned: 'before-defragmentation' }] as const;
      const [tunnel, veth, main] = tunnelDevices(index + 1);
      return [
        { name: tunnel, passes: own, exit: veth },
        { name: veth, passes: own, exit: tunnel, peer: main, nat: { source: { to: { from: `172.16.${index}.1`, to: `172.16.${index}.1` } } } },
        { name: main, passes: NO_ZONE, exit: OUTER, peer: veth },
      ];
    }),
    {
      name: OUTER,
      passes: NO_ZONE,
      exit: 'lan0',
      routes: zones.map((_, index) => ({ to: { from: `172.16.${index}.0`, to: `172.16.${index}.255` }, exit: tunnelDevices(index + 1)[2] })),
      nat: { source: { to: { from: '192.0.2.1', to: '192.0.2.1' } } },
    },
    { name: 'lan0', passes: NO_ZONE, exit: OUTER },
  ],
  tenants: zones.map((_, index) => ({ number: index + 1, devices: tunnelDevices(index + 1).slice(0, 2) })),
});

const NO_ZONE: Device['passes'] = [{ assigned: 'before-defragmentation' }];

/** The device by which all tunnels reach the world. */
export const OUTER: DeviceName = 'eth0';

/** The devices of a tunnel: its own, and the pair that leads to the main zone. */
export const tunnelDevices = (tunnel: number): readonly [DeviceName, DeviceName, DeviceName] => [`tunl${tunnel}`, `veth${tunnel}`, `main${tunnel}`];

/** The same network, translating: what each device, by its name, has of addresses and rules. The others have none. */
export const translating = (network: Network, devices: Readonly<Record<DeviceName, Pick<Device, 'address' | 'nat'>>>): Network => ({
  ...network,
  devices: network.devices.map((device) => ({ ...device, ...devices[device.name] })),
});

/** A translation to one address, and to ports if they are said. */
export const toAddress = (address: Address, from?: number, to = from): Translation => ({
  to: { from: address, to: address },
  ...(from !== undefined && to !== undefined && { ports: { from, to } }),
});

/** The same network, judged by the semantics of an era. */
export const inEra = (era: Era, network: Network): Network => ({ era, ...network });

/** The same network with limits of connections. */
export const limitedTo = (limits: Limits, network: Network): Network => ({ limits, ...network });

/** The same network, its zones assigned too late to keep fragments apart: what Linux' default priorities do. */
export const assignedLate = (network: Network): Network => ({
  ...network,
  devices: network.devices.map((device) => ({
    ...device,
    passes: device.passes.map(({ rules, ...pass }) => ({
      ...pass,
      assigned: 'after-defragmentation',
      ...(rules && { rules: rules.map((rule) => ({ ...rule, assigned: 'after-defragmentation' as const })) }),
    })),
  })),
});

/** Packets that arrive on a device one after the other. */
export const from = (device: DeviceName, ...packets: readonly (Packet | readonly Packet[])[]): readonly Word[] =>
  packets.flat().map((packet) => ({ kind: 'receive', device, packet }));

/** The smallest answer to what left at each of these earlier events. */
export const answersTo = (words: readonly Word[]): readonly Word[] => words.map((to) => ({ kind: 'answer', to }));

/** An ICMP error about what left at each of these earlier events; unless said otherwise, "port unreachable". */
export const errorsTo = (words: readonly Word[], type = 3, code = 3): readonly Word[] =>
  words.map((to) => ({ kind: 'error', to, type, code }));

export const wait = (seconds: number): Word => ({ kind: 'advance', milliseconds: seconds * 1000 });

/** Somebody asks connection tracking itself. */
export const asks = (command: Command): Word => ({ kind: 'control', ...command });

/** A zone as rules and commands about tuples name it. */
export const zone = (id: ZoneId, counts: Zone['counts'] = 'both'): Zone => ({ id, counts });

/** What a rule does, by a word. */
export const inZone = (id: ZoneId, counts: Zone['counts'] = 'both'): Assignment => ({ does: 'zone', zone: zone(id, counts) });
export const fromMark: Assignment = { does: 'zone-from-mark', counts: 'both' };
export const marked = (mark: number): Assignment => ({ does: 'mark', mark });
export const notrack: Assignment = { does: 'notrack' };

/** Rules of a language before defragmentation. */
export const nft = (...assignments: readonly Assignment[]): readonly ZoneRule[] => ruled('nft', assignments);
export const iptables = (...assignments: readonly Assignment[]): readonly ZoneRule[] => ruled('iptables', assignments);

const ruled = (language: ZoneRule['language'], assignments: readonly Assignment[]): readonly ZoneRule[] =>
  assignments.map((assignment) => ({ ...assignment, language, assigned: 'before-defragmentation' }));

/** The same rules after defragmentation. */
export const late = (rules: readonly ZoneRule[]): readonly ZoneRule[] => rules.map((rule) => ({ ...rule, assigned: 'after-defragmentation' }));

/** One tenant for each list of rules, numbered from 1, with two devices each, which have no zone but by those rules. */
export const tenantsUnder = (...lists: readonly (readonly ZoneRule[])[]): Network => withRules(tenantsInZones(...lists.map(() => undefined)), (tenant) => lists[tenant - 1] ?? []);

/** The network with rules on its tenants' devices, or on some of them. */
export const withRules = (network: Network, rulesOf: (tenant: number, device: DeviceName) => readonly ZoneRule[]): Network => ({
  ...network,
  devices: network.devices.map((device) => {
    const tenant = network.tenants.find(({ devices }) => devices.includes(device.name))?.number ?? 0;
    const rules = rulesOf(tenant, device.name);
    return rules.length === 0 ? device : { ...device, passes: device.passes.map((pass) => ({ ...pass, rules })) };
  }),
});

/** The tuple of a UDP datagram that was made with `udp`. */
export const tupleOfUdp = (datagram: Ip): Tuple => {
  if (datagram.payload.kind !== 'udp') throw new RangeError('tupleOfUdp: the packet is no UDP datagram');
  return tupleOf(datagram, datagram.payload);
};

/** One of each in turn, for as long as there are any. */
export const interleave = <Item>(...lists: readonly (readonly Item[])[]): readonly Item[] => {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((list) => list.slice(turn, turn + 1))).flat();
};

/** The header of what is sent from 10.0.0.1 to 10.0.0.2. */
const OUTWARDS = { source: '10.0.0.1', destination: '10.0.0.2', id: 1 } as const;

/** The header of what comes back. */
export const BACK = { source: '10.0.0.2', destination: '10.0.0.1' } as const;

/** A whole packet of a protocol that has no transport of its own here, ESP or GRE for example. */
export const carrying = (protocol: number, bytes: Bytes, header: Partial<Omit<Ipv4, 'kind' | 'payload'>> = {}): Ipv4 =>
  ipv4({ ...OUTWARDS, protocol, payload: { kind: 'opaque', bytes, why: 'protocol' }, ...header });

/** A whole UDP-Lite datagram from port 1000 to 2000, its checksum over all, but for what is said. */
export const udpLite = (fields: Partial<Omit<UdpLite, 'kind'>> = {}, header: Partial<Omit<Ipv4, 'kind' | 'payload'>> = {}): Ipv4 =>
  ipv4({
    ...OUTWARDS,
    payload: {
      kind: 'udp-lite',
      sourcePort: fields.sourcePort ?? 1000,
      destinationPort: fields.destinationPort ?? 2000,
      coverage: fields.coverage ?? 0,
      checksum: fields.checksum ?? 'right',
      payload: fields.payload ?? '',
    },
    ...header,
  });

/** A whole SCTP packet from port 1000 to 2000, but for what is said. */
export const sctp = (
  tag: number,
  chunks: readonly Bytes[],
  fields: Partial<Omit<Sctp, 'kind' | 'tag' | 'payload'>> = {},
  header: Partial<Omit<Ipv4, 'kind' | 'payload'>> = {},
): Ipv4 =>
  ipv4({
    ...OUTWARDS,
    payload: {
      kind: 'sctp',
      sourcePort: fields.sourcePort ?? 1000,
      destinationPort: fields.destinationPort ?? 2000,
      tag,
      checksum: fields.checksum ?? 'right',
      payload: chunks.join(''),
    },
    ...header,
  });

/** A chunk with its length and padding. */
export const chunk = (type: number, body: Bytes = '', flags = 0): Bytes =>
  bytesOf(type, 1) + bytesOf(flags, 1) + bytesOf(4 + lengthOf(body), 2) + body + '00'.repeat(-lengthOf(body) & 3);

/** The fixed fields of an INIT or INIT ACK: the tag that it asks for, a window, one stream each way, a first number. */
export const initiating = (tag: number): Bytes => `${bytesOf(tag, 4)}0000ffff0001000100000001`;

/** The parameter that an INIT ACK must have: a state cookie, of four bytes. */
export const COOKIE = '00070008c0de0000';

/** A whole UDP datagram from 10.0.0.1:1000 to 10.0.0.2:2000, but for what is said: fields of UDP, then of IP. */
export const udp = (fields: Partial<Omit<Udp, 'kind'>> = {}, header: Partial<Omit<Ipv4, 'kind' | 'payload'>> = {}): Ipv4 =>
  ipv4({
    ...OUTWARDS,
    payload: udpOf(fields),
    ...header,
  });

/** The same over IPv6, from fd00::1 to fd00::2. */
export const udp6 = (fields: Partial<Omit<Udp, 'kind'>> = {}, header: Partial<Omit<Ipv6, 'kind' | 'payload'>> = {}): Ipv6 =>
  ipv6({ source: 'fd00::1', destination: 'fd00::2', payload: udpOf(fields), ...header });

const udpOf = (fields: Partial<Omit<Udp, 'kind'>>): Udp => ({
  kind: 'udp',
  sourcePort: fields.sourcePort ?? 1000,
  destinationPort: fields.destinationPort ?? 2000,
  length: fields.length ?? 'right',
  checksum: fields.checksum ?? 'right',
  payload: fields.payload ?? '',
});

/** A whole ICMP message from 10.0.0.1 to 10.0.0.2, an echo request with identifier 1000 but for what is said. */
export const icmp = (fields: Partial<Omit<Icmp, 'kind'>> = {}, header: Partial<Omit<Ipv4, 'kind' | 'payload'>> = {}): Ipv4 =>
  ipv4({
    source: '10.0.0.1',
    destination: '10.0.0.2',
    id: 1,
    payload: icmpOf(fields),
    ...header,
  });

const icmpOf = (fields: Partial<Omit<Icmp, 'kind'>>): Icmp => ({
  kind: 'icmp',
  type: fields.type ?? 8,
  code: fields.code ?? 0,
  checksum: fields.checksum ?? 'right',
  identifier: fields.identifier ?? 1000,
  sequence: fields.sequence ?? 1,
  payload: fields.payload ?? '',
});

/** A whole ICMPv6 message from fd00::1 to fd00::2, an echo request with identifier 1000 but for what is said. */
export const icmp6 = (fields: Partial<Omit<Icmp, 'kind'>> = {}, header: Partial<Omit<Ipv6, 'kind' | 'payload'>> = {}): Ipv6 =>
  ipv6({ source: 'fd00::1', destination: 'fd00::2', payload: icmpOf({ type: 128, ...fields }), ...header });

/** The "port unreachable" that quotes a packet, from a router to the packet's source unless a field of IP says otherwise. */
export const errorAbout = (packet: Ipv4, header: Partial<Omit<Ipv4, 'kind' | 'payload'>> = {}): Ipv4 => {
  const payload = writeHeader(packet) + slice(writeTransport(packet), 0, 8);
  return icmp({ type: 3, code: 3, identifier: 0, sequence: 0, payload }, { source: '198.51.100.254', destination: packet.source, ...header });
};

/** A whole TCP segment from 10.0.0.1:1000 to 10.0.0.2:2000, but for what is said: fields of TCP, then of IP. */
export const tcp = (fields: Partial<Omit<Tcp, 'kind'>> = {}, header: Partial<Omit<Ipv4, 'kind' | 'payload'>> = {}): Ipv4 =>
  ipv4({
    source: '10.0.0.1',
    destination: '10.0.0.2',
    id: 1,
    payload: {
      kind: 'tcp',
      sourcePort: fields.sourcePort ?? 1000,
      destinationPort: fields.destinationPort ?? 2000,
      sequence: fields.sequence ?? 0,
      acknowledgement: fields.acknowledgement ?? 0,
      reserved: fields.reserved ?? 0,
      flags: fields.flags ?? 'S',
      window: fields.window ?? 1000,
      checksum: fields.checksum ?? 'right',
      urgent: fields.urgent ?? 0,
      options: fields.options ?? '',
      payload: fields.payload ?? '',
    },
    ...header,
  });

/** What one end of a TCP connection says: flags, sequence number, acknowledgement, and what else is special. */
export type Speaker = (flags: TcpFlags, sequence: number, acknowledgement?: number, fields?: Partial<Omit<Tcp, 'kind'>>) => readonly Word[];

/** Both ends of a TCP connection of a tenant: 10.0.0.1:1000 behind its first device, 10.0.0.2:2000 behind its second. */
export const endsOf = (tenant: number): { readonly client: Speaker; readonly server: Speaker } => {
  const [near, far] = devicesOf(tenant);
  const back = { source: '10.0.0.2', destination: '10.0.0.1' } as const;
  return {
    client: (flags, sequence, acknowledgement = 0, fields = {}) => from(near, tcp({ ...fields, flags, sequence, acknowledgement })),
    server: (flags, sequence, acknowledgement = 0, fields = {}) =>
      from(far, tcp({ sourcePort: 2000, destinationPort: 1000, ...fields, flags, sequence, acknowledgement }, back)),
  };
};

/** The three segments that open a TCP connection: the client at 1000, the server at 5000. */
export const handshake = ({ client, server }: ReturnType<typeof endsOf>): readonly Word[] => [
  ...client('S', 1000),
  ...server('SA', 5000, 1001),
  ...client('A', 1001, 5001),
];

/**
 * A datagram in `count` pieces, of equal size but for the last; of IPv6 under the id 1. Throws a RangeError if it has
 * fewer blocks of 8 bytes than that, the transport's header included.
 */
export const fragmentsOf = <Datagram extends Ip>(datagram: Datagram, count: number): readonly Datagram[] => {
  const bytes = writeTransport(datagram);
  const blocks = Math.ceil(lengthOf(bytes) / 8);
  if (count > blocks) throw new RangeError(`fragmentsOf: ${lengthOf(bytes)} bytes do not make ${count} pieces`);
  const starts = Array.from({ length: count }, (_, piece) => Math.floor((blocks * piece) / count) * 8);
  return starts.map((offset, piece) => {
    const fields = { offset, mf: piece + 1 < count };
    const part = { kind: 'opaque', bytes: slice(bytes, offset, starts[piece + 1]), why: 'fragment' } as const;
    // One piece is no part of anything.
    const payload = count === 1 ? datagram.payload : part;
    if (datagram.kind === 'ipv4') return { ...datagram, ...fields, payload };
    return { ...datagram, extensions: [...datagram.extensions, { kind: 'fragment', id: 1, ...fields, reserved: 0 }], payload };
  });
};
