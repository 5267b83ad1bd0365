/**
 * Admission: which packets exist at all.
 *
 * A packet that fails here leaves no trace: it is not defragmented, not tracked, not forwarded.
 *
 * Source: ip_rcv_core(), RFC 1812 section 5.2.2.
 */
import { match } from 'ts-pattern';
import type { Rules } from './rule.ts';
import type { Ipv4, Packet } from './trace/packet.ts';

export const packetRules = {
  'packet.not-ipv4': {
    sentence: 'What is too short for an IPv4 header, of another version, or of an impossible header length is refused.',
    source: 'ip_rcv_core()',
  },
  'packet.length': {
    sentence: 'A total length below the header or above what arrived is refused.',
    source: 'ip_rcv_core()',
  },
  'packet.checksum': {
    sentence: 'A header with a wrong checksum is refused.',
    source: 'ip_rcv_core()',
  },
  'packet.admitted': {
    sentence: 'Any other packet is admitted; bytes after its total length are forgotten.',
    source: 'ip_rcv_core(), pskb_trim_rcsum()',
  },
} as const satisfies Rules;

export type Admission =
  | { readonly rule: 'packet.admitted'; readonly packet: Ipv4 }
  | { readonly rule: 'packet.not-ipv4' | 'packet.length' | 'packet.checksum' };

export const admit = (packet: Packet): Admission =>
  match(packet)
    .returnType<Admission>()
    .with({ kind: 'ipv4', length: 'right', checksum: 'right' }, (admitted) => ({
      rule: 'packet.admitted',
      packet: admitted.trailer === '' ? admitted : { ...admitted, trailer: '' },
    }))
    .with({ kind: 'raw' }, () => ({ rule: 'packet.not-ipv4' }))
    .with({ length: 'right', checksum: 'negative zero' }, (admitted) => ({
      rule: 'packet.admitted',
      packet: { ...admitted, checksum: 'right', trailer: '' },
    }))
    .with({ length: 'right' }, () => ({ rule: 'packet.checksum' }))
    .with({ kind: 'ipv4' }, () => ({ rule: 'packet.length' }))
    .exhaustive();
