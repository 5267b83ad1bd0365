/** Frames and captures for the tests of src/capture. */
import { writePcap } from 'pcap-writer';
import { expect } from 'vitest';
import { headerLength, ipv4, isFragment } from '../spec/trace/packet.ts';
import type { Bytes, Ipv4 } from '../spec/trace/packet.ts';
import type { Icmp, Sctp, Tcp, Udp } from '../spec/trace/transport.ts';
import type { Imported } from '../src/capture/index.ts';
import { decode, encode } from '../src/packet/index.ts';

/** A UDP packet from 10.0.0.1:1000 to 10.0.0.2:53 with 24 bytes that are nobody's colour. */
export const udp = (ip: Partial<Ipv4> = {}, fields: Partial<Udp> = {}): Ipv4 =>
  ipv4({
    source: '10.0.0.1',
    destination: '10.0.0.2',
    id: 7,
    payload: { kind: 'udp', sourcePort: 1000, destinationPort: 53, length: 'right', checksum: 'right', payload: 'ab'.repeat(24), ...fields },
    ...ip,
  });

/** A TCP segment from 10.0.0.1:1000 to 10.0.0.2:80 with 4 bytes of options, and 24 bytes that are nobody's colour. */
export const tcp = (ip: Partial<Ipv4> = {}, fields: Partial<Tcp> = {}): Ipv4 => {
  const ports = { sourcePort: 1000, destinationPort: 80, sequence: 0xfffffff0, acknowledgement: 7, urgent: 0, window: 512 };
  const payload = { kind: 'tcp', ...ports, reserved: 0, flags: 'A', checksum: 'right', options: '01010101', payload: 'ab'.repeat(24), ...fields } as const;
  return ipv4({ source: '10.0.0.1', destination: '10.0.0.2', id: 7, payload, ...ip });
};

/** An echo request from 10.0.0.1 to 10.0.0.2 with 24 bytes that are nobody's colour; or another message. */
export const echo = (ip: Partial<Ipv4> = {}, fields: Partial<Icmp> = {}): Ipv4 =>
  ipv4({
    source: '10.0.0.1',
    destination: '10.0.0.2',
    id: 7,
    payload: { kind: 'icmp', type: 8, code: 0, checksum: 'right', identifier: 5, sequence: 1, payload: 'ab'.repeat(24), ...fields },
    ...ip,
  });

/** An SCTP packet from 10.0.0.1:1000 to 10.0.0.2:80 with these chunks. */
export const sctp = (chunks: Bytes, fields: Partial<Sctp> = {}): Ipv4 => {
  const payload = { kind: 'sctp', sourcePort: 1000, destinationPort: 80, tag: 0xfedcba98, checksum: 'right', payload: chunks, ...fields } as const;
  return ipv4({ source: '10.0.0.1', destination: '10.0.0.2', id: 7, payload });
};

/** An error that the destination sends back, with so many bytes of what the packet carries. */
export const errorAbout = (packet: Ipv4, bytes = 28): Ipv4 => {
  const quoted = Buffer.from(encode(packet)).subarray(0, headerLength(packet) + Math.min(bytes, 1000)).toString('hex');
  return echo({ source: packet.destination, destination: packet.source }, { type: 3, code: 3, identifier: 0, sequence: 0, payload: quoted });
};

/** The fragments of a whole packet, each but the last with `bytes` bytes. */
export const fragmentsOf = (packet: Ipv4, bytes: number): readonly Ipv4[] => {
  const payload = Buffer.from(encode(packet)).subarray(headerLength(packet)).toString('hex');
  const fragments: Ipv4[] = [];
  for (let offset = 0; offset * 2 < payload.length; offset += bytes) {
    const end = Math.min((offset + bytes) * 2, payload.length);
    const slice = payload.slice(offset * 2, end);
    fragments.push({ ...packet, offset, mf: end < payload.length, payload: { kind: 'opaque', bytes: slice, why: 'fragment' } });
  }
  return fragments;
};

export const bytesOf = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

/** Hexadecimal of a link layer's header before the bytes of a packet. */
export const framed = (header: string, packet: Ipv4): Uint8Array => Buffer.concat([bytesOf(header), encode(packet)]);

/** Two hardware addresses. */
export const MACS = '020000000002020000000001';

/** A pcap, by default of raw IP with one frame a second. */
export const pcapOf = (frames: readonly Uint8Array[], linkType = 101, secondsBetween = 1): Uint8Array =>
  writePcap({
    linkType,
    snapLength: 0,
    resolution: 'nanoseconds',
    packets: frames.map((bytes, index) => ({ timestampNs: BigInt(1_700_000_000 + index * secondsBetween) * 1_000_000_000n, bytes })),
  });

/** Holds for every import, of whatever bytes. */
export const checkAccount = ({ trace, report }: Imported): void => {
  const leftOut = report.leftOut.reduce((sum, { frames }) => sum + frames, 0);
  expect(report.whole + report.fragments + leftOut).toBe(report.frames);
  const receives = trace.events.flatMap((event) => (event.kind === 'receive' ? [event] : []));
  expect(receives.length).toBe((report.whole + report.fragments) * report.tenants);
  expect(receives.filter(({ packet }) => packet.kind !== 'raw' && isFragment(packet)).length).toBe(report.fragments * report.tenants);
  for (const { packet } of receives) expect(decode(encode(packet))).toEqual(packet);
  const advances = trace.events.flatMap((event) => (event.kind === 'advance' ? [event.milliseconds] : []));
  for (const milliseconds of advances) expect(milliseconds > 0 && milliseconds % 1000 === 0).toBe(true);
  expect(advances.reduce((sum, milliseconds) => sum + milliseconds, 0)).toBe(report.playedMs);
};
