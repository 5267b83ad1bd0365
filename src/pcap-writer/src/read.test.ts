/** What the reader reads: both formats and byte orders, cut files, wrong files, and any bytes at all. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CaptureError, LINKTYPE_RAW, readCapture, writePcap, writePcapng } from './index.ts';
import type { Capture, Packet } from './index.ts';

fc.configureGlobal({ seed: 1761 });

const ETHERNET = 1;
const DATA = Uint8Array.of(0x45, 1, 2, 3, 4);

const pad = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);

/** Writes numbers in one byte order: blocks of pcapng and words of pcap, independently of the writers. */
const inOrder = (littleEndian: boolean) => {
  const bytesOf = (size: 2 | 4 | 8, value: number | bigint): Uint8Array => {
    const big = Buffer.from(BigInt.asUintN(size * 8, BigInt(value)).toString(16).padStart(size * 2, '0'), 'hex');
    return littleEndian ? big.toReversed() : big;
  };
  const u16 = (value: number): Uint8Array => bytesOf(2, value);
  const u32 = (value: number): Uint8Array => bytesOf(4, value);
  const u64 = (value: bigint): Uint8Array => bytesOf(8, value);
  const option = (code: number, value: Uint8Array): Uint8Array => Buffer.concat([u16(code), u16(value.length), pad(value)]);
  const block = (type: number, ...body: readonly Uint8Array[]): Uint8Array => {
    const content = Buffer.concat(body);
    return Buffer.concat([u32(type), u32(content.length + 12), content, u32(content.length + 12)]);
  };
  const section = (...options: readonly Uint8Array[]): Uint8Array =>
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u64(-1n), ...options);
  const device = (linkType: number, snapLength: number, ...options: readonly Uint8Array[]): Uint8Array =>
    block(1, u16(linkType), u16(0), u32(snapLength), ...options);
  const packet = (id: number, units: bigint, data: Uint8Array, ...options: readonly Uint8Array[]): Uint8Array =>
    block(6, u32(id), u32(Number(units >> 32n)), u32(Number(units & 0xffffffffn)), u32(data.length), u32(99), pad(data), ...options);
  return { u16, u32, u64, option, block, section, device, packet };
};

const LITTLE = inOrder(true);
const BIG = inOrder(false);

const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');
const read = (...parts: readonly Uint8Array[]): Capture => readCapture(Buffer.concat(parts));
const plain = ({ bytes, ...rest }: Capture['packets'][number]): unknown => ({ ...rest, bytes: [...bytes] });

/** The problem of bytes that are no capture. */
const problemOf = (...parts: readonly Uint8Array[]): { readonly offset: number; readonly message: string } => {
  try {
    read(...parts);
  } catch (error) {
    if (error instanceof CaptureError) return error;
    throw error;
  }
  throw new Error('was read without an error');
};

test.each([
  ['little endian', LITTLE],
  ['big endian', BIG],
])('pcapng, %s: sections, interfaces and every kind of packet', (_name, { section, device, packet, option, block, u16, u32 }) => {
  const end = option(0, new Uint8Array(0));
  const file = read(
    section(option(1, text('first')), option(2, text('pc')), option(3, text('Linux')), option(4, text('app')), option(1, text('second')), end),
    device(LINKTYPE_RAW, 0, option(2, text('tun0')), option(3, text('zone 1')), option(1, text('device')), end),
    device(ETHERNET, 3),
    packet(1, 7n, DATA, option(1, text('a')), option(2, u32(2)), option(1, text('b')), end, u32(0xffffffff)),
    block(5, u32(0)),
    block(2, u16(0), u16(9), u32(0), u32(8), u32(5), u32(5), pad(DATA), option(2, u32(1))),
    section(),
    device(ETHERNET, 3),
    block(3, u32(5), pad(DATA.subarray(0, 3))),
    block(0xbad, u32(32473)),
  );
  expect(file).toMatchObject({ format: 'pcapng', skippedBlocks: 2 });
  expect(file.cut).toBe(undefined);
  expect(file.sections).toEqual([
    { comments: ['first', 'second'], hardware: 'pc', os: 'Linux', application: 'app' },
    { comments: [] },
  ]);
  expect(file.interfaces).toEqual([
    { name: 'tun0', description: 'zone 1', linkType: LINKTYPE_RAW, snapLength: 0, comments: ['device'] },
    { linkType: ETHERNET, snapLength: 3, comments: [] },
    { linkType: ETHERNET, snapLength: 3, comments: [] },
  ]);
  const bytes = [...DATA];
  expect(file.packets.map(plain)).toEqual([
    { interface: 1, timestampNs: 7000n, bytes, originalLength: 99, comments: ['a', 'b'], flags: 2 },
    { interface: 0, timestampNs: 8000n, bytes, originalLength: 5, comments: [], flags: 1 },
    { interface: 2, timestampNs: undefined, bytes: bytes.slice(0, 3), originalLength: 5, comments: [] },
  ]);
});

