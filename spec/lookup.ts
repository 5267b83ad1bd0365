/**
 * Lookup: which connection a packet belongs to.
 *
 * A half answers if its tuple is the packet's and its zone is the packet's zone, both taken in that half's own
 * direction. Nothing else about a zone is ever compared, and unconfirmed connections are not looked at.
 *
 * Source: nf_ct_key_equal(), resolve_normal_ct().
 */
import type { Connection } from './connection.ts';
import { half } from './connection.ts';
import type { Rules } from './rule.ts';
import { sameTuple, type Tuple } from './tuple.ts';
import { type Direction, type Zone, zoneOf } from './zone.ts';

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
  'lookup.nothing': {
    sentence: 'A packet that no half of its zone equals is new, and makes a connection.',
    source: 'resolve_normal_ct(), init_conntrack()',
  },
} as const satisfies Rules;

export type Lookup =
  | { readonly rule: 'lookup.reply-half'; readonly connection: Connection; readonly direction: 'reply' }
  | {
      readonly rule: 'lookup.original-half' | 'lookup.original-half-answered';
      readonly connection: Connection;
      readonly direction: 'original';
    }
  | { readonly rule: 'lookup.nothing' };

/**
 * The half that answers. Zone and tuple together name at most one half, but for a tuple that is its own inverse: there
 * both halves of one connection equal it, and the reply half, inserted last, stands first in its chain.
 */
export const lookup = (connections: readonly Connection[], tuple: Tuple, zone: Zone | undefined): Lookup => {
  const replying = connections.find((connection) => answers(connection, 'reply', tuple, zone));
  if (replying) return { rule: 'lookup.reply-half', connection: replying, direction: 'reply' };
  const connection = connections.find((candidate) => answers(candidate, 'original', tuple, zone));
  if (!connection) return { rule: 'lookup.nothing' };
  const rule = connection.seenReply ? 'lookup.original-half-answered' : 'lookup.original-half';
  return { rule, connection, direction: 'original' };
};

const answers = (connection: Connection, direction: Direction, tuple: Tuple, zone: Zone | undefined): boolean =>
  sameTuple(half(connection, direction), tuple) && zoneOf(connection.zone, direction) === zoneOf(zone, direction);
