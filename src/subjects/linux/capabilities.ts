/**
 * What the Linux subject can play, what of it can be compared with the model, and why not otherwise.
 */
import type { Capabilities } from '../../../properties/subject.ts';
import { headerLength, lengthOf, type Packet } from '../../../spec/trace/packet.ts';
import { TIMEOUT_NAMES } from '../../../spec/timeouts.ts';
import { transportLength } from '../../../spec/wire/transport.ts';
import { COMMANDS, type Control } from '../../../spec/trace/event.ts';
import { MOST_SECONDS } from '../../../spec/trace/outcome.ts';
import { TCP } from '../../../spec/trace/transport.ts';
import type { Trace } from '../../../spec/trace/trace.ts';
import { MOST_TIMEOUT_MS } from './conntrack.ts';
import { exitsOf } from './namespace.ts';
import { MOST_PIECES, MTU, type PortKind } from './ports.ts';

const CLOCK_MS = 1000;
const MOST_DEVICES = 32;

const sizeOf = (packet: Packet): number => {
  if (packet.kind === 'raw') return lengthOf(packet.bytes);
  const { payload, trailer } = packet;
  return headerLength(packet) + transportLength(payload) + lengthOf(trailer);
};

const packetsOf = ({ events }: Trace): Packet[] => events.flatMap((event) => (event.kind === 'receive' ? [event.packet] : []));

const advancedMs = ({ events }: Trace): number =>
  events.reduce((sum, event) => sum + (event.kind === 'advance' ? event.milliseconds : 0), 0);

const controlProblem = (event: Control): string | undefined => {
  if (event.command === 'resize') return "a resize, because the kernel's table has one size for the whole machine";
  if ('tuple' in event || 'original' in event) {
    if (event.zone && event.zone.counts !== 'both') return 'a command for a zone that counts in one direction';
  }
  if (event.command !== 'create') return undefined;
  if (event.timeoutMs < CLOCK_MS || event.timeoutMs > MOST_TIMEOUT_MS) return `a timeout below ${CLOCK_MS} or above ${MOST_TIMEOUT_MS} ms`;
  return event.timeoutMs % CLOCK_MS === 0 ? undefined : `a timeout that is no multiple of ${CLOCK_MS} ms`;
};

const excludes =
  (ports: PortKind) =>
  (trace: Trace): string | undefined => {
    const { devices, timeouts } = trace.network;
    if (devices.length > MOST_DEVICES) return `more than ${MOST_DEVICES} devices`;
    if (devices.some(({ passes }) => passes.length !== 1)) return 'a device with more or less than one pass';
    if (exitsOf(trace.network).some((exit, index) => exit < 0 || exit === index)) return 'a device without another as its exit';
    for (const ms of TIMEOUT_NAMES.map((name) => timeouts[name])) {
      if (ms % CLOCK_MS !== 0) return `a timeout that is no multiple of ${CLOCK_MS} ms`;
    }
    // Longer timeouts are set to the longest one, and never end.
    if (advancedMs(trace) >= MOST_TIMEOUT_MS) return `more than ${MOST_TIMEOUT_MS} ms`;
    if (advancedMs(trace) > 0 && devices.some(({ passes: [pass] }) => pass?.zone && pass.zone.counts !== 'both')) {
      return 'time together with zones that count in one direction: a tuple does not always name one connection then';
    }
    if (trace.events.some((event) => event.kind === 'advance' && event.milliseconds % CLOCK_MS !== 0)) {
      return `an advance that is no multiple of ${CLOCK_MS} ms`;
    }
    for (const event of trace.events) {
      const problem = event.kind === 'control' ? controlProblem(event) : undefined;
      if (problem !== undefined) return problem;
    }
    const packets = packetsOf(trace);
    if (packets.some((packet) => sizeOf(packet) > MTU)) return `a packet of more than ${MTU} bytes, its trailer included`;
    const pieces = MOST_PIECES[ports];
    if (pieces !== undefined && packets.filter((packet) => packet.kind === 'ipv4' && packet.mf).length >= pieces) {
      return `fragments for a datagram of more than ${pieces} pieces, where there are no TUN devices`;
    }
    return undefined;
  };

const incomparable =
  (ports: PortKind, setsSynSent2: boolean) =>
  (trace: Trace): string | undefined => {
    const { fragments, timeouts } = trace.network;
    if (fragments.memoryBytes > 0) return 'the kernel counts its own buffers against the memory limit of fragments';
    if (fragments.distance > 0 && advancedMs(trace) >= timeouts.fragmentMs) {
      return 'the restart of a fragment timer by the distance limit cannot be observed';
    }
    const listed = trace.events.some((event) => event.kind === 'control' && (event.command === 'get' || event.command === 'dump'));
    if (listed && advancedMs(trace) > MOST_TIMEOUT_MS - MOST_SECONDS * 1000 && Object.values(timeouts).some((ms) => ms > MOST_TIMEOUT_MS)) {
      return 'a list near the end of a timer that is longer than the kernel can be given';
    }
    // Packets that come by a veth have no room in front for a longer header than their own.
    if (ports === 'packet' && packetsOf(trace).some((packet) => packet.kind === 'ipv4' && packet.mf && packet.options !== '')) {
      return 'without TUN devices the kernel cuts fragments anew under a first one with options';
    }
    if (!setsSynSent2 && advancedMs(trace) > 0 && packetsOf(trace).some((packet) => packet.kind === 'ipv4' && packet.protocol === TCP)) {
      return 'the timer of simultaneous opens cannot be set where the kernel has no timeout policies (nfnetlink_cttimeout)';
    }
    return undefined;
  };

/** `setsSynSent2` says whether the timeout of SYN_SENT2 can be set. */
export const capabilitiesOf = (ports: PortKind, setsSynSent2: boolean): Capabilities => ({
  clockMs: CLOCK_MS,
  rawBytes: true,
  labels: true,
  // The number of buckets is one for the whole machine, and only its initial namespace may write it.
  commands: COMMANDS.filter((command) => command !== 'resize'),
  zones: { from: 1, to: 65_535 },
  devices: MOST_DEVICES,
  profile: { udpStream: 'never', udpLiteChecksum: 'linux', tcpLongTimer: 'two-seconds' },
  excludes: excludes(ports),
  incomparable: incomparable(ports, setsSynSent2),
});
