/**
 * One SCTP chunk: is the packet's tag right for it, where does it lead, and what is remembered of it?
 *
 * Source: RFC 9260; nf_conntrack_sctp_packet(). A numbered section is RFC 4960's, which the source names.
 */
import { match } from 'ts-pattern';
import type { Rules } from '../rule.ts';
import type { RuleId } from '../rules.ts';
import { ABORT, type Association, COOKIE_ACK, COOKIE_ECHO, DATA, HEARTBEAT, HEARTBEAT_ACK, INIT, INIT_ACK, moved, SHUTDOWN_COMPLETE } from './association.ts';
import type { Sctp } from '../trace/transport.ts';
import { type Chunk, initiateTag } from '../wire/sctp.ts';
import type { Direction } from '../zone.ts';

export const sctpChunkRules = {
  'sctp.init-tag': {
    sentence: 'An INIT in a packet with a verification tag is invalid.',
    source: 'nf_conntrack_sctp_packet(), section 8.5.1 (A)',
  },
  'sctp.init-cut': {
    sentence: 'An INIT or INIT ACK without room for its fixed fields is invalid.',
    source: 'nf_conntrack_sctp_packet(), skb_header_pointer()',
  },
  'sctp.reflected-tag': {
    sentence: 'ABORT and SHUTDOWN COMPLETE with the T bit carry the tag of the other direction; any other tag is invalid.',
    source: 'nf_conntrack_sctp_packet(), section 8.5.1 (B) and (C)',
  },
  'sctp.heartbeat-learnt': {
    sentence: 'A heartbeat or its acknowledgement gives its direction a tag where it has none.',
    source: 'nf_conntrack_sctp_packet(), HEARTBEAT, vtag == 0',
  },
  'sctp.heartbeat-strange': {
    sentence: 'A heartbeat with another tag passes without effect on state or timer, once a packet and not beside DATA.',
    source: 'nf_conntrack_sctp_packet(), SCTP_FLAG_HEARTBEAT_VTAG_FAILED',
  },
  'sctp.heartbeat-explained': {
    sentence: 'An acknowledgement with another tag from the other side of a strange heartbeat begins the tags anew.',
    source: 'nf_conntrack_sctp_packet(), HEARTBEAT_ACK',
  },
  'sctp.heartbeat-refused': {
    sentence: 'Any other heartbeat or acknowledgement with another tag is invalid.',
    source: 'nf_conntrack_sctp_packet(), HEARTBEAT and HEARTBEAT_ACK',
  },
  'sctp.no-move': {
    sentence: 'A chunk that the state table does not allow is invalid: an answer to nothing but a heartbeat.',
    source: 'sctp_new_state(), SCTP_CONNTRACK_MAX',
  },
  'sctp.init': {
    sentence: "An INIT's own tag is what the other direction carries from now on; one that is new waits for its answer.",
    source: 'nf_conntrack_sctp_packet(), init[dir]; "skip recording stale or retransmitted INIT"',
  },
  'sctp.init-again': {
    sentence: 'An INIT of a closed association leaves its timer as it is.',
    source: 'nf_conntrack_sctp_packet(), "don\'t renew timeout on init retransmit"',
  },
  'sctp.init-ack': {
    sentence: "An INIT ACK's own tag is what the other direction carries from now on.",
    source: 'nf_conntrack_sctp_packet(), INIT_ACK',
  },
  'sctp.init-ack-stale': {
    sentence: 'An INIT ACK with another tag than is known is invalid, unless the other side alone has sent an INIT.',
    source: 'nf_conntrack_sctp_packet(), "collision"',
  },
} as const satisfies Rules;

/** A walk along the chunks of one packet. */
export type Walk = {
  readonly association: Association;
  readonly rules: readonly RuleId[];
  /** The timer goes on as it was. */
  readonly quiet: boolean;
  /** A chunk has established the association, which assures it. */
  readonly assures: boolean;
  /** The packet is invalid, and the walk ends. */
  readonly invalid: boolean;
};

/** The packet that a chunk stands in. */
export type Place = { readonly packet: Sctp; readonly chunks: readonly Chunk[]; readonly direction: Direction };

/** The walk behind one more chunk. */
export const pass = (walk: Walk, chunk: Chunk, place: Place): Walk => {
  const verdict = verify(walk, chunk, place);
  const rules = verdict.rule ? [...walk.rules, verdict.rule] : walk.rules;
  const association = verdict.association ?? walk.association;
  return match(verdict.kind)
    .with('wrong', () => ({ ...walk, rules, invalid: true }))
    .with('aside', () => ({ ...walk, rules, association, quiet: true }))
    .with('right', () => move({ ...walk, rules, association }, chunk, place))
    .exhaustive();
};

