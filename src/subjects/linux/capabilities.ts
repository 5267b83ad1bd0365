/**
 * What the Linux subject can play, what of it can be compared with the model, and why not otherwise.
 */
import type { Capabilities } from '../../../properties/subject.ts';
import { translates } from '../../../properties/tenants.ts';
import { anachronism, eraOf, TODAY } from '../../../spec/era.ts';
import { lengthOfAll, unfragmentable, withBehind } from '../../../spec/extensions.ts';
import { fragmentOf, headerLength, type Ipv6, isFragment, lengthOf, type Packet } from '../../../spec/trace/packet.ts';
import { REFERENCE } from '../../../spec/profile.ts';
import { TIMEOUT_NAMES } from '../../../spec/timeouts.ts';
import { transportLength } from '../../../spec/wire/transport.ts';
import { COMMANDS, type Control } from '../../../spec/trace/event.ts';
import { MOST_SECONDS } from '../../../spec/trace/outcome.ts';
import { SCTP, TCP } from '../../../spec/trace/transport.ts';
import type { Trace } from '../../../spec/trace/trace.ts';
import { DEFAULT_ZONE } from '../../../spec/zone.ts';
import { MOST_TIMEOUT_MS } from './conntrack.ts';
import { limitsProblem } from './counters.ts';
import { exitsOf, isPrefix } from './namespace.ts';
import { type Arrived, areMixedUp } from './streams.ts';
import { MOST_PIECES, MTU, type PortKind } from './ports.ts';
import { queueZoneAt } from './queues.ts';

const CLOCK_MS = 1000;
const MOST_ZONE = 65_535;
const MOST_DEVICES = 32;
/** The backlog of a veth holds 1000 packets. */
const PIECES_THROUGH_A_PAIR = 500;

const sizeOf = (packet: Packet): number => {
  if (packet.kind === 'raw') return lengthOf(packet.bytes);
  const { payload, trailer } = packet;
  return headerLength(packet) + transportLength(payload) + lengthOf(trailer);
};

const packetsOf = ({ events }: Trace): Packet[] => events.flatMap((event) => (event.kind === 'receive' ? [event.packet] : []));

const arrivedIn = ({ network, events }: Trace): Arrived[] => {
  const zones = new Map(network.devices.map((device) => [device.name, queueZoneAt(device)]));
  return events.flatMap((event) => (event.kind === 'receive' ? [{ packet: event.packet, zone: zones.get(event.device) ?? DEFAULT_ZONE }] : []));
};

const advancedMs = ({ events }: Trace): number =>
  events.reduce((sum, event) => sum + (event.kind === 'advance' ? event.milliseconds : 0), 0);

const controlProblem = (event: Control): string | undefined => {
  if (event.command === 'flush' && (event.zone ?? 0) > MOST_ZONE) return 'a number of more than 16 bits for a zone, which ctnetlink has no room for';
  if (event.command === 'resize') return "a resize, because the kernel's table has one size for the whole machine";
  if (event.command !== 'create') return undefined;
  if (event.timeoutMs < CLOCK_MS || event.timeoutMs > MOST_TIMEOUT_MS) return `a timeout below ${CLOCK_MS} or above ${MOST_TIMEOUT_MS} ms`;
  return event.timeoutMs % CLOCK_MS === 0 ? undefined : `a timeout that is no multiple of ${CLOCK_MS} ms`;
};

