/** ICMPv6 in the engine: which types ask, answer, err or are between neighbours. */
import { expect, test } from 'vitest';
import { Engine } from './index.ts';
import { answering6, isQuery6 } from './icmp6.ts';
import { host6, internetChecksum, ip6, said, twoZones, udp } from './test/packets.ts';

const engine = new Engine({ connectionsMax: 8, queuesMax: 8, fragmentBytesMax: 2 ** 17 });
const message = (type: number, payload: Uint8Array | readonly number[] = [], fields: { source?: readonly number[]; destination?: readonly number[] } = {}, wrong = 0): Uint8Array => {
  const body = Uint8Array.from([type, 0, 0, 0, 0, 7, 0, 1, ...payload]);
  const { source = host6(1), destination = host6(2) } = fields;
  const sum = internetChecksum(Uint8Array.from([...source, ...destination, 0, 58, body.length >> 8, body.length, ...body]));
  new DataView(body.buffer).setUint16(2, sum ^ wrong);
  return ip6({ source, destination, next: 58, payload: body });
};
const BACK = { source: host6(2), destination: host6(1) };

test.each([[127, 'invalid'], [128, 'new original zone 1 connection 1'], [129, 'invalid'], [130, 'untracked'], [136, 'untracked'], [137, 'invalid'], [139, 'new original zone 1 connection 1'], [140, 'invalid'], [143, 'untracked'], [151, 'untracked'], [152, 'untracked'], [153, 'invalid'], [255, 'invalid']])('type %d', (type, state) => {
  engine.reset(twoZones());
  expect(said(engine.receive(0, message(type)))).toBe(`left: ${state}`);
});

test('without memory for connections, what nothing can answer is invalid, and what could be answered goes nowhere', () => {
  engine.reset(twoZones({ era: 'linux-4.3', extensions: 0 }));
  expect([138, 255].map((type) => said(engine.receive(0, message(type))))).toEqual(['left: invalid', 'left: invalid']);
  expect([128, 129].map((type) => said(engine.receive(0, message(type))))).toEqual(['table-full: unseen', 'table-full: unseen']);
});

test('a checksum counts, the pseudo header in it; and an answer its own zone', () => {
  engine.reset(twoZones());
  expect(said(engine.receive(0, message(128, [], {}, 1)))).toBe('left: invalid');
  expect(said(engine.receive(0, message(128)))).toBe('left: new original zone 1 connection 1');
  expect(said(engine.receive(3, message(129, [], BACK)))).toBe('left: invalid');
  expect(said(engine.receive(1, message(129, [], BACK)))).toBe('left: established reply zone 1 connection 1');
});

test('an error is related to what it quotes, in its zone, if it goes to the sender', () => {
  engine.reset(twoZones());
  const sent = ip6({ payload: udp(5, 6) });
  engine.receive(0, sent);
  expect(said(engine.receive(1, message(1, sent, BACK)))).toBe('left: related reply zone 1 connection 1');
  expect(said(engine.receive(3, message(1, sent, BACK)))).toBe('left: invalid');
  expect(said(engine.receive(1, message(1, sent, { source: host6(2), destination: host6(3) })))).toBe('left: invalid');
  expect(said(engine.receive(1, message(1, sent.subarray(0, 43), BACK)))).toBe('left: invalid');
  expect(said(engine.receive(1, message(1, sent.subarray(0, 44), BACK)))).toBe('left: related reply zone 1 connection 1');
});

test('answers and requests change places, code and identifier stay', () => {
  for (const [request, answer] of [[128, 129], [139, 140]] as const) {
    const [asked, answered] = [(9 << 16) | (request << 8) | 3, (9 << 16) | (answer << 8) | 3];
    expect([answering6(asked), answering6(answered), isQuery6(asked), isQuery6(answered)]).toEqual([answered, asked, true, true]);
  }
  expect([127, 130, 138, 141].map((type) => isQuery6(type << 8))).toEqual([false, false, false, false]);
});
