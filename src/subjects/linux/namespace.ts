/**
 * A network namespace of the kernel, made for one shape of network: so many devices, each with its exit.
 *
 * It is anonymous, so it is gone with the file descriptors that hold it, whatever ends the process. The thread enters it
 * only while building it; afterwards descriptors opened inside reach into it from anywhere.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { DEFAULT_TIMEOUTS } from '../../../spec/timeouts.ts';
import type { AddressRange, Network, TcpSettings, Timeouts } from '../../../spec/trace/network.ts';
import { conntrack, kernelSeconds, NFNLGRP_CONNTRACK_DESTROY, NFNLGRP_CONNTRACK_NEW, policyTimeouts, type Conntrack } from './conntrack.ts';
import { type OwnAddresses, ownAddresses, placeholder } from './addresses.ts';
import { queuesInUse } from './fragments.ts';
import { CLONE_NEWNET, must, O_CLOEXEC, O_RDONLY, O_WRONLY, SystemError, type Libc } from './libc.ts';
import { NETLINK_ROUTE, openNetlink, type NetlinkSocket } from './netlink.ts';
import type { BoundFamily } from './nat.ts';
import { assignmentsOf, loadRules, type Assignments } from './nftables.ts';
import { deviceName, linkLines, noPort, openPacket, openTun, pairLines, pollPorts, type Port, type PortKind } from './ports.ts';
import { bindTap } from './tap.ts';

export type Namespace = {
  /** One a device. */
  readonly ports: readonly Port[];
  /** Visits the indexes of the ports at which a packet waits. */
  readonly eachReady: (visit: (index: number) => void) => void;
  /** Births and deaths of connections, and the tap. */
  readonly events: NetlinkSocket;
  readonly conntrack: Conntrack;
  /** For requests and their answers. */
  readonly requests: NetlinkSocket;
  /** What the devices assign and translate. */
  readonly assignments: Assignments;
  readonly addresses: OwnAddresses;
  readonly setTimeouts: (timeouts: Timeouts) => void;
  /** What a stream of UDP or UDP-Lite gets from here on. */
  readonly setStream: (milliseconds: number) => void;
  /** Whether the timeouts are among those that can be set that only policies set. */
  readonly setsPolicies: boolean;
  readonly setTcp: (settings: TcpSettings) => void;
  readonly setFragments: (distance: number, memoryBytes: number) => void;
  readonly queuesInUse: () => number;
  readonly close: () => Promise<void>;
};

/**
 * What the kernel counts for a small fragment beyond its bytes, and for its queue: with it a budget of payload bytes
 * refuses about what it says, so that one fragment that waits leaves room for another, and two do not.
 */
const BUFFER_BYTES = 2000;
/** No limit that a trace can reach. */
const AMPLE_MEMORY = 256 * 1024 * 1024;
/** More than any file says that is read here. */
const PROC_BYTES = 1024;
/** Longer than any session. Real seconds. */
const FRAGMENT_SECONDS = 3600;

/** Without these the kernel would speak for itself, answer late, or look at more than the trace says. */
const QUIET: readonly (readonly [name: string, value: number])[] = [
  // Absent without IPv6. No addresses are made, nobody is asked for a router, and nothing is announced.
  ['net/ipv6/conf/all/addr_gen_mode', 1],
  ['net/ipv6/conf/default/addr_gen_mode', 1],
  ['net/ipv6/conf/default/accept_ra', 0],
  ['net/ipv6/conf/default/accept_dad', 0],
  ['net/ipv6/conf/default/router_solicitations', 0],
  ['net/ipv6/conf/all/forwarding', 1],
  // Absent before Linux 6.3 or without RPS; where it is not 0, packets would be handed to another processor and arrive later.
  ['net/core/rps_default_mask', 0],
  ['net/ipv4/ip_forward', 1],
  // A look for a socket of its own would join the pieces of a datagram whose first does not hold a TCP header.
  ['net/ipv4/ip_early_demux', 0],
  ['net/ipv4/conf/all/rp_filter', 0],
  ['net/ipv4/conf/default/rp_filter', 0],
  ['net/ipv4/conf/all/send_redirects', 0],
  ['net/ipv4/conf/default/send_redirects', 0],
  ['net/ipv4/ipfrag_time', FRAGMENT_SECONDS],
  ['net/ipv4/ipfrag_low_thresh', 0],
];
const TRACKING: readonly (readonly [name: string, value: number])[] = [
  ['net/netfilter/nf_conntrack_checksum', 1],
  ['net/netfilter/nf_conntrack_events', 1],
  ['net/netfilter/nf_conntrack_frag6_timeout', FRAGMENT_SECONDS],
  ['net/netfilter/nf_conntrack_frag6_low_thresh', 0],
];

