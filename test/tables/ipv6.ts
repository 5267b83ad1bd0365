/**
 * The tables of IPv6 (every row measured on Linux): which packets are let in, what is found behind extension headers,
 * what becomes of fragments and in which pieces they leave, and which types of ICMPv6 are tracked as what.
 */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, chunk, from, icmp6, scenario, sctp, tenantsInZones, udp6, wait, type Word } from '../../properties/words.ts';
import { lengthOfAll, withBehind } from '../../spec/extensions.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import { type Bytes, bytesOf, type Extension, type FragmentHeader, type Ipv6, lengthOf, type Packet, slice } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { writeHeader6 } from '../../spec/wire/ipv6.ts';
import { transportLength, writeTransport } from '../../spec/wire/transport.ts';

export type Row6 = {
  readonly row: string;
  readonly trace: Trace;
  /** For each event what `seen6` says. */
  readonly expected: readonly string[];
};

/** One line: as what it was tracked, and in which pieces it left; `(8)` stands for the bytes of headers in front. */
export const seen6 = ({ passes: [pass], left, skipped }: Outcome): string => {
  if (skipped) return 'skipped';
  const pieces = left.flatMap((departure) => departure.pieces.map(pieceText));
  if (!pass) return pieces.length === 0 ? 'nothing' : pieces.join(' ');
  return `${pass.state}; ${pieces.join(' ') || 'stays'}`;
};

const pieceText = (packet: Packet): string => {
  if (packet.kind !== 'ipv6') return packet.kind;
  const { extensions, payload } = packet;
  const index = extensions.findIndex(({ kind }) => kind === 'fragment');
  const header = extensions[index];
  const front = lengthOfAll(header ? extensions.slice(0, index) : extensions);
  const behind = (header ? lengthOfAll(extensions.slice(index + 1)) : 0) + transportLength(payload);
  const place = header?.kind === 'fragment' ? `${header.offset}-${header.offset + behind}${header.mf ? '+' : ''}` : `whole ${behind}`;
  return front === 0 ? place : `(${front})${place}`;
};

const row = (name: string, words: readonly Word[], ...expected: readonly string[]): Row6 => ({
  row: name,
  trace: scenario({ shows: name, network: tenantsInZones(1, 2), events: words }),
  expected,
});

const PAD = '010400000000';
const options = (kind: 'hop-by-hop' | 'destination-options' | 'routing', data: Bytes = PAD): Extension => ({ kind, data });
const authentication = (bytes: number): Extension => ({ kind: 'authentication', data: '00'.repeat(bytes - 2) });

const plain = udp6({ payload: colouredPayload(1, 1, 64) });
const one = (name: string, packet: Packet, expected: string): Row6 => row(name, from('t1a', packet), expected);

/** Behind these headers comes what is called `next`. */
const behind = (extensions: readonly Extension[], next: number, bytes: Bytes): Ipv6 => withBehind(plain, extensions, next, bytes);

const addresses: readonly Row6[] = [
  ...['::1', 'ff02::1', 'ff0e::5'].map((source) => one(`from ${source}`, udp6({}, { source }), 'nothing')),
  ...['::1', 'ff00::5', 'ff01::1'].map((destination) => one(`to ${destination}`, udp6({}, { destination }), 'nothing')),
  ...['::', 'fe80::1'].map((source) => one(`from ${source}`, udp6({}, { source }), 'new; stays')),
  ...['fe80::1', 'ff02::1', 'ff05::5', 'ff0e::5'].map((destination) => one(`to ${destination}`, udp6({}, { destination }), 'new; stays')),
  ...['::2', 'fec0::1', '::ffff:a00:1', '100::1'].map((source) => one(`from ${source}`, udp6({}, { source }), 'new; whole 8')),
  ...['::', '::2', 'fec0::1', '::ffff:a00:1'].map((destination) => one(`to ${destination}`, udp6({}, { destination }), 'new; whole 8')),
  one('a hop limit of 1', udp6({}, { hopLimit: 1 }), 'new; stays'),
  one('a hop limit of 0', udp6({}, { hopLimit: 0 }), 'new; stays'),
  one('no checksum', udp6({ checksum: 'none' }), 'new; whole 8'),
  one('a wrong checksum', udp6({ checksum: { wrong: 5 } }), 'invalid; whole 8'),
  one('bytes after the payload length', udp6({}, { trailer: 'abcdef' }), 'new; whole 8'),
];

