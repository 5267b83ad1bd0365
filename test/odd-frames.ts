/**
 * Odd frames: what nobody sends who means well, made by hand of a seed. Headers of every link layer that is read and of some
 * that are not; of IP every protocol, every type of ICMPv6, options and chains of extension headers, lengths that lie,
 * fragments; and all of it cut anywhere.
 */
import type { Ip } from '../spec/trace/packet.ts';
import { randomOf, type Random } from '../src/capture/random.ts';
import { decode, encode } from '../src/packet/index.ts';

/** A frame as a recorder gives it; it was longer if the recorder cut it. */
export type OddFrame = { readonly linkType: number; readonly bytes: Uint8Array; readonly originalLength: number };

/** So many in a row have every protocol of IPv4 and every type of ICMPv6 at least once. */
export const ODD_ROUND = 1024;

/** The frames from `start` on of an endless row. */
export const oddFrames = (seed: number, start: number, count: number): readonly OddFrame[] =>
  Array.from({ length: count }, (_, index) => oddFrame(randomOf(Math.imul(seed, 0x9e37_79b1) ^ (start + index)), start + index));

const oddFrame = (random: Random, index: number): OddFrame => {
  const ip = index % 2 === 0 ? ipv4(random, (index >>> 1) % 256) : ipv6(random, (index >>> 1) % 512);
  const framed = linked(random, rightly(random, ip));
  const kept = one(random, 12) ? framed.bytes.subarray(0, random(framed.bytes.length + 1)) : framed.bytes;
  const wasLonger = one(random, 4);
  return { linkType: framed.linkType, bytes: kept, originalLength: wasLonger ? framed.bytes.length : kept.length };
};

/** Once in so many times. */
const one = (random: Random, times: number): boolean => random(times) === 0;

const among = <T>(random: Random, first: T, ...others: readonly T[]): T => [first, ...others][random(others.length + 1)] ?? first;

const noise = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => random(256)));

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Checksums are mostly made right, so that what stands behind them is looked at. What cannot be read has none. */
const rightly = (random: Random, bytes: Buffer): Buffer => {
  const packet = decode(bytes);
  if (packet.kind === 'raw' || one(random, 6)) return bytes;
  return Buffer.from(encode({ ...packet, ...(packet.kind === 'ipv4' && { checksum: 'right' as const }), payload: withRightSum(packet.payload) }));
};

const withRightSum = (payload: Ip['payload']): Ip['payload'] => (payload.kind === 'opaque' ? payload : { ...payload, checksum: 'right' });

type Some<T> = readonly [T, ...(readonly T[])];

/** Mostly of two that talk to each other. */
const host = (random: Random, usual: Some<string>, odd: Some<string>): Buffer => hex(one(random, 3) ? among(random, ...odd) : among(random, ...usual));

const HOSTS4 = ['0a000001', 'c0000209'] as const;
const ODD_HOSTS4 = ['00000000', '7f000001', 'e0000005', 'ffffffff', 'f0000001', '00000001', '0a0000ff'] as const;

const OPTIONS4 = ['00', '01', '07070400000000', '44080d0000000000', '8203', '830704c0000209', '8804abcd', '890704c0000209', '94040000', '9e00', '9e01', '9eff', 'ff', '0100', '44'] as const;

const ipv4 = (random: Random, protocol: number): Buffer => {
  const options = one(random, 4) ? padded(list(random, 4, () => hex(among(random, ...OPTIONS4))), 40) : Buffer.alloc(0);
  const payload = carried(random, protocol);
  const header = Buffer.alloc(20);
  const total = header.length + options.length + payload.length;
  header[0] = 0x40 + (one(random, 30) ? random(16) : 5 + options.length / 4);
  header[1] = random(256);
  header.writeUInt16BE(lie(random, total, 0, 19, 20, 65_535), 2);
  header.writeUInt16BE(random(3), 4);
  header.writeUInt16BE(among(random, 0, 0, 0, 0, 0x4000, 0x2000, 0x2001, 1, 2, 0x1fff, 0x3fff, 0x8000), 6);
  header[8] = among(random, 64, 64, 64, 255, 2, 1, 0);
  header[9] = protocol;
  host(random, HOSTS4, ODD_HOSTS4).copy(header, 12);
  host(random, HOSTS4, ODD_HOSTS4).copy(header, 16);
  return Buffer.concat([header, options, payload, one(random, 8) ? Buffer.alloc(random(26)) : Buffer.alloc(0)]);
};

/** Up to a multiple of 4, and no longer than a header can be. */
const padded = (parts: readonly Buffer[], most: number): Buffer => {
  const bytes = Buffer.concat(parts).subarray(0, most);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
};

