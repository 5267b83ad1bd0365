/**
 * The normal form: the same trace with the smallest names. Names are given in the order in which they first appear, so
 * that two reduced traces of one bug look alike.
 */
import { icmpTypes } from '../spec/icmp-types.ts';
import type { Event } from '../spec/trace/event.ts';
import type { Network } from '../spec/trace/network.ts';
import { type Address, type Bytes, fragmentOf, type Ip, lengthOf, type Packet, slice } from '../spec/trace/packet.ts';
import { isReaction } from '../spec/trace/reaction.ts';
import { UDP } from '../spec/trace/transport.ts';
import type { Trace } from '../spec/trace/trace.ts';
import { isIpv6 } from '../spec/wire/address.ts';
import { payloadStart } from '../spec/wire/transport.ts';
import type { Tuple } from '../spec/tuple.ts';
import { DEFAULT_ZONE, type ZoneId } from '../spec/zone.ts';
import { type Colour, LAST_PACKET, recoloured } from './colours.ts';
import { withCountedDevices, withLimitedZones } from './limits.ts';
import { isMartian } from './martian.ts';
import { withZoneIds as renamedIn } from './passes.ts';
import { isQuery, quotedAddresses, withQuotedAddresses, withQuotedPorts } from './quotes.ts';
import { translates, withCommandZones } from './tenants.ts';

/** Each gives one kind of thing its smallest names and leaves everything else as it is. */
export const renamings: readonly ((trace: Trace) => Trace)[] = [
  (trace) => withEventIds(trace),
  (trace) => withTenants(trace),
  (trace) => withZoneIds(trace),
  (trace) => withAddresses(trace),
  (trace) => withPorts(trace),
  (trace) => withSequences(trace),
  (trace) => withIdentifications(trace),
  (trace) => withColours(trace),
];

/** All of them. */
export const normalForm = (trace: Trace): Trace => renamings.reduce((named, rename) => rename(named), trace);

/** Gives what it is asked about the next name, and the same one when it is asked again. */
const naming = <Name>(nameFor: (index: number) => Name): ((old: number) => Name) => {
  const names = new Map<number, Name>();
  return (old) => {
    const name = names.get(old) ?? nameFor(names.size);
    names.set(old, name);
    return name;
  };
};

/** The trace with other packets. */
export const withPackets = (trace: Trace, change: (packet: Packet) => Packet): Trace => ({
  ...trace,
  events: trace.events.map((event) => (event.kind === 'receive' ? { ...event, packet: change(event.packet) } : event)),
});

/** The trace with other tuples in its commands. */
const withTuples = (trace: Trace, change: (tuple: Tuple) => Tuple): Trace => ({
  ...trace,
  events: trace.events.map((event): Event => {
    if (event.kind !== 'control') return event;
    if (event.command === 'create') return { ...event, original: change(event.original), reply: change(event.reply) };
    return event.command === 'get' || event.command === 'delete' ? { ...event, tuple: change(event.tuple) } : event;
  }),
});

const withHeaders = (trace: Trace, change: (packet: Ip) => Ip): Trace =>
  withPackets(trace, (packet) => (packet.kind === 'raw' ? packet : change(packet)));

const withEventIds = (trace: Trace): Trace => {
  const name = naming((index) => index + 1);
  return {
    ...trace,
    events: trace.events.map((event): Event => {
      const id = name(event.id);
      return isReaction(event) ? { ...event, id, to: name(event.to) } : { ...event, id };
    }),
  };
};

