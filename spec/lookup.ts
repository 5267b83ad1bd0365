/**
 * Lookup: which connection a packet belongs to.
 *
 * A half answers if its tuple is the packet's and its zone is the packet's zone, both taken in that half's own
 * direction. Nothing else about a zone is ever compared, and unconfirmed connections are not looked at.
 *
 * A packet whose zone counts in one direction has two ids, and is asked for by each: first for original halves by the one,
 * then for reply halves by the other. That other is zone 0 in most cases, and everybody's replies are there.
 *
 * Source: nf_ct_key_equal(), resolve_normal_ct(), nf_conntrack_find_get().
 */
import type { Connection } from './connection.ts';
import { half } from './connection.ts';
import { type Era, knows, TODAY } from './era.ts';
import type { Rules } from './rule.ts';
import { sameTuple, type Tuple } from './tuple.ts';
import { type Direction, isUndirected, type Zone, zoneOf } from './zone.ts';

export const lookupRules = {
  'lookup.reply-half': {
    sentence: 'A packet that equals the reply half of a connection of its zone is established, in reply direction.',
    source: 'resolve_normal_ct(), IP_CT_ESTABLISHED_REPLY',
  },
  'lookup.original-half-answered': {
    sentence: 'A packet that equals the original half is established once a reply was seen.',
    source: 'resolve_normal_ct(), IPS_SEEN_REPLY',
  },
  'lookup.original-half': {
    sentence: 'A packet that equals the original half stays new as long as no reply was seen.',
    source: 'resolve_normal_ct(), IP_CT_NEW',
  },
  'lookup.original-half-expected': {
    sentence: 'So it is related, if the connection was expected.',
    source: 'resolve_normal_ct(), IPS_EXPECTED',
  },
  'lookup.two-ids': {
    sentence: 'Where a zone has two ids, original halves are asked for by the one, and if there is none reply halves by the other.',
    source: 'nf_conntrack_find_get(), resolve_normal_ct(), nf_ct_zone_id(); since Linux 5.15',
    eras: ['linux-6.8'],
  },
  'lookup.one-chain': {
    sentence: 'Where a zone has two ids, halves are asked for by both at once: the one that came last answers.',
    source: '____nf_conntrack_find(), nf_ct_key_equal(), before Linux 5.15: the zone is not hashed',
    eras: ['linux-4.3'],
  },
  'lookup.nothing': {
    sentence: 'A packet that no half of its zone equals is new, and makes a connection.',
    source: 'resolve_normal_ct(), init_conntrack()',
  },
} as const satisfies Rules;

export type Lookup =
  | { readonly rule: 'lookup.reply-half'; readonly connection: Connection; readonly direction: 'reply' }
  | {
      readonly rule: 'lookup.original-half' | 'lookup.original-half-expected' | 'lookup.original-half-answered';
      readonly connection: Connection;
      readonly direction: 'original';
    }
  | { readonly rule: 'lookup.nothing' };

/** The rule by which halves of both directions are asked for, where that is a question. */
export const lookupOrder = (zone: Zone | undefined, era: Era = TODAY): readonly ('lookup.two-ids' | 'lookup.one-chain')[] => {
  if (isUndirected(zone)) return [];
  return [knows(era, 'linux-6.8') ? 'lookup.two-ids' : 'lookup.one-chain'];
};

/** The half that answers. */
export const lookup = (connections: readonly Connection[], tuple: Tuple, zone: Zone | undefined, era: Era = TODAY): Lookup => {
  const found = answering(connections, tuple, zone, lookupOrder(zone, era)[0] === 'lookup.two-ids');
  if (!found) return { rule: 'lookup.nothing' };
  const { connection, direction } = found;
  if (direction === 'reply') return { rule: 'lookup.reply-half', connection, direction };
  if (connection.seenReply) return { rule: 'lookup.original-half-answered', connection, direction };
  return { rule: connection.expected ? 'lookup.original-half-expected' : 'lookup.original-half', connection, direction };
};

type Half = { readonly connection: Connection; readonly direction: Direction };

/**
 * Of halves in one direction at most one answers (spec/confirmation.ts). An original and a reply half may both: where
 * they are asked for together, the one that was inserted last stands first in its chain, and of one connection, whose
 * tuple is its own inverse then, that is the reply half.
 */
const answering = (connections: readonly Connection[], tuple: Tuple, zone: Zone | undefined, byTwoIds: boolean): Half | undefined => {
  const replying = connections.findLastIndex((connection) => answers(connection, 'reply', tuple, zone));
  const asking = connections.findLastIndex((connection) => answers(connection, 'original', tuple, zone));
  const isReply = byTwoIds ? asking === -1 : replying >= asking;
  const connection = connections[isReply ? replying : asking];
  return connection && { connection, direction: isReply ? 'reply' : 'original' };
};

/** Whether a half has this tuple in this zone. */
export const answers = (connection: Connection, direction: Direction, tuple: Tuple, zone: Zone | undefined): boolean =>
  sameTuple(half(connection, direction), tuple) && zoneOf(connection.zone, direction) === zoneOf(zone, direction);
