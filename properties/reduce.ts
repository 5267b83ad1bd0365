/**
 * The reducer's moves: every way to make a trace a little smaller, the large steps first.
 *
 * It works on traces, so that generated, stored and captured ones all shrink. A move is valid by itself; whether what
 * it leads to still fails is for the gate to find out. Each one lowers the weight (weight.ts), so taking moves comes to an end.
 */
import { withBehind } from '../spec/extensions.ts';
import { same } from '../spec/plain.ts';
import type { Control, Event, EventId, Receive } from '../spec/trace/event.ts';
import type { Device, Network, Pass, Translation } from '../spec/trace/network.ts';
import { type Bytes, type Fragment as FragmentFields, fragmentOf, type Ip, type Ipv4, type Ipv6, isFragment, lengthOf, type Packet, slice } from '../spec/trace/packet.ts';
import { isReaction } from '../spec/trace/reaction.ts';
import type { Trace } from '../spec/trace/trace.ts';
import type { Tcp } from '../spec/trace/transport.ts';
import { inverse } from '../spec/tuple.ts';
import { withCountedDevices, withSimplerLimits } from './limits.ts';
import { normalForm, renamings, startsUdp, withoutChecksum, withPackets } from './normal-form.ts';
import { ofRules } from './passes.ts';
import { DEFAULT_TCP } from '../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS, TIMEOUT_NAMES } from '../spec/timeouts.ts';
import { eventsOf, setUpWell, tenantsOf } from './tenants.ts';
import { commandWeight, LOW_MARKS, networkWeight, plainFlags, sameTrace, USUAL_WINDOW } from './weight.ts';

/** Smaller traces, each with a lower weight than this one. */
export function* moves(trace: Trace): Generator<Trace> {
  yield* withoutTenants(trace);
  yield* withoutEvents(trace);
  yield* withFewerAdvances(trace);
  yield* withEarlierEnds(trace);
  yield* withFewerPieces(trace);
  yield* withShorterDatagrams(trace);
  yield* withSimplerPackets(trace);
  yield* withSimplerCommands(trace);
  yield* withSimplerNetwork(trace);
  yield* withSmallerNames(trace);
}

/** Without a tenant, its devices and its events. One stays. */
function* withoutTenants(trace: Trace): Generator<Trace> {
  if (trace.network.tenants.length < 2) return;
  for (const tenant of tenantsOf(trace)) {
    const given = new Set(trace.network.tenants.find(({ number }) => number === tenant)?.devices);
    const own = new Set(trace.network.devices.filter(({ name, peer = name }) => given.has(name) || given.has(peer)).map(({ name }) => name));
    const others = trace.network.devices.filter((device) => !own.has(device.name));
    if (others.some((device) => own.has(device.exit))) continue;
    const devices = others.map((device) => (device.routes ? { ...device, routes: device.routes.filter(({ exit }) => !own.has(exit)) } : device));
    const tenants = trace.network.tenants.filter(({ number }) => number !== tenant);
    const events = without(trace.events, new Set(eventsOf(tenant, trace).map((event) => event.id)));
    const network = withCountedDevices({ ...trace.network, devices, tenants }, (device) => (own.has(device) ? undefined : device));
    yield { ...trace, network, events };
  }
}

/** Without a half of the events, a quarter, ... a single one. */
function* withoutEvents(trace: Trace): Generator<Trace> {
  const { events } = trace;
  for (let size = Math.ceil(events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = events.length; end > 0; end -= size) {
      const gone = new Set(events.slice(Math.max(0, end - size), end).map((event) => event.id));
      yield { ...trace, events: without(events, gone) };
    }
  }
}

/** What is made of an event that is gone goes too. */
const without = (events: readonly Event[], ids: ReadonlySet<EventId>): readonly Event[] => {
  const gone = new Set(ids);
  for (const event of events) if (isReaction(event) && gone.has(event.to)) gone.add(event.id);
  return events.filter((event) => !gone.has(event.id));
};

/** Neighbours in one, and each shorter: half, or whole seconds. */
function* withFewerAdvances(trace: Trace): Generator<Trace> {
  const { events } = trace;
  for (const [index, event] of events.entries()) {
    if (event.kind !== 'advance') continue;
    const { milliseconds } = event;
    const next = events[index + 1];
    if (next?.kind === 'advance') {
      yield { ...trace, events: events.toSpliced(index, 2, { ...event, milliseconds: milliseconds + next.milliseconds }) };
    }
    for (const shorter of new Set([Math.floor(milliseconds / 2000) * 1000, Math.floor(milliseconds / 1000) * 1000])) {
      if (shorter > 0 && shorter < milliseconds) yield { ...trace, events: events.with(index, { ...event, milliseconds: shorter }) };
    }
  }
}

