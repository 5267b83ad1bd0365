/** Faults: wrappers that break a subject on purpose, so that a law's check can be seen to notice. */
import type { Playable } from '../spec/trace/event.ts';
import type { Listed, Outcome } from '../spec/trace/outcome.ts';
import type { Packet } from '../spec/trace/packet.ts';
import type { MaybePromise, Session, Subject } from './subject.ts';

/** Goes on with its first session whenever another one is opened, as if nothing had to be forgotten between traces. */
export const forgetsToReset = (subject: Subject): Subject => {
  let kept: MaybePromise<Session> | undefined;
  return {
    ...subject,
    open: async (network) => {
      kept ??= subject.open(network);
      const session = await kept;
      return { feed: (events) => session.feed(events), close: () => undefined };
    },
    close: async () => (await kept)?.close(),
  };
};

/** Hears and tells something else. It does not own the subject: whoever closes it closes nothing. */
const disguised = (subject: Subject, hear: (event: Playable) => Playable, tell: (outcome: Outcome) => Outcome): Subject => ({
  ...subject,
  open: async (network) => {
    const session = await subject.open(network);
    return { feed: async (events) => (await session.feed(events.map(hear))).map(tell), close: () => session.close() };
  },
  close: () => undefined,
});

/** Takes each flush for a flush of everything. */
export const flushesEverything = (subject: Subject): Subject =>
  disguised(subject, (event) => (event.kind === 'control' && event.command === 'flush' ? { kind: 'control', id: event.id, command: 'flush' } : event), asItIs);

const asItIs = <T>(whatever: T): T => whatever;

const listing = (subject: Subject, change: (listed: Listed) => Listed): Subject =>
  disguised(subject, asItIs, (outcome) =>
    outcome.told?.kind === 'list' ? { ...outcome, told: { ...outcome.told, connections: outcome.told.connections.map(change) } } : outcome,
  );

/** Lists connections without their zones. */
export const listsWithoutZones = (subject: Subject): Subject => listing(subject, (listed) => ({ ...listed, zone: 0 }));

/** Lists connections under zones that are off by one. */
export const listsOtherZones = (subject: Subject): Subject => listing(subject, (listed) => ({ ...listed, zone: (listed.zone + 1) & 0xffff }));

/** Lists connections as if no reply had been seen. */
export const listsWithoutStatus = (subject: Subject): Subject => listing(subject, (listed) => ({ ...listed, seenReply: false }));

/** Throws when it is fed such a packet. */
export const throwsOn = (subject: Subject, isFatal: (packet: Packet) => boolean): Subject => ({
  ...subject,
  open: async (network) => {
    const session = await subject.open(network);
    return {
      feed: (events) => {
        const fatal = events.find((event) => event.kind === 'receive' && isFatal(event.packet));
        if (fatal) throw new Error(`a fault on purpose, at event ${fatal.id}`);
        return session.feed(events);
      },
      close: () => session.close(),
    };
  },
  close: () => undefined,
});
