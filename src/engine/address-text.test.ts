/** Addresses of the engine between text and bytes: as RFC 5952 writes them. */
import { expect, test } from 'vitest';
import { isText6, text4, text6, writeAddress } from './address-text.ts';

test.each(['::', '::1', '1::', 'fd00::1', 'fd00::1:0:0:1', '2001:db8:0:1:1:1:1:1', '1:2:3:4:5:6:7:8', '1:0:0:2::3', '1:2:3:4:5:6::', '::ffff:a00:1'])('%s', (text) => {
  const bytes = new Uint8Array(16).fill(0xaa);
  writeAddress(text, bytes);
  expect([isText6(text), text6(bytes)]).toEqual([true, text]);
});

test.each(['0.0.0.0', '10.0.0.1', '255.1.20.3'])('%s', (text) => {
  const bytes = new Uint8Array(16);
  writeAddress(text, bytes);
  expect([isText6(text), text4(bytes)]).toEqual([false, text]);
});
