/**
 * Tracking: a packet meets the table of its zone. It belongs to a connection, begins one, or says what became of one.
 *
 * Source: nf_conntrack_core.c nf_conntrack_in(), resolve_normal_ct().
 */
import { assert } from './assert.ts';
import { begin, end, findHalf, forget, hasRoomFor, refresh } from './connections.ts';
import { makeRoom } from './early-drop.ts';
import { generic } from './generic.ts';
import { gre, GRE } from './gre.ts';
import { icmp, ICMP } from './icmp.ts';
import { icmp6, ICMPV6 } from './icmp6.ts';
import type { Machine } from './machine.ts';
import { float, word } from './memory.ts';
import { NONE } from './pool.ts';
import { ANEW, INVALID, KEEP, LAST, type Protocol, UNTRACKED } from './protocol.ts';
import { readQuote, readQuote6 } from './quote.ts';
import { sctp, SCTP } from './sctp.ts';
import { tcp, TCP } from './tcp.ts';
import { udp, UDP } from './udp.ts';
import { udpLite, UDP_LITE } from './udp-lite.ts';

/** What it finds is in the verdict and in the flow. False if there is no room for the packet's connection. */
export const track = (machine: Machine, bytes: Uint8Array): boolean => {
  const { moment, header, verdict, connections } = machine;
  const { key } = machine.flow;
  const { version, source, destination, protocol: number } = header;
  const protocol = protocolOf(number, version);
  moment.bytes = bytes;
  moment.quote = NONE;
  key.family = version === 6 ? 1 : 0;
  key.source = source;
  key.destination = destination;
  key.protocol = number;
  if (!protocol.read(moment, key)) {
    verdict.state = 'invalid';
    return true;
  }
  if (moment.quote === UNTRACKED) {
    verdict.state = 'untracked';
    return true;
  }
  if (moment.quote !== NONE) {
    relate(machine, moment.quote);
    return true;
  }
  // Behind a connection that ends before the packet there may be another one.
  for (let half = findHalf(connections, key); half !== NONE; half = findHalf(connections, key)) {
    if (follow(machine, protocol, half >> 1, half & 1)) return true;
  }
  return open(machine, protocol);
};

/** An error belongs to the connection of the packet that it quotes, and changes nothing about it. */
const relate = ({ addresses, moment, header, verdict, flow }: Machine, quote: number): void => {
  const { bytes, table } = moment;
  const { key } = flow;
  verdict.state = 'invalid';
  const isRead = header.version === 6 ? readQuote6(addresses, bytes, quote, header.totalLength, key) : readQuote(bytes, quote, header.totalLength, key);
  if (!isRead) return;
  const half = findHalf(table, key);
  // Whoever gets the error must be who sent what it quotes.
  if (half === NONE || key.destination !== header.destination) return;
  verdict.state = 'related';
  verdict.zone = word(table.zone, half >> 1) & 0xffff;
  verdict.direction = (half & 1) === 1 ? 'reply' : 'original';
  verdict.connection = float(table.label, half >> 1);
  flow.half = half;
};

/** A packet of a connection that is known. False if it has to be looked up again. */
const follow = ({ moment, verdict, flow }: Machine, protocol: Protocol, connection: number, half: number): boolean => {
  const { table } = moment;
  const effect = protocol.follow(moment, connection, half);
  verdict.state = half === 1 || word(table.seenReply, connection) === 1 ? 'established' : 'new';
  verdict.zone = word(table.zone, connection) & 0xffff;
  verdict.direction = half === 1 ? 'reply' : 'original';
  verdict.connection = float(table.label, connection);
  flow.half = effect === INVALID || effect === ANEW ? NONE : connection * 2 + half;
  if (effect === INVALID) verdict.state = 'invalid';
  // After the timeout was chosen: the first reply is still handled as if there had been none.
  else if (half === 1) table.seenReply[connection] = 1;
  if (effect >= 0) refresh(table, connection, moment.nowMs, effect);
  if (effect === LAST || effect === ANEW) end(table, connection);
  assert(effect >= KEEP, 'an answer is a timeout or a code');
  return effect !== ANEW;
};

/** A packet of no connection: it makes one, which is confirmed when the packet leaves. False if there is no room. */
const open = ({ moment, verdict, flow }: Machine, protocol: Protocol): boolean => {
  const { table } = moment;
  if (!makeRoom(table, flow.key)) return false;
  if (!hasRoomFor(table, flow.key.assigned)) return false;
  const connection = begin(table, flow.created + 1, moment.nowMs);
  if (connection === NONE) return false;
  flow.timeoutMs = protocol.open(moment, connection);
  if (flow.timeoutMs === INVALID) {
    forget(table, connection);
    verdict.state = 'invalid';
    return true;
  }
  verdict.state = 'new';
  verdict.zone = flow.key.assigned & 0xffff;
  verdict.direction = 'original';
  verdict.connection = ++flow.created;
  flow.unconfirmed = connection;
  flow.half = connection * 2;
  return true;
};

/** How a protocol is tracked over a version of IP. */
const protocolOf = (number: number, version: number): Protocol => {
  switch (number) {
    case TCP:
      return tcp;
    case UDP:
      return udp;
    case ICMP:
      return version === 4 ? icmp : generic;
    case ICMPV6:
      return version === 6 ? icmp6 : generic;
    case UDP_LITE:
      return udpLite;
    case GRE:
      return gre;
    case SCTP:
      return sctp;
    default:
      return generic;
  }
};
