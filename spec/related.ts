/**
 * Related: an ICMP error belongs to the connection of the packet that it quotes, if its own zone knows that connection.
 *
 * What is quoted was sent, so its tuple is turned around, and lookup finds the half that whoever sent it expects
 * answers in. The error changes nothing: neither does it count as a reply, nor does it give time.
 *
 * The same for every family; only the reading of a quote differs (spec/quote.ts).
 *
 * Source: nf_conntrack_inet_error().
 */
import type { Connection } from './connection.ts';
import { type Era, TODAY } from './era.ts';
import { lookup } from './lookup.ts';
import type { Quote } from './quote.ts';
import type { Rules } from './rule.ts';
import type { RuleId } from './rules.ts';
import type { Address } from './trace/packet.ts';
import { inverse } from './tuple.ts';
import type { Direction, Zone } from './zone.ts';

export const relatedRules = {
  'related.no-inverse': {
    sentence: 'A quoted packet that has no answer, as an error has none, is of no connection: the error is invalid.',
    source: 'nf_conntrack_inet_error(), nf_ct_invert_tuple()',
  },
  'related.nothing': {
    sentence: 'An error about a packet of no connection of its zone is invalid.',
    source: 'nf_conntrack_inet_error(), nf_conntrack_find_get()',
  },
  'related.destination': {
    sentence: 'An error that does not go to the sender of what it quotes is invalid.',
    source: 'nf_conntrack_inet_error(), "outer daddr != inner"',
  },
  'related.reply-half': {
    sentence: 'An error about a packet in original direction comes back as replies do: related, in reply direction.',
    source: 'nf_conntrack_inet_error(), IP_CT_RELATED_REPLY',
  },
  'related.original-half': {
    sentence: 'An error about a reply is related in original direction.',
    source: 'nf_conntrack_inet_error(), IP_CT_RELATED',
  },
} as const satisfies Rules;

export type Relation = {
  readonly rules: readonly RuleId[];
  /** The connection that an error belongs to. Without one it is invalid. */
  readonly found?: { readonly connection: Connection; readonly direction: Direction };
};

/** The connection that an error to this destination is about. */
export const relate = (connections: readonly Connection[], quote: Quote, destination: Address, zone: Zone | undefined, era: Era = TODAY): Relation => {
  if (!quote.tuple) return { rules: [quote.rule] };
  const answer = inverse(quote.tuple);
  if (!answer) return { rules: [quote.rule, 'related.no-inverse'] };
  const found = lookup(connections, answer, zone, era);
  if (found.rule === 'lookup.nothing') return { rules: [quote.rule, 'related.nothing'] };
  const { connection, direction } = found;
  if (answer.destination !== destination) return { rules: [quote.rule, 'related.destination'] };
  return { rules: [quote.rule, `related.${direction}-half`], found: { connection, direction } };
};
