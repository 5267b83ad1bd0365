/**
 * NAT: what the ends of a connection are translated to, one side after the other, in place in its reply key.
 *
 * Of the ports that may be had, the first is taken from a place on that the seed and the connection's own tuple give, not
 * its zone: equal connections of two zones are translated alike.
 *
 * Source: nf_nat_core.c get_unique_tuple(), nf_nat_l4proto_unique_tuple().
 */
import { lastWord, use } from './addresses.ts';
import { assert } from './assert.ts';
import { earlierThan, latestOf } from './by-source.ts';
import { type Connections, end, ownerOfReply, type Key, sourceZone } from './connections.ts';
import type { Flow } from './flow.ts';
import { hashKey } from './hash.ts';
import { ICMP } from './icmp.ts';
import { ICMPV6 } from './icmp6.ts';
import { float, setLong, word } from './memory.ts';
import { ANY_PORT, DESTINATION, type NatRules, NO_RULE, SOURCE, TO_OWN } from './nat-rules.ts';
import { NONE } from './pool.ts';
import { SCTP } from './sctp.ts';
import { END, isBefore, RECORD_WORDS, STATE } from './tcp-record.ts';
import { SYN_SENT, TIME_WAIT } from './tcp-states.ts';
import { TCP } from './tcp.ts';
import { UDP_LITE } from './udp-lite.ts';
import { UDP } from './udp.ts';

/** Flags of a connection: it is bound, and which sides are translated. */
export const BOUND = 1;
export const TRANSLATED = [2, 4] as const;
export const TRANSLATED_AT_ALL = TRANSLATED[0] | TRANSLATED[1];

/** What the packets of a connection look like in original direction: its reply key, turned around. */
const addressOf = (reply: Key, side: number): number => (side === SOURCE ? reply.destination : reply.source);

/** Whether an identifier stands in place of ports, for both sides. */
export const hasIdentifier = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6;

/** Ports stand in the other half of a reply. An identifier stands in the upper one, whichever side is asked for. */
const isUpper = (reply: Key, side: number): boolean => side === DESTINATION || hasIdentifier(reply.protocol);

const portOf = (reply: Key, side: number): number => (isUpper(reply, side) ? reply.ports >>> 16 : reply.ports & 0xffff);

const setEnd = (reply: Key, side: number, address: number, port: number): void => {
  if (side === SOURCE) reply.destination = address;
  else reply.source = address;
  reply.ports = isUpper(reply, side) ? (port << 16) | (reply.ports & 0xffff) : (reply.ports & ~0xffff) | port;
};

/** The reply key as it is before anything is translated. */
export const openReply = ({ key, reply }: Flow): void => {
  reply.family = key.family;
  reply.source = key.destination;
  reply.destination = key.source;
  reply.ports = key.replyPorts;
  reply.protocol = key.protocol;
  reply.zone = key.zone;
  reply.replyZone = key.replyZone;
  reply.assigned = key.assigned;
};

/**
 * Binds a side of a new connection where its first packet meets a device. The reply key becomes what answers it; whether
 * that is another's is for confirmation to find out.
 */
export const bind = (table: Connections, rules: NatRules, side: 0 | 1, device: number, flow: Flow): void => {
  const { key, reply, unconfirmed: connection } = flow;
  const place = device * 2 + side;
  const [address, port] = [addressOf(reply, side), portOf(reply, side)];
  const isRule = word(rules.kind, place) !== NO_RULE;
  const hasPorts = isRule && word(rules.fromPort, place) !== ANY_PORT && isSearched(reply.protocol);
  const first = hasPorts ? word(rules.fromPort, place) : ANY_PORT;
  const last = hasPorts ? word(rules.toPort, place) : ANY_PORT;
  if (side === SOURCE && word(rules.kind, place) === TO_OWN) table.masquerade[connection] = device + 1;
  if (side === DESTINATION || !staysOrComesAgain(table, rules, place, flow, first, last)) {
    const seed = seedOf(table, key);
    // Without a rule an end is bound to its own address.
    setEnd(reply, side, isRule ? chosen(table, rules, place, flow, side, seed) : address, port);
    if (!mayStay(table, reply, port, first, last)) search(table, side, connection, reply, first, last, seed);
  }
  const changed = addressOf(reply, side) !== address || portOf(reply, side) !== port;
  table.bound[connection] = word(table.bound, connection) | BOUND | (changed ? TRANSLATED[side] : 0);
};

/** The numbers of IPv6 addresses depend on what came before, so their last words stand for them. */
const seedOf = ({ hashSeed, addresses }: Connections, { family, source, destination, ports, protocol }: Key): number => {
  const [from, to] = family === 1 ? [lastWord(addresses, source), lastWord(addresses, destination)] : [source, destination];
  return hashKey(hashSeed, from, to, ports, protocol) >>> 0;
};

/** An address of the range. One of IPv6 is used from here on, until the packet has gone its way. */
const chosen = ({ addresses }: Connections, { upper, fromAddress, toAddress }: NatRules, place: number, flow: Flow, side: 0 | 1, seed: number): number => {
  const from = float(fromAddress, place);
  const address = (from + (seed % (float(toAddress, place) - from + 1))) | 0;
  if (flow.key.family === 0) return address;
  for (let index = 0; index < 3; index++) setLong(sixteen, index * 4, word(upper, place * 3 + index));
  setLong(sixteen, 12, address);
  const number = use(addresses, sixteen, 0);
  flow.held[side] = number;
  return number;
};

/** The bytes of an IPv6 address. Used again. */
const sixteen = new Uint8Array(16);