/** The settings of the kernel's timers, by the timeout that each is to have. UDP's stream has one apart: `setStream`. */
const TIMEOUTS: readonly (readonly [name: keyof Timeouts, sysctl: string])[] = [
  ['udpMs', 'nf_conntrack_udp_timeout'],
  ['tcpSynSentMs', 'nf_conntrack_tcp_timeout_syn_sent'],
  ['tcpSynRecvMs', 'nf_conntrack_tcp_timeout_syn_recv'],
  ['tcpEstablishedMs', 'nf_conntrack_tcp_timeout_established'],
  ['tcpFinWaitMs', 'nf_conntrack_tcp_timeout_fin_wait'],
  ['tcpCloseWaitMs', 'nf_conntrack_tcp_timeout_close_wait'],
  ['tcpLastAckMs', 'nf_conntrack_tcp_timeout_last_ack'],
  ['tcpTimeWaitMs', 'nf_conntrack_tcp_timeout_time_wait'],
  ['tcpCloseMs', 'nf_conntrack_tcp_timeout_close'],
  ['tcpMaxRetransMs', 'nf_conntrack_tcp_timeout_max_retrans'],
  ['tcpUnacknowledgedMs', 'nf_conntrack_tcp_timeout_unacknowledged'],
  ['icmpMs', 'nf_conntrack_icmp_timeout'],
  ['icmp6Ms', 'nf_conntrack_icmpv6_timeout'],
  ['greMs', 'nf_conntrack_gre_timeout'],
  ['greStreamMs', 'nf_conntrack_gre_timeout_stream'],
  ['sctpClosedMs', 'nf_conntrack_sctp_timeout_closed'],
  ['sctpCookieWaitMs', 'nf_conntrack_sctp_timeout_cookie_wait'],
  ['sctpCookieEchoedMs', 'nf_conntrack_sctp_timeout_cookie_echoed'],
  ['sctpEstablishedMs', 'nf_conntrack_sctp_timeout_established'],
  ['sctpShutdownSentMs', 'nf_conntrack_sctp_timeout_shutdown_sent'],
  ['sctpShutdownReceivedMs', 'nf_conntrack_sctp_timeout_shutdown_recd'],
  ['sctpShutdownAckSentMs', 'nf_conntrack_sctp_timeout_shutdown_ack_sent'],
  ['sctpHeartbeatSentMs', 'nf_conntrack_sctp_timeout_heartbeat_sent'],
  ['genericMs', 'nf_conntrack_generic_timeout'],
];

/** The settings of TCP. */
const TCP_SETTINGS: readonly (readonly [name: keyof TcpSettings, sysctl: string])[] = [
  ['loose', 'nf_conntrack_tcp_loose'],
  ['liberal', 'nf_conntrack_tcp_be_liberal'],
  ['maxRetrans', 'nf_conntrack_tcp_max_retrans'],
  ['ignoreInvalidRst', 'nf_conntrack_tcp_ignore_invalid_rst'],
];

/** Whether the kernel does it. */
const succeeds = (request: () => void): boolean => {
  try {
    request();
    return true;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
};

/** A setting that is written only when it changes. */
const setting = (libc: Libc, name: string): { readonly set: (value: number) => void; readonly fd: number } => {
  const fd = must(libc, libc.open(`/proc/sys/${name}`, O_WRONLY | O_CLOEXEC, 0), `open ${name}`);
  let current: number | undefined;
  return {
    fd,
    set: (value) => {
      if (value === current) return;
      const text = Buffer.from(String(value));
      must(libc, libc.pwrite(fd, text, text.length, 0), `write ${name}`);
      current = value;
    },
  };
};

/** A file of /proc that says something else each time it is read. */
const proc = (libc: Libc, path: string): { readonly read: () => string; readonly fd: number } => {
  const fd = must(libc, libc.open(path, O_RDONLY | O_CLOEXEC, 0), `open ${path}`);
  const text = Buffer.alloc(PROC_BYTES);
  return { fd, read: () => text.toString('latin1', 0, must(libc, libc.pread(fd, text, text.length, 0), `read ${path}`)) };
};

const writeSettings = (settings: typeof QUIET): void => {
  for (const [name, value] of settings) {
    try {
      writeFileSync(`/proc/sys/${name}`, String(value));
    } catch (error) {
      const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!absent) throw error;
    }
  }
};

