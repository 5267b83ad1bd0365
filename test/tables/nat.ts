/**
 * The table of NAT (every row measured on Linux): as what packets leave, where it is not a matter of choice; and where it
 * is, of what kind.
 */
import type { Device } from '../../spec/trace/network.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import { type Address, type Extension, type Ip, type Ipv4, type Ipv6, ipv6 } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { GRE } from '../../spec/trace/transport.ts';
import { addressOf } from '../../spec/wire/address.ts';
import { answersTo, carrying, errorAbout, errorsTo, from, icmp, icmp6, scenario, tcp, tenantsInZones, toAddress, translating, udp, udp6, type Word } from '../../properties/words.ts';

export type NatRow = {
  readonly row: string;
  readonly trace: Trace;
  /** For each event what `waysOut` says. */
  readonly expected: readonly RegExp[];
};

type Changes = Pick<Device, 'address' | 'address6' | 'nat' | 'nat6'>;

/** One path from t1a to t1b and back. */
const row = (text: string, [a, b]: readonly [Changes, Changes], events: readonly Word[], ...expected: readonly RegExp[]): NatRow => ({
  row: text,
  trace: scenario({ shows: text, network: translating(tenantsInZones(1), { t1a: a, t1b: b }), events }),
  expected,
});

const source = (...to: Parameters<typeof toAddress>): Changes => ({ nat: { source: toAddress(...to) } });
const destination = (...to: Parameters<typeof toAddress>): Changes => ({ nat: { destination: toAddress(...to) } });
const NONE: Changes = {};
const NULL: Changes = { nat: {} };

const source6 = (...to: Parameters<typeof toAddress>): Changes => ({ nat6: { source: toAddress(...to) } });
const destination6 = (...to: Parameters<typeof toAddress>): Changes => ({ nat6: { destination: toAddress(...to) } });
const NULL6: Changes = { nat6: {} };

const OUT = '198.51.100.1';
const OUT6 = '2001:db8:1:2:3:4:5:6';
const inwards = (...packets: readonly Ip[]): readonly Word[] => from('t1a', packets);
const other6 = (port: number, source: Address = 'fd00::3'): Ipv6 => udp6({ sourcePort: port }, { source });
/** Destination options of 8 bytes, which say nothing. */
const OPTIONS: Extension = { kind: 'destination-options', data: '010400000000' };
const other = (port: number, source: Address = '10.0.0.3'): Ipv4 => udp({ sourcePort: port }, { source });
const segment = (source: Address, flags: string, sequence: number): Ipv4 => tcp({ flags, sequence }, { source });

const segment6 = (flags: string, source: Address, destination: Address, sourcePort: number, destinationPort: number): Ipv6 =>
  ipv6({ source, destination, payload: tcp({ flags, sourcePort, destinationPort, sequence: 1000 }).payload });

/** A client that opened a connection and reset it, once it was answered. */
const wasReset = (): readonly Word[] => {
  const opened = inwards(segment('10.0.0.1', 'S', 1000));
  return [...opened, ...answersTo(opened), ...inwards(tcp({ flags: 'RA', sequence: 1001, acknowledgement: 1 }))];
};

/** "Redirect" about a packet, to its source. */
const redirectAbout = (packet: Ipv4): Ipv4 => {
  const error = errorAbout(packet);
  return error.payload.kind === 'icmp' ? { ...error, payload: { ...error.payload, type: 5 } } : error;
};

const answered = (...words: readonly Word[]): readonly Word[] => [...words, ...answersTo(words)];
/** "Address unreachable", from a router. */
const refused6 = (...words: readonly Word[]): readonly Word[] => [...words, ...errorsTo(words, 1, 3)];
const refused = (...words: readonly Word[]): readonly Word[] => [...words, ...errorsTo(words)];