type Verdict = {
  /** `aside`: the chunk passes, and nothing more comes of it. */
  readonly kind: 'right' | 'wrong' | 'aside';
  readonly rule?: RuleId;
  readonly association?: Association;
};

const other = (direction: Direction): Direction => (direction === 'original' ? 'reply' : 'original');

const provided = (right: boolean, rule: RuleId): Verdict => (right ? { kind: 'right' } : { kind: 'wrong', rule });

/** Whether the packet's tag is right for a chunk with a rule of its own. */
const verify = (walk: Walk, chunk: Chunk, place: Place): Verdict => {
  const { association } = walk;
  const { packet, direction } = place;
  return match(chunk.type)
    .with(INIT, () => provided(packet.tag === 0, 'sctp.init-tag'))
    .with(ABORT, SHUTDOWN_COMPLETE, () =>
      chunk.flags % 2 === 0
        ? provided(packet.tag === association.tags[direction], 'sctp.tag')
        : provided(packet.tag === association.tags[other(direction)], 'sctp.reflected-tag'),
    )
    .with(COOKIE_ECHO, () => provided(packet.tag === association.tags[direction], 'sctp.tag'))
    .with(COOKIE_ACK, (): Verdict => ({ kind: 'right', association: { ...association, initiated: { original: false, reply: false } } }))
    .with(HEARTBEAT, HEARTBEAT_ACK, (type) => verifyHeartbeat(walk, type, place))
    .otherwise(() => ({ kind: 'right' }));
};

/** Heartbeats go by paths that no INIT took, so their tags may be news. */
const verifyHeartbeat = ({ association, quiet }: Walk, type: typeof HEARTBEAT | typeof HEARTBEAT_ACK, { packet, chunks, direction }: Place): Verdict => {
  const { tags } = association;
  const { strange, ...known } = association;
  if (tags[direction] === 0) {
    return { kind: 'right', rule: 'sctp.heartbeat-learnt', association: { ...association, tags: { ...tags, [direction]: packet.tag } } };
  }
  if (packet.tag === tags[direction]) return { kind: 'right', association: known };
  if (quiet || chunks.some((each) => each.type === DATA)) return { kind: 'wrong', rule: 'sctp.heartbeat-refused' };
  if (type === HEARTBEAT) return { kind: 'aside', rule: 'sctp.heartbeat-strange', association: { ...known, strange: direction } };
  if (strange !== other(direction)) return { kind: 'wrong', rule: 'sctp.heartbeat-refused' };
  const fresh = direction === 'original' ? { original: packet.tag, reply: 0 } : { original: 0, reply: packet.tag };
  return { kind: 'right', rule: 'sctp.heartbeat-explained', association: { ...known, tags: fresh } };
};

/** Where the chunk leads, and what is remembered of it. */
const move = (walk: Walk, chunk: Chunk, { packet, direction }: Place): Walk => {
  const { association } = walk;
  const invalid = (rule: RuleId): Walk => ({ ...walk, rules: [...walk.rules, rule], invalid: true });
  const state = moved(chunk.type, direction, association.state);
  if (state === undefined) return invalid('sctp.no-move');
  const assures = walk.assures || (state === 'established' && association.state !== 'established');
  if (chunk.type !== INIT && chunk.type !== INIT_ACK) return { ...walk, association: { ...association, state }, assures };

  const tag = initiateTag(packet.payload, chunk);
  if (tag === undefined) return invalid('sctp.init-cut');
  const tags = { ...association.tags, [other(direction)]: tag };
  if (chunk.type === INIT_ACK) {
    return isStale(association, direction, tag)
      ? invalid('sctp.init-ack-stale')
      : { ...walk, rules: [...walk.rules, 'sctp.init-ack'], association: { ...association, state, tags } };
  }
  const isNew = association.state === 'none' || association.tags[other(direction)] !== tag;
  const initiated = isNew ? withInit(association, direction) : association.initiated;
  const again = association.state === 'closed' && state === 'closed';
  return {
    ...walk,
    rules: [...walk.rules, 'sctp.init', ...(again ? (['sctp.init-again'] as const) : [])],
    association: { ...association, state, tags, initiated },
    quiet: walk.quiet || again,
  };
};

/** If both sides had sent one, the earlier of the other side is over. */
const withInit = ({ initiated }: Association, direction: Direction): Association['initiated'] => {
  const both = initiated.original && initiated.reply;
  return direction === 'original' ? { original: true, reply: initiated.reply && !both } : { original: initiated.original && !both, reply: true };
};

const isStale = ({ tags, initiated }: Association, direction: Direction, tag: number): boolean => {
  const known = tags[other(direction)];
  if (known === tag) return false;
  return initiated[other(direction)] ? initiated[direction] : known !== 0;
};
