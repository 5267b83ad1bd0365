/**
 * A session: one trace played in a namespace, and the namespace left as empty as it was found.
 */
import { match } from 'ts-pattern';
import type { Session } from '../../../properties/subject.ts';
import { type FragmentHeader, isFragment, type Ipv6 } from '../../../spec/trace/packet.ts';
import type { Network } from '../../../spec/trace/network.ts';
import type { Advance, Control, Playable, Receive } from '../../../spec/trace/event.ts';
import type { Outcome } from '../../../spec/trace/outcome.ts';
import { encode } from '../../packet/index.ts';
import { SECONDS_A_SECOND } from './conntrack.ts';
import { controlOf } from './control.ts';
import { paceOf } from './counters.ts';
import { departuresFrom } from './departures.ts';
import { fragmentClock } from './fragments.ts';
import { fragmentClock6 } from './fragments6.ts';
import { exitsOf, type Namespace } from './namespace.ts';
import { queueZoneAt } from './queues.ts';
import { udpLiteKnower } from './streams.ts';
import { watch } from './watch.ts';

/** `close` says whether the namespace is clean, so that another session may have it. */
export type LinuxSession = { readonly feed: Session['feed']; readonly close: () => boolean };

/** Plays events one by one: what the kernel does with a packet, it has done when the packet is written. */
export const startSession = (namespace: Namespace, network: Network, tickMs: number): LinuxSession => {
  const { ports, conntrack, requests } = namespace;
  const { devices, timeouts, fragments } = network;
  namespace.addresses.set(devices);
  namespace.assignments.set(devices);
  namespace.setTimeouts(timeouts);
  namespace.setTcp(network.tcp);
  namespace.setFragments(fragments.distance, fragments.memoryBytes);

  const indexes = new Map(devices.map(({ name }, index) => [name, index]));
  const send = (index: number, bytes: Uint8Array): void => ports[index]?.send(bytes);
  const queues = fragmentClock(namespace.queuesInUse, send);
  const tracking = watch(namespace.events, conntrack, devices.some(({ nat }) => nat !== undefined));
  const exits = exitsOf(network);
  const left = departuresFrom(
    namespace,
    devices.map(({ name }) => name),
  );
  /** There are ways to other devices than the exit of the one that a packet arrived on. */
  const branches = devices.some(({ routes, peer }) => routes || peer !== undefined);
  const queues6 = fragmentClock6((index, bytes) => {
    send(index, bytes);
    return tracking.read().length > 0;
  });
  const pace = paceOf(network, tickMs);
  const isUdpLite = udpLiteKnower();
  /** Reads events where no packet is under way. */
  const drain = (): void => assertQuiet(tracking.read());
  const told = controlOf(requests, tracking.labelOf, drain);
  let nowMs = 0;
  let realMs = performance.now();

  const receive = ({ id, device, packet }: Receive): Outcome => {
    const index = indexes.get(device);
    const arrival = index === undefined ? undefined : devices[index];
    if (index === undefined || !arrival) throw new Error(`event ${id} names the device ${device}, which the network does not have`);
    if (packet.kind !== 'raw') namespace.setStream(isUdpLite({ packet, zone: queueZoneAt(arrival) }) ? timeouts.udpStreamMs : timeouts.udpMs);
    pace(device);
    if (packet.kind === 'ipv4' && isFragment(packet)) queues.send(index, arrival, packet, nowMs);
    else send(index, encode(packet));
    const outcome: Outcome = { event: id, passes: tracking.read(), left: branches ? left.anywhere() : left.at(exits[index] ?? 0) };
    const header = packet.kind === 'ipv6' ? fragmentHeaderOf(packet) : undefined;
    if (packet.kind === 'ipv6' && header) withoutLimits(() => queues6.arrived(index, arrival, packet, header, nowMs));
    return outcome;
  };

  /** A full memory would refuse the fragments by which queues are ended, and a distance would count them. */
  const withoutLimits = <Result>(change: () => Result): Result => {
    namespace.setFragments(0, 0);
    const result = change();
    namespace.setFragments(fragments.distance, fragments.memoryBytes);
    return result;
  };

  const assertInTime = (id: number): void => {
    if (performance.now() - realMs > MOST_REAL_MS) throw new Error(`event ${id} comes too late for the virtual clock to be exact`);
  };

  const obey = (event: Control): Outcome => {
    assertInTime(event.id);
    return { event: event.id, passes: [], left: [], told: told(event) };
  };

  const advance = ({ id, milliseconds }: Advance): Outcome => {
    if (milliseconds % 1000 !== 0) throw new Error(`event ${id} advances the clock by no multiple of 1000 ms`);
    assertInTime(id);
    withoutLimits(() => queues6.settle(nowMs));
    nowMs += milliseconds;
    conntrack.advance(milliseconds, drain);
    withoutLimits(() => {
      queues.expire(nowMs - timeouts.fragmentMs);
      queues6.expire(nowMs - timeouts.fragment6Ms);
    });
    realMs = performance.now();
    return { event: id, passes: [], left: [] };
  };

  const play = (events: readonly Playable[]): readonly Outcome[] => {
    const outcomes = events.map((event) =>
      match(event).with({ kind: 'receive' }, receive).with({ kind: 'advance' }, advance).with({ kind: 'control' }, obey).exhaustive(),
    );
    const [strays, last] = [left.anywhere(), outcomes.at(-1)];
    // Whatever left by another device than the exit differs from what is expected; which event it was, the reducer finds.
    return last && strays.length > 0 ? [...outcomes.slice(0, -1), { ...last, left: [...last.left, ...strays] }] : outcomes;
  };

  return {
    feed: play,
    close: () => {
      const held = withoutLimits(() => {
        queues6.clear();
        return queues.expire(nowMs);
      });
      const connections = conntrack.clear(drain);
      assertQuiet(left.anywhere());
      return connections === 0 && held === 0;
    },
  };
};

/** What the kernel puts fragments together by: the first fragment header, be it that of a whole datagram. */
const fragmentHeaderOf = ({ extensions }: Ipv6): FragmentHeader | undefined =>
  extensions.find((header): header is FragmentHeader => header.kind === 'fragment');

/** Well within the real seconds that make a virtual one, which is what the virtual clock rounds off. */
const MOST_REAL_MS = (SECONDS_A_SECOND / 2) * 1000;

const assertQuiet = (seen: readonly unknown[]): void => {
  if (seen.length > 0) throw new Error('the kernel went on with a packet after the call that brought it had returned');
};
