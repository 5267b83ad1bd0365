/** Faults: wrappers that break a subject on purpose, so that a law's check can be seen to notice. */
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
