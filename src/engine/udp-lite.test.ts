/** UDP-Lite in the engine: what its checksum covers, over either version of IP. */
import { expect, test } from 'vitest';
import { Engine } from './index.ts';
import { internetChecksum, ip, ip6, said, twoZones } from './test/packets.ts';

/** The checksum is right for the first `covered` bytes of 12, if the pseudo header says `protocol`. */
const datagram = (version: 4 | 6, coverage: number, covered: number, protocol = 136, wrong = 0): Uint8Array => {
  const whole = Uint8Array.from([0, 5, 0, 6, coverage >> 8, coverage, 0, 0, 1, 2, 3, 4]);
  const addresses = version === 4 ? ip({}).subarray(12, 20) : ip6({}).subarray(8, 40);
  const sum = internetChecksum(Uint8Array.from([...addresses, 0, protocol, 0, whole.length, ...whole.subarray(0, covered)])) || 0xffff;
  new DataView(whole.buffer).setUint16(6, wrong < 0 ? 0 : sum ^ wrong);
  return version === 4 ? ip({ protocol: 136, payload: whole }) : ip6({ next: 136, payload: whole });
};
const engine = new Engine({ connectionsMax: 8, queuesMax: 8, fragmentBytesMax: 2 ** 17 });
const stateOf = (packet: Uint8Array): string => {
  engine.reset(twoZones());
  return said(engine.receive(0, packet));
};

for (const version of [4, 6] as const) {
  test.each([[0, 12], [8, 8], [9, 9], [11, 11], [12, 12]])(`IPv${version}: coverage %d covers %d bytes and no more`, (coverage, covered) => {
    expect(stateOf(datagram(version, coverage, covered))).toBe('left: new original zone 1 connection 1');
    expect(stateOf(datagram(version, coverage, covered === 8 ? 12 : 8))).toBe('left: invalid');
    expect(stateOf(datagram(version, coverage, covered, 17))).toBe('left: invalid');
    expect(stateOf(datagram(version, coverage, covered, 136, 1))).toBe('left: invalid');
    expect(stateOf(datagram(version, coverage, covered, 136, -1))).toBe('left: invalid');
  });

  test.each([1, 7, 13, 65_535])(`IPv${version}: coverage %d is none`, (coverage) => {
    expect(stateOf(datagram(version, coverage, 12))).toBe('left: invalid');
  });
}

test('a stream as soon as it is answered', () => {
  engine.reset(twoZones());
  const there = datagram(6, 0, 12);
  // The sum of both addresses and ports is the same the other way round.
  const back = Uint8Array.from([...there.subarray(0, 8), ...there.subarray(24, 40), ...there.subarray(8, 24), 0, 6, 0, 5, ...there.subarray(44)]);
  engine.receive(0, there);
  expect(said(engine.receive(1, back))).toBe('left: established reply zone 1 connection 1');
  expect(engine.dump()).toMatchObject({ connections: [{ seconds: 30, assured: false }] });
  engine.receive(0, there);
  expect(engine.dump()).toMatchObject({ connections: [{ seconds: 120, assured: true }] });
});