test('sections may differ in byte order', () => {
  const file = read(LITTLE.section(), BIG.section(), BIG.device(1, 0), BIG.packet(0, 1n, DATA), LITTLE.section(), LITTLE.device(2, 0));
  expect(file.interfaces.map(({ linkType }) => linkType)).toEqual([1, 2]);
  expect(file.packets.map(({ timestampNs }) => timestampNs)).toEqual([1000n]);
});

test.each<[string, number | undefined, bigint | undefined, bigint, bigint]>([
  ['microseconds without an option', undefined, undefined, 5n, 5000n],
  ['seconds', 0, undefined, 5n, 5_000_000_000n],
  ['nanoseconds', 9, undefined, (1n << 64n) - 1n, (1n << 64n) - 1n],
  ['picoseconds, rounded down', 12, undefined, 1999n, 1n],
  ['10^-127 s', 127, undefined, (1n << 64n) - 1n, 0n],
  ['2^-1 s', 0x81, undefined, 3n, 1_500_000_000n],
  ['2^-10 s, rounded down', 0x8a, undefined, 1n, 976_562n],
  ['an offset', 9, 10n, 5n, 10_000_000_005n],
  ['an offset below zero', 6, -1n, 1n, -999_999_000n],
])('time in %s', (_name, resolution, offset, units, nanoseconds) => {
  for (const { section, device, packet, option, u64 } of [LITTLE, BIG]) {
    const options = [
      ...(resolution === undefined ? [] : [option(9, Uint8Array.of(resolution))]),
      ...(offset === undefined ? [] : [option(14, u64(offset))]),
    ];
    expect(read(section(), device(1, 0, ...options), packet(0, units, DATA)).packets[0]?.timestampNs).toBe(nanoseconds);
  }
});

test('a frame check sequence is told in bytes, where the file says it so that it can be believed', () => {
  for (const { section, device, option, u16, u32 } of [LITTLE, BIG]) {
    const lengths = (...options: readonly Uint8Array[]): unknown => read(section(), device(1, 0, ...options)).interfaces[0]?.fcsLength;
    expect([lengths(), ...[0, 32, 4].map((bits) => lengths(option(13, Uint8Array.of(bits))))]).toEqual([undefined, 0, 4, undefined]);
    const header = [u32(0xa1b2c3d4), u16(2), u16(4), u32(0), u32(0), u32(0)];
    expect([1, 0x20000001, 0x04000001].map((link) => read(...header, u32(link)).interfaces[0]?.fcsLength)).toEqual([undefined, undefined, 0]);
  }
});

test.each([
  ['little endian microseconds', LITTLE, 0xa1b2c3d4, 2_000_003_000n],
  ['big endian microseconds', BIG, 0xa1b2c3d4, 2_000_003_000n],
  ['little endian nanoseconds', LITTLE, 0xa1b23c4d, 2_000_000_003n],
  ['big endian nanoseconds', BIG, 0xa1b23c4d, 2_000_000_003n],
])('pcap, %s', (_name, { u16, u32 }, magic, timestampNs) => {
  const header = [u32(magic), u16(2), u16(4), u32(0), u32(0), u32(65535), u32(0x24000001)];
  const file = read(...header, u32(2), u32(3), u32(5), u32(99), DATA, u32(0), u32(0), u32(0), u32(0));
  expect(file).toMatchObject({ format: 'pcap', sections: [], skippedBlocks: 0 });
  expect(file.interfaces).toEqual([{ linkType: 1, snapLength: 65535, fcsLength: 4, comments: [] }]);
  expect(file.packets.map(plain)).toEqual([
    { interface: 0, timestampNs, bytes: [...DATA], originalLength: 99, comments: [] },
    { interface: 0, timestampNs: 0n, bytes: [], originalLength: 0, comments: [] },
  ]);
});

/** A pcap counts seconds in 32 bits. */
const PCAP_END_NS = 1_000_000_000n << 32n;

/** Packets as a writer takes them. */
const packets = (interfaces: number, endNs: bigint): fc.Arbitrary<readonly Packet[]> =>
  fc.array(
    fc.record({
      interface: fc.nat(interfaces - 1),
      timestampNs: fc.bigInt({ min: 0n, max: endNs - 1n }),
      bytes: fc.uint8Array({ maxLength: 40 }),
      comments: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
      flags: fc.option(fc.nat(0xffffffff), { nil: undefined }),
    }),
    { maxLength: 4 },
  );
