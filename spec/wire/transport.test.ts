import { expect, test } from 'vitest';
import { ipv4 } from '../trace/packet.ts';
import type { Transport, UdpLite } from '../trace/transport.ts';
import { crc32c } from './crc32c.ts';
import { chunksOf } from './sctp.ts';
import { payloadStart, readTransport, transportLength, writeTransport } from './transport.ts';

const UDP: Transport = { kind: 'udp', sourcePort: 1000, destinationPort: 53, length: 'right', checksum: 'right', payload: '0102030405' };
const TCP: Transport = {
  kind: 'tcp',
  sourcePort: 1000,
  destinationPort: 80,
  sequence: 0xfffffffe,
  acknowledgement: 7,
  reserved: 5,
  flags: 'SAC',
  window: 65_535,
  checksum: 'right',
  urgent: 3,
  options: '020405b4',
  payload: '010203',
};
const ICMP: Transport = { kind: 'icmp', type: 8, code: 0, checksum: 'right', identifier: 7, sequence: 2, payload: '0102' };

const UDP_LITE: UdpLite = { kind: 'udp-lite', sourcePort: 1000, destinationPort: 53, coverage: 11, checksum: 'right', payload: '0102030405' };

const SCTP: Transport = { kind: 'sctp', sourcePort: 1000, destinationPort: 53, tag: 0xfffffffe, checksum: 'right', payload: '03000004' };

const carrying = (payload: Transport) => ipv4({ source: '10.0.0.1', destination: '192.0.2.9', payload });

test.each([
  [UDP, 8],
  [TCP, 24],
  [ICMP, 8],
  [UDP_LITE, 8],
  [SCTP, 12],
  [{ ...SCTP, checksum: { wrong: 0xfedcba98 } } satisfies Transport, 12],
  [{ ...UDP_LITE, coverage: 7, checksum: 'as Linux' } satisfies UdpLite, 8],
  [{ ...UDP_LITE, checksum: 'none' } satisfies UdpLite, 8],
])('what is written is read back: %j', (payload, header) => {
  const packet = carrying(payload);
  const bytes = writeTransport(packet);
  expect(readTransport(packet, bytes)).toEqual(payload);
  expect(transportLength(payload)).toBe(bytes.length / 2);
  expect(payloadStart(packet.protocol, bytes)).toBe(header);
});

test.each([UDP, TCP, UDP_LITE])('addresses are part of the checksum: %j', (payload) => {
  const packet = carrying(payload);
  expect(readTransport({ ...packet, source: '10.0.0.2' }, writeTransport(packet))).toHaveProperty('checksum.wrong');
});

test('a UDP checksum that would be 0 is written as ffff', () => {
  const packet = ipv4({
    source: '0.0.0.0',
    destination: '0.0.0.0',
    payload: { ...UDP, sourcePort: 0, destinationPort: 0xffff - 17 - 8 - 8, payload: '' },
  });
  const bytes = writeTransport(packet);
  expect(bytes.slice(12, 16)).toBe('ffff');
  expect(readTransport(packet, bytes)).toMatchObject({ checksum: 'right' });
});

test.each([
  [17, '03e80035000800', 'short'],
  [6, '00'.repeat(19), 'short'],
  [6, `${'00'.repeat(12)}40${'00'.repeat(7)}`, 'header-length'],
  [6, `${'00'.repeat(12)}60${'00'.repeat(7)}`, 'header-length'],
  [1, '0800f7ff000000', 'short'],
  [136, '03e80035000800', 'short'],
  [132, '00'.repeat(11), 'short'],
  [47, '', 'protocol'],
])('protocol %i does not read %s: %s', (protocol, bytes, why) => {
  expect(readTransport({ ...carrying(UDP), protocol }, bytes)).toEqual({ kind: 'opaque', bytes, why });
});

test('zeros are a right ICMP message, and so is what sums up to ffff; ffff stands for 0', () => {
  const packet = carrying(ICMP);
  expect(readTransport(packet, '00'.repeat(8))).toMatchObject({ checksum: 'right' });
  expect(readTransport(packet, '00000000ffff0000')).toMatchObject({ checksum: 'right' });
  expect(readTransport(packet, '0000ffff00000000')).toMatchObject({ checksum: 'negative zero' });
  expect(readTransport(packet, '0800f7ff00000000')).toMatchObject({ checksum: 'right' });
  expect(readTransport(packet, '0800ffff0000f7ff')).toMatchObject({ checksum: 'negative zero' });
});

test('a UDP-Lite checksum is about the bytes that it covers', () => {
  const bytes = writeTransport(carrying(UDP_LITE));
  expect(readTransport(carrying(UDP_LITE), `${bytes.slice(0, -4)}ffff`)).toMatchObject({ checksum: 'right' });
  expect(readTransport(carrying(UDP_LITE), `${bytes.slice(0, -6)}ffffff`)).toHaveProperty('checksum.wrong');
});

test('the CRC32c of "123456789" is e3069283, lowest byte first', () => {
  expect(crc32c('313233343536373839').toString(16)).toBe('839206e3');
});

test('chunks begin behind the padding of those before, and end at a length of 0', () => {
  expect(chunksOf('000100050000000002ff0004').map(({ type, flags, at }) => [type, flags, at])).toEqual([[0, 1, 0], [2, 255, 8]]);
  expect(chunksOf('0000000004000004').map(({ length }) => length)).toEqual([0]);
  expect(chunksOf('000000')).toEqual([]);
});