type Fragment = Receive & { readonly packet: Ip & { readonly payload: { readonly kind: 'opaque' } } };

const isFragmentEvent = (event: Event): event is Fragment =>
  event.kind === 'receive' && event.packet.kind !== 'raw' && isFragment(event.packet) && event.packet.payload.kind === 'opaque';

const fieldsOf = ({ packet }: Fragment): FragmentFields => fragmentOf(packet) ?? { id: 0, offset: 0, mf: false };

const datagramOf = (event: Fragment): string =>
  `${event.packet.source} ${event.packet.destination} ${fieldsOf(event).id} ${event.packet.kind === 'ipv4' ? event.packet.protocol : ''}`;

const endOf = (event: Fragment): number => fieldsOf(event).offset + lengthOf(event.packet.payload.bytes);

/** The same fragment with other fields and bytes. */
const refitted = <Packet extends Fragment['packet']>(packet: Packet, fields: Partial<FragmentFields>, bytes = packet.payload.bytes): Packet => {
  const payload = { ...packet.payload, bytes };
  if (packet.kind === 'ipv4') return { ...packet, ...fields, payload };
  const extensions = packet.extensions.map((header, index, all) => (index === all.length - 1 ? { ...header, ...fields } : header));
  return { ...packet, extensions, payload };
};

/** A fragment made the last of its datagram, without those behind it, whoever sent them. */
function* withEarlierEnds(trace: Trace): Generator<Trace> {
  for (const event of trace.events) {
    if (!isFragmentEvent(event) || !fieldsOf(event).mf || fieldsOf(event).offset === 0) continue;
    const behind = trace.events.filter(
      (other) => isFragmentEvent(other) && datagramOf(other) === datagramOf(event) && fieldsOf(other).offset >= endOf(event),
    );
    if (behind.length === 0) continue;
    const events = trace.events.map((other) => (other === event ? { ...event, packet: refitted(event.packet, { mf: false }) } : other));
    yield { ...trace, events: without(events, new Set(behind.map(({ id }) => id))) };
  }
}

/** Two fragments that continue each other in one, which stands where one of them stood. */
function* withFewerPieces(trace: Trace): Generator<Trace> {
  const starts = new Map<string, Fragment>();
  const place = (event: Fragment, at: number): string => `${event.device} ${datagramOf(event)} ${at}`;
  const fragments = trace.events.filter(isFragmentEvent);
  for (const event of fragments) starts.set(place(event, fieldsOf(event).offset), event);
  for (const before of fragments) {
    const after = starts.get(place(before, endOf(before)));
    // Both in one must still be a fragment.
    if (!after || after === before || (fieldsOf(before).offset === 0 && !fieldsOf(after).mf)) continue;
    const bytes = before.packet.payload.bytes + after.packet.payload.bytes;
    const packet = refitted(before.packet, { mf: fieldsOf(after).mf }, bytes);
    for (const [stays, goes] of [[before, after], [after, before]] as const) {
      const events = trace.events.map((event) => (event === stays ? { ...stays, packet } : event));
      yield { ...trace, events: without(events, new Set([goes.id])) };
    }
  }
}

/**
 * With blocks cut out of a datagram, in all of its fragments, whoever sent them: each piece in turn is left its first
 * block, or its first half. The first fragment's UDP length follows.
 */
function* withShorterDatagrams(trace: Trace): Generator<Trace> {
  const fragments = trace.events.filter(isFragmentEvent);
  const tried = new Set<string>();
  for (const event of fragments) {
    const { offset } = fieldsOf(event);
    const end = endOf(event);
    for (const start of [offset + 8, offset + Math.ceil((end - offset) / 16) * 8]) {
      const key = `${datagramOf(event)} ${start} ${end}`;
      if (start >= end || tried.has(key)) continue;
      tried.add(key);
      const shorter = withoutBlocks(trace, datagramOf(event), start, end);
      if (shorter) yield shorter;
    }
  }
}

