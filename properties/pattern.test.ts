/** Patterns match what they say, and nothing that they do not. */
import { expect, test } from 'vitest';
import { matches, type Pattern } from './pattern.ts';

const event = { kind: 'receive', packet: { kind: 'ipv6', hopLimit: 64, extensions: [{ kind: 'routing' }, { kind: 'fragment', mf: true }], payload: { bytes: '0011' } } };

test.each<[Pattern, boolean]>([
  [{}, true],
  [{ kind: 'receive' }, true],
  [{ kind: 'advance' }, false],
  [{ kind: ['advance', 'receive'] }, true],
  [{ kind: [] }, false],
  [[{ kind: 'advance' }, { packet: { hopLimit: 64 } }], true],
  [{ packet: { hopLimit: { from: 1, to: 64 } } }, true],
  [{ packet: { hopLimit: { from: 65, to: 255 } } }, false],
  [{ packet: { payload: { bytes: { from: 2, to: 2 } } } }, true],
  [{ packet: { payload: { bytes: { from: 3, to: 9 } } } }, false],
  [{ packet: { extensions: { kind: 'fragment', mf: true } } }, true],
  [{ packet: { extensions: { kind: 'routing', mf: true } } }, false],
  [{ packet: { mf: null } }, true],
  [{ packet: { hopLimit: null } }, false],
  [{ packet: { ttl: 64 } }, false],
  [{ device: { name: 'a' } }, false],
])('%j: %s', (pattern, wanted) => {
  expect(matches(event, pattern)).toBe(wanted);
});
