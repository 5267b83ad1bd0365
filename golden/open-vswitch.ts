/**
 * A trace for each rule by which Open vSwitch's datapath differs: golden/divergences.ts says of what they are witnesses.
 */
import type { RuleId } from '../spec/rules.ts';
import { ipv4, ipv6 } from '../spec/trace/packet.ts';
import type { Trace } from '../spec/trace/trace.ts';
import { BACK, endsOf, errorAbout, fragmentsOf, from, handshake, icmp, icmp6, scenario, sctp, tcp, tenantsInZones, udp, udp6, type Word } from '../properties/words.ts';

const shows = (sentence: string, ...events: readonly (readonly Word[])[]): Trace =>
  scenario({ shows: sentence, network: tenantsInZones(1), events: events.flat() });

const OUT = 't1a';
const IN = 't1b';
const answer = udp({ sourcePort: 2000, destinationPort: 1000 }, BACK);
/** Two pieces, of which the first is as long as it has to be to wait. */
const [head = udp(), tail = udp()] = fragmentsOf(udp({ payload: '00'.repeat(800) }), 2);
const later = (milliseconds: number): readonly Word[] => [{ kind: 'advance', milliseconds }];
const ends = endsOf(1);
const { client, server } = ends;

export const openVswitch = {
  'ovs.unsound': shows('What IP would refuse is sent on.', from(OUT, udp({}, { checksum: { wrong: 1 } }))),
  'ovs.headers': shows('Reserved bits make a fragment of what is none.', from(OUT, { ...udp6(), extensions: [{ kind: 'fragment', id: 1, offset: 0, mf: false, reserved: 1 }] })),
  'ovs.sent-on': shows('A switch counts no hops.', from(OUT, udp({}, { ttl: 1 }))),
  'ovs.fragment-short': shows('A short first fragment does not wait.', from(OUT, fragmentsOf(udp({ payload: '00'.repeat(16) }), 2))),
  'ovs.fragment-again': shows('What is there already goes on alone, and the datagram is made all the same.', from(OUT, head, head, tail)),
  'ovs.fragment-held': shows('A fragment waits.', from(OUT, head), from(OUT, udp())),
  'ovs.fragment-completes': shows('A datagram leaves in the very pieces that it came in.', from(OUT, tail, head)),
  'ovs.fragments-late': shows('What waited too long leaves with the next packet.', from(OUT, head), later(15_001), from(IN, answer)),
  'ovs.fragments-late-dropped': shows('What waited too long is gone with the next packet.', from(OUT, head), later(15_001), from(IN, answer), from(OUT, tail)),
  'ovs.fragments-purged': shows('After 25 seconds nothing waits.', from(OUT, head), later(25_000), from(OUT, tail), from(IN, answer)),
  'ovs.udp-unsound': shows('A wrong checksum is invalid.', from(OUT, udp({ checksum: { wrong: 1 } }))),
  'ovs.port-zero': shows('There is no port 0.', from(OUT, udp({ sourcePort: 0 }))),
  'ovs.icmp-unsound': shows('0 is no checksum of zeros.', from(OUT, icmp({ type: 0, identifier: 0, sequence: 0 }))),
  'ovs.icmp-unknown': shows('An address mask request is invalid.', from(OUT, icmp({ type: 17 }))),
  'ovs.icmp-no-request': shows('An echo reply that nobody asked for is invalid.', from(OUT, icmp6({ type: 129 }))),
  'ovs.icmp-of-the-other': shows(
    "The other version's ICMP is judged by one byte.",
    from(OUT, ipv4({ ...BACK, protocol: 58, payload: { kind: 'opaque', bytes: '81', why: 'protocol' } })),
    from(OUT, ipv6({ source: 'fd00::1', destination: 'fd00::2', protocol: 1, payload: { kind: 'opaque', bytes: '08', why: 'protocol' } })),
  ),
  'ovs.new': shows('SCTP makes a flow whatever it says.', from(OUT, sctp(0, []))),
  'ovs.unreplied': shows('Without a reply 60 seconds are given.', from(OUT, udp()), later(59_999), from(OUT, udp())),
  'ovs.replied': shows('After a reply it is 30.', from(OUT, udp()), from(IN, answer), later(30_000), from(IN, answer)),
  'ovs.related': shows('An error about a part of a packet is invalid.', from(OUT, udp()), from(IN, errorAbout({ ...udp(), mf: true }))),
  'ovs.tcp-unsound': shows('A wrong checksum is invalid.', from(OUT, tcp({ checksum: { wrong: 1 } }))),
  'ovs.tcp-flags': shows('A SYN with FIN is invalid.', client('FS', 1000)),
  'ovs.tcp-no-beginning': shows('A SYN with ACK begins nothing.', client('SA', 1000, 1)),
  'ovs.tcp-anew': shows('Behind a reset a SYN begins anew.', handshake(ends), client('R', 1001), server('S', 7000)),
  'ovs.tcp-syn': shows('Both ends open at once, and neither replies.', client('S', 1000), server('S', 5000)),
  'ovs.tcp-in-window': shows('An ACK that acknowledges nothing establishes.', client('S', 1000), client('A', 1001)),
  'ovs.tcp-near-window': shows('Before the other side is heard, much is believed.', client('S', 1000), client('A', 60_000, 0, { payload: '00' })),
  'ovs.tcp-out-of-window': shows('Behind the handshake, the same is not.', handshake(ends), client('A', 60_000, 5001, { payload: '00' })),
} as const satisfies Partial<Record<RuleId, Trace>>;
