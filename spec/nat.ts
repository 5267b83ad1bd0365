/**
 * NAT: what the ends of a connection are translated to.
 *
 * Its first packet binds it, the destination where it arrives, the source where it leaves; ever after its packets are
 * rewritten by that (spec/translation.ts). Where the network translates at all, every connection is bound, most of them to
 * what they are. The reply tuple then says what is true of each: no two connections of a zone may share one, and what
 * another zone has used up does not matter.
 *
 * Of several ends that will do an implementation takes the one that it likes. So there is a *set* of them here, and
 * somebody else chooses: whoever compares, by what was seen; else the first.
 *
 * Source: nf_nat_setup_info(), get_unique_tuple(), nf_nat_l4proto_unique_tuple(); nft_nat, nf_nat_masquerade.c,
 * nf_nat_redirect.c.
 */
import type { Connection } from './connection.ts';
import { answers } from './lookup.ts';
import { realmOf, withoutRealm } from './realm.ts';
import type { Rules } from './rule.ts';
import { after } from './tcp/sequence.ts';
import type { AddressRange, Device, PortRange, Translation } from './trace/network.ts';
import type { Address, Ip } from './trace/packet.ts';
import { ICMP, ICMPV6, SCTP, TCP, UDP, UDP_LITE } from './trace/transport.ts';
import { inverse, isInverse, type Tuple } from './tuple.ts';
import { addressesFrom, isAmong, isIpv6 } from './wire/address.ts';
import { DEFAULT_ZONE, isUndirected, type Zone, type ZoneId, zoneOf } from './zone.ts';

export const natRules = {
  'nat.kept': {
    sentence: 'A source that is in the range, and not taken with this destination, stays as it is.',
    source: 'get_unique_tuple(), "try the original tuple first"',
  },
  'nat.mirrored': {
    sentence: 'A source in the range, of what is not translated by then, stays as well if all that is in the way is the original half of an untranslated connection: as if the two had begun at once from both sides, where their protocol lets one give way. Here none does, so the packet is dropped where its connection would be confirmed.',
    source: 'nf_nat_used_tuple_new(), nf_nat_allow_clash(); Linux 6.12 and newer',
  },
  'nat.again': {
    sentence: 'A source that was translated into the range before, for whatever destination, is translated to the same if that is not taken. Sources are kept by a zone that counts in both directions, all others together by its id in original direction.',
    source: 'get_unique_tuple(), find_appropriate_src()',
  },
  'nat.address': {
    sentence: 'Otherwise it gets an address of the range, and goes on with its port if that is in the range and not taken.',
    source: 'find_best_ips_proto(), get_unique_tuple()',
  },
  'nat.single-port': {
    sentence: 'A range of one port is not asked whether that is taken.',
    source: 'get_unique_tuple(), range->min_proto.all == range->max_proto.all',
  },
  'nat.no-other-port': {
    sentence: 'A destination whose port may not change, and a protocol without ports, stay with what is taken.',
    source: "nf_nat_l4proto_unique_tuple(), \"If it's dst rewrite, can't change port\"",
  },
  'nat.first-port': {
    sentence: 'A destination gets the first port of its range that is not taken.',
    source: 'nf_nat_l4proto_unique_tuple(), NF_NAT_MANIP_DST: off = 0',
  },
  'nat.any-port': {
    sentence: 'A source gets any port of its range that is not taken. Without a range: of those below 512, those from 600 to 1023, or those from 1024, as its own was; of ICMP and ICMPv6, any identifier.',
    source: 'nf_nat_l4proto_unique_tuple(), get_random_u16()',
  },
  'nat.taken-over': {
    sentence: 'A port may be taken from a translated TCP connection that is over, if the new one goes on behind it: that one ends.',
    source: 'nf_nat_used_tuple_harder(), nf_nat_may_kill(), nf_seq_has_advanced()',
  },
  'nat.none-left': {
    sentence: 'If all are taken, so is what it gets, and the packet is dropped where its connection would be confirmed.',
    source: 'nf_nat_l4proto_unique_tuple(), __nf_conntrack_confirm()',
  },
} as const satisfies Rules;