const list = <T>(random: Random, most: number, item: () => T): readonly T[] => Array.from({ length: 1 + random(most) }, item);

const lie = (random: Random, truth: number, ...lies: readonly number[]): number => (one(random, 8) ? among(random, truth - 1, truth + 1, ...lies) & 0xffff : truth);

const HOSTS6 = ['fd000000000000000000000000000001', '20010db8000000000000000000000009'] as const;
const ODD_HOSTS6 = [
  '00000000000000000000000000000000',
  '00000000000000000000000000000001',
  'fe800000000000000000000000000001',
  'ff0200000000000000000000000000fb',
  'ff010000000000000000000000000001',
  'ff0e0000000000000000000000000001',
  'ffffffffffffffffffffffffffffffff',
  '00000000000000000000ffff0a000001',
  'fec00000000000000000000000000001',
] as const;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const ICMPV6 = 58;
const NO_NEXT = 59;
const DESTINATION_OPTIONS = 60;
/** Mobility, HIP, Shim6 and two to try things out with are extension headers by their registry, and protocols to a tracker. */
const REGISTERED = [135, 139, 140, 253, 254] as const;

/** Below 256 it is a type of ICMPv6, from there on a protocol. */
const ipv6 = (random: Random, what: number): Buffer => {
  const isMessage = what < 256;
  const payload = isMessage ? message(random, what) : carried(random, what - 256);
  const headers = one(random, isMessage ? 4 : 2) ? list(random, one(random, 8) ? 30 : 4, () => extension(random)) : [];
  const last = isMessage ? ICMPV6 : what - 256;
  const chain = headers.map(({ bytes }, index) => Buffer.concat([Buffer.of(headers[index + 1]?.type ?? last), bytes]));
  const header = Buffer.alloc(8);
  const length = payload.length + chain.reduce((sum, { length: own }) => sum + own, 0);
  header.writeUInt32BE(((one(random, 40) ? random(16) : 6) * 2 ** 28 + random(2 ** 28)) >>> 0, 0);
  header.writeUInt16BE(lie(random, length, 0, 7, 65_535), 4);
  header[6] = headers[0]?.type ?? last;
  header[7] = among(random, 64, 64, 255, 2, 1, 0);
  const hosts = [host(random, HOSTS6, ODD_HOSTS6), host(random, HOSTS6, ODD_HOSTS6)];
  return Buffer.concat([header, ...hosts, ...chain, payload, one(random, 8) ? Buffer.alloc(random(20)) : Buffer.alloc(0)]);
};

/** Pads, router alert, jumbo length, endpoint, home address, unknown ones of each kind of what to do, and such that do not fit. */
const OPTIONS6 = ['00', '0100', '010400000000', '010400010000', '05020000', '0503000000', 'c20400010000', 'c2020001', '8a00', 'c910', '1e02abcd', '5e00', '9e00', 'de00', '04ff', 'ff'] as const;

type Header = { readonly type: number; /** All but the first byte. */ readonly bytes: Buffer };

const extension = (random: Random): Header => {
  const type = among<number>(random, HOP_BY_HOP, HOP_BY_HOP, ROUTING, FRAGMENT, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS, DESTINATION_OPTIONS, NO_NEXT, among(random, ...REGISTERED));
  if (type === FRAGMENT) {
    const fields = Buffer.alloc(7);
    fields[0] = one(random, 8) ? random(256) : 0;
    fields.writeUInt16BE(among(random, 0, 0, 1, 8, 9, 16, 6, 0xfff8, 0xfff9), 1);
    fields.writeUInt32BE(random(2), 3);
    return { type, bytes: fields };
  }
  const options = type === ROUTING ? Buffer.concat([Buffer.of(random(6), random(3)), noise(random, 4 + 16 * random(3))]) : Buffer.concat(list(random, 4, () => hex(among(random, ...OPTIONS6))));
  const unit = type === AUTHENTICATION ? 4 : 8;
  const bytes = Buffer.concat([Buffer.of(0), options, Buffer.alloc(unit * 2)]);
  const units = Math.floor((bytes.length + 1) / unit);
  bytes[0] = one(random, 10) ? random(256) : units - (type === AUTHENTICATION ? 2 : 1);
  return { type, bytes: bytes.subarray(0, units * unit - 1) };
};

const QUOTED4 = hex('4500001c000100004011aaaa0a000001c000020903e807d000080000');
const QUOTED6 = hex('6000000000081140fd00000000000000000000000000000120010db800000000000000000000000903e807d000080000');