const pcapng = fc.record({
  section: fc.record({ os: fc.string(), comments: fc.array(fc.string(), { maxLength: 2 }) }),
  interfaces: fc.array(
    fc.record({ name: fc.option(fc.string(), { nil: undefined }), linkType: fc.nat(65535), snapLength: fc.nat(0xffffffff) }),
    { minLength: 2, maxLength: 2 },
  ),
  packets: packets(2, 1n << 64n),
});

test('what is written to pcapng is read back', () => {
  fc.assert(
    fc.property(pcapng, (file) => {
      const again = readCapture(writePcapng(file));
      expect(again.sections).toEqual([file.section]);
      expect(again.interfaces).toEqual(file.interfaces.map((device) => ({ ...device, comments: [] })));
      expect(again.packets.map(plain)).toEqual(file.packets.map((packet) => plain({ ...packet, originalLength: packet.bytes.length, comments: packet.comments ?? [] })));
      expect(again).toMatchObject({ skippedBlocks: 0 });
      expect(again.cut).toBe(undefined);
    }),
  );
});

test('what is written to pcap is read back, in microseconds with its times rounded down', () => {
  fc.assert(
    fc.property(packets(1, PCAP_END_NS), fc.constantFrom('nanoseconds' as const, 'microseconds' as const), (written, resolution) => {
      const again = readCapture(writePcap({ linkType: LINKTYPE_RAW, snapLength: 65535, resolution, packets: written }));
      const unit = resolution === 'nanoseconds' ? 1n : 1000n;
      expect(again.packets.map(plain)).toEqual(
        written.map(({ timestampNs, bytes }) => ({
          interface: 0,
          timestampNs: timestampNs - (timestampNs % unit),
          bytes: [...bytes],
          originalLength: bytes.length,
          comments: [],
        })),
      );
    }),
  );
});

/** Where a whole file may end: behind each of its blocks or records. */
const checkCuts = (file: Uint8Array, ends: readonly number[], whats: readonly string[]): void => {
  for (let length = 4; length <= file.length; length++) {
    const capture = readCapture(file.subarray(0, length));
    const whole = ends.filter((end) => end <= length);
    const offset = whole.at(-1) ?? 0;
    expect(capture.cut, `cut to ${length}`).toEqual(offset === length ? undefined : { offset, what: whats[whole.length] });
    expect(capture.packets.length).toBe(Math.max(0, whole.length - (ends.length - 2)));
  }
};

test('a pcapng that is cut anywhere is used up to the last whole block', () => {
  for (const { section, device, packet } of [LITTLE, BIG]) {
    const blocks = [section(), device(1, 0), packet(0, 1n, DATA), packet(0, 2n, DATA)];
    const ends = blocks.map((_block, index) => Buffer.concat(blocks.slice(0, index + 1)).length);
    checkCuts(Buffer.concat(blocks), ends, ['block 0', 'block 1', 'block 2', 'block 3']);
  }
});

test('a pcap that is cut anywhere is used up to the last whole packet', () => {
  const packet = { timestampNs: 1n, bytes: DATA };
  const file = writePcap({ linkType: 1, snapLength: 99, resolution: 'nanoseconds', packets: [packet, packet] });
  checkCuts(file, [24, 45, 66], ['the file header', 'packet 0', 'packet 1']);
});

const { section, device, packet, block, option, u16, u32 } = LITTLE;
const start = [section(), device(1, 0)];
const AFTER = 28 + 20;
const pcapHeader = (version: number): readonly Uint8Array[] => [u32(0xa1b2c3d4), u16(2), u16(version), u32(0), u32(0), u32(9), u32(1)];

