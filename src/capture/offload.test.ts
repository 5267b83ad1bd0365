/** Offload: what the card would have filled in is filled in, said, and nothing else is changed. */
import { expect, test } from 'vitest';
import { echo, sctp, tcp, udp } from '../../test/capture-frames.ts';
import { type Ipv4, ipv6 } from '../../spec/trace/packet.ts';
import { decode, encode } from '../packet/index.ts';
import { NOTES, withoutOffload } from './offload.ts';

const large = 'cd'.repeat(3000);

/** 10.0.0.1 and 10.0.0.2, protocol 17, and 8 + 24 bytes: worked out by hand. */
const PSEUDO_SUM = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 17 + 32;

const SACK = '0300001000000001000100000000000000';

/** The same with protocol 6, and 24 + 24 bytes. */
const TCP_SUM = PSEUDO_SUM - 17 - 32 + 6 + 48;

test.each([
  ['nothing', udp(), udp(), []],
  ['a total length of 0', udp({ length: { claimed: 0 } }), udp(), [NOTES.totalLength]],
  ['a total length of 0 without a checksum', udp({ length: { claimed: 0 }, checksum: { wrong: 0 } }), udp(), [NOTES.totalLength]],
  ['no header checksum', udp({ checksum: { wrong: 0 } }), udp(), [NOTES.headerChecksum]],
  ['a partial UDP checksum', udp({}, { checksum: { wrong: PSEUDO_SUM } }), udp(), [NOTES.partialChecksum]],
  ['another wrong UDP checksum', udp({}, { checksum: { wrong: PSEUDO_SUM + 1 } }), udp({}, { checksum: { wrong: PSEUDO_SUM + 1 } }), []],
  ['another wrong header checksum', udp({ checksum: { wrong: 1 } }), udp({ checksum: { wrong: 1 } }), []],
  ['a superframe', udp({}, { payload: large }), udp({}, { payload: large }), [NOTES.large]],
  ['a superframe without a UDP length', udp({}, { payload: large, length: { claimed: 0 } }), udp({}, { payload: large }), [NOTES.large, NOTES.udpLength]],
  ['a small one without a UDP length', udp({}, { length: { claimed: 0 } }), udp({}, { length: { claimed: 0 } }), []],
  ['a partial TCP checksum', tcp({}, { checksum: { wrong: TCP_SUM } }), tcp(), [NOTES.partialChecksum]],
  ['another wrong TCP checksum', tcp({}, { checksum: { wrong: TCP_SUM + 1 } }), tcp({}, { checksum: { wrong: TCP_SUM + 1 } }), []],
  ['a TCP superframe', tcp({}, { payload: large }), tcp({}, { payload: large }), [NOTES.large]],
  ['SCTP without a checksum', sctp(SACK, { checksum: { wrong: 0 } }), sctp(SACK), [NOTES.sctpChecksum]],
  ['a wrong SCTP checksum', sctp(SACK, { checksum: { wrong: 1 } }), sctp(SACK, { checksum: { wrong: 1 } }), []],
  ['what would be partial if ICMP had a pseudo header', echo({}, { checksum: { wrong: PSEUDO_SUM - 16 } }), echo({}, { checksum: { wrong: PSEUDO_SUM - 16 } }), []],
])('%s', (_, given, packet, notes) => {
  expect(withoutOffload(encode(given))).toEqual({ packet: decode(encode(packet)), notes });
});

test('a partial checksum whose sum carries twice is recognised', () => {
  const ip = { source: '255.255.255.255', destination: '255.255.255.255' };
  // 4 * 0xffff + 17 + 32 is 0x4002d; folded 0x0031.
  const result = withoutOffload(encode(udp(ip, { checksum: { wrong: 0x0031 } })));
  expect(result?.notes).toEqual([NOTES.partialChecksum]);
});

test('what no IPv4 packet can hold is refused', () => {
  expect(withoutOffload(new Uint8Array(65_536))).toBeUndefined();
  expect(withoutOffload(new Uint8Array(65_535))).toBeDefined();
});

const over6 = ({ payload }: Ipv4) => ipv6({ source: 'fd00::1', destination: 'fd00::2', payload });

test('IPv6: a superframe without a length', () => {
  const long = over6(tcp({}, { payload: large }));
  expect(withoutOffload(encode({ ...long, length: { claimed: 0 } }))).toEqual({ packet: long, notes: [NOTES.payloadLength, NOTES.large] });
  const short = over6(tcp());
  expect(withoutOffload(encode({ ...short, length: { claimed: 0 } }))?.notes).toEqual([]);
});

/** fd00::1 and fd00::2, protocol 58, and 8 + 24 bytes. */
const ICMPV6_SUM = 2 * 0xfd00 + 1 + 2 + 58 + 32 - 0xffff;

test('IPv6: ICMP has a pseudo header', () => {
  const partial = over6(echo({}, { checksum: { wrong: ICMPV6_SUM } }));
  expect(withoutOffload(encode(partial))).toEqual({ packet: over6(echo()), notes: [NOTES.partialChecksum] });
});

test('what no IPv6 packet can hold is refused', () => {
  const bytes = new Uint8Array(65_576).fill(0x60);
  expect(withoutOffload(bytes)).toBeUndefined();
  expect(withoutOffload(bytes.subarray(1))).toBeDefined();
});
