/**
 * Translation on a packet's way, where the network translates: its destination where it arrives, its source where it
 * leaves. The first packet of a connection binds each end there before.
 *
 * Source: nf_nat_core.c nf_nat_inet_fn(), nf_nat_packet().
 */
import { confirmBound, end, isConfirmed } from './connections.ts';
import { ICMP } from './icmp.ts';
import type { Machine } from './machine.ts';
import { word } from './memory.ts';
import { bind, BOUND, openReply, TRANSLATED } from './nat.ts';
import { DESTINATION, SOURCE } from './nat-rules.ts';
import { NONE } from './pool.ts';
import { type End, isRedirect, LEAST_ERROR, rewrite, rewriteError } from './translate.ts';

/** Whether the packet at hand is one to translate: of a connection, where anything is translated. */
export const isTranslated = ({ nat, header, flow }: Machine): boolean => nat.active && header.version === 4 && flow.half !== NONE;

/** The packet has come in by a device. How many bytes had to be in one piece for its new destination; -1 if it cannot be done. */
export const translateDestination = (machine: Machine, device: number, packet: Uint8Array): number => {
  const { connections, nat, flow } = machine;
  if (flow.unconfirmed !== NONE) {
    openReply(flow.reply, flow.key);
    bind(connections, nat, DESTINATION, device, flow.unconfirmed, flow.key, flow.reply);
  }
  return rewriteSide(machine, packet, DESTINATION);
};

/** The packet is to leave by a device. The same for its new source. */
export const translateSource = (machine: Machine, exit: number, packet: Uint8Array): number => {
  const { connections, nat, flow } = machine;
  if (flow.unconfirmed !== NONE) bind(connections, nat, SOURCE, exit, flow.unconfirmed, flow.key, flow.reply);
  return rewriteSide(machine, packet, SOURCE);
};

/** A masqueraded connection has to leave by the device whose address it took: otherwise it ends. */
export const endIfMoved = ({ connections, verdict, flow }: Machine, exit: number): boolean => {
  const connection = flow.half >> 1;
  const wanted = word(connections.masquerade, connection);
  if ((flow.half & 1) !== 0 || verdict.state === 'related' || wanted === 0 || wanted === exit + 1) return false;
  if (isConfirmed(connections, connection)) end(connections, connection);
  return true;
};

/** The same as `confirm` of a connection that is bound. */
export const confirmTranslated = ({ connections, verdict, moment, flow }: Machine): boolean => {
  if (!confirmBound(connections, flow.unconfirmed, flow.key, flow.reply, moment.nowMs + flow.timeoutMs)) return false;
  verdict.bound = flow.unconfirmed;
  return true;
};

/** Gives a side of the packet the end that its connection has there. */
const rewriteSide = (machine: Machine, packet: Uint8Array, side: 0 | 1): number => {
  const { connections, header, verdict, flow } = machine;
  const bound = word(connections.bound, flow.half >> 1);
  const isError = verdict.state === 'related';
  if (isError && bound !== BOUND && isRedirect(packet, header)) return -1;
  if ((bound & TRANSLATED[(flow.half & 1) === side ? DESTINATION : SOURCE]) === 0) return isError ? LEAST_ERROR : 0;
  setEnd(machine, side);
  return isError ? rewriteError(packet, header, side, written) : rewrite(packet, header, side, written);
};

/** What is written. One record, used again. */
const written: End = { protocol: 0, address: 0, port: 0 };

/** What stands on a side of a packet of this half: the other half's key, turned around. */
const setEnd = ({ connections, verdict, flow }: Machine, side: 0 | 1): void => {
  const { words } = connections.halves;
  const { key, reply } = flow;
  const at = (flow.half ^ 1) * 4;
  const isFirst = flow.unconfirmed !== NONE;
  const ports = isFirst ? reply.ports : word(words, at + 2);
  written.protocol = verdict.state === 'related' ? (word(words, at + 3) >>> 16) & 0xff : key.protocol;
  if (side === SOURCE) written.address = isFirst ? reply.destination : word(words, at + 1);
  else written.address = isFirst ? reply.source : word(words, at);
  written.port = written.protocol === ICMP || side === DESTINATION ? ports >>> 16 : ports & 0xffff;
};
