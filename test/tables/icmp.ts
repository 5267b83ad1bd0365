/**
 * The tables of ICMP (every row measured on Linux): which types begin a connection, which answers are found, and which
 * errors are related to what.
 */
import { answersTo, errorsTo, fragmentsOf, from, icmp, scenario, tcp, tenantsInZones, udp, wait, type Word } from '../../properties/words.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import { type Bytes, type Ipv4, ipv4, slice } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { writeHeader } from '../../spec/wire/ipv4.ts';
import { writeTransport } from '../../spec/wire/transport.ts';

export type Row = {
  readonly row: string;
  readonly trace: Trace;
  /** For each event what `stateOf` says. */
  readonly expected: readonly string[];
};

/** One line: the state, and the direction where it says something. */
export const stateOf = ({ passes: [pass], skipped }: Outcome): string => {
  if (skipped) return 'skipped';
  if (!pass) return 'nothing';
  return pass.state === 'related' || pass.state === 'established' ? `${pass.state}, ${pass.direction}` : pass.state;
};

/** Words and what is expected of each, in two zones: devices t1a and t1b in zone 1, t2a and t2b in zone 2. */
const row = (name: string, ...steps: readonly (readonly [words: readonly Word[], ...expected: readonly string[]])[]): Row => ({
  row: name,
  trace: scenario({ shows: name, network: tenantsInZones(1, 2), events: steps.flatMap(([words]) => words) }),
  expected: steps.flatMap(([, ...expected]) => expected),
});

const TYPES = Array.from({ length: 256 }, (_, type) => type);
const REQUESTS = [8, 13, 15, 17];

const back = { source: '10.0.0.2', destination: '10.0.0.1' };
const ping = icmp();
const pong = icmp({ type: 0 }, back);
const asked = udp();
const replied = udp({ sourcePort: 2000, destinationPort: 1000 }, back);

/** The packet as an error quotes it. */
const quoteOf = (packet: Ipv4): Bytes => writeHeader(packet) + slice(writeTransport(packet), 0, 8);
const patched = (bytes: Bytes, at: number, other: Bytes): Bytes => slice(bytes, 0, at) + other + slice(bytes, at + other.length / 2);

const errorWith = (payload: Bytes, destination = '10.0.0.1', fields: Parameters<typeof icmp>[0] = {}): Ipv4 =>
  icmp({ type: 3, code: 3, identifier: 0, sequence: 0, payload, ...fields }, { source: '198.51.100.1', destination });

/** After a datagram of UDP left, an error about it arrives where answers do. */
const about = (name: string, error: Ipv4, expected: string, sent = asked): Row =>
  row(name, [from('t1a', sent), 'new'], [from('t1b', error), expected]);

const opening = tcp({ flags: 'S' });
const quote = quoteOf(asked);
const RELATED = 'related, reply';

const types: readonly Row[] = [
  row('a single message of each type', ...TYPES.map((type) => [from('t1a', icmp({ type, identifier: type })), REQUESTS.includes(type) ? 'new' : 'invalid'] as const)),
  row(
    'an error of each type about a packet',
    [from('t1a', asked), 'new'],
    ...TYPES.filter((type) => !REQUESTS.includes(type)).map(
      (type) => [from('t1b', errorWith(quote, '10.0.0.1', { type })), [3, 4, 5, 11, 12].includes(type) ? RELATED : 'invalid'] as const,
    ),
  ),
  ...REQUESTS.flatMap((request) =>
    [request + 1, 0].map((answer) => {
      const isAnswer = answer === (request === 8 ? 0 : request + 1);
      return row(
        `request ${request} and answer ${answer}`,
        [from('t1a', icmp({ type: request })), 'new'],
        [from('t1b', icmp({ type: answer }, back)), isAnswer ? 'established, reply' : 'invalid'],
      );
    }),
  ),
];

