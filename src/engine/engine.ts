/**
 * The engine: conntrack with zones, bytes in, verdict out. The path of a packet, top to bottom, is `receive`.
 *
 * All memory is taken when an engine is built, and a whole packet allocates nothing; large fragments are copied through
 * views, which do. `reset` makes an engine as good as new at the cost of what was used. Time is virtual: it passes in
 * `advance` and nowhere else.
 */
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { Network } from '../../spec/trace/network.ts';
import { clearAddresses, createAddresses, unuse, use } from './addresses.ts';
import type { Bound, Told } from '../../spec/trace/outcome.ts';
import type { Tuple } from '../../spec/tuple.ts';
import { assert } from './assert.ts';
import {
  begin,
  clearConnections,
  confirm,
  confirmBound,
  createConnections,
  end,
  expireConnections,
  findHalf,
  forget,
  hasRoomFor,
  isConfirmed,
  type Key,
  refresh,
  resize,
  setZone,
} from './connections.ts';
import { create, type Creation, dump, flush, get, remove, tupleOf } from './control.ts';
import { checkDevice, createDevices, exitOfDevice, exitTo, fragmentZoneOfDevice, OFF, peerOfDevice, setDevices, zoneOfDatagram } from './devices.ts';
import { forwardPieces, forwardWhole, isMartian, optionsFit } from './forward.ts';
import { forwardPieces6, forwardWhole6, isMartian6 } from './forward6.ts';
import { clearFragments, createFragments, expireFragments, gather } from './fragments.ts';
import { gather6 } from './fragments6.ts';
import { generic } from './generic.ts';
import { gre, GRE } from './gre.ts';
import { admit, createHeader } from './header.ts';
import { admit6, DESTINATION, findProtocol, FIXED, NEXT_HEADER, SOURCE } from './header6.ts';
import { icmp, ICMP } from './icmp.ts';
import { icmp6, ICMPV6 } from './icmp6.ts';
import { checkLimits, CLOCK_MS_MAX, DATAGRAM_BYTES_MAX, DEFAULT_LIMITS, TIMEOUT_MS_MAX, within, type Limits } from './limits.ts';
import { byte, copyBytes, float, word } from './memory.ts';
import { bind, BOUND, openReply, TRANSLATED } from './nat.ts';
import { createNatRules, DESTINATION as TO, setNatRules, SOURCE as FROM } from './nat-rules.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { NONE } from './pool.ts';
import { ANEW, INVALID, KEEP, LAST, type Moment, type Protocol, UNTRACKED } from './protocol.ts';
import { readQuote, readQuote6 } from './quote.ts';
import { sctp, SCTP } from './sctp.ts';
import { udpLite, UDP_LITE } from './udp-lite.ts';
import { tcp, TCP } from './tcp.ts';
import { udp, UDP } from './udp.ts';
import { type End, isRedirect, LEAST_ERROR, rewrite, rewriteError } from './translate.ts';
import { beginPass, createVerdict, type Fate, type Verdict } from './verdict.ts';

export class Engine {
  readonly limits: Limits;
  readonly #addresses;
  readonly #connections;
  readonly #fragments;
  readonly #devices;
  readonly #header = createHeader();
  readonly #key: Key = { family: 0, source: 0, destination: 0, ports: 0, replyPorts: 0, protocol: 0, zone: 0, replyZone: 0, assigned: 0 };
  /** The key of the reply half of a connection that is bound. */
  readonly #reply: Key = { family: 0, source: 0, destination: 0, ports: 0, replyPorts: 0, protocol: 0, zone: 0, replyZone: 0, assigned: 0 };
  readonly #nat;
  readonly #end: End = { protocol: 0, address: 0, port: 0 };
  /** A packet that came whole, while it is rewritten. */
  readonly #copy = new Uint8Array(DATAGRAM_BYTES_MAX);
  readonly #verdict = createVerdict();
  readonly #outgoings: Outgoing[] = [this.#verdict.outgoing];
  readonly #moment: Moment;
  #nowMs = 0;
  /** Whether commands heed a zone that they name: to choose connections by, and beside a tuple. */
  #filters = true;
  #knowsZones = true;
  /** Connections created since the last reset. */
  #created = 0;
  /** The connection that the packet at hand made, or NONE. */
  #unconfirmed = NONE;
  /** The half that the packet at hand belongs to, or NONE; of a connection that ended with it, as well. */
  #half = NONE;
  /** How long that is to live. */
  #timeoutMs = 0;

