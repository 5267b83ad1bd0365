import { expect, test } from 'vitest';
import { connect } from './connection.ts';
import { REFERENCE } from './profile.ts';
import type { Udp } from './trace/packet.ts';
import { inspect, readUdp, timerOf, writeUdp } from './udp.ts';

const udp: Udp = { kind: 'udp', sourcePort: 1000, destinationPort: 53, length: 'right', checksum: 'right', payload: '0102030405' };

test.each<[string, Udp, string]>([
  ['right', udp, 'udp.sane'],
  ['no checksum', { ...udp, checksum: 'none' }, 'udp.sane'],
  ['wrong checksum', { ...udp, checksum: { wrong: 1 } }, 'udp.checksum'],
  ['length below a header', { ...udp, length: { claimed: 7 } }, 'udp.length'],
  ['length of a header only', { ...udp, length: { claimed: 8 } }, 'udp.sane'],
  ['length one too many', { ...udp, length: { claimed: 14 } }, 'udp.length'],
  ['wrong length and wrong checksum', { ...udp, length: { claimed: 8 }, checksum: { wrong: 1 } }, 'udp.checksum'],
])('%s', (_, datagram, rule) => {
  expect(inspect(datagram).rule).toBe(rule);
});

test('what is written is read back, with its checksum right', () => {
  const bytes = writeUdp('10.0.0.1', '192.0.2.9', udp);
  expect(readUdp('10.0.0.1', '192.0.2.9', bytes)).toEqual(udp);
  expect(readUdp('10.0.0.2', '192.0.2.9', bytes)).toMatchObject({ checksum: { wrong: Number.parseInt(bytes.slice(12, 16), 16) } });
});

test('a checksum that would be 0 is written as ffff', () => {
  const destinationPort = 0xffff - 17 - 8 - 8;
  const bytes = writeUdp('0.0.0.0', '0.0.0.0', { ...udp, sourcePort: 0, destinationPort, payload: '' });
  expect(bytes.slice(12, 16)).toBe('ffff');
  expect(readUdp('0.0.0.0', '0.0.0.0', bytes)).toMatchObject({ checksum: 'right' });
});

test.each([
  [false, 0, 'udp.unreplied'],
  [false, 9000, 'udp.unreplied'],
  [true, 0, 'udp.replied'],
  [true, 2000, 'udp.replied'],
  [true, 2001, 'udp.stream'],
])('a reply seen: %s, at %i ms: %s', (seenReply, nowMs, rule) => {
  const tuple = { source: '10.0.0.1', destination: '192.0.2.9', protocol: 17, sourcePort: 1000, destinationPort: 53 };
  const timeouts = { udpMs: 30_000, udpStreamMs: 120_000, fragmentMs: 30_000 };
  expect(timerOf({ ...connect(1, tuple, undefined, 0), seenReply }, nowMs, timeouts, REFERENCE).rule).toBe(rule);
});