const excludes =
  (ports: PortKind, counts: boolean, helps: boolean) =>
  (trace: Trace): string | undefined => {
    const { devices, timeouts } = trace.network;
    if (!helps && devices.some(({ helper }) => helper)) return 'a helper of FTP, which this kernel does not have (nf_conntrack_ftp)';
    if (eraOf(trace.network) !== TODAY) return 'the semantics of another era than this kernel is of';
    const problem = anachronism(trace.network);
    if (problem !== undefined) return problem;
    const limited = limitsProblem(trace, counts);
    if (limited !== undefined) return limited;
    if (devices.length > MOST_DEVICES) return `more than ${MOST_DEVICES} devices`;
    if (devices.some(({ passes }) => passes.length !== 1)) return 'a device with more or less than one pass';
    if (devices.some(({ helper }) => helper) && translates(trace.network)) return 'FTP that is helped and translated: the kernel rewrites what it announces, each time with a port of another choice';
    if (exitsOf(trace.network).some((exit, index) => exit < 0 || exit === index)) return 'a device without another as its exit';
    if (devices.some(({ routes = [] }) => !routes.every(({ to }) => isPrefix(to)))) return 'a route that is no prefix';
    const ends = new Set(devices.flatMap(({ name, peer }) => (peer === undefined ? [] : [name])));
    if (trace.events.some((event) => event.kind === 'receive' && ends.has(event.device))) return 'a packet that is put in at one of a pair of devices';
    for (const ms of TIMEOUT_NAMES.map((name) => timeouts[name])) {
      if (ms % CLOCK_MS !== 0) return `a timeout that is no multiple of ${CLOCK_MS} ms`;
    }
    // Longer timeouts are set to the longest one, and never end.
    if (advancedMs(trace) >= MOST_TIMEOUT_MS) return `more than ${MOST_TIMEOUT_MS} ms`;
    if (trace.events.some((event) => event.kind === 'advance' && event.milliseconds % CLOCK_MS !== 0)) {
      return `an advance that is no multiple of ${CLOCK_MS} ms`;
    }
    for (const event of trace.events) {
      const problem = event.kind === 'control' ? controlProblem(event) : undefined;
      if (problem !== undefined) return problem;
    }
    const packets = packetsOf(trace);
    if (packets.some((packet) => sizeOf(packet) > MTU)) return `a packet of more than ${MTU} bytes, its trailer included`;
    const pieces = ends.size > 0 ? PIECES_THROUGH_A_PAIR : MOST_PIECES[ports];
    if (pieces !== undefined && packets.filter((packet) => packet.kind !== 'raw' && fragmentOf(packet)?.mf).length >= pieces) {
      return `fragments for a datagram of more than ${pieces} pieces, by a pair of devices or where there are no TUN devices`;
    }
    return undefined;
  };

const incomparable =
  (ports: PortKind, setsPolicies: boolean) =>
  (trace: Trace): string | undefined => {
    const { devices, fragments, timeouts } = trace.network;
    if (fragments.memoryBytes > 0) return 'the kernel counts its own buffers against the memory limit of fragments';
    if (fragments.distance > 0 && advancedMs(trace) >= timeouts.fragmentMs) {
      return 'the restart of a fragment timer by the distance limit cannot be observed';
    }
    const leastMs = Math.min(timeouts.fragmentMs, timeouts.fragment6Ms);
    if (devices.some(({ peer }) => peer !== undefined) && advancedMs(trace) >= leastMs && packetsOf(trace).some((packet) => packet.kind !== 'raw' && isFragment(packet))) {
      return 'when pieces began to wait behind a pair of devices cannot be observed, so they would not expire in time';
    }
    const listed = trace.events.some((event) => event.kind === 'control' && (event.command === 'get' || event.command === 'dump'));
    if (listed && advancedMs(trace) > MOST_TIMEOUT_MS - MOST_SECONDS * 1000 && Object.values(timeouts).some((ms) => ms > MOST_TIMEOUT_MS)) {
      return 'a list near the end of a timer that is longer than the kernel can be given';
    }
    // Packets that come by a veth have no room in front for a longer header than their own.
    if (ports === 'packet' && packetsOf(trace).some((packet) => packet.kind === 'ipv4' && packet.mf && packet.options !== '')) {
      return 'without TUN devices the kernel cuts fragments anew under a first one with options';
    }
    if (advancedMs(trace) > 0 && packetsOf(trace).some(leavesAnEmptyQueue)) return 'a queue of IPv6 fragments that holds nothing cannot be told from none';
    // Of what is never looked at again nobody sees how long it would have lived.
    if ((advancedMs(trace) > 0 || listed) && areMixedUp(arrivedIn(trace))) return 'fragments of UDP-Lite and of something else under one name: which setting they need is not known';
    if (packetsOf(trace).some(namesNextAmiss)) return 'behind 256 bytes of headers the kernel drops a fragment header, and names the next one in a wrong place';
    if (headroomNeeded(packetsOf(trace)) > HEADROOM[ports]) return 'where IPv6 headers of pieces differ, the kernel cuts them anew if there is no room in front';
    if (!setsPolicies && advancedMs(trace) > 0 && packetsOf(trace).some((packet) => packet.kind !== 'raw' && packet.protocol === TCP)) {
      return 'the timer of simultaneous opens cannot be set where the kernel has no timeout policies (nfnetlink_cttimeout)';
    }
    if (!setsPolicies && advancedMs(trace) > 0 && trace.events.some((event) => event.kind === 'control' && event.command === 'create' && event.original.protocol === SCTP)) {
      return 'nor can the timer of an SCTP association without a state';
    }
    return undefined;
  };

