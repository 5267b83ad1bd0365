/**
 * Translation on a packet's way, where the network translates: its destination where it arrives, its source where it
 * leaves. The first packet of a connection binds each end there before.
 *
 * Source: nf_nat_core.c nf_nat_inet_fn(), nf_nat_packet().
 */
import { confirmBound, end, isConfirmed } from './connections.ts';
import type { Machine } from './machine.ts';
import { word } from './memory.ts';
import { bind, BOUND, hasIdentifier, openReply, TRANSLATED } from './nat.ts';
import { DESTINATION, type NatRules, SOURCE } from './nat-rules.ts';
import { NONE } from './pool.ts';
import { type End, endOfLeastError, isRedirect, rewrite, rewriteError } from './translate.ts';

const rulesFor = ({ nat: { rules }, header }: Machine): NatRules => rules[header.version === 6 ? 1 : 0];

/** Whether the packet at hand is one to translate: of a connection, where anything of its version of IP is translated. */
export const isTranslated = (machine: Machine): boolean => machine.flow.half !== NONE && rulesFor(machine).active;

/** The packet has come in by a device. Up to where it had to be in one piece for its new destination; -1 if it cannot be done. */
export const translateDestination = (machine: Machine, device: number, packet: Uint8Array): number => {
  const { connections, flow } = machine;
  if (flow.unconfirmed !== NONE) {
    openReply(flow);
    bind(connections, rulesFor(machine), DESTINATION, device, flow);
  }
  return rewriteSide(machine, packet, DESTINATION);
};

/** The packet is to leave by a device. The same for its new source. */
export const translateSource = (machine: Machine, exit: number, packet: Uint8Array): number => {
  const { connections, flow } = machine;
  if (flow.unconfirmed !== NONE) bind(connections, rulesFor(machine), SOURCE, exit, flow);
  return rewriteSide(machine, packet, SOURCE);
};

/** A masqueraded connection has to leave by the device whose address it took: otherwise it ends. */
export const endIfMoved = ({ connections, flow }: Machine, exit: number): boolean => {
  const connection = flow.half >> 1;
  const wanted = word(connections.masquerade, connection);
  if ((flow.half & 1) !== 0 || flow.isError || wanted === 0 || wanted === exit + 1) return false;
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
  const { connections, header, flow } = machine;
  const bound = word(connections.bound, flow.half >> 1);
  const isError = flow.isError;
  if (isError && bound !== BOUND && isRedirect(packet, header)) return -1;
  if ((bound & TRANSLATED[(flow.half & 1) === side ? DESTINATION : SOURCE]) === 0) return isError ? endOfLeastError(header) : 0;
  setEnd(machine, side);
  return isError ? rewriteError(packet, header, side, written) : rewrite(packet, header, side, written);
};

/** What is written. One record, used again. */
const written: End = { protocol: 0, address: 0, words: new Int32Array(4), length: 1, port: 0 };

/** What stands on a side of a packet of this half: the other half's key, turned around. */
const setEnd = ({ connections, addresses, header, flow }: Machine, side: 0 | 1): void => {
  const { words } = connections.halves;
  const { key, reply } = flow;
  const at = (flow.half ^ 1) * 4;
  const isFirst = flow.unconfirmed !== NONE;
  const ports = isFirst ? reply.ports : word(words, at + 2);
  written.protocol = flow.isError ? (word(words, at + 3) >>> 16) & 0xff : key.protocol;
  if (side === SOURCE) written.address = isFirst ? reply.destination : word(words, at + 1);
  else written.address = isFirst ? reply.source : word(words, at);
  written.port = hasIdentifier(written.protocol) || side === DESTINATION ? ports >>> 16 : ports & 0xffff;
  written.length = header.version === 6 ? 4 : 1;
  if (written.length === 1) written.words[0] = written.address;
  else for (let part = 0; part < 4; part++) written.words[part] = word(addresses.index.words, written.address * 4 + part);
};
