/** Tests of the Linux subject against the kernel of this machine, through both kinds of port. */
import { transportLength } from '../../../spec/wire/transport.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lengthOf, type Ipv4, type Packet } from '../../../spec/trace/packet.ts';
import type { Network } from '../../../spec/trace/network.ts';
import type { Outcome } from '../../../spec/trace/outcome.ts';
import { isReaction } from '../../../spec/trace/reaction.ts';
import { assignedLate, fragmentsOf, from, scenario, tenantsInZones, udp, wait, type Word } from '../../../properties/words.ts';
import type { Subject } from '../../../properties/subject.ts';
import type { Trace } from '../../../spec/trace/trace.ts';
import { decode } from '../../packet/index.ts';
import { openLinux, probeLinux, Unavailable } from './index.ts';
import { loadLibc } from './libc.ts';
import { tunError, type PortKind } from './ports.ts';

/** Why the kernel cannot be driven through such ports here, or undefined. */
const missing = async (ports: PortKind): Promise<string | undefined> => {
  try {
    if (ports === 'tun' && tunError(await loadLibc()) !== undefined) return 'no /dev/net/tun';
    await (await openLinux({ ports })).close();
    return undefined;
  } catch (error) {
    if (error instanceof Unavailable) return error.missing;
    throw error;
  }
};

const KINDS = [
  { ports: 'tun', reason: await missing('tun') },
  { ports: 'packet', reason: await missing('packet') },
] as const;

const TWO = tenantsInZones(1, 2);
const payload = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const datagram = udp({ payload }, { id: 7 });
const halves = fragmentsOf(datagram, 2);
const [head, tail] = [halves.at(0)!, halves.at(1)!];
const thirds = fragmentsOf(datagram, 3);
const [a, b, c] = [thirds.at(0)!, thirds.at(1)!, thirds.at(2)!];
const reply = udp({ sourcePort: 2000, destinationPort: 1000 }, { source: '10.0.0.2', destination: '10.0.0.1' });

const other = (protocol: number, bytes: string): Ipv4 => ({ ...udp(), protocol, payload: { kind: 'opaque', bytes, why: 'protocol' } });
const oneWay = (counts: 'original' | 'reply', network: Network): Network => ({
  ...network,
  devices: network.devices.map((device) => ({
    ...device,
    passes: device.passes.map(({ zone, assigned }) => (zone ? { zone: { ...zone, counts }, assigned } : { assigned })),
  })),
});
const trace = (network: Network, ...events: readonly Word[]): Trace => scenario({ shows: '', network, events });

/** An outcome as a line: what was tracked, and the sizes of the pieces that left. */
const line = ({ passes, left }: Outcome): string => {
  const seen = passes.map((pass) => ('zone' in pass ? `${pass.state} ${pass.direction} zone ${pass.zone} #${pass.connection}` : pass.state));
  return `${seen.join(' ') || 'nothing'}, ${left.map(({ device, pieces }) => `${device} ${pieces.map(sizeOf).join('+')}`).join(' ') || 'nothing left'}`;
};
const sizeOf = (packet: Packet): number => (packet.kind === 'raw' ? lengthOf(packet.bytes) : transportLength(packet.payload));

