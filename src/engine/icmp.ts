/**
 * ICMP: queries are tracked by identifier, type and code; errors point to the packet that they quote.
 *
 * Source: RFC 792; nf_conntrack_proto_icmp.c.
 */
import { sumOf } from './checksum.ts';
import { originalPorts } from './connections.ts';
import { byte, short } from './memory.ts';
import { INVALID, type Protocol } from './protocol.ts';

/** The protocol number. */
export const ICMP = 1;

/** The bytes of a message before its data, or before the packet that an error quotes. */
const HEADER_BYTES = 8;

/** What each type is, by its number: a request (whose answer is the type beside it), an answer, an error, or nothing. */
const NOTHING = 0;
const REQUEST = 1;
const ANSWER = 2;
const ERROR = 3;
const KINDS = new Uint8Array(256);
/** The type of the other half, where there is one. */
const OTHER = new Uint8Array(256);
for (const [request, answer] of [[8, 0], [13, 14], [15, 16], [17, 18]] as const) {
  KINDS[request] = REQUEST;
  KINDS[answer] = ANSWER;
  OTHER[request] = answer;
  OTHER[answer] = request;
}
for (const type of [3, 4, 5, 11, 12]) KINDS[type] = ERROR;

export const icmp: Protocol = {
  read: (moment, key) => {
    const { bytes, header } = moment;
    const start = header.headerLength;
    const length = header.totalLength - start;
    // Summed up behind a right IP header, whose sum is 0xffff: so that zeros, which sum up to 0, are right as well.
    if (length < HEADER_BYTES || sumOf(bytes, start, length, 0xffff) !== 0xffff) return false;
    const kind = byte(KINDS, byte(bytes, start));
    if (kind === ERROR) {
      moment.quote = start + HEADER_BYTES;
      return true;
    }
    key.ports = portsAt(bytes, start);
    key.replyPorts = answering(key.ports);
    return kind !== NOTHING;
  },
  open: ({ bytes, header, network }) =>
    byte(KINDS, byte(bytes, header.headerLength)) === REQUEST ? network.timeouts.icmpMs : INVALID,
  // Control may have made one that no request began.
  follow: ({ table, network }, connection) => (isRequest(originalPorts(table, connection)) ? network.timeouts.icmpMs : INVALID),
};

/** What stands for ports: the identifier in the upper half; type and code, as they stand in the message, in the lower. */
export const portsAt = (bytes: Uint8Array, message: number): number => (short(bytes, message + 4) << 16) | short(bytes, message);

/** Whether a message of a type is a request or an answer. */
export const isQueryType = (type: number): boolean => byte(KINDS, type) === REQUEST || byte(KINDS, type) === ANSWER;

const isRequest = (ports: number): boolean => byte(KINDS, (ports >>> 8) & 0xff) === REQUEST;

/** Whether a message of these ports has another half. */
export const isQuery = (ports: number): boolean => isQueryType((ports >>> 8) & 0xff);

/** The ports of the other half: the other type, and the rest the same. They are a query's. */
export const answering = (ports: number): number => (ports & ~0xff00) | (byte(OTHER, (ports >>> 8) & 0xff) << 8);