export type Side = 'destination' | 'source';

/** An address, and a port or an identifier. */
export type End = { readonly address: Address; readonly port: number };

/** Ends of which an implementation takes one. */
export type Ends = {
  readonly first: () => End;
  /** This one, if it is among them; else the first that has its address; else the first. */
  readonly nearest: (end: End) => End;
  /** The first at each address; where all are taken, a taken one, because no other address is tried then. */
  readonly each: () => readonly [End, ...(readonly End[])];
};

/** Takes one of several ends. `pass`: how often the packet was tracked before. */
export type Choose = (side: Side, ends: Ends, pass: number) => End;

export const firstOf: Choose = (_side, { first }) => first();

/** The same on one pass. */
export type ChooseHere = (side: Side, ends: Ends) => End;

export type Binding = {
  readonly rules: readonly (keyof typeof natRules)[];
  readonly connection: Connection;
  /** A connection that ends, because its port is needed. */
  readonly ended?: Connection;
};

/** Binds one side of a connection that is not confirmed yet, where its first packet meets this device. */
export const bind = (connections: readonly Connection[], connection: Connection, side: Side, device: Device, choose: ChooseHere): Binding => {
  const now = asItIs(connection);
  const { address, nat } = translationAt(device, isIpv6(now.source) ? 'ipv6' : 'ipv4');
  const rule = nat?.[side];
  const range = rule ? rangeOf(rule, address) : only(endOf(now, side).address);
  const { rules, end, ended } = endIn(connections, connection, now, side, range, choose);
  const bound = withEnd(now, side, end);
  const changed = bound !== now;
  return {
    rules,
    ...(ended && { ended }),
    connection: {
      ...connection,
      reply: changed ? (inverse(bound) ?? connection.reply) : connection.reply,
      bound: {
        destination: side === 'destination' ? changed : (connection.bound?.destination ?? false),
        source: side === 'source' && changed,
        ...(side === 'source' && rule?.to === 'own' && { masquerade: device.name }),
      },
    },
  };
};

/** What a device has of one version of IP: an address of its own, and translations. */
export const translationAt = ({ address, address6, nat, nat6 }: Device, version: Ip['kind']): Pick<Device, 'address' | 'nat'> =>
  version === 'ipv4' ? { ...(address !== undefined && { address }), ...(nat && { nat }) } : { ...(address6 !== undefined && { address: address6 }), ...(nat6 && { nat: nat6 }) };

type Range = { readonly addresses: AddressRange; readonly ports?: PortRange };

const only = (address: Address): Range => ({ addresses: { from: withoutRealm(address), to: withoutRealm(address) } });

const rangeOf = ({ to, ports }: Translation, own: Address | undefined): Range => {
  const addresses = to === 'own' ? own && { from: own, to: own } : to;
  if (!addresses) throw new RangeError('nat: a device that translates to its own address has none');
  return { addresses, ...(ports && { ports }) };
};

/** What the connection's packets look like by now, in original direction. */
const asItIs = ({ original, reply }: Connection): Tuple => inverse(reply) ?? original;

const hasIdentifier = ({ protocol }: Tuple): boolean => protocol === ICMP || protocol === ICMPV6;

/** One side of a tuple. The identifier of ICMP and ICMPv6 belongs to both. */
const endOf = (tuple: Tuple, side: Side): End =>
  side === 'source' || hasIdentifier(tuple)
    ? { address: side === 'source' ? tuple.source : tuple.destination, port: tuple.sourcePort }
    : { address: tuple.destination, port: tuple.destinationPort };

