/** The internet checksum against RFC 1071's example and against its definition. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checksumOf, sumOfWords } from './checksum.ts';

fc.configureGlobal({ seed: 1071 });

/** By definition: words added with the carry brought round each time. */
const slowly = (bytes: Uint8Array): number => {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    if (sum > 65535) sum -= 65535;
  }
  return 65535 - sum;
};

test('the example of RFC 1071, section 3', () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(checksumOf(sumOfWords(bytes, 0, bytes.length))).toBe(0xffff - 0xddf2);
});

test('the definition, whole and in two parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(100), (bytes, words) => {
      const middle = Math.min(words * 2, bytes.length & ~1);
      expect(checksumOf(sumOfWords(bytes, 0, bytes.length))).toBe(slowly(bytes));
      expect(checksumOf(sumOfWords(bytes, 0, middle) + sumOfWords(bytes, middle, bytes.length))).toBe(slowly(bytes));
    }),
  );
});

test('a carry that the first fold makes is brought round too', () => {
  expect(checksumOf(0x1ffff)).toBe(0xfffe);
  expect(slowly(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 1))).toBe(checksumOf(0x1ffff));
});

test('the largest sum that a packet can have', () => {
  const bytes = new Uint8Array(65535).fill(0xff);
  expect(checksumOf(sumOfWords(bytes, 0, bytes.length) + 6 * 0xffff)).toBe(slowly(bytes));
});