for (const { ports, reason } of KINDS) {
  describe.skipIf(reason !== undefined)(`the kernel by ${ports} ports${reason === undefined ? '' : ` (not checked: ${reason})`}`, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await openLinux({ ports });
    });
    afterAll(() => subject.close());

    const play = async (network: Network, ...words: readonly (readonly Word[])[]): Promise<readonly Outcome[]> => {
      const { events } = scenario({ shows: 'a test', network, events: words.flat() });
      const session = await subject.open(network);
      try {
        return await session.feed(events.filter((event) => !isReaction(event)));
      } finally {
        await session.close();
      }
    };
    const lines = async (network: Network, ...words: readonly (readonly Word[])[]): Promise<string[]> =>
      (await play(network, ...words)).map(line);
    const fragmentLines = (network: Network, ...words: readonly (readonly Word[])[]) => lines(network, ...words).then((all) => all.at(-1));

    test('equal tuples of two zones are two connections, and replies find theirs', async () => {
      const seen = await lines(TWO, from('t1a', udp()), from('t2a', udp()), from('t2b', reply), from('t1a', udp()), from('t2a', udp()));
      expect(seen).toEqual([
        'new original zone 1 #1, t1b 8',
        'new original zone 2 #2, t2b 8',
        'established reply zone 2 #2, t2a 8',
        'new original zone 1 #1, t1b 8',
        'established original zone 2 #2, t2b 8',
      ]);
    });

    test('zone ids are read from the kernel, whatever they are, and no zone is zone 0', async () => {
      const seen = await lines(tenantsInZones(65_535, 257, undefined, 0), ...[1, 2, 3, 4].map((n) => from(`t${n}a`, udp())));
      expect(seen).toEqual([
        'new original zone 65535 #1, t1b 8',
        'new original zone 257 #2, t2b 8',
        'new original zone 0 #3, t3b 8',
        'new original zone 0 #3, t4b 8',
      ]);
    });

    test('a connection lives until its timeout, exactly', async () => {
      const seen = await lines(TWO, from('t1a', udp()), [wait(29)], from('t1a', udp()), [wait(29)], [wait(1)], from('t1a', udp()));
      expect(seen.filter((text) => text.startsWith('new'))).toEqual([
        'new original zone 1 #1, t1b 8',
        'new original zone 1 #1, t1b 8',
        'new original zone 1 #2, t1b 8',
      ]);
    });

    test('many advances are as exact as one', async () => {
      const seconds = Array.from({ length: 29 }, () => wait(1));
      const seen = await lines(TWO, from('t1a', udp()), seconds, from('t1b', reply), seconds, from('t1b', reply), seconds, [wait(1)], from('t1b', reply));
      expect(seen.filter((text) => !text.startsWith('nothing'))).toEqual([
        'new original zone 1 #1, t1b 8',
        'established reply zone 1 #1, t1a 8',
        'established reply zone 1 #1, t1a 8',
        'new original zone 1 #2, t1a 8',
      ]);
    });

    test('fragments are told apart by a zone assigned before defragmentation, and not by one assigned after', async () => {
      const words = [from('t1a', head), from('t2a', tail)];
      expect(await fragmentLines(TWO, ...words)).toBe('nothing, nothing left');
      expect(await fragmentLines(assignedLate(TWO), ...words)).toBe('new original zone 2 #1, t2b 16+24');
    });

    test('pieces leave in the geometry they came in, in order, without the flags of the fragments', async () => {
      const pieces = fragmentsOf({ ...datagram, df: true, reserved: true, tos: 0x1d }, 4).toReversed();
      const [departure] = (await play(TWO, from('t1a', pieces))).at(-1)?.left ?? [];
      expect(departure?.pieces).toEqual(pieces.toReversed().map((piece) => ({ ...piece, df: false, reserved: false, ttl: 63 })));
    });

    test('an overlap kills the queue, a duplicate is ignored', async () => {
      const shifted = { ...b, offset: b.offset - 8 };
      expect(await fragmentLines(TWO, from('t1a', a, shifted, b, c))).toBe('nothing, nothing left');
      expect(await fragmentLines(TWO, from('t1a', a, a, b, b, c))).toBe('new original zone 1 #1, t1b 8+16+16');
    });

    test('a fragment queue lives until its timeout from its first fragment, exactly', async () => {
      expect(await fragmentLines(TWO, from('t1a', a), [wait(20)], from('t1a', b), [wait(9)], from('t1a', c))).toContain('8+16+16');
      const late = await lines(TWO, from('t1a', a), [wait(20)], from('t1a', b), [wait(10)], from('t1a', c), from('t1a', a, b));
      // The last fragment begins a queue of its own, which the other two then complete.
      expect(late.slice(-3)).toEqual(['nothing, nothing left', 'nothing, nothing left', 'new original zone 1 #1, t1b 8+16+16']);
    });

    test('the distance limit counts fragments of the source in all zones: 64 others are too many for 64, 63 are not', async () => {
      const network = { ...TWO, fragments: { distance: 64, memoryBytes: 0 } };
      const others = (count: number) => Array.from({ length: count }, (_, index) => ({ ...head, id: 100 + index }));
      expect(await fragmentLines(network, from('t1a', head), from('t2a', others(63)), from('t1a', tail))).toContain('t1b 16+24');
      expect(await fragmentLines(network, from('t1a', head), from('t2a', others(64)), from('t1a', tail))).toBe('nothing, nothing left');
    });

    test('what ends the queues whose time is up counts for no distance', async () => {
      const network = { ...TWO, fragments: { distance: 64, memoryBytes: 0 } };
      const others = Array.from({ length: 70 }, (_, index) => ({ ...head, id: 100 + index }));
      expect(await fragmentLines(network, from('t1a', others), [wait(25)], from('t1a', head), [wait(5)], from('t1a', tail))).toContain('t1b 16+24');
    });

    test('a small memory is shared by all zones, and a full one is cleared like any other', async () => {
      const network = { ...TWO, fragments: { distance: 0, memoryBytes: 2000 } };
      const others = Array.from({ length: 20 }, (_, index) => ({ ...head, id: 100 + index }));
      for (let round = 0; round < 2; round += 1) {
        expect(await fragmentLines(network, from('t1a', head, tail))).toBe('new original zone 1 #1, t1b 16+24');
        expect(await fragmentLines(network, from('t2a', others), from('t1a', head, tail))).toBe('nothing, nothing left');
      }
    });

    test('what is dropped after tracking is seen as new each time, and its connection is not kept', async () => {
      const dropped = [udp({}, { ttl: 1 }), udp({}, { source: '127.0.0.1' }), udp({}, { destination: '255.255.255.255' }), udp({}, { options: '02000000' })];
      const seen = await lines(TWO, ...dropped.map((packet) => from('t1a', packet, packet)));
      expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((label) => `new original zone 1 #${label}, nothing left`));
    });

    test('the kernel verifies checksums itself', async () => {
      const seen = await lines(TWO, from('t1a', udp({}, { checksum: { wrong: 1 } }), udp({ checksum: { wrong: 1 } }), udp({ checksum: 'none' })));
      expect(seen).toEqual(['nothing, nothing left', 'invalid, t1b 8', 'new original zone 1 #1, t1b 8']);
    });

    test('any bytes can arrive, and other protocols leave nothing behind', async () => {
      const raw = ['', '60', `65${'00'.repeat(39)}`, '46000018'].map((hex) => decode(Buffer.from(hex, 'hex')));
      const echo = other(1, '0800f7fe00000001');
      const seen = await lines(TWO, from('t1a', raw, echo, other(250, 'ff')));
      expect(seen).toEqual([...raw.map(() => 'nothing, nothing left'), 'new original zone 1 #1, t1b 8', 'new original zone 1 #2, t1b 1']);
      expect(await lines(TWO, from('t1a', echo))).toEqual(['new original zone 1 #1, t1b 8']);
    });

    test('sessions start empty, even after one that was not closed or that ended in the middle', async () => {
      const abandoned = await subject.open(TWO);
      await abandoned.feed([{ kind: 'receive', id: 1, device: 't1a', packet: head }]);
      expect(await lines(TWO, from('t1a', head, udp()))).toEqual(['nothing, nothing left', 'new original zone 1 #1, t1b 8']);
      expect(await lines(TWO, from('t1a', tail, udp()))).toEqual(['nothing, nothing left', 'new original zone 1 #1, t1b 8']);
    });

    test('more shapes of network than are kept', async () => {
      for (let count = 1; count <= 10; count += 1) {
        const zones = Array.from({ length: count }, (_, index) => index + 1);
        expect(await lines(tenantsInZones(...zones), from(`t${count}a`, udp()))).toEqual([`new original zone ${count} #1, t${count}b 8`]);
      }
    });

    test('halves that are equal by direction neither mix sessions nor stop one', async () => {
      const self = udp({ sourcePort: 5, destinationPort: 5 }, { destination: '10.0.0.1' });
      const network = oneWay('reply', TWO);
      const first = await lines(network, from('t1a', self), from('t2a', self));
      expect(await lines(network, from('t1a', self), from('t2a', self))).toEqual(first);
      expect(await lines(oneWay('original', TWO), from('t1a', udp()), from('t2a', udp()))).toEqual([
        'new original zone 1 #1, t1b 8',
        'new original zone 2 #2, nothing left',
      ]);
    });

    test('a clock that is too fine, and what cannot be observed, is declared', () => {
      const { excludes, incomparable } = subject.capabilities;
      expect(excludes(trace(TWO, wait(1.5)))).toContain('1000 ms');
      expect(excludes(trace(TWO, wait(1)))).toBeUndefined();
      const far = { ...TWO, fragments: { distance: 2, memoryBytes: 0 } };
      expect(incomparable(trace(far, wait(29)))).toBeUndefined();
      expect(incomparable(trace(far, wait(29), wait(1)))).toContain('distance');
      const paired = { ...TWO, devices: TWO.devices.map((device) => (device.name === 't1b' ? { ...device, peer: 't2b' } : device)) };
      expect(incomparable(trace(paired, ...from('t1a', head), wait(29)))).toBeUndefined();
      expect(incomparable(trace(paired, ...from('t1a', head), wait(30)))).toContain('behind a pair of devices');
      expect(incomparable(trace(paired, ...from('t1a', udp()), wait(30)))).toBeUndefined();
    });
  });
}

test.skipIf(KINDS.every(({ reason }) => reason !== undefined))('the probe passes all its steps, in order', async () => {
  const steps = await probeLinux();
  expect(steps.map(({ name, ok }) => [name, ok])).toEqual(
    [
      'platform',
      'koffi',
      'network namespace',
      'ip tool',
      'TUN or packet port',
      'nft tool',
      'nf_tables with ct zone',
      'ctnetlink events',
      'nflog',
      'one tuple, two zones, two entries',
    ].map((name) => [name, true]),
  );
});
