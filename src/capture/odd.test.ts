/** Odd packets: frames of real captures, cut, changed and mislabelled by the thousand. Each is judged or named, and nothing crashes. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { readCapture, writePcapng } from 'pcap-writer';
import { expect, test } from 'vitest';
import { determinism } from '../../properties/laws/determinism.ts';
import { refinement } from '../../properties/laws/refinement.ts';
import type { Ip } from '../../spec/trace/packet.ts';
import { checkAccount } from '../../test/capture-frames.ts';
import { parseTrace, traceText } from '../gate/trace-file.ts';
import { checksumOf, sumOfWords } from '../packet/checksum.ts';
import { decode, encode } from '../packet/index.ts';
import { engineSubject } from '../subjects/engine.ts';
import { importCapture } from './import.ts';
import { withoutOffload } from './offload.ts';
import { recolourOf } from './recolour.ts';

/** Where IP begins behind the link layers of the recorded captures, and two that have none. */
const IP_AT: ReadonlyMap<number, number> = new Map([
  [1, 14],
  [113, 16],
  [276, 20],
  [101, 0],
  [228, 0],
  [229, 0],
]);
const LINK_TYPES = [...IP_AT.keys()];

type Frame = { readonly linkType: number; readonly bytes: Uint8Array };

const CAPTURES = new URL('../../golden/captures/', import.meta.url);
const captures: readonly (readonly Frame[])[] = readdirSync(CAPTURES)
  .filter((name) => name.includes('.pcap'))
  .map((name) => {
    const { interfaces, packets } = readCapture(readFileSync(new URL(name, CAPTURES)));
    return packets.map(({ bytes, interface: index }) => ({ linkType: interfaces[index]?.linkType ?? -1, bytes }));
  });

/** A field of a header, and what breaks it. */
const change = fc.record({ at: fc.nat(80), value: fc.oneof(fc.constantFrom(0, 1, 0x20, 0x3f, 0x45, 0x46, 0x4f, 0x7f, 0x80, 0xff), fc.nat(255)) });

const oddity = fc.record({
  changes: fc.array(change, { maxLength: 3 }),
  /** Of IPv4; the next header of IPv6. */
  protocol: fc.option(fc.constantFrom(0, 1, 2, 6, 17, 33, 43, 44, 47, 50, 51, 58, 59, 60, 132, 136, 255), { freq: 3 }),
  /** Bytes at the end: some are missing, or there are more of them. */
  length: fc.option(fc.integer({ min: -1600, max: 20 }), { freq: 2 }),
  /** Whether the recorder did it, and knew how long the frame had been. */
  snaplen: fc.boolean(),
  /** Whether the header's checksum is made right again, so that what is behind it is looked at. */
  checksum: fc.boolean(),
  linkType: fc.option(fc.constantFrom(...LINK_TYPES), { freq: 10 }),
});

type Oddity = typeof oddity extends fc.Arbitrary<infer Value> ? Value : never;

/** Some of a run of frames are odd, the others as they were recorded, so that flows and datagrams stay together. */
const RUN = 30;
const run = fc.record({
  capture: fc.nat(captures.length - 1),
  start: fc.nat(1000),
  oddities: fc.array(fc.option(oddity, { freq: 2 }), { minLength: RUN, maxLength: RUN }),
});

const odd = ({ linkType, bytes }: Frame, { changes, protocol, length, checksum, linkType: other }: Oddity): Frame => {
  const start = IP_AT.get(linkType) ?? 0;
  const changed = Buffer.alloc(Math.max(0, bytes.length + (length ?? 0)), 0xa5);
  changed.set(bytes.subarray(0, changed.length));
  for (const { at, value } of changes) if (start + at < changed.length) changed[start + at] = value;
  const isIpv6 = (changed[start] ?? 0) >>> 4 === 6;
  const next = start + (isIpv6 ? 6 : 9);
  if (protocol !== null && next < changed.length) changed[next] = protocol;
  const header = ((changed[start] ?? 0) & 0xf) * 4;
  if (checksum && !isIpv6 && header >= 20 && start + header <= changed.length) {
    changed.writeUInt16BE(0, start + 10);
    changed.writeUInt16BE(checksumOf(sumOfWords(changed, start, start + header)), start + 10);
  }
  return { linkType: other ?? linkType, bytes: changed };
};

/** The frames of a run, as a recorder would give them. */
const framesOf = ({ capture, start, oddities }: typeof run extends fc.Arbitrary<infer Value> ? Value : never) => {
  const recorded = captures[capture] ?? [];
  return recorded.slice(start % recorded.length).slice(0, RUN).map((frame, index) => {
    const how = oddities[index];
    const { linkType, bytes } = how ? odd(frame, how) : frame;
    const originalLength = how?.snaplen ? Math.max(frame.bytes.length, bytes.length) : bytes.length;
    return { linkType, interface: LINK_TYPES.indexOf(linkType), timestampNs: BigInt(index) * 300_000_000n, bytes, originalLength };
  });
};

test('odd packets are judged or named', async () => {
  const engine = engineSubject();
  let frames = 0;
  let played = 0;
  await fc.assert(
    fc.asyncProperty(run, async (chosen) => {
      const packets = framesOf(chosen);
      const file = writePcapng({ interfaces: LINK_TYPES.map((linkType) => ({ linkType, snapLength: 0 })), packets });
      const imported = importCapture(file, { file: 'odd.pcapng', zones: 2, seed: chosen.start });
      checkAccount(imported);
      const trace = parseTrace(traceText(imported.trace), 'odd');
      for (const law of [refinement, determinism]) expect((await law.check(engine, trace)).kind).not.toBe('violated');
      frames += imported.report.frames;
      played += imported.report.whole + imported.report.fragments;
    }),
    { seed: 1, numRuns: 200 },
  );
  expect(frames).toBeGreaterThan(4000);
  expect(played).toBeGreaterThan(500);
});

/** A packet but for what colours change. */
const shape = (packet: Ip) => {
  const { payload } = packet;
  if (payload.kind === 'opaque') return { ...packet, payload: { ...payload, bytes: payload.bytes.length } };
  const checksum = typeof payload.checksum === 'object' ? 'wrong' : payload.checksum === 'none' ? 'none' : 'right';
  return { ...packet, payload: { ...payload, checksum, payload: payload.payload.length } };
};

test('in colour, odd packets keep their headers, their lengths and what their checksums are', () => {
  let coloured = 0;
  fc.assert(
    fc.property(run, fc.constantFrom(1, 31), (chosen, tenant) => {
      const packets = framesOf(chosen).flatMap(({ linkType, bytes }) => {
        const packet = withoutOffload(bytes.subarray(IP_AT.get(linkType)))?.packet;
        return packet && packet.kind !== 'raw' ? [packet] : [];
      });
      const played = recolourOf(packets.map((packet) => ({ packet, atMs: 0 }))).packetsOf(tenant);
      expect(played.map(shape)).toEqual(packets.map(shape));
      for (const [index, packet] of played.entries()) {
        expect(decode(encode(packet))).toEqual(packet);
        if (packet !== packets[index]) coloured += 1;
      }
    }),
    { seed: 1, numRuns: 200 },
  );
  expect(coloured).toBeGreaterThan(1000);
});
