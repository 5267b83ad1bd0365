/** Fates: each kind of frame is played or left out for a reason that names it. */
import { expect, test } from 'vitest';
import { bytesOf, fragmentsOf, framed, MACS, udp } from '../../test/capture-frames.ts';
import { decode, encode } from '../packet/index.ts';
import type { Ipv4 } from '../../spec/trace/packet.ts';
import { fateOf } from './frame.ts';

const raw = (packet: Ipv4, cut = false) => fateOf({ linkType: 101, cut, bytes: encode(packet) });
const leftOut = (reason: string) => ({ kind: 'left out', reason });
const other = (protocol: number) => udp({ protocol, payload: { kind: 'opaque', bytes: '5a'.repeat(20), why: 'protocol' } });

test('UDP is played, whole and in fragments', () => {
  expect(raw(udp())).toEqual({ kind: 'played', packet: udp(), notes: [] });
  for (const packet of fragmentsOf(udp(), 16)) expect(raw(packet)).toEqual({ kind: 'played', packet, notes: [] });
});

test('padding stays as the trailer', () => {
  const bytes = Buffer.concat([framed(`${MACS}0800`, udp()), bytesOf('0000')]);
  expect(fateOf({ linkType: 1, cut: false, bytes })).toEqual({ kind: 'played', packet: udp({ trailer: '0000' }), notes: [] });
});

test.each([
  ['ICMP', 1],
  ['TCP', 6],
  ['SCTP', 132],
  ['IP protocol 200', 200],
])('%s is played', (_name, protocol) => {
  const packet = decode(encode(other(protocol)));
  if (packet.kind !== 'ipv4') throw new Error(packet.kind);
  expect(raw(packet)).toMatchObject({ kind: 'played', packet });
});

test.each([
  ['a low TTL', udp({ ttl: 1 })],
  ['loopback', udp({ source: '127.0.0.1', destination: '127.0.0.1' })],
  ['a group', udp({ destination: '224.0.0.251' })],
  ['everybody', udp({ destination: '255.255.255.255' })],
  ['a multicast source', udp({ source: '224.0.0.1' })],
  ['options', udp({ options: '01010100' })],
  ['malformed options', udp({ options: '07000000' })],
])('%s is played, because the model says what becomes of it', (_, packet) => {
  expect(raw(packet)).toEqual({ kind: 'played', packet, notes: [] });
});

test('options that a router acts on are not covered yet', () => {
  expect(raw(udp({ options: '94040000' }))).toEqual(leftOut('not covered yet: IPv4, options that a router acts on are not modelled'));
});

test.each([
  ['wrong IPv4 header checksum: kept', udp({ checksum: { wrong: 1 } })],
  ['wrong UDP checksum: kept', udp({}, { checksum: { wrong: 1 } })],
  ['UDP length that differs from the bytes: kept', udp({}, { length: { claimed: 20 } })],
  ['IPv4 length that cannot be: kept', udp({ length: { claimed: 2000 } })],
  ['too short for its UDP header: kept', udp({ payload: { kind: 'opaque', bytes: '0000', why: 'short' } })],
])('%s', (note, given) => {
  expect(raw(given)).toEqual({ kind: 'played', packet: decode(encode(given)), notes: [note] });
});

test('a frame that the recorder cut is left out at every length, unless it lacks its padding only', () => {
  const bytes = framed(`${MACS}0800`, udp());
  for (let end = 0; end < bytes.length; end += 1) {
    expect(fateOf({ linkType: 1, cut: true, bytes: bytes.subarray(0, end) })).toEqual(leftOut('cut by the recorder (snaplen)'));
  }
  expect(fateOf({ linkType: 1, cut: true, bytes })).toEqual({ kind: 'played', packet: udp(), notes: [] });
  expect(raw(udp({ length: { claimed: 0 } }), true)).toEqual(leftOut('cut by the recorder (snaplen)'));
});

test.each([
  ['shorter than its link layer header', 1, ''],
  ['not covered yet: ARP', 1, `${MACS}0806`],
  ['no IPv4 header: too short', 1, `${MACS}080045`],
  ['no IPv4 header: another version', 1, `${MACS}080055${'00'.repeat(30)}`],
  ['no IPv4 header: another version', 1, `${MACS}080065${'00'.repeat(50)}`],
  ['no IPv6 header: another version', 1, `${MACS}86dd45${'00'.repeat(30)}`],
  ['no IPv6 header: too short', 1, `${MACS}86dd65${'00'.repeat(30)}`],
  ['no IPv4 header: a header length that cannot be', 1, `${MACS}080041${'00'.repeat(30)}`],
  ['larger than any IP packet (segmentation offload)', 228, `45${'00'.repeat(65_535)}`],
])('%s', (reason, linkType, hex) => {
  expect(fateOf({ linkType, cut: false, bytes: bytesOf(hex) })).toEqual(leftOut(reason));
});
