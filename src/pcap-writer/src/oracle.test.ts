/** Wireshark's tools as a second opinion: they read what is written here, and what they write is read here. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { INBOUND, LINKTYPE_RAW, OUTBOUND, readCapture, splitText, writePcap, writePcapng } from './index.ts';
import type { PcapngFile } from './index.ts';

/** 10.0.0.1:53 > 10.0.0.2:4660 udp "hi!". */
const DATAGRAM = Buffer.from('4500001f12344000401114980a0000010a00000200351234000b5003686921', 'hex');

const FILE = {
  section: { comments: ['a trace'], hardware: 'none', os: 'virtual', application: 'a test' },
  interfaces: [
    { name: 'tun0', description: 'zone 1', linkType: LINKTYPE_RAW, snapLength: 0 },
    { name: 'tun1', description: 'zone 2', linkType: LINKTYPE_RAW, snapLength: 0 },
  ],
  packets: [
    { interface: 0, timestampNs: 1_000_000_001n, bytes: DATAGRAM, comments: ['new', 'zone 1'], flags: INBOUND },
    { interface: 1, timestampNs: 1_000_000_002n, bytes: DATAGRAM.subarray(0, 30), originalLength: 31, comments: [], flags: OUTBOUND },
    { interface: 1, timestampNs: 2_000_000_000n, bytes: DATAGRAM, comments: splitText('é'.repeat(40_000)) },
  ],
} satisfies PcapngFile;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pcap-writer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a tool prints; without the tool the test is skipped, which says "not checked". A tool that fails, fails the test. */
const run = (context: TestContext, tool: string, ...args: readonly string[]): string => {
  try {
    return execFileSync(tool, args, { encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') context.skip(`not checked: ${tool} is not installed`);
    throw error;
  }
};

const saved = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

/** One row a packet, one column a field. */
const fields = (context: TestContext, path: string, ...names: readonly string[]): readonly (readonly string[])[] =>
  run(context, 'tshark', '-r', path, '-T', 'fields', ...names.flatMap((name) => ['-e', name]))
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));

test('tshark reads the pcapng: interfaces, times, lengths, directions, comments, packets', (context) => {
  const path = saved('written.pcapng', writePcapng(FILE));
  const frame = fields(context, path, 'frame.interface_name', 'frame.interface_description', 'frame.time_epoch', 'frame.cap_len', 'frame.len');
  expect(frame).toEqual([
    ['tun0', 'zone 1', '1.000000001', '31', '31'],
    ['tun1', 'zone 2', '1.000000002', '30', '31'],
    ['tun1', 'zone 2', '2.000000000', '31', '31'],
  ]);
  expect(fields(context, path, 'frame.packet_flags_direction', 'frame.comment')).toEqual([
    ['0x00000001', 'new,zone 1'],
    ['0x00000002', ''],
    ['', splitText('é'.repeat(40_000)).join(',')],
  ]);
  expect(fields(context, path, 'ip.src', 'udp.dstport', 'udp.checksum').at(0)).toEqual(['10.0.0.1', '4660', '0x5003']);
});

test('capinfos reads the section header', (context) => {
  const report = run(context, 'capinfos', saved('section.pcapng', writePcapng(FILE)));
  for (const line of [/Capture comment: +a trace/, /Capture hardware: +none/, /Capture oper-sys: +virtual/, /Capture application: +a test/]) {
    expect(report).toMatch(line);
  }
  expect(report).toMatch(/File timestamp precision: +nanoseconds \(9\)/);
  expect(report).toMatch(/Number of interfaces in file: 2/);
});

test('tshark reads the pcap in both resolutions', (context) => {
  for (const [resolution, time] of [['nanoseconds', '1.000000001'], ['microseconds', '1.000000000']] as const) {
    const file = writePcap({ linkType: LINKTYPE_RAW, snapLength: 65535, resolution, packets: FILE.packets.slice(0, 1) });
    const path = saved(`${resolution}.pcap`, file);
    expect(fields(context, path, 'frame.time_epoch', 'frame.cap_len', 'ip.src')).toEqual([[time, '31', '10.0.0.1']]);
  }
});

test('editcap writes the same packets in every format, and they are read as they were written', (context) => {
  const from = saved('original.pcapng', writePcapng(FILE));
  const written = FILE.packets.map(({ timestampNs, bytes }) => ({ timestampNs, bytes: bytes.toString('hex') }));
  for (const [format, unit] of [['pcapng', 1n], ['nsecpcap', 1n], ['pcap', 1000n]] as const) {
    const to = join(folder, `by-editcap.${format}`);
    run(context, 'editcap', '-F', format, from, to);
    const { packets } = readCapture(readFileSync(to));
    expect(packets.map(({ timestampNs, bytes }) => ({ timestampNs, bytes: Buffer.from(bytes).toString('hex') }))).toEqual(
      written.map(({ timestampNs, bytes }) => ({ timestampNs: timestampNs - (timestampNs % unit), bytes })),
    );
    expect(packets[1]?.originalLength).toBe(31);
  }
  const again = readCapture(readFileSync(join(folder, 'by-editcap.pcapng')));
  expect(again.packets.map(({ comments, flags }) => ({ comments, flags }))).toEqual(
    FILE.packets.map((packet) => ({ comments: packet.comments, flags: 'flags' in packet ? packet.flags : undefined })),
  );
  expect(again.interfaces.map(({ name, description }) => `${name} ${description}`)).toEqual(['tun0 zone 1', 'tun1 zone 2']);
});
