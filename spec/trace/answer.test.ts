/** Answers to what left in pieces. */
import { expect, test } from 'vitest';
import { resolveAnswer } from './answer.ts';
import { ipv6, type Ipv6 } from './packet.ts';

const header = { source: 'fd00::1', destination: 'fd00::2' } as const;
const fragment = (mf: boolean) => ({ kind: 'fragment', id: 1, offset: 0, mf, reserved: 0 }) as const;
/** A piece may hold nothing but headers; the one behind it is all of the datagram then, and is read as such. */
const empty: Ipv6 = ipv6({ ...header, protocol: 60, extensions: [fragment(true)], payload: { kind: 'opaque', bytes: '', why: 'fragment' } });
const all: Ipv6 = ipv6({
  ...header,
  extensions: [fragment(false), { kind: 'destination-options', data: '010400000000' }],
  payload: { kind: 'udp', sourcePort: 53, destinationPort: 1000, length: 'right', checksum: 'right', payload: 'aabb' },
});

test('headers that only a later piece holds are no part of what is answered', () => {
  const answer = resolveAnswer({ kind: 'answer', id: 2, to: 1 }, { event: 1, passes: [], left: [{ device: 'b', pieces: [empty, all] }] });
  expect(answer).toMatchObject({ device: 'b', packet: { source: 'fd00::2', destination: 'fd00::1', protocol: 17, payload: { kind: 'udp', sourcePort: 1000, destinationPort: 53 } } });
});