const message = (random: Random, type: number): Buffer => {
  const quote = among(random, QUOTED6, QUOTED4, QUOTED6.subarray(0, random(49)), noise(random, random(40)));
  return Buffer.concat([Buffer.of(type, random(3), 0, 0, 0, random(2), 0, random(2)), quote]).subarray(0, one(random, 10) ? random(9) : undefined);
};

/** What a protocol carries, and often not that. */
const carried = (random: Random, protocol: number): Buffer => {
  const bytes = transport(random, protocol);
  return one(random, 8) ? bytes.subarray(0, random(bytes.length + 1)) : bytes;
};

const PORTS = ['03e807d0', '07d003e8', '00000000', '0035ffff'] as const;

const transport = (random: Random, protocol: number): Buffer => {
  const ports = hex(among(random, ...PORTS));
  switch (one(random, 20) ? random(256) : protocol) {
    case 1:
      return message(random, random(20));
    case 2:
      return Buffer.concat([Buffer.of(among(random, 0x11, 0x12, 0x16, 0x17, 0x22), random(256), 0, 0), noise(random, 4)]);
    case 4:
      return QUOTED4;
    case 6: {
      const options = padded(list(random, 3, () => hex(among(random, '01', '00', '020405b4', '0402', '03030e', '0303ff', '050a0000000100000002', '05ff', '0800', '1312', '22', 'fe02'))), 40);
      const [flags, data] = [among(random, 2, 0x12, 0x10, 0x11, 4, 0x14, 0x18, 0, 0xff, 0x29, 3, 6, random(256)), noise(random, random(20))];
      const words = one(random, 10) ? random(16) : 5 + options.length / 4;
      const sequence = Buffer.concat([noise(random, one(random, 3) ? 8 : 0), Buffer.alloc(8)]).subarray(0, 8);
      return Buffer.concat([ports, sequence, Buffer.of(words * 16 + random(2), flags, 0, random(256), 0, 0, 0, 0), options, data]);
    }
    case 17:
    case 136: {
      const data = noise(random, random(40));
      const field = lie(random, 8 + data.length, 0, 7, 8, 65_535);
      return Buffer.concat([ports, Buffer.of(field >>> 8, field & 0xff, 0, 0), data]);
    }
    case 41:
      return QUOTED6;
    case 47:
      return Buffer.concat([Buffer.of(among(random, 0, 0x20, 0x30, 0xb0, 0x80), among(random, 0, 1, 0x81, 2, 7)), hex(among(random, '880b', '0800', '86dd', '6558')), noise(random, random(20))]);
    case 132: {
      const chunks = list(random, 3, () => {
        const body = noise(random, among(random, 0, 4, 16, 20, 7));
        const length = lie(random, 4 + body.length, 0, 3, 65_535);
        return Buffer.concat([Buffer.of(among(random, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128, 192, 255), random(4), length >>> 8, length & 0xff), body, Buffer.alloc(-body.length & 3)]);
      });
      return Buffer.concat([ports, noise(random, one(random, 2) ? 4 : 0), Buffer.alloc(8), ...chunks]);
    }
    default:
      return noise(random, random(40));
  }
};

const MACS = '020000000002020000000001';
const COOKED = '0000000100060200000000010000';
const COOKED_2 = '000000000002000100060200000000010000';

/** Behind a header of a link layer. The version that this names is mostly right. */
const linked = (random: Random, ip: Buffer): { readonly linkType: number; readonly bytes: Buffer } => {
  const isIpv6 = ((ip[0] ?? 0) >>> 4 === 6) !== one(random, 40);
  const type = isIpv6 ? '86dd' : '0800';
  const tags = one(random, 4) ? list(random, one(random, 4) ? 12 : 3, () => among(random, '8100', '88a8', '9100') + '0001'.slice(0, one(random, 30) ? 2 : 4)).join('') : '';
  const [linkType, header] = among<readonly [number, string]>(
    random,
    [1, `${MACS}${tags}${type}`],
    [1, `${MACS}${tags}${type}`],
    [113, `${COOKED}${tags}${type}`],
    [276, `${type}${COOKED_2}`],
    [276, `8100${COOKED_2}${tags.slice(4)}0001${type}`],
    [0, isIpv6 ? among(random, '1e000000', '0000001c', '18000000') : among(random, '02000000', '00000002')],
    [108, isIpv6 ? '00000018' : '00000002'],
    [12, ''],
    [14, ''],
    [101, ''],
    [isIpv6 ? 229 : 228, ''],
    [1, `${MACS}${among(random, '0806', '0026', '8847', '8863', '8864', '888e', '88cc', 'ffff', '05ff', '0600')}`],
    [among(random, 9, 105, 127, 147, 65_535), ''],
  );
  return { linkType, bytes: Buffer.concat([hex(header), ip]) };
};