const hopByHop = (name: string, data: Bytes, expected: string): Row6 => one(`hop-by-hop: ${name}`, udp6({}, { extensions: [options('hop-by-hop', data)] }), expected);
const [LET_IN, REFUSED] = ['new; (8)whole 8', 'nothing'];

const headers: readonly Row6[] = [
  hopByHop('six bytes of padding', '000000000000', LET_IN),
  hopByHop('padding that is not zero', '010400000001', REFUSED),
  hopByHop('padding beyond its end', '010500000000', REFUSED),
  hopByHop('an option of one byte', '000000000001', REFUSED),
  hopByHop('a router alert', '050200000100', LET_IN),
  hopByHop('a router alert of another length', '050300000000', REFUSED),
  hopByHop('unknown: skip', '1e0461626364', LET_IN),
  ...['5e', '9e', 'de'].map((type) => hopByHop(`unknown: discard (${type})`, `${type}0461626364`, REFUSED)),
  hopByHop('a jumbo length beside the other', 'c20400020000', REFUSED),
  hopByHop('eight bytes of padding', '1e001e001e000000000000000000', REFUSED),
  hopByHop('seven, and seven after another option', '0000000000001e00000000000000', 'new; (16)whole 8'),
  hopByHop('eight options', '1e00'.repeat(8) + '010400000000', 'new; (24)whole 8'),
  hopByHop('nine', '1e00'.repeat(9) + '01020000', REFUSED),
  one('the same options elsewhere mean nothing', udp6({}, { extensions: [options('destination-options', '5e0461626364'), options('hop-by-hop', '010400000001')] }), 'new; (16)whole 8'),
  one('all headers', udp6({}, { extensions: [options('hop-by-hop'), options('destination-options'), options('routing'), authentication(12)] }), 'new; (36)whole 8'),
  one('hop-by-hop beyond the end', behind([], 0, '1132000000000000'), 'nothing'),
  one('UDP beyond the end', behind([], 60, '1132000000000000'), 'invalid; whole 8'),
  one('nothing beyond the end', behind([], 60, '3b32000000000000'), 'invalid; whole 8'),
  one('one byte of a header', behind([], 60, '11'), 'invalid; whole 1'),
  one('no next header', behind([], 59, '0000000000000000'), 'invalid; whole 8'),
  one('a fragment header of one byte', behind([], 44, '11'), 'nothing'),
  one('a fragment header of six bytes, offset 0', behind([], 44, '110000010000'), 'invalid; whole 6'),
  one('that calls nothing, or one more header, next', behind([], 44, '000000010000'), 'nothing'),
  one('a fragment header of six bytes, offset 8', behind([], 44, '110000080000'), 'nothing'),
  one('a fragment header announced and not there', behind([options('destination-options')], 44, ''), 'nothing'),
];

type Change = Partial<Pick<Ipv6, 'trafficClass' | 'hopLimit' | 'source' | 'destination'>> &
  Partial<Pick<FragmentHeader, 'id' | 'reserved'>> & { readonly front?: readonly Extension[]; readonly next?: number };
/** From, to (in bytes behind the fragment header), whether more follow, and what else is special. */
type Piece = readonly [start: number, end: number, more: boolean, change?: Change];

const pieceOf = (bytes: Bytes, [start, end, mf, change = {}]: Piece): Ipv6 => {
  const { front = [], next = 17, id = 7, reserved = 0, ...fields } = change;
  const data = slice(bytes, start, end).padEnd((end - start) * 2, '0');
  return withBehind({ ...plain, ...fields }, [...front, { kind: 'fragment', id, offset: start, mf, reserved }], next, data);
};

