/** SCTP in the engine: what begins an association, whose tags count, and how long each state lives. */
import { expect, test } from 'vitest';
import { crc32c } from '../../spec/wire/crc32c.ts';
import { Engine } from './index.ts';
import { hex, ip, said, twoZones } from './test/packets.ts';

const [INIT, INIT_ACK, ABORT, COOKIE_ECHO, COOKIE_ACK, DATA] = [1, 2, 6, 10, 11, 0];
const long = (value: number): readonly number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
const chunk = (type: number, body: readonly number[] = [], flags = 0): readonly number[] => [type, flags, 0, 4 + body.length, ...body];
const initiating = (tag: number): readonly number[] => [...long(tag), ...Array.from({ length: 12 }, () => 1)];

const packet = (outwards: boolean, tag: number, chunks: readonly number[], sum = 0): Uint8Array => {
  const ports = outwards ? [0, 5, 0, 6] : [0, 6, 0, 5];
  const payload = Uint8Array.from([...ports, ...long(tag), 0, 0, 0, 0, ...chunks]);
  new DataView(payload.buffer).setUint32(8, crc32c(hex(payload)) ^ sum);
  const [source, destination] = outwards ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1'];
  return ip({ source, destination, protocol: 132, payload });
};
const open = (): Engine => {
  const engine = new Engine({ connectionsMax: 8, queuesMax: 8, fragmentBytesMax: 2 ** 17 });
  engine.reset(twoZones());
  return engine;
};
const [NEW, REPLY, AGAIN, INVALID] = ['left: new original zone 1 connection 1', 'left: established reply zone 1 connection 1', 'left: established original zone 1 connection 1', 'left: invalid'];

test('from INIT to COOKIE ACK each direction has its tag, and then lives 210 s', () => {
  const engine = open();
  expect(said(engine.receive(0, packet(true, 0, chunk(INIT, initiating(7)))))).toBe(NEW);
  expect(said(engine.receive(1, packet(false, 7, chunk(INIT_ACK, initiating(9)))))).toBe(REPLY);
  expect(said(engine.receive(0, packet(true, 8, chunk(COOKIE_ECHO))))).toBe(INVALID);
  expect(said(engine.receive(0, packet(true, 9, chunk(COOKIE_ECHO))))).toBe(AGAIN);
  expect(said(engine.receive(1, packet(false, 7, chunk(COOKIE_ACK))))).toBe(REPLY);
  expect(engine.dump()).toMatchObject({ connections: [{ assured: true, seconds: 210 }] });
  expect(said(engine.receive(2, packet(true, 9, chunk(DATA))))).toBe(INVALID);
  engine.advance(209_999);
  expect(said(engine.receive(0, packet(true, 9, chunk(ABORT))))).toBe(AGAIN);
  expect(engine.dump()).toMatchObject({ connections: [{ seconds: 10 }] });
});

test.each([
  ['no chunk', []],
  ['a chunk of length 0', [INIT, 0, 0, 0]],
  ['DATA', chunk(DATA)],
  ['ABORT', chunk(ABORT)],
  ['an INIT that is cut', chunk(INIT, initiating(7).slice(1))],
  ['an INIT beside another chunk', [...chunk(INIT, initiating(7)), ...chunk(DATA)]],
])('%s begins nothing', (_, chunks) => {
  expect(said(open().receive(0, packet(true, 0, chunks)))).toBe(INVALID);
});

test('a wrong checksum, and less than a header', () => {
  expect(said(open().receive(0, packet(true, 0, chunk(INIT, initiating(7)), 1)))).toBe(INVALID);
  expect(said(open().receive(0, ip({ protocol: 132, payload: [0, 5, 0, 6, 0, 0, 0, 0, 0, 0, 0] })))).toBe(INVALID);
});