/** Whether an address is one that the rule at a place gives; without a rule, whichever it is. */
const isAmong = ({ addresses: { index } }: Connections, { kind, upper, fromAddress, toAddress }: NatRules, place: number, family: number, address: number): boolean => {
  if (word(kind, place) === NO_RULE) return true;
  let low = address;
  if (family === 1) {
    for (let part = 0; part < 3; part++) if (word(index.words, address * 4 + part) !== word(upper, place * 3 + part)) return false;
    low = word(index.words, address * 4 + 3);
  }
  return low >>> 0 >= float(fromAddress, place) && low >>> 0 <= float(toAddress, place);
};

const isWithin = (port: number, first: number, last: number): boolean => first === ANY_PORT || (port >= first && port <= last);

/** A source in the range that is not taken, or what the same source was translated to last in it. */
const staysOrComesAgain = (table: Connections, rules: NatRules, place: number, { key, reply, unconfirmed }: Flow, first: number, last: number): boolean => {
  const [address, port] = [reply.destination, portOf(reply, SOURCE)];
  if (isAmong(table, rules, place, key.family, address) && isWithin(port, first, last)) {
    const half = ownerOfReply(table, reply);
    return half === NONE || ((word(table.bound, unconfirmed) & TRANSLATED[DESTINATION]) === 0 && isMirror(table, half >> 1, reply));
  }
  let other = latestOf(table.bySource, address, port, (key.family << 8) | key.protocol, sourceZone(key));
  for (; other !== NONE; other = earlierThan(table.bySource, other)) {
    const at = (other * 2 + 1) * 4;
    const ports = word(table.halves.words, at + 2);
    const mapped = word(table.halves.words, at + 1);
    const mappedPort = hasIdentifier(key.protocol) ? ports >>> 16 : ports & 0xffff;
    if (!isAmong(table, rules, place, key.family, mapped) || !isWithin(mappedPort, first, last)) continue;
    setEnd(reply, SOURCE, mapped, mappedPort);
    if (ownerOfReply(table, reply) === NONE) return true;
    setEnd(reply, SOURCE, address, port);
    return false;
  }
  return false;
};

/** Whether an untranslated connection began with such a reply, of a protocol of which one of two that begin at once gives way. */
const isMirror = ({ halves: { words }, bound }: Connections, owner: number, { source, destination, ports, protocol }: Key): boolean => {
  if (hasIdentifier(protocol) || protocol === TCP || protocol === SCTP || (word(bound, owner) & TRANSLATED_AT_ALL) !== 0) return false;
  const at = owner * 2 * 4;
  return word(words, at) === source && word(words, at + 1) === destination && word(words, at + 2) === ports;
};

/** Whether the port may stay at the address that was chosen: a range of one is not asked. */
const mayStay = (table: Connections, reply: Key, port: number, first: number, last: number): boolean =>
  isWithin(port, first, last) && ((first !== ANY_PORT && first === last) || ownerOfReply(table, reply) === NONE);

/** Protocols that have ports, or what stands for them. */
const isSearched = (protocol: number): boolean =>
  hasIdentifier(protocol) || protocol === TCP || protocol === UDP || protocol === UDP_LITE || protocol === SCTP;

/** Looks for a port in the range, or in the class of the port that there was; if there is none, takes the last one. */
const search = (table: Connections, side: number, connection: number, reply: Key, first: number, last: number, seed: number): void => {
  const { protocol } = reply;
  const port = portOf(reply, side);
  if (!isSearched(protocol) || (first === ANY_PORT && side === DESTINATION && !hasIdentifier(protocol))) return;
  const least = first === ANY_PORT ? leastPort(protocol, port) : first;
  const most = first === ANY_PORT ? mostPort(protocol, port) : last;
  const size = most - least + 1;
  assert(size > 0, 'a range has a port');
  const start = side === DESTINATION ? 0 : (seed >>> 8) % size;
  if (tryPorts(table, side, connection, reply, least, size, start, side === DESTINATION)) return;
  if (side === SOURCE && protocol === TCP && tryPorts(table, side, connection, reply, least, size, start, true)) return;
  setEnd(reply, side, addressOf(reply, side), most);
};

/** `takesOver`: a port may be taken from a connection that is over. */
const tryPorts = (table: Connections, side: number, connection: number, reply: Key, least: number, size: number, start: number, takesOver: boolean): boolean => {
  const address = addressOf(reply, side);
  for (let turn = 0; turn < size; turn++) {
    setEnd(reply, side, address, least + ((start + turn) % size));
    const half = ownerOfReply(table, reply);
    if (half === NONE) return true;
    if (!takesOver || (half & 1) === 0 || !isOver(table, half >> 1, connection, reply.protocol)) continue;
    end(table, half >> 1);
    return true;
  }
  return false;
};

const leastPort = (protocol: number, port: number): number => {
  if (hasIdentifier(protocol)) return 0;
  if (port < 512) return 1;
  return port < 1024 ? 600 : 1024;
};

const mostPort = (protocol: number, port: number): number => {
  if (hasIdentifier(protocol) || port >= 1024) return 65_535;
  return port < 512 ? 511 : 1023;
};

/** Whether a translated TCP connection gives its port to one that has just begun, and goes on behind it. */
const isOver = (table: Connections, owner: number, connection: number, protocol: number): boolean => {
  if (protocol !== TCP || (word(table.bound, owner) & TRANSLATED[SOURCE]) === 0) return false;
  const [old, begun] = [owner * RECORD_WORDS, connection * RECORD_WORDS];
  if (word(table.tcp, begun + STATE) !== SYN_SENT || word(table.tcp, old + STATE) < TIME_WAIT) return false;
  return isBefore(word(table.tcp, old + END), word(table.tcp, begun + END));
};
