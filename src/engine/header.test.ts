/** Admission: which bytes are a packet. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { admit, createHeader } from './header.ts';
import { internetChecksum, ip, udp } from './test/packets.ts';

const whole = ip({ payload: udp(1, 2, [3]), options: [1, 1, 1, 0] });

/** The packet with one byte changed and its checksum made right again. */
const changed = (place: number, value: number): Uint8Array => {
  const bytes = Uint8Array.from(whole);
  bytes[place] = value;
  bytes.set([0, 0], 10);
  const sum = internetChecksum(bytes.subarray(0, 24));
  bytes.set([sum >> 8, sum & 0xff], 10);
  return bytes;
};

test('a right packet is admitted and read', () => {
  const header = createHeader();
  const bytes = ip({ source: '240.0.0.1', id: 0xabcd, tos: 0xff, df: true, mf: true, offset: 65_528, ttl: 3, protocol: 200 });
  expect(admit(bytes, header)).toBe(true);
  expect(header).toEqual({
    version: 4,
    headerLength: 20,
    totalLength: 20,
    tos: 0xff,
    id: 0xabcd,
    df: true,
    mf: true,
    offset: 65_528,
    ttl: 3,
    protocol: 200,
    source: 0xf000_0001 | 0,
    destination: 0xc633_6401 | 0,
    fragmentAt: 0,
    nextAt: 0,
  });
});

test('each reason to refuse, and the case just beside it', () => {
  const header = createHeader();
  expect(admit(whole, header)).toBe(true);
  expect(admit(whole.subarray(0, 19), header)).toBe(false);
  expect(admit(whole.subarray(0, whole.length - 1), header)).toBe(false);
  expect(admit(Uint8Array.of(...whole, 9), header)).toBe(true);
  expect(admit(changed(0, 0x56), header)).toBe(false);
  expect(admit(changed(0, 0x44), header)).toBe(false);
  expect(admit(changed(3, 23), header)).toBe(false);
  expect(admit(changed(3, 24), header)).toBe(true);
  expect(admit(changed(3, whole.length + 1), header)).toBe(false);
  const wrong = Uint8Array.from(whole);
  wrong[11] = (wrong[11] ?? 0) ^ 1;
  expect(admit(wrong, header)).toBe(false);
});

test('a header that is longer than the bytes is refused', () => {
  const bytes = Uint8Array.from(ip({}));
  bytes[0] = 0x4f;
  expect(admit(bytes, createHeader())).toBe(false);
});

test('no bytes make it throw', () => {
  const header = createHeader();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(typeof admit(bytes, header)).toBe('boolean');
    }),
    { numRuns: 5000, seed: 5 },
  );
});
