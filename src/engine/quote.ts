/**
 * The packet that an ICMP error quotes, read in place: as much of it as names a flow.
 *
 * Source: nf_conntrack_core.c nf_ct_get_tuplepr(), nf_ct_invert_tuple().
 */
import { type Addresses, numberOf } from './addresses.ts';
import type { Key } from './connections.ts';
import { createHeader } from './header.ts';
import { DESTINATION, findProtocol, FIXED, NEXT_HEADER, SOURCE } from './header6.ts';
import { answering, ICMP, isQuery, portsAt } from './icmp.ts';
import { GRE, grePorts, isFlow } from './gre.ts';
import { answering6, ICMPV6, isQuery6 } from './icmp6.ts';
import { byte, long, short } from './memory.ts';
import { NONE } from './pool.ts';
import { swapped } from './ports.ts';
import { SCTP } from './sctp.ts';
import { UDP_LITE } from './udp-lite.ts';
import { UDP } from './udp.ts';

const TCP = 6;
const HEADER_BYTES = 20;
const OFFSET = 0x1fff;

/**
 * Writes into the key what answers the quoted packet, whose bytes go from `start` up to, not including, `end`. False if
 * they name no flow, or one that nothing can answer. The quoted header is taken as it is: neither its version nor its
 * checksum counts, and it may claim to be shorter than it can be. The zone of the key stays.
 */
export const readQuote = (bytes: Uint8Array, start: number, end: number, key: Key): boolean => {
  if (end - start < HEADER_BYTES || (short(bytes, start + 6) & OFFSET) !== 0) return false;
  const transport = start + (byte(bytes, start) & 0x0f) * 4;
  if (transport > end) return false;
  key.protocol = byte(bytes, start + 9);
  key.source = long(bytes, start + 16);
  key.destination = long(bytes, start + 12);
  return readPorts(bytes, transport, end, key);
};

/** Where a quoted chain of headers leads. One record, used again. */
const quoted = createHeader();

/** The same of a quoted IPv6 packet. An address that nobody uses names no flow. */
export const readQuote6 = (addresses: Addresses, bytes: Uint8Array, start: number, end: number, key: Key): boolean => {
  if (end - start < FIXED) return false;
  quoted.totalLength = end;
  if (!findProtocol(bytes, quoted, byte(bytes, start + NEXT_HEADER), start + FIXED)) return false;
  key.protocol = quoted.protocol;
  key.source = numberOf(addresses, bytes, start + DESTINATION);
  key.destination = numberOf(addresses, bytes, start + SOURCE);
  if (key.source === NONE || key.destination === NONE) return false;
  return readPorts(bytes, quoted.headerLength, end, key);
};

/** Writes into the key the ports that answer those of the protocol's bytes from `start` up to `end`; false if these name no flow. */
const readPorts = (bytes: Uint8Array, start: number, end: number, key: Key): boolean => {
  const present = end - start;
  switch (key.protocol) {
    case ICMP:
      if (present < 8 || !isQuery(portsAt(bytes, start))) return false;
      key.ports = answering(portsAt(bytes, start));
      return true;
    case ICMPV6:
      if (present < 8 || !isQuery6(portsAt(bytes, start))) return false;
      key.ports = answering6(portsAt(bytes, start));
      return true;
    case TCP:
    case UDP:
    case UDP_LITE:
    case SCTP:
      if (present < 4) return false;
      key.ports = swapped(long(bytes, start));
      return true;
    case GRE:
      key.ports = swapped(grePorts(bytes, start, end));
      return isFlow(bytes, start, end);
    default:
      key.ports = 0;
      return true;
  }
};
