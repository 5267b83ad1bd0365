/**
 * ICMPv6: as ICMP (icmp.ts), with types of its own, a pseudo header, and messages that are not tracked at all.
 *
 * Source: RFC 4443, RFC 4620; nf_conntrack_proto_icmpv6.c.
 */
import { payloadChecksumRight } from './checksum.ts';
import { portsAt } from './icmp.ts';
import { byte } from './memory.ts';
import { NONE } from './pool.ts';
import { INVALID, type Protocol, UNTRACKED } from './protocol.ts';

/** The protocol number. */
export const ICMPV6 = 58;

const HEADER_BYTES = 8;
const [ECHO_REQUEST, ECHO_REPLY, NODE_QUERY, NODE_REPLY] = [128, 129, 139, 140] as const;

/** What neighbours, routers and listeners tell each other. */
const isBetweenNeighbours = (type: number): boolean => (type >= 130 && type <= 136) || type === 143 || type === 151 || type === 152;

/** Of all messages with an identifier only these are given another one by translation. */
export const isEcho = (type: number): boolean => type === ECHO_REQUEST || type === ECHO_REPLY;

const isRequest = (type: number): boolean => type === ECHO_REQUEST || type === NODE_QUERY;

export const icmp6: Protocol = {
  read: (moment, key) => {
    const { bytes, header } = moment;
    const start = header.headerLength;
    const length = header.totalLength - start;
    if (length < HEADER_BYTES || !payloadChecksumRight(bytes, ICMPV6, start, length)) return false;
    const type = byte(bytes, start);
    if (type < 128) moment.quote = start + HEADER_BYTES;
    else if (isBetweenNeighbours(type)) moment.quote = UNTRACKED;
    key.ports = portsAt(bytes, start);
    key.replyPorts = answering6(key.ports);
    // What nothing can answer makes no connection, be there room for one or not.
    return moment.quote !== NONE || isQuery6(key.ports);
  },
  open: ({ bytes, header, network }) => (isRequest(byte(bytes, header.headerLength)) ? network.timeouts.icmp6Ms : INVALID),
  follow: ({ network }) => network.timeouts.icmp6Ms,
};

const typeOf = (ports: number): number => (ports >>> 8) & 0xff;

/** Whether a message of these ports has another half. */
export const isQuery6 = (ports: number): boolean => isRequest(typeOf(ports)) || typeOf(ports) === ECHO_REPLY || typeOf(ports) === NODE_REPLY;

/** The ports of the other half, where there is one. An answer's type is its query's and one more. */
export const answering6 = (ports: number): number => {
  switch (typeOf(ports)) {
    case ECHO_REQUEST:
    case NODE_QUERY:
      return ports + 0x100;
    case ECHO_REPLY:
    case NODE_REPLY:
      return ports - 0x100;
    default:
      return ports;
  }
};
