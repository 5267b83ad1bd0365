import { expect, test } from 'vitest';
import { ipv4 } from '../trace/packet.ts';
import type { Transport } from '../trace/transport.ts';
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

const carrying = (payload: Transport) => ipv4({ source: '10.0.0.1', destination: '192.0.2.9', payload });

test.each([
  [UDP, 8],
  [TCP, 24],
  [ICMP, 8],
])('what is written is read back: %j', (payload, header) => {
  const packet = carrying(payload);
  const bytes = writeTransport(packet);
  expect(readTransport(packet, bytes)).toEqual(payload);
  expect(transportLength(payload)).toBe(bytes.length / 2);
  expect(payloadStart(packet.protocol, bytes)).toBe(header);
});

test.each([UDP, TCP])('addresses are part of the checksum: %j', (payload) => {
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
