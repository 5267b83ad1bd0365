/**
 * A flood: many lone first fragments of one IPv4 source at once, about as many as a kernel's fragment distance tolerates.
 */
import type { Tenant } from '../../spec/trace/network.ts';
import { ipv4 } from '../../spec/trace/packet.ts';
import { colouredPayload, LAST_PACKET } from '../colours.ts';
import type { Draft } from './conversation.ts';
import type { Dice } from './dice.ts';
import type { Pools } from './stage.ts';

/** ipfrag_max_dist, unless somebody changed it. */
const KERNEL_DISTANCE = 64;

/** Datagrams that will never be complete, each with an identification of its own. */
export const flood = (dice: Dice, from: Pools, tenant: Tenant): readonly Draft[] => {
  const [source, destination] = [dice.among(...from.hosts[4].insides), dice.among(...from.hosts[4].outsides)];
  const count = KERNEL_DISTANCE + dice.among(-2, -1, 0, 1, 8);
  return Array.from({ length: count }, (_, index) => ({
    device: tenant.devices[0] ?? '',
    packet: ipv4({
      source,
      destination,
      id: 1000 + index,
      mf: true,
      payload: { kind: 'opaque', bytes: colouredPayload(tenant.number, LAST_PACKET - index, 16), why: 'fragment' },
    }),
  }));
};