  /** Takes all memory. Throws an Error if a limit is out of its bounds. */
  constructor(limits: Partial<Limits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    checkLimits(this.limits);
    this.#addresses = createAddresses(this.limits);
    this.#connections = createConnections(this.limits.connectionsMax, this.limits.hashSeed, this.#addresses);
    this.#fragments = createFragments(this.limits, this.#addresses);
    this.#devices = createDevices(this.limits.devicesMax);
    this.#nat = createNatRules(this.limits.devicesMax);
    this.#moment = { bytes: NO_BYTES, header: this.#header, nowMs: 0, network: NO_NETWORK, table: this.#connections, quote: NONE };
  }

  /**
   * Forgets everything and begins at 0 ms in this network. Throws an Error if the engine cannot play it; then it has to
   * be reset to another one before it is used.
   */
  reset(network: Network): void {
    const { timeouts, fragments, era, extensions } = network;
    clearConnections(this.#connections);
    clearFragments(this.#fragments);
    clearAddresses(this.#addresses);
    this.#nowMs = 0;
    this.#created = 0;
    for (const [name, timeoutMs] of Object.entries(timeouts)) within(`timeouts.${name}`, timeoutMs, 0, TIMEOUT_MS_MAX);
    within('fragments.distance', fragments.distance, 0, Number.MAX_SAFE_INTEGER);
    within('fragments.memoryBytes', fragments.memoryBytes, 0, Number.MAX_SAFE_INTEGER);
    setDevices(this.#devices, network);
    setNatRules(this.#nat, network);
    this.#moment.network = network;
    this.#connections.settings.oneChain = era === 'linux-4.3';
    this.#connections.settings.extensionsMax = extensions ?? Number.POSITIVE_INFINITY;
    within('extensions', extensions ?? 0, 0, Number.MAX_SAFE_INTEGER);
    this.#filters = era === undefined || era === 'linux-6.8';
    this.#knowsZones = era !== 'rfc-2010';
    const { settings } = this.#fragments;
    settings.timeoutMs = timeouts.fragmentMs;
    settings.timeout6Ms = timeouts.fragment6Ms;
    settings.distance = fragments.distance;
    settings.memoryBytes = fragments.memoryBytes;
  }

  /** The number of a device, or undefined. */
  device(name: string): number | undefined {
    return this.#devices.numbers.get(name);
  }

  /** Time passes. Throws an Error if the clock would go beyond 2^52 ms. */
  advance(milliseconds: number): void {
    within('milliseconds', milliseconds, 0, CLOCK_MS_MAX - this.#nowMs);
    // What became due is removed before the next packet; until then nobody can tell.
    this.#nowMs += milliseconds;
  }

  /** Ends every connection, or those of a zone. Fragments that wait go on waiting. */
  flush(zone?: number): void {
    expireConnections(this.#connections, this.#nowMs);
    flush(this.#connections, this.#filters ? zone : undefined);
  }

  /** Lists every connection, or those of a zone. */
  dump(zone?: number): Told {
    expireConnections(this.#connections, this.#nowMs);
    return dump(this.#connections, this.#filters ? zone : undefined, this.#nowMs);
  }

  /** Lists the connection of which a half has this tuple in this zone. */
  get(tuple: Tuple, zone: number): Told {
    expireConnections(this.#connections, this.#nowMs);
    return get(this.#connections, tuple, this.#knowsZones ? zone : 0, this.#nowMs);
  }

  /** Ends the connection of which a half has this tuple in this zone. */
  delete(tuple: Tuple, zone: number): Told {
    expireConnections(this.#connections, this.#nowMs);
    return remove(this.#connections, tuple, this.#knowsZones ? zone : 0);
  }

  /** Makes a connection that no packet made. Throws an Error if the table is full or the timeout out of its bounds. */
  create(creation: Creation): Told {
    within('timeoutMs', creation.timeoutMs, 0, TIMEOUT_MS_MAX);
    expireConnections(this.#connections, this.#nowMs);
    const told = create(this.#connections, this.#knowsZones ? creation : { ...creation, zone: 0 }, this.#created + 1, this.#nowMs);
    if (told.kind === 'done') this.#created++;
    return told;
  }

  /** Gives the index of connections about so many slots, 1 or more; it goes on growing when it has to. */
  resize(slots: number): void {
    within('slots', slots, 1, Number.MAX_SAFE_INTEGER);
    resize(this.#connections, slots);
  }

  /** Judges a packet that arrives on a device. The bytes are not changed. The verdict is valid until the next call. */
  receive(device: number, bytes: Uint8Array): Verdict {
    checkDevice(this.#devices, device);
    const verdict = this.#verdict;
    verdict.state = 'unseen';
    verdict.earlierCount = 0;
    verdict.outgoing = this.#outgoingAt(0);
    this.#enter(device, bytes);
    for (let crossings = 1; verdict.fate === 'left'; crossings++) {
      const peer = peerOfDevice(this.#devices, verdict.exit);
      if (peer === NONE) break;
      this.#cross(peer, verdict.outgoing, crossings);
    }
    return verdict;
  }

  /** What left by one of a pair of devices arrives at the other, piece by piece; at most one datagram comes of it. */
  #cross(peer: number, came: Outgoing, crossings: number): void {
    if (crossings > CROSSINGS_MAX) throw new Error(`engine: a packet goes through more than ${CROSSINGS_MAX} pairs of devices`);
    this.#verdict.outgoing = this.#outgoingAt(crossings);
    if (byte(came.bytes, 0) >>> 4 === 6) {
      // Only IPv4 is led through.
      this.#verdict.outgoing.pieces = 0;
      this.#verdict.fate = 'not-led';
      return;
    }
    // What lies behind a packet's length is not looked at, so a whole one needs no view of its own.
    if (came.pieces === 1) this.#enter(peer, came.bytes);
    else this.#enterInPieces(peer, came);
  }

  /** The first pieces may complete a datagram with what waits for them, and the others wait in turn. */
  #enterInPieces(peer: number, came: Outgoing): void {
    const verdict = this.#verdict;
    const { outgoing } = verdict;
    let exit = NONE;
    for (let piece = 0; piece < came.pieces; piece++) {
      if (exit !== NONE) verdict.outgoing = this.#outgoingAt(CROSSINGS_MAX + 1);
      this.#enter(peer, came.bytes.subarray(came.start[piece], came.end[piece]));
      if (verdict.fate === 'left' && exit === NONE) exit = verdict.exit;
    }
    if (exit === NONE) return;
    verdict.fate = 'left';
    verdict.exit = exit;
    verdict.outgoing = outgoing;
  }

  /** Buffers by how often a packet went through a pair of devices; that for the first time is always there. */
  #outgoingAt(crossings: number): Outgoing {
    return (this.#outgoings[crossings] ??= createOutgoing());
  }

  #enter(device: number, bytes: Uint8Array): void {
    const verdict = this.#verdict;
    beginPass(verdict);
    this.#unconfirmed = NONE;
    this.#half = NONE;
    verdict.fate = this.#pass(device, bytes);
    if (verdict.fate !== 'left' && this.#unconfirmed !== NONE) forget(this.#connections, this.#unconfirmed);
    assert((verdict.fate === 'left') === (verdict.outgoing.pieces > 0), 'what left is there, and nothing else is');
  }

  #pass(device: number, bytes: Uint8Array): Fate {
    const header = this.#header;
    expireConnections(this.#connections, this.#nowMs);
    expireFragments(this.#fragments, this.#nowMs);
    if (bytes.length > 0 && byte(bytes, 0) >>> 4 === 6) return admit6(bytes, header) ? this.#pass6(device, bytes) : 'refused';
    if (!admit(bytes, header)) return 'refused';
    if (!header.mf && header.offset === 0) return this.#track(device, device, bytes, false);
    const zone = fragmentZoneOfDevice(this.#devices, device);
    if (zone === OFF) return this.#track(device, device, bytes, false);
    const gathered = gather(this.#fragments, bytes, header, zone, device, this.#nowMs);
    if (gathered !== 'complete') return gathered;
    const { firstDevice, device: lastDevice, bytes: datagram } = this.#fragments.datagram;
    return this.#track(firstDevice, lastDevice, datagram, true);
  }

  /** IPv6: its addresses are numbers from here on. */
  #pass6(device: number, bytes: Uint8Array): Fate {
    const source = use(this.#addresses, bytes, SOURCE);
    const destination = use(this.#addresses, bytes, DESTINATION);
    const fate = this.#defragment6(device, bytes, source, destination);
    unuse(this.#addresses, source);
    unuse(this.#addresses, destination);
    return fate;
  }

  #defragment6(device: number, bytes: Uint8Array, source: number, destination: number): Fate {
    const header = this.#header;
    header.source = source;
    header.destination = destination;
    const zone = fragmentZoneOfDevice(this.#devices, device);
    if (zone === OFF) return this.#track(device, device, bytes, false);
    const gathered = gather6(this.#fragments, bytes, header, zone, device, this.#nowMs);
    if (gathered === 'passed-on') return this.#track(device, device, bytes, false);
    if (gathered !== 'complete') return gathered;
    const { firstDevice, device: lastDevice, bytes: datagram } = this.#fragments.datagram;
    return this.#track(firstDevice, lastDevice, datagram, true);
  }

  /** From here on packets are whole. A datagram that was put together goes on from where its last fragment arrived. */
  #track(first: number, device: number, bytes: Uint8Array, reassembled: boolean): Fate {
    const header = this.#header;
    const zone = zoneOfDatagram(this.#devices, first, device);
    if (zone === OFF || !this.#isWhole(bytes, reassembled)) {
      this.#verdict.state = zone === OFF ? 'untracked' : 'invalid';
      return this.#forward(first, device, bytes, reassembled);
    }
    setZone(this.#key, zone);
    if (!this.#meet(protocolOf(header.protocol, header.version), bytes)) return 'table-full';
    return this.#forward(first, device, bytes, reassembled);
  }

  /** Whether a protocol begins behind the header: not so in a fragment behind the first that nobody put together. */
  #isWhole(bytes: Uint8Array, reassembled: boolean): boolean {
    const header = this.#header;
    return header.version === 6 ? findProtocol(bytes, header, byte(bytes, NEXT_HEADER), FIXED) : header.offset === 0 || reassembled;
  }

  /** The packet meets the table of its zone. False if there is no room for its connection. */
  #meet(protocol: Protocol, bytes: Uint8Array): boolean {
    const moment = this.#moment;
    const { version, source, destination, protocol: number } = this.#header;
    const key = this.#key;
    key.family = version === 6 ? 1 : 0;
    moment.bytes = bytes;
    moment.nowMs = this.#nowMs;
    moment.quote = NONE;
    key.source = source;
    key.destination = destination;
    key.protocol = number;
    if (!protocol.read(moment, key)) {
      this.#verdict.state = 'invalid';
      return true;
    }
    if (moment.quote === UNTRACKED) {
      this.#verdict.state = 'untracked';
      return true;
    }
    if (moment.quote !== NONE) {
      this.#relate(moment.quote);
      return true;
    }
    // Behind a connection that ends before the packet there may be another one.
    for (let half = findHalf(this.#connections, key); half !== NONE; half = findHalf(this.#connections, key)) {
      if (this.#follow(protocol, half >> 1, half & 1)) return true;
    }
    return this.#begin(protocol);
  }

  /** An error belongs to the connection of the packet that it quotes, and changes nothing about it. */
  #relate(quote: number): void {
    const verdict = this.#verdict;
    const { bytes, header, table } = this.#moment;
    const key = this.#key;
    verdict.state = 'invalid';
    const isRead = header.version === 6 ? readQuote6(this.#addresses, bytes, quote, header.totalLength, key) : readQuote(bytes, quote, header.totalLength, key);
    if (!isRead) return;
    const half = findHalf(table, key);
    // Whoever gets the error must be who sent what it quotes.
    if (half === NONE || key.destination !== header.destination) return;
    verdict.state = 'related';
    verdict.zone = word(table.zone, half >> 1) & 0xffff;
    verdict.direction = (half & 1) === 1 ? 'reply' : 'original';
    verdict.connection = float(table.label, half >> 1);
    this.#half = half;
  }

  /** A packet of a connection that is known. False if it has to be looked up again. */
  #follow(protocol: Protocol, connection: number, half: number): boolean {
    const verdict = this.#verdict;
    const table = this.#connections;
    const effect = protocol.follow(this.#moment, connection, half);
    verdict.state = half === 1 || word(table.seenReply, connection) === 1 ? 'established' : 'new';
    verdict.zone = word(table.zone, connection) & 0xffff;
    verdict.direction = half === 1 ? 'reply' : 'original';
    verdict.connection = float(table.label, connection);
    this.#half = effect === INVALID || effect === ANEW ? NONE : connection * 2 + half;
    if (effect === INVALID) verdict.state = 'invalid';
    // After the timeout was chosen: the first reply is still handled as if there had been none.
    else if (half === 1) table.seenReply[connection] = 1;
    if (effect >= 0) refresh(table, connection, this.#nowMs, effect);
    if (effect === LAST || effect === ANEW) end(table, connection);
    assert(effect >= KEEP, 'an answer is a timeout or a code');
    return effect !== ANEW;
  }

  /** A packet of no connection: it makes one, which is confirmed when the packet leaves. False if there is no room. */
  #begin(protocol: Protocol): boolean {
    const verdict = this.#verdict;
    if (!hasRoomFor(this.#connections, this.#key.assigned)) return false;
    const connection = begin(this.#connections, this.#created + 1, this.#nowMs);
    if (connection === NONE) return false;
    this.#timeoutMs = protocol.open(this.#moment, connection);
    if (this.#timeoutMs === INVALID) {
      forget(this.#connections, connection);
      verdict.state = 'invalid';
      return true;
    }
    verdict.state = 'new';
    verdict.zone = this.#key.assigned & 0xffff;
    verdict.direction = 'original';
    verdict.connection = ++this.#created;
    this.#unconfirmed = connection;
    this.#half = connection * 2;
    return true;
  }

  #forward(first: number, device: number, bytes: Uint8Array, reassembled: boolean): Fate {
    const verdict = this.#verdict;
    const header = this.#header;
    const isIpv6 = header.version === 6;
    if (!isIpv6 && this.#nat.active && this.#half !== NONE) return this.#translate(device, bytes, reassembled);
    const exit = isIpv6 ? exitOfDevice(this.#devices, device) : exitTo(this.#devices, device, header.destination);
    if (isIpv6 ? isMartian6(bytes, first === exit) : isMartian(header)) return 'martian';
    if (!isIpv6 && this.#isOwn()) return 'own';
    if (!isIpv6 && !optionsFit(bytes, header)) return 'options';
    if (header.ttl <= 1) return 'ttl';
    // Also what cannot be cut into pieces has come this far.
    if (this.#unconfirmed !== NONE && !confirm(this.#connections, this.#unconfirmed, this.#key, this.#nowMs + this.#timeoutMs)) return 'clash';
    this.#unconfirmed = NONE;
    const fate = isIpv6 ? this.#write6(bytes, reassembled) : this.#write(bytes, reassembled, 0);
    if (fate !== 'left') return fate;
    verdict.exit = exit;
    return fate;
  }

  #isOwn(): boolean {
    const { own } = this.#nat;
    return own.size > 0 && (own.has(this.#header.source) || own.has(this.#header.destination));
  }

  /** The same where the network translates, for a packet of a connection: destination, route, source. */
  #translate(device: number, bytes: Uint8Array, reassembled: boolean): Fate {
    const header = this.#header;
    const table = this.#connections;
    const connection = this.#half >> 1;
    const isFirst = this.#unconfirmed !== NONE;
    if (isFirst) {
      openReply(this.#reply, this.#key);
      bind(table, this.#nat, TO, device, connection, this.#key, this.#reply);
    }
    const packet = reassembled ? bytes : this.#copied(bytes);
    const inside = this.#rewrite(packet, TO);
    if (inside < 0) return 'untranslated';
    if (isMartian(header)) return 'martian';
    if (this.#isOwn()) return 'own';
    if (!optionsFit(packet, header)) return 'options';
    if (header.ttl <= 1) return 'ttl';
    const exit = exitTo(this.#devices, device, header.destination);
    if (this.#hasMoved(connection, exit)) {
      if (isConfirmed(table, connection)) end(table, connection);
      return 'moved';
    }
    if (isFirst) bind(table, this.#nat, FROM, exit, connection, this.#key, this.#reply);
    const outside = this.#rewrite(packet, FROM);
    if (outside < 0) return 'untranslated';
    if (isFirst && !confirmBound(table, connection, this.#key, this.#reply, this.#nowMs + this.#timeoutMs)) return 'clash';
    this.#verdict.bound = isFirst ? connection : NONE;
    this.#unconfirmed = NONE;
    this.#verdict.exit = exit;
    return this.#write(packet, reassembled, Math.max(inside, outside));
  }

  #copied(bytes: Uint8Array): Uint8Array {
    copyBytes(bytes, 0, this.#copy, 0, this.#header.totalLength);
    return this.#copy;
  }

  /** A masqueraded connection has to leave by the device whose address it took. */
  #hasMoved(connection: number, exit: number): boolean {
    const wanted = word(this.#connections.masquerade, connection);
    return (this.#half & 1) === 0 && this.#verdict.state !== 'related' && wanted !== 0 && wanted !== exit + 1;
  }

  /**
   * Gives a side of the packet the end that its connection has there: how many bytes had to be in one piece for that, or -1
   * if it cannot be done.
   */
  #rewrite(packet: Uint8Array, side: 0 | 1): number {
    const header = this.#header;
    const table = this.#connections;
    const bound = word(table.bound, this.#half >> 1);
    const isError = this.#verdict.state === 'related';
    if (isError && bound !== BOUND && isRedirect(packet, header)) return -1;
    if ((bound & TRANSLATED[(this.#half & 1) === side ? TO : FROM]) === 0) return isError ? LEAST_ERROR : 0;
    this.#setEnd(side);
    return isError ? rewriteError(packet, header, side, this.#end) : rewrite(packet, header, side, this.#end);
  }

  /** What stands on a side of a packet of this half: the other half's key, turned around. */
  #setEnd(side: 0 | 1): void {
    const end = this.#end;
    const table = this.#connections;
    const { words } = table.halves;
    const reply = this.#reply;
    const at = (this.#half ^ 1) * 4;
    const isFirst = this.#unconfirmed !== NONE;
    const ports = isFirst ? reply.ports : word(words, at + 2);
    end.protocol = this.#key.protocol;
    if (this.#verdict.state === 'related') end.protocol = (word(words, at + 3) >>> 16) & 0xff;
    if (side === FROM) end.address = isFirst ? reply.destination : word(words, at + 1);
    else end.address = isFirst ? reply.source : word(words, at);
    end.port = end.protocol === ICMP || side === TO ? ports >>> 16 : ports & 0xffff;
  }

  /** The tuples of a connection that the last verdict says is bound. */
  bound(connection: number): Bound {
    const table = this.#connections;
    return { original: tupleOf(table, connection * 2), reply: tupleOf(table, connection * 2 + 1) };
  }

  #write(bytes: Uint8Array, reassembled: boolean, joined: number): Fate {
    if (reassembled) forwardPieces(this.#verdict.outgoing, this.#fragments.datagram, this.#header, this.#verdict.state !== 'untracked', joined);
    else forwardWhole(this.#verdict.outgoing, bytes, this.#header);
    return 'left';
  }

  #write6(bytes: Uint8Array, reassembled: boolean): Fate {
    if (reassembled) return forwardPieces6(this.#verdict.outgoing, this.#fragments.datagram, this.#header, this.#verdict.state !== 'untracked');
    forwardWhole6(this.#verdict.outgoing, bytes, this.#header);
    return 'left';
  }
}

/** More than anybody has; a buffer for each is taken when it is needed first. */
const CROSSINGS_MAX = 8;

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

const NO_BYTES = new Uint8Array();
const NO_NETWORK: Network = {
  devices: [],
  tenants: [],
  timeouts: DEFAULT_TIMEOUTS,
  tcp: DEFAULT_TCP,
  fragments: { distance: 0, memoryBytes: 0 },
};