/** Undefined if a fragment would be left empty, or offsets would not be multiples of 8. */
const withoutBlocks = (trace: Trace, datagram: string, start: number, end: number): Trace | undefined => {
  let possible = true;
  const events = trace.events.map((event): Event => {
    if (!isFragmentEvent(event) || datagramOf(event) !== datagram) return event;
    const { payload } = event.packet;
    const { offset, mf } = fieldsOf(event);
    const bytes = slice(payload.bytes, 0, Math.max(0, start - offset)) + slice(payload.bytes, Math.max(0, end - offset));
    const moved = offset - Math.max(0, Math.min(offset, end) - start);
    possible &&= moved % 8 === 0 && (bytes !== '' || payload.bytes === '');
    possible &&= moved > 0 || mf;
    return { ...event, packet: shortened(refitted(event.packet, { offset: moved }, bytes), end - start) };
  });
  return possible ? { ...trace, events } : undefined;
};

/** A first fragment whose UDP header says that there are so many bytes less. */
const shortened = (packet: Ip, bytes: number): Ip => {
  if (!startsUdp(packet)) return packet;
  const old = packet.payload.bytes;
  const length = Math.max(0, Number.parseInt(slice(old, 4, 6), 16) - bytes);
  return withoutChecksum({ ...packet, payload: { ...packet.payload, bytes: slice(old, 0, 4) + length.toString(16).padStart(4, '0') + slice(old, 6) } });
};

/** Each simplification on all packets, then on each. */
function* withSimplerPackets(trace: Trace): Generator<Trace> {
  for (const simpler of SIMPLIFICATIONS) {
    const changed = trace.events.filter((event) => event.kind === 'receive' && simpler(event.packet) !== event.packet);
    if (changed.length > 1) yield withPackets(trace, simpler);
    for (const one of changed) {
      const events = trace.events.map((event) => (event === one && event.kind === 'receive' ? { ...event, packet: simpler(event.packet) } : event));
      yield { ...trace, events };
    }
  }
}

/** The usual reply, the least timeout, one bucket. */
function* withSimplerCommands(trace: Trace): Generator<Trace> {
  const { events } = trace;
  for (const [index, event] of events.entries()) {
    if (event.kind !== 'control') continue;
    const simpler = simplerCommands(event).filter((command) => commandWeight(command) < commandWeight(event));
    for (const command of simpler) yield { ...trace, events: events.with(index, command) };
  }
}

const simplerCommands = (event: Control): readonly Control[] => [...withSimplerZone(event), ...withSimplerDeed(event)];

const withSimplerZone = (event: Control): readonly Control[] => {
  if (event.command === 'flush' || event.command === 'dump' || event.command === 'resize') return [];
  const { besides: _, ...alone } = event;
  return [alone, { ...event, ...(event.zone && { zone: { ...event.zone, counts: 'both' } }) }];
};

const withSimplerDeed = (event: Control): readonly Control[] => {
  if (event.command === 'resize') return [{ ...event, buckets: 1 }];
  if (event.command !== 'create') return [];
  const { protoinfo: _, ...unknown } = event;
  return [
    unknown,
    { ...event, reply: inverse(event.original) ?? event.reply },
    { ...event, timeoutMs: 1000 },
    { ...event, timeoutMs: Math.ceil(event.timeoutMs / 2000) * 1000 },
  ];
};

/** Gives the same object where there is nothing to simplify. */
type Simplification = (packet: Packet) => Packet;

const field =
  <Name extends keyof Ipv4>(name: Name, simple: Ipv4[Name]): Simplification =>
  (packet) =>
    packet.kind !== 'ipv4' || packet[name] === simple ? packet : { ...packet, [name]: simple };

const field6 =
  <Name extends keyof Ipv6>(name: Name, simple: Ipv6[Name]): Simplification =>
  (packet) =>
    packet.kind !== 'ipv6' || packet[name] === simple ? packet : { ...packet, [name]: simple };

/** Without the extension headers that nothing depends on, or with clear bits in those that stay. */
const plainHeaders: Simplification = (packet) => {
  if (packet.kind !== 'ipv6' || packet.length !== 'right') return packet;
  const extensions = packet.extensions.flatMap((header) => (header.kind !== 'fragment' ? [] : header.reserved === 0 ? [header] : [{ ...header, reserved: 0 }]));
  return extensions.length === packet.extensions.length && extensions.every((header, index) => header === packet.extensions[index]) ? packet : { ...packet, extensions };
};

/** Keeps the first bytes of whole packets: a number of them, or a function of how many there are. */
const payloadCut =
  (keep: (length: number) => number): Simplification =>
  (packet) => {
    if (packet.kind === 'raw') return packet;
    const { payload } = packet;
    if (payload.kind === 'opaque') {
      const bytes = cut(payload.bytes, keep);
      if (bytes === payload.bytes || payload.why === 'fragment') return packet;
      // What is missing of a header may be another part of it now.
      if (packet.kind === 'ipv6' && payload.why === 'header-length') return withBehind(packet, packet.extensions, packet.protocol, bytes);
      return { ...packet, payload: { ...payload, bytes } };
    }
    const bytes = cut(payload.payload, keep);
    const nowTrue = payload.kind === 'udp' && payload.length !== 'right' && payload.length.claimed === 8 + lengthOf(bytes);
    return bytes === payload.payload || nowTrue ? packet : { ...packet, payload: { ...payload, payload: bytes } };
  };