/** Runs `ip -batch` in the thread's network namespace, for a version of IP. Throws with its own first line. */
export const runIp = (lines: readonly string[], version: '-4' | '-6' = '-4'): void => {
  const { status, stderr, error } = spawnSync('ip', [version, '-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  if (status !== 0) throw new SystemError('ip', error?.message ?? stderr.split('\n')[0] ?? `exit status ${status}`);
};

/** What arrives on a device leaves by its exit, wherever it goes. */
const ruleLines = (exits: readonly number[]): string[] =>
  exits.flatMap((exit, index) => [
    `rule add pref ${100 + index} iif ${deviceName(index)} lookup ${1000 + index}`,
    `route add default dev ${deviceName(exit)} table ${1000 + index}`,
  ]);

/** But for where IPv4 goes elsewhere. */
const routeLines = (routes: readonly IndexedRoute[]): string[] =>
  routes.map(({ device, prefix, exit }) => `route add ${prefix} dev ${deviceName(exit)} table ${1000 + device}`);

/** What a namespace is built for. */
export type Shape = {
  /** The exit of each device, by index. */
  readonly exits: readonly number[];
  /** Whether rules assign zones, or zones count in one direction. */
  readonly ruled: boolean;
  /** The versions of IP whose connections are bound. */
  readonly bound: readonly BoundFamily[];
  /** The rules that count connections. */
  readonly counters: readonly string[];
  /** Pairs of devices, and routes, if there are any. */
  readonly pairs?: readonly (readonly [one: number, other: number])[];
  readonly routes?: readonly IndexedRoute[];
};

/** Devices by index; where IPv4 goes as in 10.0.0.0/8. */
export type IndexedRoute = { readonly device: number; readonly prefix: string; readonly exit: number };

/** The pairs of a network's devices, and its routes. Throws a RangeError if a route is no prefix. */
export const pathsOf = ({ devices }: Network): Pick<Shape, 'pairs' | 'routes'> => {
  const indexes = new Map(devices.map(({ name }, index) => [name, index]));
  const indexOf = (name: string): number => indexes.get(name) ?? -1;
  const pairs = devices.flatMap(({ peer }, index) => (peer !== undefined && indexOf(peer) > index ? [[index, indexOf(peer)] as const] : []));
  const routes = devices.flatMap(({ routes: own = [] }, device) => own.map(({ to, exit }) => ({ device, prefix: prefixOf(to), exit: indexOf(exit) })));
  return { ...(pairs.length > 0 && { pairs }), ...(routes.length > 0 && { routes }) };
};

/** A range that is a prefix. */
export const isPrefix = (range: AddressRange): boolean => Number.isInteger(bitsOf(range)) && numberOf(range.from) % sizeOf(range) === 0;

const prefixOf = (range: AddressRange): string => {
  if (!isPrefix(range)) throw new RangeError(`${range.from} to ${range.to} is no prefix`);
  return `${range.from}/${32 - bitsOf(range)}`;
};

const bitsOf = (range: AddressRange): number => Math.log2(sizeOf(range));
const sizeOf = ({ from, to }: AddressRange): number => numberOf(to) - numberOf(from) + 1;
const numberOf = (address: string): number => address.split('.').reduce((all, octet) => all * 256 + Number(octet), 0);

/** The exits of a network's devices, by index. */
export const exitsOf = ({ devices }: Network): readonly number[] =>
  devices.map(({ exit }) => devices.findIndex(({ name }) => name === exit));

/** Runs `inside` in a new network namespace and brings the thread home again. */
export const inNewNamespace = <T>(libc: Libc, inside: () => T): T => {
  const home = must(libc, libc.open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC, 0), 'open the network namespace');
  try {
    must(libc, libc.unshare(CLONE_NEWNET), 'unshare(CLONE_NEWNET)');
    try {
      return inside();
    } finally {
      must(libc, libc.setns(home, CLONE_NEWNET), 'setns');
    }
  } finally {
    libc.close(home);
  }
};

/** Builds a namespace. Throws what the step that failed throws, and leaves nothing behind then. */
export const buildNamespace = (libc: Libc, kind: PortKind, shape: Shape): Namespace => {
  const opened: number[] = [];
  try {
    return inNewNamespace(libc, () => furnish(libc, kind, shape, opened));
  } catch (error) {
    void closeAll(libc, opened);
    throw error;
  }
};

/** As many at a time as there may safely be asynchronous calls under way. */
const CLOSED_AT_ONCE = 16;

const closeAll = async (libc: Libc, descriptors: readonly number[]): Promise<void> => {
  for (let start = 0; start < descriptors.length; start += CLOSED_AT_ONCE) {
    await Promise.all(descriptors.slice(start, start + CLOSED_AT_ONCE).map((fd) => libc.closeLater(fd)));
  }
};

/** Makes a namespace of the one that the thread is in. Every descriptor is added to `opened` as soon as it is there. */
const furnish = (libc: Libc, kind: PortKind, shape: Shape, opened: number[]): Namespace => {
  const { exits, ruled, bound, counters, pairs = [], routes = [] } = shape;
  const keep = <T extends { readonly fd: number }>(holder: T): T => {
    if (holder.fd >= 0) opened.push(holder.fd);
    return holder;
  };
  const paired = new Set(pairs.flat());
  const lone = [...exits.keys()].filter((index) => !paired.has(index));
  const openPorts = (open: (libc: Libc, index: number) => Port): Port[] =>
    exits.map((_, index) => (paired.has(index) ? noPort(index) : keep(open(libc, index))));

  writeSettings(QUIET);
  // TUN devices come to be by being opened; a packet socket needs the device first.
  const tuns = kind === 'tun' ? openPorts(openTun) : [];
  // Before the links are up, because each is announced then, which the rules keep in.
  loadRules(ruled, bound, counters);
  const links = [...linkLines(kind, lone), ...pairs.flatMap(([one, other]) => pairLines(one, other))];
  runIp([...links, ...exits.map((_, index) => placeholder(deviceName(index))), ...ruleLines(exits), ...routeLines(routes)]);
  runIp(ruleLines(exits), '-6');
  const ports = kind === 'tun' ? tuns : openPorts(openPacket);
  writeSettings(TRACKING);
  const events = keep(openNetlink(libc, [NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_DESTROY]));
  bindTap(events);
  const requests = keep(openNetlink(libc));
  const timeouts = TIMEOUTS.map(([name, sysctl]) => ({ name, write: keep(setting(libc, `net/netfilter/${sysctl}`)) }));
  const stream = keep(setting(libc, 'net/netfilter/nf_conntrack_udp_timeout_stream'));
  const tcp = TCP_SETTINGS.map(([name, sysctl]) => ({ name, write: keep(setting(libc, `net/netfilter/${sysctl}`)) }));
  const policies = policyTimeouts(requests);
  const setsPolicies = succeeds(() => policies(DEFAULT_TIMEOUTS));
  const distance = keep(setting(libc, 'net/ipv4/ipfrag_max_dist'));
  const memory = keep(setting(libc, 'net/ipv4/ipfrag_high_thresh'));
  const memory6 = keep(setting(libc, 'net/netfilter/nf_conntrack_frag6_high_thresh'));
  const sockstat = keep(proc(libc, '/proc/thread-self/net/sockstat'));
  const count = keep(proc(libc, '/proc/sys/net/netfilter/nf_conntrack_count'));
  const interfaces = exits.map((_, index) => libc.ifNameToIndex(deviceName(index)));
  return {
    ports,
    eachReady: pollPorts(libc, ports),
    events,
    conntrack: conntrack(requests, events, () => Number.parseInt(count.read(), 10)),
    requests,
    assignments: assignmentsOf(requests, interfaces, ruled, bound),
    addresses: ownAddresses(keep(openNetlink(libc, [], NETLINK_ROUTE)), interfaces),
    setTimeouts: (all) => {
      for (const { name, write } of timeouts) write.set(kernelSeconds(all[name]));
      if (setsPolicies) policies(all);
    },
    setsPolicies,
    setTcp: (settings) => {
      for (const { name, write } of tcp) write.set(Number(settings[name]));
    },
    setStream: (milliseconds) => stream.set(kernelSeconds(milliseconds)),
    setFragments: (fragments, memoryBytes) => {
      distance.set(fragments);
      const bytes = memoryBytes === 0 ? AMPLE_MEMORY : BUFFER_BYTES + memoryBytes;
      memory.set(bytes);
      memory6.set(bytes);
    },
    queuesInUse: () => queuesInUse(sockstat.read()),
    close: () => closeAll(libc, opened),
  };
};