/** Tenants become 1, 2 ..., and their devices t1a, t1b ... */
const withTenants = (trace: Trace): Trace => {
  const number = naming((index) => index + 1);
  const names = new Map<string, string>();
  const tenants = trace.network.tenants.map((tenant) => ({
    number: number(tenant.number),
    devices: tenant.devices.map((device, index) => {
      const name = `t${number(tenant.number)}${index < 26 ? String.fromCodePoint(97 + index) : index}`;
      names.set(device, name);
      return name;
    }),
  }));
  const nameOf = (device: string): string => names.get(device) ?? device;
  const network: Network = {
    ...withCountedDevices(trace.network, nameOf),
    tenants,
    devices: trace.network.devices.map((device) => ({
      ...device,
      name: nameOf(device.name),
      exit: nameOf(device.exit),
      ...(device.routes && { routes: device.routes.map((route) => ({ ...route, exit: nameOf(route.exit) })) }),
      ...(device.peer !== undefined && { peer: nameOf(device.peer) }),
    })),
  };
  const events = trace.events.map((event) => (event.kind === 'receive' ? { ...event, device: nameOf(event.device) } : event));
  const known = new Set(trace.network.tenants.map((tenant) => tenant.number));
  return recolour({ ...trace, network, events }, (colour) =>
    known.has(colour.tenant) ? { ...colour, tenant: number(colour.tenant) } : colour,
  );
};

/** Zone 0 stays, whether it is said or not: it is the one that is special. */
const withZoneIds = (trace: Trace): Trace => {
  const next = naming((index) => index + 1);
  const name = (zone: ZoneId): ZoneId => (zone === DEFAULT_ZONE ? zone : next(zone));
  const devices = trace.network.devices.map((device) => renamedIn(device, name));
  const named = { ...trace, network: withLimitedZones({ ...trace.network, devices }, name) };
  return withCommandZones(named, name);
};

/** Martians stay: it matters that they are. Beyond 254 addresses the old ones stay, and where some have a meaning to translation. */
const withAddresses = (trace: Trace): Trace => {
  if (translates(trace.network)) return trace;
  const all = new Set<Address>();
  withHeaders(trace, (packet) => {
    for (const address of [packet.source, packet.destination, ...quotedAddresses(packet)]) if (!isMartian(address)) all.add(address);
    return packet;
  });
  withTuples(trace, (tuple) => {
    for (const address of [tuple.source, tuple.destination]) if (!isMartian(address)) all.add(address);
    return tuple;
  });
  if (all.size > 254) return trace;
  const names = new Map([...all].filter((address) => !isIpv6(address)).map((address, index) => [address, `10.0.0.${index + 1}`]));
  for (const [index, address] of [...all].filter(isIpv6).entries()) names.set(address, `fd00::${(index + 1).toString(16)}`);
  const nameOf = (address: Address): Address => names.get(address) ?? address;
  const retold = withTuples(trace, (tuple) => ({ ...tuple, source: nameOf(tuple.source), destination: nameOf(tuple.destination) }));
  return withHeaders(retold, (given) => {
    const packet = withQuotedAddresses(given, nameOf);
    const [source, destination] = [nameOf(packet.source), nameOf(packet.destination)];
    if (source === packet.source && destination === packet.destination) return packet;
    return { ...withoutChecksum(packet), source, destination };
  });
};

/** 1000, 2000 ...: distinct for the first 8192. Identifiers of ICMP are ports as well; in fragments they stay, and all under translation. */
const withPorts = (trace: Trace): Trace => {
  if (translates(trace.network)) return trace;
  const name = naming((index) => ((index + 1) * 1000) & 0xffff);
  const retold = withTuples(trace, (tuple) => {
    const sourcePort = name(tuple.sourcePort);
    // Type and code of ICMP are no names.
    return icmpTypes.has(tuple.protocol) ? { ...tuple, sourcePort } : { ...tuple, sourcePort, destinationPort: name(tuple.destinationPort) };
  });
  return withHeaders(retold, (given) => {
    const packet = withQuotedPorts(given, name);
    const { payload } = packet;
    if (payload.kind === 'icmp') return isQuery(payload) ? { ...packet, payload: { ...payload, identifier: name(payload.identifier) } } : packet;
    if ('sourcePort' in payload) {
      return { ...packet, payload: { ...payload, sourcePort: name(payload.sourcePort), destinationPort: name(payload.destinationPort) } };
    }
    if (payload.kind !== 'opaque' || !startsUdp(packet)) return packet;
    const old = slice(payload.bytes, 0, 4);
    const ports = [slice(old, 0, 2), slice(old, 2, 4)].map((port) => word(name(Number.parseInt(port, 16)))).join('');
    return ports === old ? packet : withoutChecksum({ ...packet, payload: { ...payload, bytes: ports + slice(payload.bytes, 4) } });
  });
};