const cut = (bytes: Bytes, keep: (length: number) => number): Bytes => {
  const kept = keep(lengthOf(bytes));
  return kept < lengthOf(bytes) ? slice(bytes, 0, kept) : bytes;
};

/** Fewer bytes for the same reason not to be IPv4. */
const shortRaw: Simplification = (packet) => {
  const least = packet.kind === 'raw' && packet.why === 'short' ? 0 : 20;
  return packet.kind === 'raw' && lengthOf(packet.bytes) > least ? { ...packet, bytes: slice(packet.bytes, 0, least) } : packet;
};

const soundTransport: Simplification = (packet) => {
  if (packet.kind === 'raw' || packet.payload.kind === 'opaque') return packet;
  const { payload } = packet;
  if (payload.kind === 'udp' && payload.length !== 'right') return { ...packet, payload: { ...payload, length: 'right', checksum: 'right' } };
  if (payload.kind === 'udp-lite' && payload.coverage !== 0) return { ...packet, payload: { ...payload, coverage: 0 } };
  return payload.checksum === 'right' ? packet : { ...packet, payload: { ...payload, checksum: 'right' } };
};

/** A change of whole segments; gives the same object where there is nothing to change. */
const ofTcp =
  (simpler: (tcp: Tcp) => Partial<Tcp>): Simplification =>
  (packet) => {
    if (packet.kind === 'raw' || packet.payload.kind !== 'tcp') return packet;
    const payload = { ...packet.payload, ...simpler(packet.payload) };
    return same(payload, packet.payload) ? packet : { ...packet, payload };
  };

const SIMPLIFICATIONS: readonly Simplification[] = [
  payloadCut(() => 0),
  payloadCut(() => 8),
  payloadCut((length) => Math.floor(length / 16) * 8),
  shortRaw,
  ofTcp(() => ({ options: '' })),
  ofTcp((tcp) => ({ urgent: 0, reserved: 0, flags: plainFlags(tcp) })),
  ofTcp(() => ({ window: USUAL_WINDOW })),
  ofTcp(({ flags, acknowledgement }) => ({ acknowledgement: flags.includes('A') ? acknowledgement : 0 })),
  field('options', ''),
  field('trailer', ''),
  plainHeaders,
  field6('trailer', ''),
  field6('trafficClass', 0),
  field6('hopLimit', 64),
  field6('flowLabel', 0),
  field('checksum', 'right'),
  soundTransport,
  field('tos', 0),
  field('ttl', 64),
  field('df', false),
  field('reserved', false),
  (packet) => (packet.kind === 'raw' ? packet : withoutChecksum(packet)),
];

function* withSimplerNetwork(trace: Trace): Generator<Trace> {
  const { network } = trace;
  const candidates: readonly Network[] = [
    { ...network, fragments: { ...network.fragments, distance: 0 } },
    { ...network, fragments: { ...network.fragments, memoryBytes: 0 } },
    ...ofToday(network),
    ...withSimplerLimits(network),
    { ...network, timeouts: DEFAULT_TIMEOUTS },
    ...TIMEOUT_NAMES.map((name) => ({ ...network, timeouts: { ...network.timeouts, [name]: DEFAULT_TIMEOUTS[name] } })),
    { ...network, tcp: DEFAULT_TCP },
    { ...network, tcp: { ...network.tcp, loose: DEFAULT_TCP.loose } },
    { ...network, tcp: { ...network.tcp, liberal: DEFAULT_TCP.liberal } },
    { ...network, tcp: { ...network.tcp, maxRetrans: DEFAULT_TCP.maxRetrans } },
    { ...network, tcp: { ...network.tcp, ignoreInvalidRst: DEFAULT_TCP.ignoreInvalidRst } },
    ...plainerDevices(network.devices).map((devices) => ({ ...network, devices })),
    ...network.devices.flatMap((device, index) => simplerDevices(device).map((simpler) => ({ ...network, devices: network.devices.with(index, simpler) }))),
  ];
  for (const candidate of candidates) if (networkWeight(candidate) < networkWeight(network)) yield { ...trace, network: candidate };
}

