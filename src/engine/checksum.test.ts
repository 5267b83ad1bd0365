/** The checksum against a slow one, and the example of RFC 1071. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { payloadChecksumRight, sumOf } from './checksum.ts';
import { internetChecksum } from './test/packets.ts';

test('the example of RFC 1071, section 3', () => {
  expect(sumOf(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8)).toBe(0xddf2);
});

test('any bytes, odd or even, from anywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat({ max: 5 }), (bytes, skipped) => {
      const start = Math.min(skipped, bytes.length);
      const sum = sumOf(bytes, start, bytes.length - start);
      expect(~sum & 0xffff).toBe(internetChecksum(bytes.subarray(start)));
    }),
    { numRuns: 2000, seed: 4 },
  );
});

test('the largest datagram of the largest bytes does not overflow', () => {
  const bytes = new Uint8Array(65_535).fill(0xff);
  expect(sumOf(bytes, 0, 65_535)).toBe(internetChecksum(bytes) ^ 0xffff);
});

test('the pseudo header holds both addresses, the protocol and the length', () => {
  // 10.0.0.1 > 10.0.0.2, UDP 1 > 2, "hi": 0a00+0001+0a00+0002 + 0011 + 000a + 0001+0002+000a+0000 + 6869 = 7c94.
  const bytes = new Uint8Array(30);
  bytes.set([10, 0, 0, 1, 10, 0, 0, 2], 12);
  bytes.set([0, 1, 0, 2, 0, 10, 0x83, 0x6b, 0x68, 0x69], 20);
  expect(payloadChecksumRight(bytes, 17, 20, 10)).toBe(true);
  for (const place of [12, 15, 16, 19, 20, 29]) {
    const changed = Uint8Array.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 0x10;
    expect(payloadChecksumRight(changed, 17, 20, 10)).toBe(false);
  }
  expect(payloadChecksumRight(bytes, 18, 20, 10)).toBe(false);
});