/** The place of the header in front is kept in a byte (find_prev_fhdr(), prev_nhoff), so any one below 256 may be overwritten. */
const namesNextAmiss = (packet: Packet): boolean => {
  if (packet.kind !== 'ipv6') return false;
  const index = packet.extensions.findIndex(({ kind }) => kind === 'fragment');
  return index > 0 && 40 + lengthOfAll(packet.extensions.slice(0, index - 1)) > 255;
};

/** A fragment that is refused, whatever its queue holds, and says of no byte that it is there. */
const leavesAnEmptyQueue = (packet: Packet): boolean =>
  packet.kind === 'ipv6' &&
  packet.extensions.some((header) => header.kind === 'fragment' && (header.offset + bytesBehindFragment(packet) > 65_535 || (header.offset === 0 && bytesBehindFragment(packet) === 0)));

/** Counted from behind the first fragment header. */
const bytesBehindFragment = ({ extensions, payload }: Ipv6): number =>
  lengthOfAll(extensions.slice(extensions.findIndex(({ kind }) => kind === 'fragment') + 1)) + transportLength(payload);

/** How many bytes longer than its own the headers of a piece may become, as the kernel allocates what comes by a port. */
const HEADROOM: Readonly<Record<PortKind, number>> = { tun: 48, packet: 0 };

/** The most that a piece may have to carry, less the least that one came with. */
const headroomNeeded = (packets: readonly Packet[]): number => {
  let [most, least] = [0, Number.POSITIVE_INFINITY];
  for (const packet of packets) {
    if (packet.kind !== 'ipv6') continue;
    const index = packet.extensions.findIndex(({ kind }) => kind === 'fragment');
    if (index < 0) continue;
    least = Math.min(least, lengthOfAll(packet.extensions.slice(0, index)));
    most = Math.max(most, carriedBy(packet, index));
  }
  return most - least;
};

/** The headers that every piece has to carry of a datagram that this packet begins. */
const carriedBy = (packet: Ipv6, index: number): number => {
  const bytes = packet.payload.kind === 'opaque' ? packet.payload.bytes : '';
  const whole = withBehind(packet, packet.extensions.filter((_, place) => place !== index), packet.protocol, bytes);
  return lengthOfAll(whole.extensions.slice(0, unfragmentable(whole)));
};

/**
 * `setsPolicies` says whether the timeouts can be set that only policies set, `counts` whether there are rules that count
 * connections, `helps` whether there is a helper of FTP.
 */
export const capabilitiesOf = (ports: PortKind, setsPolicies: boolean, counts: boolean, helps: boolean): Capabilities => ({
  clockMs: CLOCK_MS,
  ipv6: true,
  nat: true,
  nat6: true,
  helpers: helps,
  pairs: true,
  // nf_nat_core.c find_best_ips_proto(): a hash of source, destination, and the zone.
  addressByZone: true,
  rawBytes: true,
  labels: true,
  // The number of buckets is one for the whole machine, and only its initial namespace may write it.
  commands: COMMANDS.filter((command) => command !== 'resize'),
  zones: { from: 1, to: 65_535 },
  rules: true,
  eras: [TODAY],
  // Whatever is counted has to be waited for, and each network with counters has a namespace of its own.
  limits: counts ? { counters: 3 } : {},
  devices: MOST_DEVICES,
  profile: { ...REFERENCE, udpStream: 'never', udpLiteChecksum: 'linux', tcpLongTimer: 'two-seconds' },
  excludes: excludes(ports, counts, helps),
  incomparable: incomparable(ports, setsPolicies),
});
