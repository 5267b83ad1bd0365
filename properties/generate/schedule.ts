/**
 * The schedule: conversations of all tenants interleaved, with time between them, and answers to and errors about what left.
 */
import type { Event, Reaction } from '../../spec/trace/event.ts';
import { TIMEOUT_NAMES } from '../../spec/timeouts.ts';
import type { Network, Timeouts } from '../../spec/trace/network.ts';
import { isReaction } from '../../spec/trace/reaction.ts';
import type { Capabilities } from '../subject.ts';
import type { Draft } from './conversation.ts';
import { commandAfter } from './control.ts';
import { type Dice, nonEmpty } from './dice.ts';
import { errorKind, madeUpError } from './errors.ts';
import type { Features, ProtocolName, Version } from './features.ts';

/** Drafts in their order; a stream that comes at once is not interleaved with others. */
export type Stream = { readonly drafts: readonly Draft[]; readonly atOnce: boolean };

/** Every draft in its stream's order; ids count from 1. */
export const schedule = (
  dice: Dice,
  features: Features,
  network: Network,
  { clockMs, commands, zones }: Capabilities,
  streams: readonly Stream[],
): readonly Event[] => {
  const usable = commands.filter((command) => command !== 'dump' || features.lists);
  const waiting = streams.filter(({ drafts }) => drafts.length > 0).map((stream) => ({ next: 0, ...stream }));
  const events: Event[] = [];
  let running = 0;
  while (waiting.length > 0) {
    const turn = waiting[running]?.atOnce && waiting[running]?.next ? running : dice.between(0, waiting.length - 1);
    const stream = waiting[turn];
    const draft = stream?.drafts[stream.next];
    if (!stream || !draft) break;
    running = turn;
    stream.next += 1;
    if (stream.next === stream.drafts.length) waiting.splice(turn, 1);
    if (draft.waitMs !== undefined && clockMs !== false) events.push({ kind: 'advance', id: events.length + 1, milliseconds: about(dice, draft.waitMs, clockMs) });
    const id = events.length + 1;
    events.push({ kind: 'receive', id, device: draft.device, packet: draft.packet });
    if (stream.atOnce) continue;
    if (features.answers && dice.chance(20)) events.push({ kind: 'answer', id: id + 1, to: dice.chance(70) ? id : dice.between(1, id) });
    if (features.errors && dice.chance(20)) events.push({ kind: 'error', id: events.length + 1, to: dice.between(Math.max(1, id - 8), id), ...errorKind(dice, dice.among(...features.versions)) });
    if (features.errors && dice.chance(20)) {
      for (const { device, packet } of madeUpError(dice, features, network, events)) events.push({ kind: 'receive', id: events.length + 1, device, packet });
    }
    if (features.time && clockMs !== false && dice.chance(20)) {
      events.push({ kind: 'advance', id: events.length + 1, milliseconds: pause(dice, features, network, clockMs) });
    }
    const command = features.control && dice.chance(15) ? commandAfter(dice, events, nextOf(waiting), network, usable, zones) : undefined;
    if (command) events.push({ kind: 'control', id: events.length + 1, ...command });
  }
  if (features.control && usable.includes('dump')) events.push({ kind: 'control', id: events.length + 1, command: 'dump' });
  return events.map((event) => (isReaction(event) ? towardsPacket(event, events) : event));
};

/** What comes next in each stream. */
const nextOf = (waiting: readonly (Stream & { readonly next: number })[]): readonly Draft[] => waiting.flatMap(({ drafts, next }) => drafts[next] ?? []);

/** A reaction is made of packets and reactions, never of the passing of time or a command. */
const towardsPacket = (reaction: Reaction, events: readonly Event[]): Event => {
  const target = events.slice(0, reaction.to).findLast((event) => event.kind === 'receive' || isReaction(event));
  return { ...reaction, to: target?.id ?? reaction.to };
};

type Timers = readonly [keyof Timeouts, ...(keyof Timeouts)[]];
const FRAGMENT_TIMERS: Readonly<Record<Version, Timers>> = { 4: ['fragmentMs'], 6: ['fragment6Ms'] };
const TIMERS: Readonly<Record<ProtocolName, Timers>> = {
  udp: ['udpMs', 'udpMs', 'udpStreamMs'],
  icmp: ['icmpMs', 'icmp6Ms'],
  'udp-lite': ['udpMs', 'udpMs', 'udpStreamMs'],
  gre: ['greMs', 'greMs', 'greStreamMs'],
  sctp: nonEmpty(TIMEOUT_NAMES.filter((name) => name.startsWith('sctp'))),
  generic: ['genericMs'],
  tcp: nonEmpty(TIMEOUT_NAMES.filter((name) => name.startsWith('tcp'))),
};

/** Nothing is left to expire after an hour, but for what lives for days. */
const LONGEST_MS = 3_600_000;

/** Mostly the moments at which something expires, one tick less or more. */
const pause = (dice: Dice, { protocols, versions }: Features, { timeouts }: Network, tickMs: number): number => {
  const version = dice.among(...versions);
  const timers = dice.chance(30) ? FRAGMENT_TIMERS[version] : TIMERS[dice.among(...protocols)];
  const timeoutMs = timeouts[dice.among(...timers)];
  const moment = dice.among(tickMs, 1000, 2000, Math.min(timeoutMs, LONGEST_MS), Math.min(timeoutMs, LONGEST_MS));
  return about(dice, moment, tickMs);
};

/** So much, or one tick less or more. */
const about = (dice: Dice, milliseconds: number, tickMs: number): number => {
  const rounded = Math.max(tickMs, Math.round(milliseconds / tickMs) * tickMs);
  return Math.max(tickMs, rounded + dice.among(-tickMs, 0, 0, tickMs));
};