export const natRows: readonly NatRow[] = [
  row('without a rule nothing changes', [NONE, NULL], answered(...inwards(udp())), /^10.0.0.1:1000 > 10.0.0.2:2000$/, /^10.0.0.2:2000 > 10.0.0.1:1000$/),
  row('a port stays if it can', [NONE, source(OUT)], answered(...inwards(udp())), /^198.51.100.1:1000 > 10.0.0.2:2000$/, /^10.0.0.2:2000 > 10.0.0.1:1000$/),
  row('a port below 512 that is taken', [NONE, source(OUT)], inwards(other(53), other(53, '10.0.0.4')), /^198.51.100.1:53 >/, /^198.51.100.1:(?!53 )([1-9]|[1-9]\d|[1-4]\d\d|50\d|51[01]) >/),
  row('a port below 1024 that is taken', [NONE, source(OUT)], inwards(other(600), other(600, '10.0.0.4')), /^198.51.100.1:600 >/, /^198.51.100.1:(?!600 )([6-9]\d\d|10[01]\d|102[0-3]) >/),
  row('any other port that is taken', [NONE, source(OUT)], inwards(other(1024), other(1024, '10.0.0.4')), /^198.51.100.1:1024 >/, /^198.51.100.1:(?!1024 )(102[4-9]|10[3-9]\d|1[1-9]\d\d|[2-9]\d\d\d|\d{5}) >/),
  row('the same source elsewhere', [NONE, source(OUT, 5000, 5003)], inwards(udp(), udp({}, { destination: '10.0.0.4' })), /^198.51.100.1:500[0-3] >/, /^198.51.100.1:500[0-3] >/),
  row('one port of a range for each', [NONE, source(OUT, 5000, 5001)], inwards(udp(), other(1000), other(1000, '10.0.0.4')), /^198.51.100.1:500[01] >/, /^198.51.100.1:500[01] >/, /^nothing$/),
  row('a range of one port', [NONE, source(OUT, 1000)], inwards(udp(), other(1000)), /^198.51.100.1:1000 >/, /^nothing$/),
  row('an identifier that is taken', [NONE, source(OUT)], answered(...inwards(icmp(), icmp({}, { source: '10.0.0.3' }))), /^198.51.100.1:1000 >/, /^198.51.100.1:(?!1000 )\d+ >/, /> 10.0.0.1:/, /> 10.0.0.3:/),
  row('a protocol without ports', [NONE, source(OUT)], inwards(carrying(50, ''), carrying(50, '', { source: '10.0.0.3' })), /^198.51.100.1 > 10.0.0.2$/, /^nothing$/),
  row('a destination', [destination('10.0.0.9'), NONE], answered(...inwards(udp())), /^10.0.0.1:1000 > 10.0.0.9:2000$/, /^10.0.0.2:2000 > 10.0.0.1:1000$/),
  row('a destination gets the first port', [destination('10.0.0.9', 5000, 5003), NONE], inwards(udp(), udp({ destinationPort: 2001 })), /> 10.0.0.9:5000$/, /> 10.0.0.9:5001$/),
  row('two destinations become one', [destination('10.0.0.9'), NONE], inwards(udp(), udp({}, { destination: '10.0.0.3' })), /^10.0.0.1:1000 > 10.0.0.9:2000$/, /^10.0.0.1:(?!1000 )\d+ > 10.0.0.9:2000$/),
  row('both ends', [destination('10.0.0.9', 53), source(OUT, 5000)], answered(...inwards(udp())), /^198.51.100.1:5000 > 10.0.0.9:53$/, /^10.0.0.2:2000 > 10.0.0.1:1000$/),
  row('an error finds its way and quotes what was sent', [destination('10.0.0.9', 53), source(OUT, 5000)], refused(...inwards(udp())), /./, /^10.0.0.2 > 10.0.0.1 quoting 10.0.0.1:1000 > 10.0.0.2:2000$/),
  row('a redirect of what is translated', [NONE, source(OUT)], [...inwards(udp()), ...from('t1b', redirectAbout(udp({}, { source: OUT })))], /./, /^nothing$/),
  row('a redirect of what is bound to itself', [NONE, NULL], [...inwards(udp()), ...from('t1b', redirectAbout(udp()))], /./, /quoting 10.0.0.1:1000 > 10.0.0.2:2000$/),
  row('GRE of a version that nobody knows', [destination('10.0.0.9'), NONE], inwards(carrying(GRE, '0002080000000000')), /^nothing$/),
  row('redirected to the machine itself', [{ address: '10.0.0.8', nat: { destination: { to: 'own' } } }, NONE], inwards(udp()), /^nothing$/),
  row('masqueraded', [NONE, { address: OUT, nat: { source: { to: 'own' } } }], answered(...inwards(udp())), /^198.51.100.1:1000 >/, /> 10.0.0.1:1000$/),
  row('what is for the machine itself', [NONE, { address: OUT, nat: {} }], from('t1b', udp({}, { source: '10.0.0.2', destination: OUT })), /^nothing$/),
  row('a connection that is over gives its port to one that goes on behind it', [NONE, source(OUT, 5000)], [...wasReset(), ...inwards(segment('10.0.0.3', 'S', 2000))], /^198.51.100.1:5000/, /> 10.0.0.1:1000/, /^198.51.100.1:5000/, /^198.51.100.1:5000/),
  row('and to no other', [NONE, source(OUT, 5000)], [...wasReset(), ...inwards(segment('10.0.0.3', 'S', 500))], /^198.51.100.1:5000/, /> 10.0.0.1:1000/, /^198.51.100.1:5000/, /^nothing$/),
  row('IPv6: what is not translated of the other version', [NONE, NULL], inwards(udp6(), other6(1000)), /^fd00::1:1000 >/, /^fd00::3:1000 >/),
  row('IPv6: without a rule nothing changes', [NONE, NULL6], answered(...inwards(udp6())), /^fd00::1:1000 > fd00::2:2000$/, /^fd00::2:2000 > fd00::1:1000$/),
  row('IPv6: a port stays if it can', [NONE, source6(OUT6)], answered(...inwards(udp6())), /^2001:db8:1:2:3:4:5:6:1000 > fd00::2:2000$/, /^fd00::2:2000 > fd00::1:1000$/),
  row('IPv6: a port that is taken', [NONE, source6(OUT6)], answered(...inwards(udp6(), other6(1000))), /5:6:1000 >/, /5:6:(?!1000 )\d+ >/, /> fd00::1:1000$/, /> fd00::3:1000$/),
  row('IPv6: behind headers', [NONE, source6(OUT6, 5000)], inwards(udp6({}, { extensions: [OPTIONS] })), /^2001:db8:1:2:3:4:5:6:5000 >/),
  row('IPv6: no checksum stays none', [NONE, source6(OUT6)], inwards(udp6({ checksum: 'none' })), /^2001:db8:1:2:3:4:5:6:1000 .* none$/),
  row('IPv6: an echo gets another identifier', [NONE, source6(OUT6)], answered(...inwards(icmp6(), icmp6({}, { source: 'fd00::3' }))), /5:6:1000 >/, /5:6:(?!1000 )\d+ >/, /> fd00::1:1000$/, /> fd00::3:1000$/),
  row('IPv6: a node information query keeps its own', [NONE, source6(OUT6)], answered(...inwards(icmp6({ type: 139 }), icmp6({ type: 139 }, { source: 'fd00::3' }))), /5:6:1000 >/, /5:6:1000 >/, /> fd00::1:1000$/, /> fd00::1:1000$/),
  row('IPv6: a destination gets the first port', [destination6('fd00::9', 5000, 5003), NONE], inwards(udp6(), udp6({ destinationPort: 2001 })), /> fd00::9:5000$/, /> fd00::9:5001$/),
  row('IPv6: an error finds its way and quotes what was sent', [destination6('fd00::9', 53), source6(OUT6, 5000)], refused6(...inwards(udp6())), /./, /^fd00::2 > fd00::1 quoting fd00::1:1000 > fd00::2:2000$/),
  row('IPv6: masqueraded', [NONE, { address6: OUT6, nat6: { source: { to: 'own' } } }], answered(...inwards(udp6())), /^2001:db8:1:2:3:4:5:6:1000 >/, /> fd00::1:1000$/),
  row('IPv6: redirected to the machine itself', [{ address6: 'fd00::8', nat6: { destination: { to: 'own' } } }, NONE], inwards(udp6()), /^nothing$/),
  row('IPv6: what is for the machine itself', [NONE, { address6: OUT6, nat6: {} }], from('t1b', udp6({}, { destination: OUT6 })), /^nothing$/),
  row('IPv6: what comes from its address', [NONE, { address6: OUT6, nat6: {} }], from('t1b', udp6({}, { source: OUT6 })), /^2001:db8:1:2:3:4:5:6:1000 > fd00::2:2000$/),
  row('IPv6: the last packet of a connection is translated back', [NONE, source6(OUT6, 5000)], [...from('t1a', segment6('A', 'fd00::1', 'fd00::2', 1000, 2000)), ...from('t1b', segment6('R', 'fd00::2', OUT6, 2000, 5000))], /5:6:5000 > fd00::2:2000$/, /^fd00::2:2000 > fd00::1:1000$/),
  row('a checksum that comes to 0 is not none', [NONE, source(OUT)], inwards(udp({ payload: 'bfeb' })), /^198.51.100.1:1000 > 10.0.0.2:2000$/),
  row('IPv6: a checksum that comes to 0 is not none', [NONE, source6(OUT6)], inwards(udp6({ payload: 'c951' })), /^2001:db8:1:2:3:4:5:6:1000 > fd00::2:2000$/),
  row('invalid packets leave as they came', [NONE, source(OUT)], inwards(tcp({ flags: 'SA' })), /^10.0.0.1:1000 > 10.0.0.2:2000$/),
];

