/** What the writers write, byte for byte, and what they refuse. */
import { expect, test } from 'vitest';
import { INBOUND, LINKTYPE_RAW, OUTBOUND, readCapture, splitText, writePcap, writePcapng } from './index.ts';
import type { Packet } from './index.ts';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const PACKET: Packet = { interface: 0, timestampNs: 0x1_0000_0002n, bytes: Uint8Array.of(0x45, 0, 1) };
const RAW = { linkType: LINKTYPE_RAW, snapLength: 0 };

const SECTION_HEADER = ['0a0d0d0a', '1c000000', '4d3c2b1a', '01000000', 'ffffffffffffffff', '1c000000'].join('');

test('the smallest pcapng is a section header', () => {
  expect(hexOf(writePcapng({ interfaces: [], packets: [] }))).toBe(SECTION_HEADER);
});

test('section, interface and packet with every option', () => {
  const file = writePcapng({
    section: { comments: ['abcd', 'é'], hardware: 'h', os: 'o', application: 'ap' },
    interfaces: [{ name: 'tun0', description: 'zone 1', linkType: LINKTYPE_RAW, snapLength: 65535 }],
    packets: [{ ...PACKET, originalLength: 20, comments: ['new', ''], flags: OUTBOUND }],
  });
  const section = ['01000400', '61626364', '01000200', 'c3a90000', '02000100', '68000000', '03000100', '6f000000', '04000200', '61700000', '00000000'];
  const device = ['02000400', '74756e30', '03000600', '7a6f6e6520310000', '09000100', '09000000', '00000000'];
  const packet = ['01000300', '6e657700', '01000000', '02000400', '02000000', '00000000'];
  expect(hexOf(file)).toBe(
    [
      ['0a0d0d0a', '48000000', '4d3c2b1a', '01000000', 'ffffffffffffffff', section, '48000000'],
      ['01000000', '34000000', '65000000', 'ffff0000', device, '34000000'],
      ['06000000', '3c000000', '00000000', '01000000', '02000000', '03000000', '14000000', '45000100', packet, '3c000000'],
    ]
      .flat(2)
      .join(''),
  );
});

test('a packet without options has none, and no padding where none is due', () => {
  const file = writePcapng({ interfaces: [RAW], packets: [{ ...PACKET, bytes: Uint8Array.of(1, 2, 3, 4) }] });
  const packet = ['06000000', '24000000', '00000000', '01000000', '02000000', '04000000', '04000000', '01020304', '24000000'];
  expect(hexOf(file).endsWith(packet.join(''))).toBe(true);
});

test.each([
  ['nanoseconds', '4d3cb2a1', '15cd5b07'],
  ['microseconds', 'd4c3b2a1', '40e20100'],
] as const)('pcap in %s', (resolution, magic, fraction) => {
  const file = writePcap({ ...RAW, snapLength: 65535, resolution, packets: [{ timestampNs: 5_123_456_789n, bytes: Uint8Array.of(0x45), originalLength: 2 }] });
  expect(hexOf(file)).toBe(
    [magic, '02000400', '00000000', '00000000', 'ffff0000', '65000000', '05000000', fraction, '01000000', '02000000', '45'].join(''),
  );
});

test.each<[string, Partial<Packet>]>([
  ['the interface of packet 0 is 1', { interface: 1 }],
  ['the interface of packet 0 is -1', { interface: -1 }],
  ['the time of packet 0 is -1 ns', { timestampNs: -1n }],
  ['the time of packet 0 is 18446744073709551616 ns', { timestampNs: 1n << 64n }],
  ['the original length of packet 0 is 2', { originalLength: 2 }],
  ['the number of bytes of packet 0 is 16777217', { bytes: new Uint8Array(16 * 1024 * 1024 + 1) }],
  ['the flags of packet 0 is -1', { flags: -1 }],
  ['packet 0 takes 16777248 bytes', { bytes: new Uint8Array(16 * 1024 * 1024) }],
  ['a text takes 65536 bytes', { comments: ['x'.repeat(65536)] }],
])('%s: refused', (problem, change) => {
  const write = (): unknown => writePcapng({ interfaces: [RAW], packets: [{ ...PACKET, ...change }] });
  expect(write).toThrow(RangeError);
  expect(write).toThrow(problem);
});

test('what does not fit an interface or a pcap is refused', () => {
  expect(() => writePcapng({ interfaces: [{ ...RAW, linkType: 65536 }], packets: [] })).toThrow('the link type of interface 0 is 65536');
  expect(() => writePcap({ ...RAW, snapLength: -1, resolution: 'nanoseconds', packets: [] })).toThrow('the snap length of interface 0 is -1');
  const late = { ...PACKET, timestampNs: 1_000_000_000n << 32n };
  expect(() => writePcap({ ...RAW, resolution: 'nanoseconds', packets: [late] })).toThrow('the time of packet 0');
});

test('long text is split into comments that join to it, between code points', () => {
  const cases = [
    ['', 1],
    ['x'.repeat(65535), 1],
    ['x'.repeat(65536), 2],
    [`x${'é'.repeat(65534)}`, 2],
    ['é'.repeat(65535), 3],
    ['\u{1f600}'.repeat(16384), 2],
  ] as const;
  for (const [text, pieces] of cases) {
    const comments = splitText(text);
    expect(comments.every((comment) => Buffer.byteLength(comment) <= 65535)).toBe(true);
    expect(comments.length).toBe(pieces);
    const file = readCapture(writePcapng({ section: { comments }, interfaces: [RAW], packets: [{ ...PACKET, comments, flags: INBOUND }] }));
    expect(file.sections[0]?.comments.join('')).toBe(text);
    expect(file.packets[0]?.comments.join('')).toBe(text);
  }
});
