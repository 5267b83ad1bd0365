import { expect, test } from 'vitest';
import { connect } from './connection.ts';
import { REFERENCE } from './profile.ts';
import type { Udp } from './trace/transport.ts';
import { DEFAULT_TCP } from './tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from './timeouts.ts';
import { ipv4 } from './trace/packet.ts';
import { inspectUdp, timerOf } from './udp.ts';

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
  expect(inspectUdp(ipv4({ source: '10.0.0.1', destination: '192.0.2.9', payload: datagram }), datagram).rule).toBe(rule);
});

test.each([
  [false, 0, 'udp.unreplied'],
  [false, 9000, 'udp.unreplied'],
  [true, 0, 'udp.replied'],
  [true, 2000, 'udp.replied'],
  [true, 2001, 'udp.stream'],
])('a reply seen: %s, at %i ms: %s', (seenReply, nowMs, rule) => {
  const tuple = { source: '10.0.0.1', destination: '192.0.2.9', protocol: 17, sourcePort: 1000, destinationPort: 53 };
  const reply = { source: '192.0.2.9', destination: '10.0.0.1', protocol: 17, sourcePort: 53, destinationPort: 1000 };
  const network = { devices: [], tenants: [], timeouts: DEFAULT_TIMEOUTS, tcp: DEFAULT_TCP, fragments: { distance: 0, memoryBytes: 0 } };
  expect(timerOf({ ...connect(1, tuple, reply, undefined, 0), seenReply }, { nowMs, network, profile: REFERENCE }).rule).toBe(rule);
});