const whole = writeTransport(plain);
const pieces = (name: string, list: readonly Piece[], ...expected: readonly string[]): Row6 => piecesOf(whole, name, list, ...expected);
const piecesOf = (bytes: Bytes, name: string, list: readonly Piece[], ...expected: readonly string[]): Row6 =>
  row(name, from('t1a', ...list.map((piece) => pieceOf(bytes, piece))), ...list.slice(expected.length).map(() => 'nothing'), ...expected);

const [A, B, C]: readonly [Piece, Piece, Piece] = [[0, 24, true], [24, 48, true], [48, 72, false]];
const ALL = 'new; 0-24+ 24-48+ 48-72';
const [AS_IT_IS, INVALID_AS_IT_IS] = ['new; whole 72', 'invalid; 24-44+'];
const DST: Change = { front: [options('destination-options')] };
/** SCTP with a heartbeat. */
const ASSOCIATION = writeTransport(sctp(0, [chunk(4, '00'.repeat(56))]));
const withDestinationOptions = `1100${PAD}${whole}`;

/** Section by section as the IPv4 table (fragments.ts) has it; where IPv6 is unlike, the row says so. */
const fragments: readonly Row6[] = [
  pieces('in order', [A, B, C], ALL),
  pieces('in reverse', [C, B, A], ALL),
  pieces('an exact duplicate is ignored', [A, A, B, B, C], ALL),
  pieces('inside what one run holds: ignored', [[0, 48, true], B, C], 'new; 0-48+ 48-72'),
  pieces('a superset kills the queue', [A, [0, 48, true], C]),
  pieces('a partial overlap kills the queue', [A, [16, 40, true], B, C]),
  pieces('over two runs that touch: an overlap, though all is known', [B, A, [16, 32, true], C]),
  pieces('a fragment after completion starts a new queue', [A, B, C, A, B, C], ALL, 'nothing', 'nothing', ALL),
  pieces('unlike IPv4: a second last with another end is dropped alone', [A, C, [48, 64, false], B], ALL),
  pieces('unlike IPv4: a last that ends before known data is dropped alone', [A, B, [24, 40, false], C], ALL),
  pieces('unlike IPv4: data beyond the known end is dropped alone', [A, C, [72, 80, true], B], ALL),
  pieces('unlike IPv4: a fragment without data is dropped alone', [A, [24, 24, true], B, C], ALL),
  pieces('a last without data gives the end, and completes nothing', [A, B, [48, 72, true], [72, 72, false]]),
  pieces('unlike IPv4: no multiple of 8 though more follow kills, and goes on by itself', [A, [24, 44, true], B, C], INVALID_AS_IT_IS, 'nothing', 'nothing'),
  pieces('at the beginning it is tracked for what it is', [[0, 20, true]], 'invalid; 0-20+'),
  pieces('after that everything starts again', [A, [24, 44, true], A, B, C], INVALID_AS_IT_IS, 'nothing', 'nothing', ALL),
  pieces('unlike IPv4: an end beyond 65535 is dropped at once', [A, [65_528, 65_536, false], B, C], ALL),
  pieces('a first fragment of 8 bytes', [[0, 8, true], [8, 72, false]], AS_IT_IS),
  pieces('unlike IPv4: a first fragment without its whole UDP header goes on by itself', [[0, 4, false]], 'invalid; 0-4'),
  pieces('a whole datagram as a fragment: the header is taken away', [[0, 72, false]], AS_IT_IS),
  pieces('the same with reserved bits', [[0, 72, false, { reserved: 1023 }]], AS_IT_IS),
  pieces('it waits where others do, and does not fit', [A, [0, 72, false], B, C]),
  pieces('what follows is called by the first fragment only', [A, [24, 48, true, { next: 6 }], C], ALL),
  pieces('identifications tell datagrams apart', [A, [24, 48, true, { id: 9 }], B, C], ALL),
  pieces('the full identification does', [A, [24, 48, true, { id: 7 + 2 ** 31 }], [24, 48, true, { id: 7 + 2 ** 16 }], B, C], ALL),
  pieces('no larger than the largest that came: whole', [[0, 64, true], [64, 72, false]], AS_IT_IS),
  pieces('the first one gives hop limit and class', [[0, 48, true, { hopLimit: 9, trafficClass: 8 }], [48, 72, false, { hopLimit: 1 }]], 'new; 0-48+ 48-72'),
  piecesOf(withDestinationOptions, 'options behind the fragment header move to its front', [[0, 32, true, { next: 60 }], [32, 80, false]], 'new; (8)0-24+ (8)24-72'),
  pieces('options in front stay there', [[0, 24, true, DST], [24, 48, true, DST], [48, 72, false, DST]], 'new; (8)0-24+ (8)24-48+ (8)48-72'),
  pieces("all with the first one's", [[0, 24, true, DST], B, C], 'new; (8)0-24+ (8)24-48+ (8)48-72'),
  pieces('none if the first one has none', [A, [24, 48, true, DST], C], ALL),
  pieces('authentication is cut', [[0, 24, true, { front: [authentication(16)] }], B, C], 'new; 0-40+ 40-64+ 64-88'),
  pieces('and all is cut again if it leaves no multiple of 8', [[0, 24, true, { front: [authentication(12)] }], B, C], 'new; 0-84'),
  pieces('options behind routing are cut', [[0, 24, true, { front: [options('routing'), options('destination-options')] }], B, C], 'new; (8)0-32+ (8)32-56+ (8)56-80'),
  row(
    'headers that are not all in the first piece: nothing leaves, but the connection is there',
    from('t1a', ...tornHeaders(17, whole, [0, 16, true], [16, 104, false]), plain),
    'nothing',
    'new; stays',
    'new; whole 72',
  ),
  piecesOf(ASSOCIATION, "SCTP is cut again if the first piece did not hold all of its header", [[0, 8, true, { next: 132 }], [8, 40, true], [40, 72, false]], 'new; 0-72'),
  piecesOf(ASSOCIATION, 'as IPv4 does it; not so if it did', [[0, 16, true, { next: 132 }], [16, 40, true], [40, 72, false]], 'new; 0-16+ 16-40+ 40-72'),
  piecesOf(`8400${PAD}${ASSOCIATION}`, 'headers in front of it count', [[0, 16, true, { next: 60 }], [16, 40, true], [40, 80, false]], 'new; (8)0-72'),
  piecesOf(ASSOCIATION, 'what is joined may fit after all: pieces leave, and the second is shorter', [[0, 8, true, { next: 132, front: [authentication(12)] }], [8, 72, false]], 'new; 0-24+ 24-84'),
  piecesOf(ASSOCIATION, 'or is no multiple of 8 any more, though more follow', [[0, 8, true, { next: 132, front: [authentication(12)] }], [8, 40, true], [40, 72, false]], 'new; 0-84'),
  row('and they are joined too, wherever they were cut', from('t1a', ...tornHeaders(132, ASSOCIATION, [0, 16, true], [16, 104, false])), 'nothing', 'new; (32)0-72'),
  pieces('to a group: never', [[0, 24, true, { destination: 'ff0e::5' }], [24, 72, false, { destination: 'ff0e::5' }]], 'invalid; stays'),
  row('the source is not looked at where the first piece came in by the exit', [...from('t1b', pieceOf(whole, [0, 24, true, { source: 'fe80::1' }])), ...from('t1a', pieceOf(whole, [24, 72, false, { source: 'fe80::1' }]))], 'nothing', 'invalid; 0-24+ 24-72'),
  row('a queue lives 60 s', [...from('t1a', pieceOf(whole, A), pieceOf(whole, B)), wait(59), ...from('t1a', pieceOf(whole, C)), ...from('t2a', pieceOf(whole, A), pieceOf(whole, B)), wait(60), ...from('t2a', pieceOf(whole, C))], 'nothing', 'nothing', 'nothing', ALL, 'nothing', 'nothing', 'nothing', 'nothing'),
  ...congestion(),
];

