/**
 * Admission: which packets exist at all.
 *
 * A packet that fails here leaves no trace: it is not defragmented, not tracked, not forwarded.
 *
 * Source: ip_rcv_core(), RFC 1812 section 5.2.2; ip6_rcv_core(), RFC 4291 section 2, RFC 8200 section 4.2.
 */
import { readHopByHop } from './extensions.ts';
import type { Rules } from './rule.ts';
import type { Address, Ip, Ipv4, Ipv6, Packet } from './trace/packet.ts';
import { HOP_BY_HOP } from './wire/extensions.ts';
import { isLoopback, isMulticast, scopeOf } from './scope.ts';

export const packetRules = {
  'packet.not-ip': {
    sentence: 'What is too short for its header, of another version than 4 or 6, or of an impossible header length is refused.',
    source: 'ip_rcv_core(), ip6_rcv_core()',
  },
  'packet.length': {
    sentence: 'A length below the header or above what arrived is refused.',
    source: 'ip_rcv_core(), ip6_rcv_core()',
  },
  'packet.checksum': {
    sentence: 'A header with a wrong checksum is refused.',
    source: 'ip_rcv_core()',
  },
  'packet.ipv6-address': {
    sentence: 'IPv6 from or to the loopback address, from a group, or to a group that reaches no further than its interface is refused.',
    source: 'ip6_rcv_core(), RFC 4291 sections 2.5.3 and 2.7',
  },
  'packet.hop-by-hop': {
    sentence:
      'IPv6 whose first header has hop-by-hop options that cannot be read, are more than eight, pad by more than seven bytes or with others than zeros, or are unknown and say "discard" is refused.',
    source: 'ipv6_parse_hopopts(), ip6_parse_tlv(); max_hbh_opts_number',
  },
  'packet.admitted': {
    sentence: 'Any other packet is admitted; bytes after its length are forgotten.',
    source: 'ip_rcv_core(), ip6_rcv_core(), pskb_trim_rcsum()',
  },
} as const satisfies Rules;

export type Admission =
  | { readonly rule: 'packet.admitted'; readonly packet: Ip }
  | { readonly rule: Exclude<keyof typeof packetRules, 'packet.admitted'> };

export const admit = (packet: Packet): Admission => {
  if (packet.kind === 'raw') return { rule: 'packet.not-ip' };
  return packet.kind === 'ipv4' ? admitIpv4(packet) : admitIpv6(packet);
};

const admitIpv4 = (packet: Ipv4): Admission => {
  if (packet.length !== 'right') return { rule: 'packet.length' };
  if (packet.checksum !== 'right' && packet.checksum !== 'negative zero') return { rule: 'packet.checksum' };
  const admitted = trimmed(packet);
  return { rule: 'packet.admitted', packet: packet.checksum === 'right' ? admitted : { ...admitted, checksum: 'right' } };
};

const admitIpv6 = (packet: Ipv6): Admission => {
  if (isLoopback(packet.source) || isLoopback(packet.destination)) return { rule: 'packet.ipv6-address' };
  if (isMulticast(packet.source) || staysOnItsInterface(packet.destination)) return { rule: 'packet.ipv6-address' };
  if (packet.length !== 'right') return { rule: 'packet.length' };
  return hopByHopIsFine(packet) ? { rule: 'packet.admitted', packet: trimmed(packet) } : { rule: 'packet.hop-by-hop' };
};

const trimmed = <Packet extends Ip>(packet: Packet): Packet => (packet.trailer === '' ? packet : { ...packet, trailer: '' });

/** Scope 0 is reserved, 1 is one interface. */
const staysOnItsInterface = (address: Address): boolean => isMulticast(address) && scopeOf(address) <= 1;

/** Only where they stand first are they looked at. */
const hopByHopIsFine = ({ extensions: [first], protocol, payload }: Ipv6): boolean => {
  if (first?.kind === 'hop-by-hop') return readHopByHop(first.data) !== 'refused';
  const isCutOff = first === undefined && protocol === HOP_BY_HOP;
  // Without any payload the length is elsewhere (a jumbogram), which spec/step.ts says nothing about.
  return !isCutOff || (payload.kind === 'opaque' && payload.bytes === '');
};
