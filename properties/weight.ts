/**
 * Weight: how much there is in a trace, by which one is simpler than another.
 */
import type { Control, Event } from '../spec/trace/event.ts';
import type { Device, Limits, Network, Pass, ZoneRule } from '../spec/trace/network.ts';
import { carried, extensionLength, hopsOf, type Ipv4, type Ipv6, lengthOf, type Packet, serviceOf } from '../spec/trace/packet.ts';
import { isReaction } from '../spec/trace/reaction.ts';
import type { Trace } from '../spec/trace/trace.ts';
import type { Tcp, TcpFlags } from '../spec/trace/transport.ts';
import { isInverse } from '../spec/tuple.ts';
import { renamings, withoutChecksum } from './normal-form.ts';
import { DEFAULT_TCP } from '../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS, TIMEOUT_NAMES } from '../spec/timeouts.ts';

/** How much there is in a trace; what is smaller is easier to read. 0 or more. */
export const weight = (trace: Trace): number =>
  networkWeight(trace.network) +
  trace.events.reduce((sum, event) => sum + eventWeight(event), 0) +
  renamings.filter((rename) => !sameTrace(rename(trace), trace)).length;

/** A thing weighs more than all that is odd about names, and a device or an event more than any field of it. */
const FIELD = 100;
const THING = 1000;

const eventWeight = (event: Event): number => {
  if (event.kind === 'advance') return THING + event.milliseconds * FIELD;
  if (event.kind === 'control') return THING + commandWeight(event) * FIELD;
  return isReaction(event) ? THING : THING + packetWeight(event.packet) * FIELD;
};

/** What a command asks for beyond the simplest of its kind. */
export const commandWeight = (event: Control): number => {
  const odd = ['besides' in event && event.besides !== undefined, 'zone' in event && typeof event.zone === 'object' && event.zone.counts !== 'both', 'protoinfo' in event && event.protoinfo !== undefined];
  return odd.filter(Boolean).length + deedWeight(event);
};

const deedWeight = (event: Control): number => {
  if (event.command === 'create') return event.timeoutMs / 1000 + (isInverse(event.reply, event.original) ? 0 : 1);
  return event.command === 'resize' ? event.buckets : 0;
};

/** Bytes, and fields that are not what they usually are. */
const packetWeight = (packet: Packet): number => {
  if (packet.kind === 'raw') return lengthOf(packet.bytes);
  const { payload } = packet;
  const bytes = lengthOf(packet.trailer) + lengthOf(carried(payload)) + (payload.kind === 'tcp' ? lengthOf(payload.options) : 0);
  const odd = [
    serviceOf(packet) !== 0,
    hopsOf(packet) !== 64,
    payload.kind === 'udp' && payload.length !== 'right',
    payload.kind === 'udp-lite' && payload.coverage !== 0,
    ...(payload.kind === 'tcp' ? oddOf(payload) : []),
    payload.kind !== 'opaque' && payload.checksum !== 'right',
    withoutChecksum(packet) !== packet,
  ];
  return bytes + odd.filter(Boolean).length + (packet.kind === 'ipv4' ? weight4(packet) : weight6(packet));
};

const weight4 = ({ options, reserved, df, checksum }: Ipv4): number =>
  lengthOf(options) + [reserved, df, checksum !== 'right'].filter(Boolean).length;

const weight6 = ({ extensions, flowLabel }: Ipv6): number => {
  const odd = [flowLabel !== 0, ...extensions.map((header) => header.kind === 'fragment' && header.reserved !== 0)];
  return extensions.reduce((sum, header) => sum + extensionLength(header), 0) + odd.filter(Boolean).length;
};

/** What of a segment is not as it usually is. */
const oddOf = (tcp: Tcp): readonly boolean[] => [
  tcp.urgent !== 0,
  tcp.reserved !== 0,
  tcp.options !== '',
  tcp.window !== USUAL_WINDOW,
  plainFlags(tcp) !== tcp.flags,
  tcp.acknowledgement !== 0 && !tcp.flags.includes('A'),
];

export const USUAL_WINDOW = 1000;

/** Without what tracking does not look at. */
export const plainFlags = ({ flags }: Tcp): TcpFlags => flags.replaceAll(/[PUEC]/g, '');

export const networkWeight = ({ era, extensions, limits, devices, tenants, timeouts, tcp, fragments }: Network): number => {
  const assigned = devices.reduce((sum, device) => sum + device.passes.reduce((all, pass) => all + passWeight(pass), 0), 0);
  const odd = [
    era !== undefined,
    extensions !== undefined,
    ...oddLimits(limits),
    fragments.distance !== 0,
    fragments.memoryBytes !== 0,
    ...TIMEOUT_NAMES.map((name) => timeouts[name] !== DEFAULT_TIMEOUTS[name]),
    ...devices.flatMap(oddTranslation),
    tcp.loose !== DEFAULT_TCP.loose,
    tcp.liberal !== DEFAULT_TCP.liberal,
    tcp.maxRetrans !== DEFAULT_TCP.maxRetrans,
    tcp.ignoreInvalidRst !== DEFAULT_TCP.ignoreInvalidRst,
  ];
  return (devices.length + tenants.length) * THING + (assigned + odd.filter(Boolean).length) * FIELD;
};

/** A counter for some devices is odder than one for all of them. */
const oddLimits = ({ connections, zones = [], counters = [] }: Limits = {}): readonly boolean[] => [
  connections !== undefined,
  ...zones.flatMap(({ zone }) => [true, zone !== undefined]),
  ...counters.flatMap(({ counts }) => [true, counts === 'each-zone']),
];

const oddTranslation = ({ address, nat }: Device): readonly boolean[] => [
  address !== undefined,
  nat !== undefined,
  ...[nat?.destination, nat?.source].flatMap((rule) => [
    rule !== undefined,
    rule?.ports !== undefined,
    rule?.ports !== undefined && rule.ports.from !== rule.ports.to,
    rule !== undefined && rule.to !== 'own' && rule.to.from !== rule.to.to,
  ]),
];

/** What is less plain than a zone for both directions before defragmentation. */
const passWeight = ({ zone, assigned, rules = [] }: Pass): number => {
  const own = [assigned === 'after-defragmentation', zone && zone.counts !== 'both'];
  return own.filter(Boolean).length + rules.reduce((sum, rule) => sum + ruleWeight(rule), 0);
};

const ruleWeight = (rule: ZoneRule): number => {
  const odd = [rule.assigned === 'after-defragmentation', rule.language === 'iptables', 'counts' in rule && rule.counts !== 'both', rule.does === 'zone' && rule.zone.counts !== 'both', rule.does === 'mark' && rule.mark >= LOW_MARKS];
  return 2 + odd.filter(Boolean).length;
};

/** What is above in a mark names no zone. */
export const LOW_MARKS = 0x10000;

/** Traces are plain data whose fields stand in the order of their types. */
export const sameTrace = (a: Trace, b: Trace): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
