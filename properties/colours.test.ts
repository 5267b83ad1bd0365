/** Colours: what goes in is read back, and no checksum sees it. */
import { expect, test } from 'vitest';
import { colouredPayload, coloursIn, equalPayload, LAST_PACKET } from './colours.ts';

const checksum = (bytes: string): number => {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) sum += Number.parseInt(bytes.slice(at, at + 4).padEnd(4, '0'), 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
};

test('a payload is as long as asked, and each block says tenant, packet and position', () => {
  for (const [tenant, packet] of [[1, 0], [31, LAST_PACKET], [16, 4099]] as const) {
    for (const bytes of [0, 1, 7, 8, 9, 24, 1472, 65507]) {
      const payload = colouredPayload(tenant, packet, bytes);
      expect(payload.length).toBe(bytes * 2);
      const colours = coloursIn(payload);
      expect(colours.length).toBe(Math.floor(bytes / 8));
      expect(colours[0]).toEqual(bytes < 8 ? undefined : { tenant, packet, position: 0 });
      expect(colours.at(-1)).toEqual(bytes < 8 ? undefined : { tenant, packet, position: Math.floor(bytes / 8) - 1 });
    }
  }
});

test('a block is neutral for the Internet checksum, and tails are zeros', () => {
  expect(checksum(colouredPayload(3, 77, 16))).toBe(0xffff);
  expect(colouredPayload(3, 77, 5)).toBe('0000000000');
});

test('blocks are found from an offset on, and what is not a colour is undefined', () => {
  const payload = colouredPayload(2, 5, 24);
  expect(coloursIn(`03e807d000200000${payload}`, 8)).toEqual(coloursIn(payload));
  expect(coloursIn(`${payload.slice(0, 15)}0`)).toEqual([undefined]);
  expect(coloursIn('0000000000000000')).toEqual([undefined]);
});

test('equal payloads have no colour, and differ by packet', () => {
  expect(coloursIn(equalPayload(9, 16))).toEqual([undefined, undefined]);
  expect(equalPayload(9, 16)).not.toBe(equalPayload(10, 16));
  expect(checksum(equalPayload(9, 16))).toBe(0xffff);
});
