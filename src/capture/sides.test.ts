/** Sides: a request and its reply never arrive by one device. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipv6 } from '../../spec/trace/packet.ts';
import { udp } from '../../test/capture-frames.ts';
import { sidesOf } from './sides.ts';

/** `'a>b'` is a packet from 10.0.0.a to 10.0.0.b. */
const sides = (...packets: string[]) =>
  sidesOf(packets.map((packet) => packet.split('>').map((host) => (/^\d$/.test(host) ? `10.0.0.${host}` : host))).map(([source = '', destination = '']) => udp({ source, destination })));

test('the first source is inside, and whoever it talks to outside', () => {
  expect(sides('9>1', '1>9', '9>2', '2>9', '3>2')).toEqual(['inside', 'outside', 'inside', 'outside', 'inside']);
});

test('each connected part begins anew', () => {
  expect(sides('1>2', '8>7', '7>8')).toEqual(['inside', 'inside', 'outside']);
});

test('a later packet can join two parts and turn one over', () => {
  expect(sides('1>2', '3>4', '1>3')).toEqual(['inside', 'outside', 'inside']);
});

test('where three talk to each other, the lower of two is inside, and other parts are not touched', () => {
  expect(sides('2>1', '3>2', '1>3', '3>1', '9>8')).toEqual(['outside', 'outside', 'inside', 'outside', 'inside']);
});

test('who sends to a group only is inside, whoever else does', () => {
  expect(sides('9>224.0.0.251', '3>224.0.0.251', '2>255.255.255.255', '1>2', '2>1')).toEqual(['inside', 'inside', 'outside', 'inside', 'outside']);
});

const icmp = (type: number) => ({ kind: 'icmp', type, code: 0, checksum: 'right', identifier: 0, sequence: 0, payload: '' }) as const;

test('neighbour discovery and listener reports before do not turn a conversation over', () => {
  const [server, client] = ['fd00::2', 'fd00::1'];
  const packets = [
    ipv6({ source: server, destination: 'ff02::16', payload: icmp(143) }),
    ipv6({ source: server, destination: client, payload: icmp(135) }),
    ipv6({ source: client, destination: server, payload: icmp(128) }),
    ipv6({ source: server, destination: client, payload: icmp(129) }),
  ];
  expect(sidesOf(packets)).toEqual(['outside', 'outside', 'inside', 'outside']);
});

test('an address that sends to itself is on its side', () => {
  expect(sides('1>1', '1>2', '2>2', '2>1')).toEqual(['inside', 'inside', 'outside', 'outside']);
});

test('a packet and its reply are on two sides in any capture', () => {
  const ends = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).filter(([a, b]) => a !== b);
  fc.assert(
    fc.property(fc.array(ends, { maxLength: 12 }), (pairs) => {
      const there = pairs.map(([a, b]) => `${a}>${b}`);
      const back = pairs.map(([a, b]) => `${b}>${a}`);
      const all = sides(...there, ...back);
      expect(all.slice(0, pairs.length)).toEqual(all.slice(pairs.length).map((side) => (side === 'inside' ? 'outside' : 'inside')));
    }),
    { seed: 1, numRuns: 300 },
  );
});