/** Without help, with less translation, of either version of IP, and without an address that nothing needs. */
const simplerDevices = (device: Device): readonly Device[] => {
  const { helper, ...alone } = device;
  return [...(helper ? [alone] : []), ...lessTranslated(device)];
};

const lessTranslated = ({ address, address6, nat, nat6, ...bare }: Device): readonly Device[] => {
  const [four, six] = [halfOf(address, nat), halfOf(address6, nat6)];
  return [
    ...simplerHalves(four).map((simpler) => withHalves(bare, simpler, six)),
    ...simplerHalves(six).map((simpler) => withHalves(bare, four, simpler)),
  ];
};

/** What a device has of one version of IP. */
type Half = Pick<Device, 'address' | 'nat'>;

const halfOf = (address: Device['address'], nat: Device['nat']): Half => ({ ...(address !== undefined && { address }), ...(nat && { nat }) });

const withHalves = (bare: Device, four: Half, six: Half): Device => ({
  ...bare,
  ...(four.address !== undefined && { address: four.address }),
  ...(six.address !== undefined && { address6: six.address }),
  ...(four.nat && { nat: four.nat }),
  ...(six.nat && { nat6: six.nat }),
});

const simplerHalves = (half: Half): readonly Half[] => {
  const { address, nat } = half;
  if (!nat) return address === undefined ? [] : [{}];
  const { destination, source } = nat;
  const needsOwn = destination?.to === 'own' || source?.to === 'own';
  return [
    {},
    { ...half, nat: {} },
    ...(address !== undefined && !needsOwn ? [{ nat }] : []),
    ...(destination && source ? [{ ...half, nat: { destination } }, { ...half, nat: { source } }] : []),
    ...simplerTranslations(destination).map((simpler) => ({ ...half, nat: { ...nat, destination: simpler } })),
    ...simplerTranslations(source).map((simpler) => ({ ...half, nat: { ...nat, source: simpler } })),
  ];
};

const simplerTranslations = (rule: Translation | undefined): readonly Translation[] => {
  if (!rule) return [];
  const { to, ports } = rule;
  return [
    ...(ports ? [{ to }, { to, ports: { from: ports.from, to: ports.from } }] : []),
    ...(to === 'own' ? [] : [{ ...rule, to: { from: to.from, to: to.from } }]),
  ];
};

const ofToday = (network: Network): readonly Network[] => {
  const { extensions: _, ...roomy } = network;
  const { era: __, ...today } = roomy;
  return [today, roomy];
};

/** Every device set up well, or one of them; without one of its rules; and all that is odd about rules, one kind of it for all. */
const plainerDevices = (devices: readonly Device[]): readonly (readonly Device[])[] => [
  devices.map(setUpWell),
  ...devices.map((device, index) => devices.with(index, setUpWell(device))),
  ...devices.flatMap((device, index) => withoutOneRule(device).map((plainer) => devices.with(index, plainer))),
  ...PLAINER.map((plainer) => devices.map((device) => ({ ...device, passes: device.passes.map(plainer) }))),
];

const withoutOneRule = (device: Device): readonly Device[] => {
  const [pass] = device.passes;
  return (pass?.rules ?? []).map((_, index, rules) => {
    const left = rules.toSpliced(index, 1);
    const { rules: _rules, ...others } = pass ?? { assigned: 'before-defragmentation' };
    return { ...device, passes: [left.length === 0 ? others : { ...others, rules: left }] };
  });
};

const PLAINER: readonly ((pass: Pass) => Pass)[] = [
  (pass) => ({ ...ofRules((rule) => ({ ...rule, assigned: 'before-defragmentation' }))(pass), assigned: 'before-defragmentation' }),
  (pass) => ({ ...pass, assigned: 'before-defragmentation' }),
  (pass) => ({ ...pass, ...(pass.zone && { zone: { ...pass.zone, counts: 'both' } }) }),
  ofRules((rule) => ({ ...rule, language: 'nft' })),
  ofRules((rule) => {
    if (rule.does === 'zone') return { ...rule, zone: { ...rule.zone, counts: 'both' } };
    if (rule.does === 'mark') return { ...rule, mark: rule.mark % LOW_MARKS };
    return rule.does === 'zone-from-mark' ? { ...rule, counts: 'both' } : rule;
  }),
];

/** The normal form, or as much of it as goes alone. */
function* withSmallerNames(trace: Trace): Generator<Trace> {
  for (const rename of [normalForm, ...renamings]) {
    const renamed = rename(trace);
    if (!sameTrace(renamed, trace)) yield renamed;
  }
}