const queries: readonly Row[] = [
  row('a request again before its answer, and after it', [from('t1a', ping, ping), 'new', 'new'], [from('t1b', pong), 'established, reply'], [from('t1a', ping), 'established, original']),
  row('another identifier is another connection', [from('t1a', ping, icmp({ identifier: 2 })), 'new', 'new'], [from('t1b', icmp({ type: 0, identifier: 3 }, back)), 'invalid']),
  row('another code is another connection, also of an answer', [from('t1a', icmp({ code: 5 })), 'new'], [from('t1b', pong), 'invalid'], [from('t1b', icmp({ type: 0, code: 5 }, back)), 'established, reply']),
  row('another sequence number is not', [from('t1a', ping), 'new'], [from('t1b', icmp({ type: 0, sequence: 99 }, back)), 'established, reply']),
  row('an answer in another zone', [from('t1a', ping), 'new'], [from('t2b', pong), 'invalid'], [from('t1b', pong), 'established, reply']),
  row('the same request the other way is a connection of its own', [from('t1a', ping), 'new'], [from('t1b', icmp({}, back)), 'new']),
  row('a wrong checksum, and one that is zero in the other way', [from('t1a', icmp({ checksum: { wrong: 0x1234 } })), 'invalid'], [from('t1a', icmp({ sequence: 0xf413 })), 'new']),
  row('zeros are an answer, with a checksum of 0 or ffff', [from('t1a', icmp({ identifier: 0 })), 'new'], ...(['right', 'negative zero'] as const).map((checksum) => [from('t1b', icmp({ type: 0, identifier: 0, sequence: 0, checksum, payload: '0000' }, back)), 'established, reply'] as const)),
  row('shorter than a header', [from('t1a', ipv4({ source: '10.0.0.1', destination: '10.0.0.2', protocol: 1, payload: { kind: 'opaque', bytes: '0800f7ff000000', why: 'short' } })), 'invalid']),
  row('in fragments', [from('t1a', fragmentsOf(icmp({ payload: '00'.repeat(40) }), 3)), 'nothing', 'nothing', 'new'], [from('t1b', pong), 'established, reply']),
  row('gone after its time, answered or not', [from('t1a', ping), 'new'], [from('t1b', pong), 'established, reply'], [[wait(29)], 'nothing'], [from('t1b', pong), 'established, reply'], [[wait(29)], 'nothing'], [from('t1a', ping), 'established, original'], [[wait(30)], 'nothing'], [from('t1b', pong), 'invalid']),
];

const sent = from('t1a', asked);
const answered = answersTo(sent);