/**
 * Each side of a TCP flow begins at 1000, whichever number is met first. Only the distances between a side's numbers
 * mean anything, so they stay. Selective acknowledgements stay as they are.
 */
const withSequences = (trace: Trace): Trace => {
  const starts = new Map<string, number>();
  const renamed = (side: string, number: number): number => {
    const start = starts.get(side) ?? number;
    starts.set(side, start);
    return (number - start + FIRST_SEQUENCE) >>> 0;
  };
  return withHeaders(trace, (packet) => {
    const { payload, source, destination } = packet;
    if (payload.kind !== 'tcp') return packet;
    const [near, far] = [`${source}:${payload.sourcePort}`, `${destination}:${payload.destinationPort}`];
    const sequence = renamed(`${near} to ${far}`, payload.sequence);
    const acknowledgement = payload.flags.includes('A') ? renamed(`${far} to ${near}`, payload.acknowledgement) : payload.acknowledgement;
    return { ...packet, payload: { ...payload, sequence, acknowledgement } };
  });
};

const FIRST_SEQUENCE = 1000;

const withIdentifications = (trace: Trace): Trace => {
  const name = naming((index) => (index + 1) & 0xffff);
  return withHeaders(trace, (packet) => {
    if (packet.kind === 'ipv4') return { ...packet, id: name(packet.id) };
    return { ...packet, extensions: packet.extensions.map((header) => (header.kind === 'fragment' ? { ...header, id: name(header.id) } : header)) };
  });
};

/** Colours number a tenant's packets from 1. */
const withColours = (trace: Trace): Trace => {
  const packetsOf = naming(() => naming((index) => Math.min(index + 1, LAST_PACKET)));
  return recolour(trace, (colour) => ({ ...colour, packet: packetsOf(colour.tenant)(colour.packet) }));
};

const recolour = (trace: Trace, other: (colour: Colour) => Colour): Trace =>
  withHeaders(trace, (packet) => {
    const { payload } = packet;
    if (payload.kind !== 'opaque') return { ...packet, payload: { ...payload, payload: recoloured(payload.payload, 0, other) } };
    const offset = (fragmentOf(packet)?.offset ?? 0) === 0 ? payloadStart(packet.protocol, payload.bytes) : 0;
    return { ...packet, payload: { ...payload, bytes: recoloured(payload.bytes, offset, other) } };
  });

/** A first fragment that holds a whole UDP header. */
export const startsUdp = <Packet extends Ip>(packet: Packet): packet is Packet & { readonly payload: { readonly kind: 'opaque' } } =>
  packet.protocol === UDP &&
  fragmentOf(packet)?.offset === 0 &&
  packet.payload.kind === 'opaque' &&
  packet.payload.why === 'fragment' &&
  lengthOf(packet.payload.bytes) >= 8;

/** A first fragment's UDP checksum would have to be computed over fragments that are elsewhere, so there is none. */
export const withoutChecksum = <Packet extends Ip>(packet: Packet): Packet => {
  if (!startsUdp(packet) || slice(packet.payload.bytes, 6, 8) === '0000') return packet;
  const bytes = `${slice(packet.payload.bytes, 0, 6)}0000${slice(packet.payload.bytes, 8)}`;
  return { ...packet, payload: { ...packet.payload, bytes } };
};

const word = (value: number): Bytes => value.toString(16).padStart(4, '0');
