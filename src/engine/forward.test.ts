/** Forwarding: who is not routed, and what leaves of what came. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from './index.ts';
import { counting, fragmentsOf, halvesOf, hex, internetChecksum, ip, leftOf, said, twoZones, udp, type Ip } from './test/packets.ts';

const engine = new Engine({ connectionsMax: 64, queuesMax: 8 });
const send = (fields: Ip) => {
  engine.reset(twoZones());
  return engine.receive(0, ip({ payload: udp(5, 6, counting(9)), ...fields }));
};

test('addresses: what is not routed, and the nearest that is', () => {
  for (const [address, leaves] of [
    ['0.0.0.0', false],
    ['0.0.0.1', true],
    ['0.255.255.255', true],
    ['126.255.255.255', true],
    ['127.0.0.1', false],
    ['127.255.255.255', false],
    ['128.0.0.0', true],
    ['223.255.255.255', true],
    ['224.0.0.0', false],
    ['239.255.255.255', false],
    ['240.0.0.0', true],
    ['255.255.255.254', true],
    ['255.255.255.255', false],
  ] as const) {
    expect([address, send({ source: address }).fate]).toEqual([address, leaves ? 'left' : 'martian']);
    expect([address, send({ destination: address }).fate]).toEqual([address, leaves ? 'left' : 'martian']);
  }
});

test('a packet that is not routed was tracked, and its connection is not confirmed', () => {
  expect(said(send({ ttl: 1 }))).toBe('ttl: new original zone 1 connection 1');
  expect(said(engine.receive(0, ip({ payload: udp(5, 6) })))).toBe('left: new original zone 1 connection 2');
  expect(said(engine.receive(0, ip({ payload: udp(5, 6) })))).toBe('left: new original zone 1 connection 2');
});

test('the last hop: 2 leaves as 1, 1 and 0 do not leave', () => {
  expect(leftOf(send({ ttl: 2 }))[0]?.slice(16, 18)).toBe('01');
  expect(send({ ttl: 1 }).fate).toBe('ttl');
  expect(send({ ttl: 0 }).fate).toBe('ttl');
});

test('options must lie within the header', () => {
  for (const [options, fate] of [
    [[1, 1, 1, 0], 'left'],
    [[0x1e, 4, 9, 9], 'left'],
    [[0x1e, 2, 0x1e, 2], 'left'],
    [[0x1e, 5, 9, 9], 'options'],
    [[0x1e, 1, 9, 9], 'options'],
    [[0x1e, 0, 9, 9], 'options'],
    [[1, 1, 1, 0x1e], 'options'],
    [[1, 1, 0, 0x1e], 'left'],
  ] as const) {
    expect([options, send({ options }).fate]).toEqual([options, fate]);
  }
});

test('what follows the end of the options leaves as zero, in whole packets and in pieces', () => {
  const options = [0x9e, 4, 8, 8, 1, 0, 7, 7];
  expect(leftOf(send({ options }))[0]?.slice(40, 56)).toBe('9e04080801000000');
  engine.reset(twoZones());
  const [first, last] = halvesOf({ payload: udp(5, 6, counting(16)), options }, 8);
  engine.receive(0, first);
  const pieces = leftOf(engine.receive(0, last)).map((piece) => piece.slice(40, 56));
  expect(pieces).toEqual(['9e04080801000000', '9e04080801000000']);
});

test('options that are not to be copied are blanked after the first piece', () => {
  engine.reset(twoZones());
  const options = [0x1e, 4, 9, 9, 0x9e, 3, 8, 1, 0x1f, 2, 0, 0];
  const [first, last] = halvesOf({ payload: udp(5, 6, counting(16)), options }, 8);
  engine.receive(0, first);
  const pieces = leftOf(engine.receive(0, last)).map((piece) => piece.slice(40, 64));
  expect(pieces).toEqual(['1e0409099e0308011f020000', '010101019e03080101010000']);
});

test('a whole packet keeps all but its time to live and checksum, and loses what lies behind its length', () => {
  const fields = fc.record({
    tos: fc.nat({ max: 255 }),
    id: fc.nat({ max: 65_535 }),
    ttl: fc.integer({ min: 2, max: 255 }),
    df: fc.boolean(),
    reserved: fc.boolean(),
    protocol: fc.nat({ max: 255 }),
    source: fc.nat({ max: 65_535 }).map((low) => `10.1.${low >> 8}.${low & 255}`),
    options: fc.constantFrom([], [1, 1, 1, 1], [0x9e, 4, 1, 2]),
    payload: fc.uint8Array({ maxLength: 40 }),
    trailer: fc.array(fc.nat({ max: 255 }), { maxLength: 9 }),
  });
  fc.assert(
    fc.property(fields, (packet) => {
      engine.reset(twoZones());
      const left = leftOf(engine.receive(0, ip(packet)));
      expect(left).toEqual([hex(ip({ ...packet, ttl: packet.ttl - 1, trailer: [] }))]);
    }),
    { numRuns: 3000, seed: 7 },
  );
});

test('the checksum comes round right wherever it wraps', () => {
  for (let id = 0; id < 65_536; id += 1) {
    engine.reset(twoZones());
    const left = leftOf(engine.receive(0, ip({ id, protocol: 200 })))[0] ?? '';
    const header = Buffer.from(left, 'hex');
    const seen = header.readUInt16BE(10);
    header.writeUInt16BE(0, 10);
    if (seen !== internetChecksum(header)) expect.fail(`id ${id}: ${seen}`);
  }
});

test('pieces leave with the first one\'s header, one hop less, and right checksums', () => {
  engine.reset(twoZones());
  const whole: Ip = { payload: udp(5, 6, counting(30)), id: 7, tos: 0x28, ttl: 9, reserved: true, options: [0x9e, 4, 1, 2] };
  const left = fragmentsOf(whole, 8, 24).toReversed().map((fragment) => leftOf(engine.receive(0, fragment)));
  expect(left.flat()).toEqual(fragmentsOf({ ...whole, ttl: 8, reserved: false }, 8, 24).map(hex));
});

/** What leaves of a datagram in two fragments, the first with 4 bytes of options: fragment field and payload length. */
const cutOf = (payload: readonly number[], cut: number, df: boolean, lastDf: boolean): readonly string[] => {
  engine.reset(twoZones());
  const [first] = halvesOf({ payload, options: [1, 1, 1, 1], df }, cut);
  const [, last] = halvesOf({ payload, df: lastDf }, cut);
  engine.receive(0, first);
  return leftOf(engine.receive(0, last)).map((piece) => `${piece.slice(12, 16)} ${piece.length / 2 - 24}`);
};

test('a piece that the first one\'s header makes larger than any that came: all is cut again', () => {
  expect(cutOf(counting(72), 24, false, false)).toEqual(['2000 40', '0005 32']);
  expect(cutOf(counting(28), 24, false, false)).toEqual(['2000 24', '0003 4']);
  expect(cutOf(counting(82), 32, false, false)).toEqual(['2000 40', '0005 42']);
});

test('DF stays only where all is cut again, and then if the largest fragment had it', () => {
  expect(cutOf(counting(72), 48, true, true)).toEqual(['2000 48', '0006 24']);
  expect(cutOf(counting(72), 24, true, true)).toEqual(['6000 40', '4005 32']);
  expect(cutOf(counting(72), 24, false, true)).toEqual(['6000 40', '4005 32']);
  expect(cutOf(counting(72), 24, true, false)).toEqual(['2000 40', '0005 32']);
});
