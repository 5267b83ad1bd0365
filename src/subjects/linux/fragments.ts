/**
 * The fragment queues that a namespace holds, and the virtual clock that ends them.
 *
 * The kernel's own timer is set so long that it never fires. A queue of a name that was not seen before can only have
 * come to be now; where the name is older, the number of queues before and after the fragment, which the kernel counts,
 * says whether it did. A queue whose virtual time is up is killed by a fragment that the kernel answers by dropping the
 * queue: an empty one. That it did so is read from the count again.
 *
 * A queue that begins anew because its fragments are too far apart keeps its place in the count, so under a distance
 * limit the clock is wrong; the subject declares such traces incomparable.
 *
 * Source: net/ipv4/ip_fragment.c, net/ipv4/inet_fragment.c, net/ipv4/proc.c (the count, in sockstat).
 */
import { type Address, type Ipv4, ipv4 } from '../../../spec/trace/packet.ts';
import type { Device } from '../../../spec/trace/network.ts';
import { encode } from '../../packet/index.ts';
import { queueZoneAt, waitsAt } from './queues.ts';

type Queue = { readonly device: number; readonly createdMs: number; readonly packet: Ipv4 };

export type FragmentClock = {
  /** Puts a fragment in at a device. */
  readonly send: (index: number, device: Device, packet: Ipv4, nowMs: number) => void;
  /** Kills what was created at this moment or before, and returns how many queues the kernel still holds. Throws if one will not go. */
  readonly expire: (createdMs: number) => number;
};

/** `inUse` reads the kernel's count; `send` puts bytes in at a device. */
export const fragmentClock = (inUse: () => number, send: (device: number, bytes: Uint8Array) => void): FragmentClock => {
  const queues = new Map<string, Queue>();
  /** Queues that the kernel holds; undefined where that has yet to be read. */
  let count: number | undefined = 0;
  const held = (): number => (count ??= inUse());
  return {
    send: (index, device, packet, nowMs) => {
      if (!waitsAt(device)) {
        send(index, encode(packet));
        return;
      }
      const key = keyOf(device, packet);
      const known = queues.get(key);
      if (known !== undefined && known.createdMs < nowMs) {
        const before = held();
        send(index, encode(packet));
        count = inUse();
        if (count > before) queues.set(key, { device: index, createdMs: nowMs, packet });
        if (count < before) queues.delete(key);
        return;
      }
      // If there is a queue, it came to be at this time.
      send(index, encode(packet));
      if (!known) queues.set(key, { device: index, createdMs: nowMs, packet });
      count = undefined;
    },
    expire: (createdMs) => {
      const due = [...queues].filter(([, queue]) => queue.createdMs <= createdMs);
      for (const [key, queue] of due) {
        if (held() > 0) send(queue.device, killerOf(queue.packet));
        queues.delete(key);
      }
      if (due.length > 0 && held() > 0) count = inUse();
      if (held() > queues.size) throw new Error('a fragment queue of the kernel could not be ended');
      return held();
    },
  };
};

/** What the kernel tells queues apart by: the zone that defragmentation sees, and four fields of the header. */
const keyOf = (device: Device, { source, destination, id, protocol }: Ipv4): string => `${queueZoneAt(device)} ${source} ${destination} ${id} ${protocol}`;

/** The empty fragment of the same key: offset 0, more to come, no bytes. */
const killerOf = ({ source, destination, id, protocol }: { source: Address; destination: Address; id: number; protocol: number }) =>
  encode(ipv4({ source, destination, id, protocol, mf: true, payload: { kind: 'opaque', bytes: '', why: 'fragment' } }));

/** The number behind `FRAG: inuse` in the text of /proc/net/sockstat. */
export const queuesInUse = (sockstat: string): number => Number.parseInt(sockstat.slice(sockstat.lastIndexOf(FRAG_LINE) + FRAG_LINE.length), 10);

const FRAG_LINE = 'FRAG: inuse ';