/** The end that a connection with this reply tuple has on one side: what an observer sees of a choice. */
export const endSeen = (reply: Tuple, side: Side): End | undefined => {
  const tuple = inverse(reply);
  return tuple && endOf(tuple, side);
};

const withEnd = (tuple: Tuple, side: Side, end: End): Tuple => {
  if (sameEnd(endOf(tuple, side), end)) return tuple;
  const moved = side === 'source' ? { ...tuple, source: end.address } : { ...tuple, destination: end.address };
  return side === 'source' || hasIdentifier(tuple) ? { ...moved, sourcePort: end.port } : { ...moved, destinationPort: end.port };
};

const sameEnd = (a: End, b: End): boolean => a.address === b.address && a.port === b.port;

const isWithin = (value: number, { from, to }: PortRange): boolean => value >= from && value <= to;

const isInRange = ({ address, port }: End, { addresses, ports }: Range): boolean => isAmong(withoutRealm(address), addresses) && (!ports || isWithin(port, ports));

type Found = Pick<Binding, 'rules' | 'ended'> & { readonly end: End };

/** What is to be bound, and who else is there. */
type Search = {
  readonly connections: readonly Connection[];
  readonly connection: Connection;
  readonly now: Tuple;
  readonly side: Side;
  readonly ports: PortRange | undefined;
};

const endIn = (connections: readonly Connection[], connection: Connection, now: Tuple, side: Side, range: Range, choose: ChooseHere): Found => {
  const search: Search = { connections, connection, now, side, ports: range.ports };
  const current = endOf(now, side);
  if (side === 'source') {
    const known = isInRange(current, range) ? current : mappedBefore(search, range);
    const owner = known && ownerOf(search, known);
    if (known && !owner) return { rules: [known === current ? 'nat.kept' : 'nat.again'], end: known };
    if (known === current && owner && isMirror(owner.connection, connection)) return { rules: ['nat.mirrored'], end: current };
  }
  const { from } = range.addresses;
  const at = (address: Address): Offer => offerOf(search, { ...current, address: withoutRealm(address) + realmOf(current.address) });
  const end = choose(side, {
    first: () => at(from).first(),
    nearest: (wanted) => {
      const offer = at(isAmong(withoutRealm(wanted.address), range.addresses) ? wanted.address : from);
      return offer.has(wanted.port) ? { ...wanted, address: withoutRealm(wanted.address) + realmOf(current.address) } : offer.first();
    },
    each: () => [at(from).first(), ...addressesFrom(range.addresses).slice(1).map((address) => at(address).first())],
  });
  const { rule } = at(end.address);
  if (rule === 'nat.address') return { rules: [rule], end };
  const owner = rule === 'nat.any-port' || rule === 'nat.first-port' ? ownerOf(search, end) : undefined;
  if (!owner) return { rules: ['nat.address', rule], end };
  return givesWay(owner, connection)
    ? { rules: ['nat.address', rule, 'nat.taken-over'], end, ended: owner.connection }
    : { rules: ['nat.address', 'nat.none-left'], end };
};

/** Whose half it is that would be answered as this end, the latest first. Original halves are in the way where they have one zone with replies. */
const ownerOf = ({ connections, connection, now, side }: Search, end: End) => {
  const reply = inverse(withEnd(now, side, end));
  if (!reply) return undefined;
  const { zone } = connection;
  const owner = connections.findLast((other) => answers(other, 'reply', reply, zone) || (isUndirected(zone) && answers(other, 'original', reply, zone)));
  return owner && { connection: owner, direction: answers(owner, 'reply', reply, zone) ? 'reply' : 'original' };
};

const WITHOUT_CLASHES: ReadonlySet<number> = new Set([TCP, SCTP, ICMP, ICMPV6]);

/** Whether an untranslated connection began with what would answer this. */
const isMirror = ({ bound, original }: Connection, begun: Connection): boolean =>
  !WITHOUT_CLASHES.has(original.protocol) && !bound?.destination && !bound?.source && !begun.bound?.destination && isInverse(original, begun.original);

