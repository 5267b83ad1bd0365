/**
 * What the Open vSwitch subject can play, what of it can be compared with the model, and why not otherwise.
 */
import type { Capabilities } from '../../../properties/subject.ts';
import { headerLength, lengthOf, type Packet } from '../../../spec/trace/packet.ts';
import { icmpTypes } from '../../../spec/icmp-types.ts';
import { ICMP, ICMPV6, SCTP } from '../../../spec/trace/transport.ts';
import type { CommandName, Control } from '../../../spec/trace/event.ts';
import { eraOf, TODAY } from '../../../spec/era.ts';
import { REFERENCE } from '../../../spec/profile.ts';
import { DEFAULT_TIMEOUTS, TIMEOUT_NAMES } from '../../../spec/timeouts.ts';
import type { Timeouts } from '../../../spec/trace/network.ts';
import type { Trace } from '../../../spec/trace/trace.ts';
import { transportLength } from '../../../spec/wire/transport.ts';
import { DEFAULT_ZONE } from '../../../spec/zone.ts';
import { translates } from '../../../properties/tenants.ts';
import { notModelled } from '../../../spec/open-vswitch/step.ts';
import { COMMANDS_TAKEN } from './control.ts';
import { LEAST_FRAGMENT } from './daemon.ts';
import { FTP_PORT } from './flows.ts';
import { HEADER_BYTES } from './frames.ts';
import { MOST_FRAME } from './openflow.ts';
import { MOST_PACKETS } from './session.ts';
import { translationProblem } from './translation.ts';

const MOST_DEVICES = 64;
const MOST_PACKET = MOST_FRAME - HEADER_BYTES;

/**
 * The timeouts that it has unless it is told otherwise, for what they are called here: a stream is what saw a reply. Other
 * protocols are timed as UDP is.
 *
 * Source: CT_DPIF_NETDEV_TP_MIN and its values in lib/conntrack-tp.c; IPF_FRAG_LIST_TIMEOUT in lib/ipf.c.
 */
const OWN_TIMEOUTS: Timeouts = {
  ...DEFAULT_TIMEOUTS,
  udpMs: 60_000,
  udpStreamMs: 30_000,
  genericMs: 60_000,
  icmpMs: 60_000,
  icmp6Ms: 60_000,
  tcpSynSentMs: 30_000,
  tcpSynRecvMs: 30_000,
  tcpEstablishedMs: 86_400_000,
  tcpFinWaitMs: 900_000,
  tcpCloseWaitMs: 45_000,
  tcpTimeWaitMs: 30_000,
  fragmentMs: 15_000,
  fragment6Ms: 15_000,
};

const sizeOf = (packet: Packet): number => {
  if (packet.kind === 'raw') return lengthOf(packet.bytes);
  return headerLength(packet) + transportLength(packet.payload) + lengthOf(packet.trailer);
};

const ONE_DIRECTION = 'a zone that counts in one direction: there are none in Open vSwitch';

const commandProblem = (event: Control): string | undefined => {
  if (!COMMANDS_TAKEN.some((name: CommandName) => name === event.command)) return `the command ${event.command}`;
  return event.command === 'delete' && (event.besides || (event.zone && event.zone.counts !== 'both')) ? ONE_DIRECTION : undefined;
};

