/**
 * Crossing pairs of devices: what leaves by one of a pair arrives at the other, piece by piece, and goes its way again.
 *
 * Source: drivers/net/veth.c veth_xmit().
 */
import { peerOfDevice } from './devices.ts';
import type { Machine } from './machine.ts';
import { byte } from './memory.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { NONE } from './pool.ts';
import { enter } from './way.ts';

/** More than anybody has; a buffer for each is taken when it is needed first. */
const CROSSINGS_MAX = 8;

/** A packet arrives on a device from outside, and goes through pairs of devices until it leaves or is no more. */
export const receive = (machine: Machine, device: number, bytes: Uint8Array): void => {
  const { verdict, devices } = machine;
  verdict.state = 'unseen';
  verdict.earlierCount = 0;
  machine.connections.evicted.length = 0;
  verdict.outgoing = outgoingAt(machine, 0);
  enter(machine, device, bytes);
  for (let crossings = 1; verdict.fate === 'left'; crossings++) {
    const peer = peerOfDevice(devices, verdict.exit);
    if (peer === NONE) break;
    cross(machine, peer, verdict.outgoing, crossings);
  }
};

/** At most one datagram comes of what crosses. */
const cross = (machine: Machine, peer: number, came: Outgoing, crossings: number): void => {
  const { verdict } = machine;
  if (crossings > CROSSINGS_MAX) throw new Error(`engine: a packet goes through more than ${CROSSINGS_MAX} pairs of devices`);
  verdict.outgoing = outgoingAt(machine, crossings);
  if (byte(came.bytes, 0) >>> 4 === 6) {
    // Only IPv4 is led through.
    verdict.outgoing.pieces = 0;
    verdict.fate = 'not-led';
    return;
  }
  // What lies behind a packet's length is not looked at, so a whole one needs no view of its own.
  if (came.pieces === 1) enter(machine, peer, came.bytes);
  else enterInPieces(machine, peer, came);
};

/** The first pieces may complete a datagram with what waits for them, and the others wait in turn. */
const enterInPieces = (machine: Machine, peer: number, came: Outgoing): void => {
  const { verdict } = machine;
  const { outgoing } = verdict;
  let exit = NONE;
  for (let piece = 0; piece < came.pieces; piece++) {
    if (exit !== NONE) verdict.outgoing = outgoingAt(machine, CROSSINGS_MAX + 1);
    enter(machine, peer, came.bytes.subarray(came.start[piece], came.end[piece]));
    if (verdict.fate === 'left' && exit === NONE) exit = verdict.exit;
  }
  if (exit === NONE) return;
  verdict.fate = 'left';
  verdict.exit = exit;
  verdict.outgoing = outgoing;
};

const outgoingAt = ({ outgoings }: Machine, crossings: number): Outgoing => (outgoings[crossings] ??= createOutgoing());
