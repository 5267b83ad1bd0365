/**
 * The way of a packet through the machine, from a device where it arrives to the one by which it leaves: admitted, put
 * together, tracked, translated, routed, confirmed. From top to bottom this is that order.
 *
 * Source: ip_rcv(), nf_hook_entries of the input and forward path, ip_forward(), ip_output().
 */
import { unuse, use } from './addresses.ts';
import { assert } from './assert.ts';
import { confirm, expireConnections, forget, setZone, zoneHasRoom } from './connections.ts';
import { isCounted } from './counters.ts';
import { exitOfDevice, exitTo, fragmentZoneOfDevice, OFF, zoneOfDatagram } from './devices.ts';
import { forwardPieces, forwardWhole, isMartian, optionsFit } from './forward.ts';
import { forwardPieces6, forwardWhole6, isMartian6 } from './forward6.ts';
import { expireFragments, gather } from './fragments.ts';
import { gather6 } from './fragments6.ts';
import { admit } from './header.ts';
import { admit6, DESTINATION, findProtocol, FIXED, NEXT_HEADER, SOURCE } from './header6.ts';
import type { Machine } from './machine.ts';
import { byte, copyBytes } from './memory.ts';
import { NONE } from './pool.ts';
import { track } from './tracking.ts';
import { confirmTranslated, endIfMoved, isTranslated, translateDestination, translateSource } from './translation.ts';
import { beginPass, type Fate } from './verdict.ts';

/** A packet arrives on a device. What becomes of it is in the verdict. */
export const enter = (machine: Machine, device: number, bytes: Uint8Array): void => {
  const { verdict, flow } = machine;
  beginPass(verdict);
  flow.unconfirmed = NONE;
  flow.half = NONE;
  verdict.fate = admitted(machine, device, bytes);
  if (verdict.fate !== 'left' && flow.unconfirmed !== NONE) forget(machine.connections, flow.unconfirmed);
  assert((verdict.fate === 'left') === (verdict.outgoing.pieces > 0), 'what left is there, and nothing else is');
};

const admitted = (machine: Machine, device: number, bytes: Uint8Array): Fate => {
  const { header, moment, fragments } = machine;
  expireConnections(machine.connections, moment.nowMs);
  expireFragments(fragments, moment.nowMs);
  if (bytes.length > 0 && byte(bytes, 0) >>> 4 === 6) return admit6(bytes, header) ? numbered(machine, device, bytes) : 'refused';
  if (!admit(bytes, header)) return 'refused';
  if (!header.mf && header.offset === 0) return whole(machine, device, device, bytes, false);
  const zone = fragmentZoneOfDevice(machine.devices, device);
  if (zone === OFF) return whole(machine, device, device, bytes, false);
  const gathered = gather(fragments, bytes, header, zone, device, moment.nowMs);
  return gathered === 'complete' ? gatheredWhole(machine) : gathered;
};

/** IPv6: its addresses are numbers from here on. */
const numbered = (machine: Machine, device: number, bytes: Uint8Array): Fate => {
  const { addresses, header } = machine;
  const source = use(addresses, bytes, SOURCE);
  const destination = use(addresses, bytes, DESTINATION);
  header.source = source;
  header.destination = destination;
  const fate = defragmented6(machine, device, bytes);
  unuse(addresses, source);
  unuse(addresses, destination);
  return fate;
};

const defragmented6 = (machine: Machine, device: number, bytes: Uint8Array): Fate => {
  const zone = fragmentZoneOfDevice(machine.devices, device);
  if (zone === OFF) return whole(machine, device, device, bytes, false);
  const gathered = gather6(machine.fragments, bytes, machine.header, zone, device, machine.moment.nowMs);
  if (gathered === 'passed-on') return whole(machine, device, device, bytes, false);
  return gathered === 'complete' ? gatheredWhole(machine) : gathered;
};

const gatheredWhole = (machine: Machine): Fate => {
  const { firstDevice, device, bytes } = machine.fragments.datagram;
  return whole(machine, firstDevice, device, bytes, true);
};

