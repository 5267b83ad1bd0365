/** The idiomatic tracker says what the engine and the model say, on traffic of the bench's kind but with less order. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { Device, Network, Pass } from '../../spec/trace/network.ts';
import { ipv4, slice } from '../../spec/trace/packet.ts';
import { writeTransport } from '../../spec/wire/transport.ts';
import { encode } from '../packet/index.ts';
import { engineTracker, mapTracker, modelTracker } from './tracker.ts';

const pair = (name: string, pass: Pass): readonly Device[] => [
  { name, passes: [pass], exit: `${name}-out` },
  { name: `${name}-out`, passes: [pass], exit: name },
];
const zone = (id: number) => ({ id, counts: 'both' as const });
const network: Network = {
  devices: [
    ...pair('a', { zone: zone(1), assigned: 'before-defragmentation' }),
    ...pair('b', { zone: zone(257), assigned: 'before-defragmentation' }),
    ...pair('zero', { zone: zone(0), assigned: 'before-defragmentation' }),
    ...pair('none', { assigned: 'before-defragmentation' }),
    ...pair('late', { zone: zone(1), assigned: 'after-defragmentation' }),
  ],
  tenants: [],
  timeouts: DEFAULT_TIMEOUTS,
  tcp: DEFAULT_TCP,
  fragments: { distance: 0, memoryBytes: 0 },
};

const PIECE_BYTES = 16;

/** A datagram as its ends send it. Its id says in how many pieces it comes, so fragments of one id never overlap. */
const packet = ({ tuple: [from, to, sourcePort, destinationPort], id, ttl, checksum, piece }: Sending): Uint8Array => {
  const udp = { kind: 'udp', sourcePort, destinationPort, length: 'right', checksum, payload: '5a'.repeat(id * PIECE_BYTES) } as const;
  const whole = ipv4({ source: `10.0.0.${from}`, destination: `10.0.0.${to}`, id, ttl, payload: udp });
  if (piece === undefined) return encode(whole);
  const bytes = writeTransport(whole);
  const offset = (piece % (id + 1)) * PIECE_BYTES;
  const mf = offset + PIECE_BYTES < bytes.length / 2;
  return encode(ipv4({ ...whole, mf, offset, payload: { kind: 'opaque', bytes: slice(bytes, offset, offset + PIECE_BYTES), why: 'fragment' } }));
};

const sending = fc.record({
  device: fc.nat({ max: network.devices.length - 1 }),
  tuple: fc.constantFrom([1, 2, 5, 6] as const, [2, 1, 6, 5] as const, [1, 1, 5, 5] as const),
  id: fc.constantFrom(1, 2),
  ttl: fc.oneof({ weight: 9, arbitrary: fc.constant(64) }, fc.constantFrom(1, 2)),
  checksum: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('right' as const, 'none' as const) }, fc.constant({ wrong: 1 })),
  piece: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
});
type Sending = typeof sending extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof({ weight: 8, arbitrary: sending }, { weight: 1, arbitrary: fc.constantFrom(0, 1, 999, 2000, 2001, 29_999, 30_000, 120_000) });

test('on generated traffic all three say the same of every packet', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200, size: 'max' }), (steps) => {
      const trackers = [engineTracker, mapTracker, modelTracker].map((make) => make(network, 64));
      for (const now of steps) {
        const said = trackers.map((tracker) => {
          if (typeof now === 'number') tracker.advance(now);
          else tracker.receive(now.device, packet(now));
          return tracker.said();
        });
        if (typeof now === 'number') continue;
        expect(new Set(said).size, said.map(visible).join('\n')).toBe(1);
        seen.add(`${said[0]?.split(' ', 2).join(' ')}${now.piece === undefined ? '' : ' in pieces'}`);
      }
    }),
    { numRuns: 200, seed: 11 },
  );
  const kinds = ['new original', 'established original', 'established reply'].flatMap((kind) => [kind, `${kind} in pieces`]);
  expect([...seen]).toEqual(expect.arrayContaining([...kinds, 'unseen in pieces', 'invalid by']));
});

const visible = (said: string): string => JSON.stringify(said);
