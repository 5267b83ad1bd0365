/**
 * The fragment queues of IPv6 that a namespace holds, and the virtual clock that ends them.
 *
 * The kernel counts these queues nowhere, so it is asked: a whole datagram of one byte, sent as a fragment of a queue's
 * key, comes out on the other side of defragmentation if there is no queue, and is dropped without a trace if there is
 * one, because it ends before what that holds. A queue is ended by a fragment that is cut badly, which goes on by itself.
 * Both have a hop limit of 0, so neither is ever forwarded.
 *
 * A queue that holds nothing, because its only fragment was refused, cannot be told from none; the subject declares
 * traces with such fragments incomparable where time passes.
 *
 * Source: net/ipv6/netfilter/nf_conntrack_reasm.c, which the IPv4 clock (fragments.ts) has no part in.
 */
import { withBehind } from '../../../spec/extensions.ts';
import type { Device } from '../../../spec/trace/network.ts';
import { type FragmentHeader, type Ipv6, ipv6 } from '../../../spec/trace/packet.ts';
import { encode } from '../../packet/index.ts';
import { queueZoneAt, waitsAt } from './queues.ts';

type Queue = { readonly device: number; readonly createdMs: number; readonly probe: Uint8Array; readonly killer: Uint8Array };

export type FragmentClock6 = {
  /** A packet with this fragment header arrived just now on a device. */
  readonly arrived: (index: number, device: Device, packet: Ipv6, header: FragmentHeader, nowMs: number) => void;
  /** Time is about to pass: queues that came to be just now are looked for. */
  readonly settle: (nowMs: number) => void;
  /** Kills what was created at this moment or before. Throws if a queue will not go. */
  readonly expire: (createdMs: number) => void;
  /** Kills whatever may be there. */
  readonly clear: () => void;
};

/** `seen` puts bytes in at a device and says whether connection tracking saw them. */
export const fragmentClock6 = (seen: (device: number, bytes: Uint8Array) => boolean): FragmentClock6 => {
  const queues = new Map<string, Queue>();
  const everSeen = new Map<string, Queue>();
  const exists = ({ device, probe }: Queue): boolean => !seen(device, probe);
  return {
    arrived: (index, device, packet, header, nowMs) => {
      if (!waitsAt(device)) return;
      const key = keyOf(index, device, packet, header);
      const known = queues.get(key);
      if (known && known.createdMs < nowMs) {
        if (!exists(known)) queues.delete(key);
        return;
      }
      if (known) return;
      const queue = { device: index, createdMs: nowMs, probe: fragmentLike(packet, header.id, PROBE), killer: fragmentLike(packet, header.id, KILLER) };
      everSeen.set(key, queue);
      // Between some addresses nothing is let in, so nothing would ever come out.
      if (seen(index, fragmentLike(packet, (header.id ^ ANOTHER) >>> 0, PROBE))) queues.set(key, queue);
    },
    settle: (nowMs) => {
      for (const [key, queue] of queues) if (queue.createdMs === nowMs && !exists(queue)) queues.delete(key);
    },
    expire: (createdMs) => {
      for (const [key, queue] of queues) {
        if (queue.createdMs > createdMs) continue;
        seen(queue.device, queue.killer);
        if (exists(queue)) throw new Error('a fragment queue of the kernel could not be ended');
        queues.delete(key);
      }
    },
    clear: () => {
      for (const { device, killer } of everSeen.values()) seen(device, killer);
      queues.clear();
      everSeen.clear();
    },
  };
};

/** What the kernel tells queues apart by. Where the destination means something on its link only, that is the device, too. */
const keyOf = (index: number, device: Device, { source, destination }: Ipv6, { id }: FragmentHeader): string =>
  `${queueZoneAt(device)} ${source} ${destination} ${id} ${/^f[ef]/.test(destination) ? index : ''}`;

/** Nothing follows (RFC 8200 section 4.7), so tracking finds it invalid and makes no connection. */
const NO_NEXT_HEADER = 59;

/** Turns an identification into one that no queue has. */
const ANOTHER = 0x5a5a5a5a;

const PROBE = { offset: 0, mf: false };
const KILLER = { offset: 8, mf: true };

/** A fragment of one byte with the same key. */
const fragmentLike = ({ source, destination }: Ipv6, id: number, fields: Pick<FragmentHeader, 'offset' | 'mf'>): Uint8Array => {
  const header = ipv6({ source, destination, hopLimit: 0, payload: { kind: 'opaque', bytes: '', why: 'protocol' } });
  return encode(withBehind(header, [{ kind: 'fragment', id, ...fields, reserved: 0 }], NO_NEXT_HEADER, '00'));
};