/** Destination options that reach into the second piece, behind which the first one would have another such header. */
function tornHeaders(protocol: number, behindThem: Bytes, ...list: readonly Piece[]): readonly Ipv6[] {
  const bytes = `3c00${PAD}3c011e0c${'00'.repeat(12)}${bytesOf(protocol, 1)}00${PAD}${behindThem}`;
  return list.map(([start, end, more]) => pieceOf(bytes, [start, end, more, { next: 60 }]));
}

function congestion(): readonly Row6[] {
  const marks = [0, 1, 2, 3];
  return marks.flatMap((a) =>
    marks.map((b) => {
      const together = a === b || (a !== 0 && b !== 0);
      return pieces(`congestion marks ${a} and ${b}`, [[0, 48, true, { trafficClass: a }], [48, 72, false, { trafficClass: b }]], together ? 'new; 0-48+ 48-72' : 'nothing');
    }),
  );
}

const TYPES = Array.from({ length: 256 }, (_, type) => type);
const UNTRACKED = [130, 131, 132, 133, 134, 135, 136, 143, 151, 152];
const stateOfType = (type: number): string => (type === 128 || type === 139 ? 'new' : UNTRACKED.includes(type) ? 'untracked' : 'invalid');

const quoteOf = (packet: Ipv6): Bytes => writeHeader6(packet) + slice(writeTransport(packet), 0, 8);
const errorWith = (payload: Bytes, type = 1): Ipv6 => icmp6({ type, code: 4, identifier: 0, sequence: 0, payload }, { source: '2001:db8::fe', destination: 'fd00::1' });
const about = (name: string, payload: Bytes, state: string): Row6 =>
  row(name, [...from('t1a', plain), ...from('t1b', errorWith(payload))], 'new; whole 72', `${state}; whole ${8 + lengthOf(payload)}`);