const excludes = ({ network, events }: Trace): string | undefined => {
  const { devices, fragments, timeouts } = network;
  if (devices.length > MOST_DEVICES) return `more than ${MOST_DEVICES} devices`;
  if (eraOf(network) !== TODAY || network.extensions !== undefined) return 'the semantics of another era';
  const untranslatable = translationProblem(network);
  if (untranslatable !== undefined) return untranslatable;
  for (const { passes, routes = [], peer, helper } of devices) {
    const [pass] = passes;
    if (helper && helper.port !== FTP_PORT) return `a helper to another port than ${FTP_PORT}: what is established is read there only`;
    if (helper && network.limits) return 'a helper and limits at once';
    if (routes.length > 0 || peer !== undefined) return 'routes and pairs of devices: a switch sends on by where a packet came from';
    if (passes.length !== 1 || !pass) return 'a device with more or less than one pass';
    if (pass.zone && pass.zone.counts !== 'both') return ONE_DIRECTION;
    if (pass.rules && pass.rules.length > 0) return "rules in Linux' languages that assign zones";
    if (pass.zone && pass.zone.id !== DEFAULT_ZONE && pass.assigned === 'after-defragmentation') {
      return 'a zone assigned after defragmentation: one action does both in a flow';
    }
  }
  if (devices.some(({ helper }) => helper) && events.some((event) => event.kind === 'control' && event.command === 'delete')) {
    return 'a deletion where FTP is read: what was announced has the mark of what announced it, and so its name';
  }
  if (network.limits?.connections !== undefined || network.limits?.counters !== undefined) return 'limits of connections in all zones together, and rules that count';
  if (network.limits && translates(network)) return 'translation and limits at once';
  if (fragments.distance > 0) return 'a fragment distance: there is none in Open vSwitch';
  if (fragments.memoryBytes > 0) return 'a memory limit for fragments in bytes: Open vSwitch counts fragments';
  if (events.some(({ kind }) => kind === 'advance') && TIMEOUT_NAMES.some((name) => timeouts[name] !== OWN_TIMEOUTS[name])) {
    return "other timeouts than Open vSwitch's own where time passes";
  }
  let packets = 0;
  for (const event of events) {
    const problem = event.kind === 'control' ? commandProblem(event) : undefined;
    if (problem !== undefined) return problem;
    if (event.kind === 'control' || event.kind === 'advance') continue;
    packets += 1;
    if (event.kind === 'receive' && sizeOf(event.packet) > MOST_PACKET) return `a packet of more than ${MOST_PACKET} bytes, which OpenFlow cannot bring`;
  }
  return packets > MOST_PACKETS ? `more than ${MOST_PACKETS} packets` : undefined;
};

/**
 * The model describes 3.1. Later versions verify SCTP (conntrack.c, check_l4_sctp(), since 3.2), and relate ICMP errors that
 * it does not.
 */
const incomparable =
  (version: string) =>
  ({ network, events }: Trace): string | undefined => {
    const unknown = notModelled(network);
    if (unknown !== undefined) return unknown;
    if (version.startsWith('3.1.')) return undefined;
    return events.some((event) => event.kind === 'error' || (event.kind === 'receive' && isReadOtherwise(event.packet)))
      ? 'SCTP and ICMP errors: the model describes Open vSwitch 3.1'
      : undefined;
  };

const isReadOtherwise = (packet: Packet): boolean => {
  if (packet.kind === 'raw') return false;
  const { protocol, payload } = packet;
  if (protocol !== ICMP && protocol !== ICMPV6) return protocol === SCTP;
  return payload.kind !== 'icmp' || (icmpTypes.get(protocol)?.errors.has(payload.type) ?? false);
};

export const capabilitiesOf = (version: string): Capabilities => ({
  clockMs: 1,
  ipv6: true,
  nat: true,
  nat6: true,
  helpers: true,
  pairs: false,
  addressByZone: false,
  rawBytes: true,
  labels: true,
  commands: COMMANDS_TAKEN,
  zones: { from: 1, to: 65_535, said: 4_294_967_295 },
  rules: false,
  eras: [TODAY],
  limits: { zones: 60 },
  devices: MOST_DEVICES,
  timeouts: OWN_TIMEOUTS,
  leastFragment: LEAST_FRAGMENT,
  profile: { ...REFERENCE, datapath: 'open-vswitch', ovsMajor: Number.parseInt(version, 10) < 4 ? 3 : 4 },
  excludes,
  incomparable: incomparable(version),
});
