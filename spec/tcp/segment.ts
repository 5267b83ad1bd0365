/**
 * Segments: which are sane, and what tracking reads of them.
 *
 * Source: RFC 9293 section 3.1; tcp_error(), tcp_valid_flags, get_conntrack_index(), segment_seq_plus_len().
 */
import type { Inspection } from '../protocol.ts';
import type { Rules } from '../rule.ts';
import type { RuleId } from '../rules.ts';
import { type Bytes, type Ip, lengthOf, type Opaque } from '../trace/packet.ts';
import type { Tcp } from '../trace/transport.ts';
import { tupleOf } from '../tuple.ts';
import { plus, type Sequence } from './sequence.ts';

export const segmentRules = {
  'tcp.short': {
    sentence: 'A segment shorter than a TCP header is invalid.',
    source: 'nf_conntrack_tcp_packet(), skb_header_pointer()',
  },
  'tcp.header-length': {
    sentence: 'A header length below 20 bytes, or above what IP carries, is invalid.',
    source: 'tcp_error(), "truncated packet"',
  },
  'tcp.checksum': {
    sentence: 'A wrong checksum is invalid.',
    source: 'tcp_error(), "bad checksum"; nf_conntrack_checksum=1',
  },
  'tcp.flags': {
    sentence: 'Flags are valid as S, SU, SA, R, RA, FA, FAU, A or AU, whatever P, E and C say; all others are invalid.',
    source: 'tcp_error(), tcp_valid_flags',
  },
  'tcp.sane': {
    sentence: 'Any other segment has a tuple and is looked up.',
    source: 'nf_conntrack_in()',
  },
} as const satisfies Rules;

const VALID_FLAGS: ReadonlySet<string> = new Set(['S', 'SU', 'SA', 'R', 'RA', 'FA', 'FAU', 'A', 'AU']);

/** Whether a segment has a tuple. */
export const inspectTcp = (packet: Ip, tcp: Tcp): Inspection => {
  if (typeof tcp.checksum === 'object') return { rule: 'tcp.checksum' };
  if (!VALID_FLAGS.has(tcp.flags.replaceAll(/[PEC]/g, ''))) return { rule: 'tcp.flags' };
  return { rule: 'tcp.sane', tuple: tupleOf(packet, tcp) };
};

/** Why bytes that were sent as TCP are no segment. */
export const noSegment = ({ why }: Opaque): RuleId => (why === 'short' ? 'tcp.short' : 'tcp.header-length');

/** What a sane segment is to the state table, by the first flag of R, S, F and A that it has. */
export type Kind = 'syn' | 'synack' | 'fin' | 'ack' | 'rst';

export type Segment = {
  readonly kind: Kind;
  readonly sequence: Sequence;
  /** The sequence number behind it; SYN and FIN take one. */
  readonly end: Sequence;
  readonly acknowledgement: Sequence;
  /** Whether the acknowledgement counts. */
  readonly acknowledges: boolean;
  /** Unscaled. */
  readonly window: number;
  readonly options: Bytes;
};

export const readSegment = ({ flags, sequence, acknowledgement, window, options, payload }: Tcp): Segment => ({
  kind: kindOf(flags),
  sequence,
  end: plus(sequence, lengthOf(payload) + (flags.includes('S') ? 1 : 0) + (flags.includes('F') ? 1 : 0)),
  acknowledgement,
  acknowledges: flags.includes('A'),
  window,
  options,
});

const kindOf = (flags: string): Kind => {
  if (flags.includes('R')) return 'rst';
  if (flags.includes('S')) return flags.includes('A') ? 'synack' : 'syn';
  return flags.includes('F') ? 'fin' : 'ack';
};
