/**
 * Plays a trace on a subject. Laws share runs: the same subject and the same trace object are played once.
 */
import type { EventId, Playable, Reaction } from '../spec/trace/event.ts';
import type { Outcome } from '../spec/trace/outcome.ts';
import type { Packet } from '../spec/trace/packet.ts';
import { isReaction, resolved } from '../spec/trace/reaction.ts';
import type { Trace } from '../spec/trace/trace.ts';
import type { Session, Subject } from './subject.ts';
import { memoised } from './tenants.ts';

/** What a subject did to be played no further: it threw, or gave something else than one outcome an event. */
export class Crash extends Error {
  /** The first event of the batch that was on its way. */
  readonly event: EventId;
  constructor(event: EventId, reason: string) {
    super(reason);
    this.name = 'Crash';
    this.event = event;
  }
}

const runs = memoised((subject: Subject) => memoised((trace: Trace) => runFresh(subject, trace)));

/** One outcome an event, in order; played at most once for each trace object. Rejects with a Crash. */
export const run = (subject: Subject, trace: Trace): Promise<readonly Outcome[]> => runs(subject)(trace);

/** The same, but played now. `batchLimit` is the most events fed at once. */
export const runFresh = async (
  subject: Subject,
  trace: Trace,
  batchLimit = Number.POSITIVE_INFINITY,
): Promise<readonly Outcome[]> => {
  const session = await subject.open(trace.network);
  try {
    return await play(session, trace, batchLimit);
  } finally {
    await session.close();
  }
};

/** Reactions wait until the outcome of what they are made of is known; everything else goes in the longest batch. */
const play = async (session: Session, trace: Trace, batchLimit: number): Promise<readonly Outcome[]> => {
  const known = new Map<EventId, Outcome>();
  let batch: Playable[] = [];
  const flush = async () => {
    for (const outcome of await feed(session, batch)) known.set(outcome.event, outcome);
    batch = [];
  };
  for (const event of trace.events) {
    if (isReaction(event) && !known.has(event.to)) await flush();
    const playable = isReaction(event) ? reactionTo(event, known) : event;
    if (playable) batch.push(playable);
    else known.set(event.id, { event: event.id, passes: [], left: [], skipped: true });
    if (batch.length >= batchLimit) await flush();
  }
  await flush();
  return trace.events.map((event) => known.get(event.id) ?? { event: event.id, passes: [], left: [] });
};

/** By the packet that they are made of, which runs share: an equal reaction is one object, so its bytes are written once. */
const reactions = memoised((_reaction: Reaction) => new WeakMap<Packet, Playable>());

const reactionTo = (reaction: Reaction, known: ReadonlyMap<EventId, Outcome>): Playable | undefined => {
  const [departure, another] = known.get(reaction.to)?.left ?? [];
  const [packet, more] = departure?.pieces ?? [];
  if (!departure || !packet || another || more) return resolved(reaction, known);
  const before = reactions(reaction).get(packet);
  if (before?.kind === 'receive' && before.device === departure.device) return before;
  const now = resolved(reaction, known);
  if (now) reactions(reaction).set(packet, now);
  return now;
};

const feed = async (session: Session, batch: readonly Playable[]): Promise<readonly Outcome[]> => {
  const [first] = batch;
  if (!first) return [];
  try {
    const outcomes = await session.feed(batch);
    const strange = batch.findIndex((event, place) => outcomes[place]?.event !== event.id);
    if (strange === -1 && outcomes.length === batch.length) return outcomes;
    throw new Error(`${outcomes.length} outcomes for ${batch.length} events, or in another order`);
  } catch (error) {
    throw new Crash(first.id, error instanceof Error ? error.message : String(error));
  }
};