/** The same source's end in another connection of its zone, the latest first, if that is in the range. */
const mappedBefore = ({ connections, connection, now }: Search, range: Range): End | undefined => {
  for (const { bound, original, reply, zone: other } of connections.toReversed()) {
    if (!bound || original.source !== now.source || original.sourcePort !== now.sourcePort || original.protocol !== now.protocol) continue;
    const end = areSourcesOfOneZone(other, connection.zone) ? endSeen(reply, 'source') : undefined;
    if (end && isInRange(end, range)) return end;
  }
  return undefined;
};

/** Sources are kept by a zone that counts in both directions, all others together; and then compared by the id in original direction. */
const areSourcesOfOneZone = (one: Zone | undefined, other: Zone | undefined): boolean =>
  keptIn(one) === keptIn(other) && zoneOf(one, 'original') === zoneOf(other, 'original');

const keptIn = (zone: Zone | undefined): ZoneId => (zone?.counts === 'both' ? zone.id : DEFAULT_ZONE);

/** What a connection may get at one address. If nothing is left, its first is taken. */
type Offer = { readonly rule: keyof typeof natRules; readonly first: () => End; readonly has: (port: number) => boolean };

const offerOf = (search: Search, carried: End): Offer => {
  const { ports, side } = search;
  const asCarried = (rule: Offer['rule']): Offer => ({ rule, first: () => carried, has: (wanted) => wanted === carried.port });
  const mayStay = !ports || isWithin(carried.port, ports);
  if (mayStay && ports && ports.from === ports.to) return asCarried('nat.single-port');
  if (mayStay && !ownerOf(search, carried)) return asCarried('nat.address');
  const range = rangeToSearch(search.now, side, ports, carried.port);
  if (!range) return asCarried('nat.no-other-port');

  const isFree = (port: number): boolean => ownerOf(search, { ...carried, port }) === undefined;
  const canBeHad = (port: number): boolean => isFree(port) || givesWay(ownerOf(search, { ...carried, port }), search.connection);
  const first = (): number => (side === 'source' ? firstIn(range, isFree) : undefined) ?? firstIn(range, canBeHad) ?? range.to;
  return {
    rule: side === 'source' ? 'nat.any-port' : 'nat.first-port',
    first: () => ({ ...carried, port: first() }),
    has: (port) => (side === 'source' ? isWithin(port, range) && canBeHad(port) : port === first()),
  };
};

const firstIn = ({ from, to }: PortRange, fits: (port: number) => boolean): number | undefined => {
  for (let port = from; port <= to; port += 1) if (fits(port)) return port;
  return undefined;
};

const WITH_PORTS: ReadonlySet<number> = new Set([TCP, UDP, UDP_LITE, SCTP]);

/** Where another port may be looked for; undefined: nowhere. */
const rangeToSearch = (now: Tuple, side: Side, ports: PortRange | undefined, port: number): PortRange | undefined => {
  if (hasIdentifier(now)) return ports ?? { from: 0, to: 65_535 };
  if (!WITH_PORTS.has(now.protocol)) return undefined;
  if (ports || side === 'destination') return ports;
  if (port < 512) return { from: 1, to: 511 };
  return port < 1024 ? { from: 600, to: 1023 } : { from: 1024, to: 65_535 };
};

const OVER: ReadonlySet<string> = new Set(['TIME_WAIT', 'CLOSE', 'SYN_SENT2']);

/** Whether the owner of a reply tuple gives it to a new connection. */
const givesWay = (owner: ReturnType<typeof ownerOf>, { tcp }: Connection): boolean => {
  if (owner?.direction !== 'reply' || tcp?.state !== 'SYN_SENT') return false;
  const { bound, tcp: history } = owner.connection;
  return bound?.source === true && history !== undefined && OVER.has(history.state) && after(tcp.original.end, history.original.end);
};