test.each<[string, number, readonly Uint8Array[]]>([
  ['are 0 bytes', 0, []],
  ['are 3 bytes', 0, [Uint8Array.of(0x0a, 0x0d, 0x0d)]],
  ['is no magic number', 0, [text('not a capture')]],
  ['the modified pcap format', 0, [u32(0xa1b2cd34)]],
  ['the modified pcap format', 0, [BIG.u32(0xa1b2cd34)]],
  ['the pcap version is 2.3', 4, pcapHeader(3)],
  ['a packet claims 16777217 bytes', 24, [...pcapHeader(4), u32(0), u32(0), u32(16 * 1024 * 1024 + 1), u32(0)]],
  ['no byte-order magic', 8, [block(0x0a0d0d0a, u32(0), u32(0), u32(0), u32(0))]],
  ['the pcapng version is 2.0', 12, [block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(2), u16(0), u32(0), u32(0))]],
  ['a section header is too short', 0, [block(0x0a0d0d0a, u32(0x1a2b3c4d), u32(1), u32(0))]],
  ['an interface description is too short', 28, [section(), block(1, u32(1))]],
  ['an enhanced packet block is too short', AFTER, [...start, block(6, u32(0), u32(0), u32(0), u32(0))]],
  ['a packet block is too short', AFTER, [...start, block(2)]],
  ['a simple packet block is too short', AFTER, [...start, block(3)]],
  ['claims 16777220 bytes', AFTER, [...start, u32(6), u32(16 * 1024 * 1024 + 4)]],
  ['claims 8 bytes, which is no multiple of 4 from 12 on', AFTER, [...start, u32(6), u32(8)]],
  ['claims 14 bytes, which is no multiple of 4', AFTER, [...start, u32(6), u32(14), u32(0), u32(0)]],
  ['claims 12 bytes at its start and 16 at its end', AFTER, [...start, u32(6), u32(12), u32(16)]],
  ['is of interface 1, and its section has described 1', AFTER, [...start, packet(1, 0n, DATA)]],
  ['is of interface 0, and its section has described 0', AFTER + 28, [...start, section(), block(3, u32(0))]],
  ['claims 9 bytes, and its block has 8', AFTER, [...start, block(6, u32(0), u32(0), u32(0), u32(9), u32(9), u32(0), u32(0))]],
  ['claims 5 bytes, and its block has 4', AFTER, [...start, block(3, u32(5), u32(0))]],
  ['an option claims 5 bytes, and its block has 4', AFTER + 36, [...start, packet(0, 0n, DATA, u16(1), u16(5), u32(0))]],
  ['option 2 has 3 bytes where 4 are due', AFTER + 40, [...start, packet(0, 0n, DATA, option(2, text('abc')))]],
  ['option 9 has 2 bytes where 1 are due', 28 + 20, [section(), device(1, 0, option(9, text('ab')))]],
])('%s (byte %i): an error', (problem, offset, parts) => {
  const error = problemOf(...parts);
  expect(error.message).toContain(problem);
  expect(error.message).toContain(`At byte ${offset} of`);
  expect(error.offset).toBe(offset);
});

/** Reads, or throws the one error there is. */
const readsOrRefuses = (bytes: Uint8Array): 'read' | 'refused' => {
  try {
    const { packets, interfaces, cut } = readCapture(bytes);
    expect(packets.every((packet) => interfaces[packet.interface] !== undefined)).toBe(true);
    expect(packets.reduce((sum, packet) => sum + packet.bytes.length, 0)).toBeLessThanOrEqual(bytes.length);
    if (cut) expect(cut.offset).toBeLessThan(bytes.length);
    return 'read';
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
    return 'refused';
  }
};

const begins = fc.constantFrom(...[LITTLE, BIG].flatMap((order) => [order.u32(0xa1b2c3d4), order.u32(0xa1b23c4d), order.section()]));

test('any bytes are read or refused, nothing else', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void readsOrRefuses(bytes)), { numRuns: 2000 });
  fc.assert(
    fc.property(begins, fc.uint8Array({ maxLength: 100 }), (begin, bytes) => void readsOrRefuses(Buffer.concat([begin, bytes]))),
    { numRuns: 2000 },
  );
});

const valid = fc.oneof(
  pcapng.map(writePcapng),
  packets(1, PCAP_END_NS).map((written) => writePcap({ linkType: 1, snapLength: 0, resolution: 'nanoseconds', packets: written })),
  fc.constantFrom(
    ...[LITTLE, BIG].map((order) =>
      Buffer.concat([
        order.section(order.option(1, text('comment'))),
        order.device(1, 3, order.option(9, Uint8Array.of(0x8a)), order.option(14, order.u64(1n))),
        order.packet(0, 5n, DATA, order.option(2, order.u32(1))),
        order.block(3, order.u32(5), pad(DATA.subarray(0, 3))),
        order.block(2, order.u32(0), order.u32(0), order.u32(8), order.u32(5), order.u32(5), pad(DATA)),
      ]),
    ),
  ),
);

test('mutations of valid files are read or refused, nothing else', () => {
  const outcomes = new Map<string, number>();
  const change = fc.record({ at: fc.nat(), to: fc.oneof(fc.constantFrom(0, 1, 255), fc.nat(255)) });
  fc.assert(
    fc.property(valid, fc.array(change, { maxLength: 4 }), fc.nat(), (file, changes, cut) => {
      const bytes = Uint8Array.from(file.subarray(0, file.length - (cut % 8)));
      for (const { at, to } of changes) bytes[at % bytes.length] = to;
      const outcome = readsOrRefuses(bytes);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }),
    { numRuns: 10_000 },
  );
  // Both happen often enough for the test to say something.
  expect(outcomes.get('read')).toBeGreaterThan(1000);
  expect(outcomes.get('refused')).toBeGreaterThan(1000);
});
