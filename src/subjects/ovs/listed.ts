/**
 * A connection as Open vSwitch lists it, which is a line. It does not say whether a reply was seen: that is false for all.
 *
 *     udp,orig=(src=10.0.0.1,dst=10.0.0.2,sport=1,dport=2),reply=(src=10.0.0.2,dst=10.0.0.1,sport=2,dport=1),zone=1,timeout=60,mark=7
 *
 * Source: ct_dpif_format_entry() in lib/ct-dpif.c; zone 0 is not printed, and the mark is the number of the packet that made it.
 */
import { type Listed, MOST_SECONDS } from '../../../spec/trace/outcome.ts';
import { ICMP, ICMPV6, SCTP, TCP, UDP, UDP_LITE } from '../../../spec/trace/transport.ts';
import type { Tuple } from '../../../spec/tuple.ts';
import { DEFAULT_ZONE } from '../../../spec/zone.ts';

const [IGMP, DCCP] = [2, 33];
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', ICMP],
  ['igmp', IGMP],
  ['tcp', TCP],
  ['udp', UDP],
  ['dccp', DCCP],
  ['icmpv6', ICMPV6],
  ['sctp', SCTP],
  ['udplite', UDP_LITE],
]);

/** @throws Error if the line cannot be read. */
export const listedIn = (line: string): Listed => {
  const [, name = '', original, reply, rest = ''] = /^([^,]+),orig=\(([^)]*)\),reply=\(([^)]*)\)(.*)$/.exec(line) ?? [];
  const protocol = PROTOCOLS.get(name) ?? Number(/\d+/.exec(name)?.[0] ?? Number.NaN);
  const mark = numberIn(rest, 'mark');
  const seconds = numberIn(rest, 'timeout');
  if (original === undefined || reply === undefined || Number.isNaN(protocol) || mark === undefined || seconds === undefined) {
    throw new Error(`Open vSwitch lists a connection in words that are not known: ${line}`);
  }
  return {
    connection: mark,
    zone: numberIn(rest, 'zone') ?? DEFAULT_ZONE,
    original: tupleIn(original, protocol),
    reply: tupleIn(reply, protocol),
    seenReply: false,
    assured: false,
    confirmed: true,
    seconds: Math.min(seconds, MOST_SECONDS),
  };
};

const tupleIn = (text: string, protocol: number): Tuple => {
  const [source = '', destination = ''] = [/src=([^,]*)/, /dst=([^,]*)/].map((place) => place.exec(text)?.[1]);
  const at = (key: string): number => numberIn(`,${text}`, key) ?? 0;
  const isIcmp = protocol === ICMP || protocol === ICMPV6;
  return isIcmp
    ? { source, destination, protocol, sourcePort: at('id'), destinationPort: at('type') * 256 + at('code') }
    : { source, destination, protocol, sourcePort: at('sport'), destinationPort: at('dport') };
};

const numberIn = (text: string, key: string): number | undefined => {
  const [, digits] = new RegExp(`,${key}=(\\d+)`).exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
};
