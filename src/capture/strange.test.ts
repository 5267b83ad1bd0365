/** Strange packets: made by hand, of every protocol and every type. Each is judged or named, and nothing crashes. */
import { readCapture, writePcap, writePcapng } from 'pcap-writer';
import { expect, test } from 'vitest';
import { checkAccount } from '../../test/capture-frames.ts';
import { ODD_ROUND, type OddFrame, oddFrames } from '../../test/odd-frames.ts';
import { refinement } from '../../properties/laws/refinement.ts';
import { solitude } from '../../properties/laws/solitude.ts';
import { parseTrace, traceText } from '../gate/trace-file.ts';
import { engineSubject } from '../subjects/engine.ts';
import { importCapture } from './import.ts';

/** Frames of one link layer fit into a pcap; a pcapng takes all of them. */
const captureOf = (frames: readonly OddFrame[]): Uint8Array => {
  const linkTypes = [...new Set(frames.map(({ linkType }) => linkType))];
  const packets = frames.map(({ linkType, bytes, originalLength }, index) => ({ interface: linkTypes.indexOf(linkType), timestampNs: BigInt(index) * 300_000_000n, bytes, originalLength }));
  const [linkType = 1, ...others] = linkTypes;
  return others.length === 0 ? writePcap({ linkType, snapLength: 0, resolution: 'nanoseconds', packets }) : writePcapng({ interfaces: linkTypes.map((type) => ({ linkType: type, snapLength: 0 })), packets });
};

const AT_ONCE = 64;
const ROUNDS = 10;

test('every protocol and every type of ICMPv6, in whatever condition, is judged or named', async () => {
  const engine = engineSubject();
  const protocols = { ipv4: new Set<number>(), ipv6: new Set<number>() };
  const types = new Set<number>();
  let played = 0;
  for (let start = 0; start < ROUNDS * ODD_ROUND; start += AT_ONCE) {
    const frames = oddFrames(1, start, AT_ONCE);
    const imported = importCapture(captureOf(frames), { file: 'strange.pcap', zones: 2, seed: start });
    checkAccount(imported);
    const trace = parseTrace(traceText(imported.trace), 'strange');
    for (const law of [refinement, solitude]) {
      const verdict = await law.check(engine, trace);
      if (verdict.kind === 'violated') expect([law.id, start, verdict.breach]).toBeUndefined();
    }
    for (const event of trace.events) {
      if (event.kind !== 'receive' || event.packet.kind === 'raw') continue;
      const { kind, protocol, payload } = event.packet;
      protocols[kind].add(protocol);
      if (kind === 'ipv6' && payload.kind === 'icmp') types.add(payload.type);
      played += 1;
    }
  }
  expect(played).toBeGreaterThan(10_000);
  expect(protocols.ipv4.size).toBe(256);
  expect(protocols.ipv6.size).toBe(256);
  expect(types.size).toBe(256);
});

test('a capture that is cut anywhere is read up to there, or refused in a sentence', () => {
  const frames = oddFrames(2, 0, 24);
  for (const whole of [captureOf(frames), captureOf(frames.filter(({ linkType }) => linkType === 1))]) {
    const all = readCapture(whole).packets.length;
    for (let end = 0; end < whole.length; end += 1) {
      const bytes = whole.subarray(0, end);
      try {
        expect(readCapture(bytes).packets.length).toBeLessThanOrEqual(all);
      } catch (error) {
        expect(String(error)).toMatch(/^CaptureError: .{10,200}$/);
      }
    }
  }
});