const errors: readonly Row[] = [
  row('about a packet in original direction', [sent, 'new'], [errorsTo(sent), RELATED]),
  row('about a reply', [sent, 'new'], [answered, 'established, reply'], [errorsTo(answered), 'related, original']),
  row('about a request and about its answer', [from('t1a', ping), 'new'], [from('t1b', errorWith(quoteOf(ping))), RELATED], [from('t1b', pong), 'established, reply'], [from('t1a', errorWith(quoteOf(pong), '10.0.0.2')), 'related, original']),
  row('arriving on the side of the sender', [sent, 'new'], [from('t1a', errorWith(quote)), RELATED]),
  row('in another zone', [sent, 'new'], [from('t2b', errorWith(quote)), 'invalid'], [from('t1b', errorWith(quote)), RELATED]),
  row('in a zone that knows an equal connection', [from('t1a', asked), 'new'], [from('t2a', asked), 'new'], [from('t2b', errorWith(quote)), RELATED]),
  row('about nothing', [from('t1b', errorWith(quote)), 'invalid']),
  row('about a packet that did not leave', [from('t1a', udp({}, { ttl: 1 })), 'new'], [from('t1b', errorWith(quote)), 'invalid']),
  row('about a reply that was never sent', [sent, 'new'], [from('t1a', errorWith(quoteOf(replied), '10.0.0.2')), 'related, original']),
  row('an error is no reply', [sent, 'new'], [errorsTo(sent), RELATED], [from('t1a', asked), 'new']),
  row('an error gives no time', [sent, 'new'], [[wait(29)], 'nothing'], [from('t1b', errorWith(quote)), RELATED], [[wait(1)], 'nothing'], [from('t1b', errorWith(quote)), 'invalid']),
  about('to somebody else', errorWith(quote, '10.0.0.9'), 'invalid'),
  about('to the receiver of what it quotes', errorWith(quote, '10.0.0.2'), 'invalid'),
  about('with a wrong checksum', errorWith(quote, '10.0.0.1', { checksum: { wrong: 0x1234 } }), 'invalid'),
  about('of an unknown code', errorWith(quote, '10.0.0.1', { code: 200 }), RELATED),
  about('quoting ports only', errorWith(slice(quote, 0, 24)), RELATED),
  about('quoting less than ports', errorWith(slice(quote, 0, 23)), 'invalid'),
  about('quoting a header', errorWith(slice(quote, 0, 20)), 'invalid'),
  about('quoting less than a header', errorWith(slice(quote, 0, 19)), 'invalid'),
  about('quoting nothing', errorWith(''), 'invalid'),
  about('quoting the whole packet', errorWith(`${quote}${'00'.repeat(100)}`), RELATED),
  about('quoting a first fragment', errorWith(patched(quote, 6, '2000')), RELATED),
  about('quoting another fragment', errorWith(patched(quote, 6, '0001')), 'invalid'),
  about('quoting don\'t-fragment and the reserved flag', errorWith(patched(quote, 6, 'c000')), RELATED),
  about('quoting another version', errorWith(patched(quote, 0, '65')), RELATED),
  about('quoting a wrong header checksum, length and identification', errorWith(patched(quote, 2, 'ffffffff')), RELATED),
  about('quoting a wrong UDP length and checksum', errorWith(patched(quote, 24, '00010001')), RELATED),
  about('quoting options', errorWith(patched(slice(quote, 0, 20), 0, '46') + '01010101' + slice(quote, 20)), RELATED),
  about('quoting a header that claims to be longer than the quote', errorWith(patched(quote, 0, '4f')), 'invalid'),
  // Then the ports are read from the first bytes of the header: 0x4000, and the total length.
  about('quoting a header that claims no length', errorWith(patched(quoteOf(udp({ sourcePort: 0x4000, destinationPort: 28 })), 0, '40')), RELATED, udp({ sourcePort: 0x4000, destinationPort: 28 })),
  about('quoting the same bytes as another protocol', errorWith(patched(quote, 9, '01')), 'invalid'),
  about('quoting another protocol with the same ports', errorWith(patched(quote, 9, '06')), 'invalid'),
  about('quoting a TCP segment, 8 bytes of it', errorWith(quoteOf(opening)), RELATED, opening),
  about('quoting a TCP segment, its ports only', errorWith(slice(quoteOf(opening), 0, 24)), RELATED, opening),
  about('quoting a TCP segment, less than its ports', errorWith(slice(quoteOf(opening), 0, 23)), 'invalid', opening),
  row('quoting a request, 8 bytes of it or 7', [from('t1a', ping), 'new'], [from('t1b', errorWith(quoteOf(ping)), errorWith(slice(quoteOf(ping), 0, 27))), RELATED, 'invalid']),
  row('quoting a request of another code', [from('t1a', ping), 'new'], [from('t1b', errorWith(quoteOf(icmp({ code: 1 })))), 'invalid']),
  row('quoting an error', [sent, 'new'], [errorsTo(sent), RELATED], [from('t1a', errorWith(quoteOf(errorWith(quote, '10.0.0.1')), '198.51.100.1')), 'invalid']),
  row('in fragments', [sent, 'new'], [from('t1b', fragmentsOf(errorWith(quote), 3)), 'nothing', 'nothing', RELATED]),
  row(
    'about a tuple that is its own inverse: the reply half answers',
    [from('t1a', udp({ sourcePort: 5, destinationPort: 5 }, { destination: '10.0.0.1' })), 'new'],
    [from('t1b', errorWith(quoteOf(udp({ sourcePort: 5, destinationPort: 5 }, { destination: '10.0.0.1' })))), RELATED],
  ),
];

export const icmpRows: readonly Row[] = [...types, ...queries, ...errors];