const back = { source: 'fd00::2', destination: 'fd00::1' };

const icmp: readonly Row6[] = [
  row('a single message of each type', from('t1a', ...TYPES.map((type) => icmp6({ type, identifier: type }))), ...TYPES.map((type) => `${stateOfType(type)}; whole 8`)),
  row('an echo and its answer', pinged(128, 129), 'new; whole 8', 'established; whole 8', 'established; whole 8'),
  row('node information and its answer', pinged(139, 140), 'new; whole 8', 'established; whole 8', 'established; whole 8'),
  row('the answer in another zone', [...from('t1a', icmp6()), ...from('t2b', icmp6({ type: 129 }, back))], 'new; whole 8', 'invalid; whole 8'),
  row('30 s without an answer', [...from('t1a', icmp6()), wait(30), ...from('t1b', icmp6({ type: 129 }, back))], 'new; whole 8', 'nothing', 'invalid; whole 8'),
  ...[0, 1, 2, 3, 4, 100, 127].map((type) =>
    row(`an error of type ${type}`, [...from('t1a', plain), ...from('t1b', errorWith(quoteOf(plain), type))], 'new; whole 72', 'related; whole 56'),
  ),
  row('an error in another zone', [...from('t1a', plain), ...from('t2b', errorWith(quoteOf(plain)))], 'new; whole 72', 'invalid; whole 56'),
  about('a quote with headers in front', quoteOf({ ...plain, extensions: [options('hop-by-hop'), options('destination-options')] }), 'related'),
  about('a quoted first fragment', quoteOf(pieceOf(whole, A)), 'related'),
  about('a quoted later fragment', quoteOf(pieceOf(whole, B)), 'invalid'),
  about('a quote that ends behind the ports', slice(quoteOf(plain), 0, 44), 'related'),
  about('a quote that ends within the ports', slice(quoteOf(plain), 0, 43), 'invalid'),
  about('another version in the quote', `40${slice(quoteOf(plain), 1)}`, 'related'),
  about('a quote from somebody else', quoteOf({ ...plain, source: 'fd00::9' }), 'invalid'),
];

function pinged(request: number, answer: number): readonly Word[] {
  const asked = from('t1a', icmp6({ type: request }));
  return [...asked, ...answersTo(asked), ...from('t1b', icmp6({ type: answer }, back))];
}

export const rows6: readonly Row6[] = [...addresses, ...headers, ...fragments, ...icmp];