/** From here on packets are whole. A datagram that was put together goes on from where its last fragment arrived. */
const whole = (machine: Machine, first: number, device: number, bytes: Uint8Array, reassembled: boolean): Fate => {
  const { verdict, flow } = machine;
  const zone = zoneOfDatagram(machine.devices, first, device);
  if (zone === OFF || !isWhole(machine, bytes, reassembled)) {
    verdict.state = zone === OFF ? 'untracked' : 'invalid';
    return forwarded(machine, first, device, bytes, reassembled);
  }
  setZone(flow.key, zone);
  if (!track(machine, bytes)) return 'table-full';
  return isCounted(machine, device) ? forwarded(machine, first, device, bytes, reassembled) : 'counted-out';
};

/** Whether a protocol begins behind the header: not so in a fragment behind the first that nobody put together. */
const isWhole = ({ header }: Machine, bytes: Uint8Array, reassembled: boolean): boolean =>
  header.version === 6 ? findProtocol(bytes, header, byte(bytes, NEXT_HEADER), FIXED) : header.offset === 0 || reassembled;

/** Destination, route, source. */
const forwarded = (machine: Machine, first: number, device: number, bytes: Uint8Array, reassembled: boolean): Fate => {
  const { header, devices, flow } = machine;
  const isIpv6 = header.version === 6;
  const translated = isTranslated(machine);
  const packet = translated && !reassembled ? copied(machine, bytes) : bytes;
  const inside = translated ? translateDestination(machine, device, packet) : 0;
  if (inside < 0) return 'untranslated';
  const exit = isIpv6 ? exitOfDevice(devices, device) : exitTo(devices, device, header.destination);
  if (isIpv6 ? isMartian6(bytes, first === exit) : isMartian(header)) return 'martian';
  if (!isIpv6 && isOwn(machine)) return 'own';
  if (!isIpv6 && !optionsFit(packet, header)) return 'options';
  if (header.ttl <= 1) return 'ttl';
  if (translated && endIfMoved(machine, exit)) return 'moved';
  const outside = translated ? translateSource(machine, exit, packet) : 0;
  if (outside < 0) return 'untranslated';
  // Also what cannot be cut into pieces has come this far.
  if (flow.unconfirmed !== NONE && !zoneHasRoom(machine.connections, flow.key.assigned)) return 'zone-full';
  if (flow.unconfirmed !== NONE && !confirmed(machine, translated)) return 'clash';
  const fate = isIpv6 ? write6(machine, packet, reassembled) : write(machine, packet, reassembled, Math.max(inside, outside));
  if (fate === 'left') machine.verdict.exit = exit;
  return fate;
};

const copied = ({ copy, header }: Machine, bytes: Uint8Array): Uint8Array => {
  copyBytes(bytes, 0, copy, 0, header.totalLength);
  return copy;
};

const isOwn = ({ nat: { own }, header }: Machine): boolean => own.size > 0 && (own.has(header.source) || own.has(header.destination));

const confirmed = (machine: Machine, translated: boolean): boolean => {
  const { connections, moment, flow } = machine;
  const done = translated ? confirmTranslated(machine) : confirm(connections, flow.unconfirmed, flow.key, moment.nowMs + flow.timeoutMs);
  if (done) flow.unconfirmed = NONE;
  return done;
};

const write = ({ verdict, fragments, header }: Machine, bytes: Uint8Array, reassembled: boolean, joined: number): Fate => {
  if (reassembled) forwardPieces(verdict.outgoing, fragments.datagram, header, verdict.state !== 'untracked', joined);
  else forwardWhole(verdict.outgoing, bytes, header);
  return 'left';
};

const write6 = ({ verdict, fragments, header }: Machine, bytes: Uint8Array, reassembled: boolean): Fate => {
  if (reassembled) return forwardPieces6(verdict.outgoing, fragments.datagram, header, verdict.state !== 'untracked');
  forwardWhole6(verdict.outgoing, bytes, header);
  return 'left';
};
