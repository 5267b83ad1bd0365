/**
 * Sides: by which of a tenant's two devices a captured packet arrives.
 *
 * A capture does not say where its packets came from, but requests and replies must arrive by different devices. So the
 * graph of who sent to whom is coloured with two colours: of two addresses that talk, one is inside and one outside, and
 * the first source that is seen in a connected part of the graph is inside. Where that cannot be done (three addresses
 * that all talk to each other), the lower address of each pair (as text) is inside, for that part of the graph. An
 * address that sends to itself is on one side only.
 *
 * Who sends to a group talks to nobody, and that neighbours find each other says nothing of who asked whom.
 */
import { icmpTypes } from '../../spec/icmp-types.ts';
import type { Address, Ip } from '../../spec/trace/packet.ts';

export type Side = 'inside' | 'outside';

/** One side a packet, in the order of the packets. */
export const sidesOf = (packets: readonly Ip[]): readonly Side[] => {
  const sides = bipartition(neighboursOf(packets.filter(isTalk)));
  return packets.map(({ source, destination }) => sides.get(source) ?? (isGroup(destination) ? 'inside' : lowerIsInside(source, destination)));
};

const isTalk = ({ destination, protocol, payload }: Ip): boolean =>
  !isGroup(destination) && !(payload.kind === 'icmp' && icmpTypes.get(protocol)?.neighbours.has(payload.type));

/** 224.0.0.0/4 and what lies above, ff00::/8. */
const isGroup = (address: Address): boolean =>
  address.includes(':') ? /^ff[0-9a-f]{2}:/.test(address) : Number.parseInt(address, 10) >= 224;

const lowerIsInside = (source: Address, destination: Address): Side => (source <= destination ? 'inside' : 'outside');

/** Keys stand in the order of first appearance, sources first. */
type Neighbours = ReadonlyMap<Address, ReadonlySet<Address>>;

const neighboursOf = (packets: readonly Ip[]): Neighbours => {
  const neighbours = new Map<Address, Set<Address>>();
  const of = (address: Address): Set<Address> => {
    const known = neighbours.get(address) ?? new Set();
    neighbours.set(address, known);
    return known;
  };
  for (const { source, destination } of packets) {
    const [sources, destinations] = [of(source), of(destination)];
    if (source === destination) continue;
    sources.add(destination);
    destinations.add(source);
  }
  return neighbours;
};

/** The side of each address; those in a part that two colours cannot colour are missing. */
const bipartition = (neighbours: Neighbours): ReadonlyMap<Address, Side> => {
  const sides = new Map<Address, Side>();
  const visited = new Set<Address>();
  for (const start of neighbours.keys()) {
    if (visited.has(start)) continue;
    const part = colouredFrom(start, neighbours);
    for (const address of part.sides.keys()) visited.add(address);
    if (part.possible) for (const [address, side] of part.sides) sides.set(address, side);
  }
  return sides;
};

/** The connected part around `start`, which is inside. */
const colouredFrom = (start: Address, neighbours: Neighbours): { sides: ReadonlyMap<Address, Side>; possible: boolean } => {
  const sides = new Map<Address, Side>([[start, 'inside']]);
  let possible = true;
  // A Map is walked in order of insertion, additions included: it is its own queue.
  for (const [address, side] of sides) {
    for (const next of neighbours.get(address) ?? []) {
      const known = sides.get(next);
      if (known === undefined) sides.set(next, side === 'inside' ? 'outside' : 'inside');
      else if (known === side) possible = false;
    }
  }
  return { sides, possible };
};