/** As what a packet left. */
export const waysOut = ({ left: [departure] }: Outcome): string => {
  const [packet] = departure?.pieces ?? [];
  if (!packet) return 'nothing';
  if (packet.kind === 'raw') return packet.kind;
  const { payload } = packet;
  if (packet.kind === 'ipv6' && payload.kind === 'icmp' && payload.type < 128) return `${packet.source} > ${packet.destination} quoting ${quoted6(payload.payload)}`;
  if (payload.kind === 'icmp' && (payload.type === 3 || payload.type === 5)) return `${packet.source} > ${packet.destination} quoting ${quoted(payload.payload)}`;
  if (payload.kind === 'icmp') return `${packet.source}:${payload.identifier} > ${packet.destination}:${payload.identifier}`;
  return 'sourcePort' in payload
    ? `${packet.source}:${payload.sourcePort} > ${packet.destination}:${payload.destinationPort}${'checksum' in payload && payload.checksum !== 'right' ? ` ${payload.checksum === 'none' ? 'none' : 'wrong'}` : ''}`
    : `${packet.source} > ${packet.destination}`;
};

/** The ends of a quoted packet without options. */
const quoted = (quote: string): string => {
  const bytes = Buffer.from(quote, 'hex');
  const end = (address: number, port: number): string => `${bytes.subarray(address, address + 4).join('.')}:${bytes.readUInt16BE(port)}`;
  return `${end(12, 20)} > ${end(16, 22)}`;
};

/** The same of IPv6 without extension headers. */
const quoted6 = (quote: string): string => {
  const end = (address: number, port: number): string => `${addressOf(quote.slice(address * 2, address * 2 + 32))}:${Number.parseInt(quote.slice(port * 2, port * 2 + 4), 16)}`;
  return `${end(8, 40)} > ${end(24, 42)}`;
};
