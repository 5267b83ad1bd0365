/** Reads pcapng, in both byte orders, with any number of sections and of interfaces in each. */
import { MAX_BLOCK_BYTES } from './capture.ts';
import type { Capture, ReadInterface, ReadPacket, ReadSection } from './capture.ts';
import { CaptureError } from './capture-error.ts';
import { fieldsOf } from './fields.ts';
import type { Fields } from './fields.ts';
import * as format from './pcapng-format.ts';
import { padded } from './pcapng-format.ts';

/** The first four bytes are those of a section header. */
export const readPcapng = (bytes: Uint8Array): Capture => {
  const reading: Reading = { bytes, fields: fieldsOf(bytes, true), clocks: [], sections: [], interfaces: [], packets: [], skippedBlocks: 0 };
  const { sections, interfaces, packets } = reading;
  let offset = 0;
  while (offset < bytes.length) {
    const end = endOfBlock(reading, offset);
    if (end === undefined) {
      const { skippedBlocks } = reading;
      const what = `block ${sections.length + interfaces.length + packets.length + skippedBlocks}`;
      return { format: 'pcapng', sections, interfaces, packets, skippedBlocks, cut: { offset, what } };
    }
    readBlock(reading, offset, end);
    offset = end;
  }
  return { format: 'pcapng', sections, interfaces, packets, skippedBlocks: reading.skippedBlocks };
};

/** What has been read. `fields` and `clocks` are those of the section at hand. */
type Reading = {
  readonly bytes: Uint8Array;
  fields: Fields;
  /** One for each interface of the section. */
  clocks: Clock[];
  readonly sections: ReadSection[];
  readonly interfaces: ReadInterface[];
  readonly packets: ReadPacket[];
  skippedBlocks: number;
};

/** Nanoseconds since 1970 of a timestamp in the units of an interface. */
type Clock = (units: bigint) => bigint;

/** The body of a block that is complete; `offset` is where the block starts, for errors. */
type Body = { readonly offset: number; readonly start: number; readonly end: number };

const NS_PER_SECOND = 1_000_000_000n;
const MICROSECONDS = 6;

/** Where the block at `offset` ends, or undefined where the file is cut within it. A section header sets the byte order. */
const endOfBlock = (reading: Reading, offset: number): number | undefined => {
  const { bytes } = reading;
  const left = bytes.length - offset;
  if (left < format.BLOCK_HEAD) return undefined;
  if (reading.fields.u32(offset) === format.SECTION_HEADER) {
    if (left < format.BLOCK_HEAD + 4) return undefined;
    reading.fields = fieldsOf(bytes, isLittleEndian(bytes, offset));
  }
  const length = reading.fields.u32(offset + 4);
  if (length > MAX_BLOCK_BYTES) throw new CaptureError(offset, `a block claims ${length} bytes, more than ${MAX_BLOCK_BYTES}`);
  if (length < format.BLOCK_HEAD + format.BLOCK_TAIL || length % 4 !== 0) {
    throw new CaptureError(offset, `a block claims ${length} bytes, which is no multiple of 4 from 12 on`);
  }
  if (left < length) return undefined;
  const again = reading.fields.u32(offset + length - format.BLOCK_TAIL);
  if (again !== length) throw new CaptureError(offset, `a block claims ${length} bytes at its start and ${again} at its end`);
  return offset + length;
};

const isLittleEndian = (bytes: Uint8Array, offset: number): boolean => {
  const at = offset + format.BLOCK_HEAD;
  for (const littleEndian of [true, false]) {
    if (fieldsOf(bytes, littleEndian).u32(at) === format.BYTE_ORDER_MAGIC) return littleEndian;
  }
  throw new CaptureError(at, 'a section header has no byte-order magic');
};

const readBlock = (reading: Reading, offset: number, end: number): void => {
  const body: Body = { offset, start: offset + format.BLOCK_HEAD, end: end - format.BLOCK_TAIL };
  switch (reading.fields.u32(offset)) {
    case format.SECTION_HEADER:
      return readSection(reading, body);
    case format.INTERFACE_DESCRIPTION:
      return readInterface(reading, body);
    case format.ENHANCED_PACKET:
      need(body, format.PACKET_BODY, 'an enhanced packet block');
      return readPacket(reading, body, reading.fields.u32(body.start));
    case format.OBSOLETE_PACKET:
      need(body, format.PACKET_BODY, 'a packet block');
      return readPacket(reading, body, reading.fields.u16(body.start));
    case format.SIMPLE_PACKET:
      return readSimplePacket(reading, body);
    default:
      reading.skippedBlocks += 1;
      return undefined;
  }
};

const readSection = (reading: Reading, body: Body): void => {
  need(body, format.SECTION_BODY, 'a section header');
  const { fields } = reading;
  const major = fields.u16(body.start + 4);
  if (major !== format.MAJOR_VERSION) {
    throw new CaptureError(body.start + 4, `the pcapng version is ${major}.${fields.u16(body.start + 6)}, and only 1 is read`);
  }
  const options = readOptions(reading, body, body.start + format.SECTION_BODY);
  reading.clocks = [];
  reading.sections.push({
    hardware: textOf(reading, options, format.SECTION_HARDWARE),
    os: textOf(reading, options, format.SECTION_OS),
    application: textOf(reading, options, format.SECTION_APPLICATION),
    comments: commentsOf(reading, options),
  });
};

const readInterface = (reading: Reading, body: Body): void => {
  need(body, format.INTERFACE_BODY, 'an interface description');
  const { fields, bytes } = reading;
  const options = readOptions(reading, body, body.start + format.INTERFACE_BODY);
  const resolution = find(options, format.INTERFACE_TIME_RESOLUTION, 1);
  const timeOffset = find(options, format.INTERFACE_TIME_OFFSET, 8);
  const fcs = find(options, format.INTERFACE_FCS_LENGTH, 1);
  reading.clocks.push(clock(resolution ? bytes[resolution.start] : undefined, timeOffset ? fields.i64(timeOffset.start) : 0n));
  reading.interfaces.push({
    name: textOf(reading, options, format.INTERFACE_NAME),
    description: textOf(reading, options, format.INTERFACE_DESCRIPTION_TEXT),
    linkType: fields.u16(body.start),
    snapLength: fields.u32(body.start + 4),
    fcsLength: fcs && wholeBytes(bytes[fcs.start]),
    comments: commentsOf(reading, options),
  });
};

/** if_fcslen counts bits; a value that is no whole number of bytes, such as a 4 that was meant as bytes, says nothing. */
const wholeBytes = (bits = 0): number | undefined => (bits % 8 === 0 ? bits / 8 : undefined);

/** The high bit of a resolution chooses powers of 2 over powers of 10; the rest is the negative exponent. */
const clock = (resolution = MICROSECONDS, offsetSeconds: bigint): Clock => {
  const unitsPerSecond = BigInt(resolution & 0x80 ? 2 : 10) ** BigInt(resolution & 0x7f);
  return (units) => (units * NS_PER_SECOND) / unitsPerSecond + offsetSeconds * NS_PER_SECOND;
};

/** Enhanced and obsolete packet blocks differ in the width of the interface only. */
const readPacket = (reading: Reading, body: Body, id: number): void => {
  const { fields } = reading;
  const time = clockOf(reading, body, id);
  const captured = fields.u32(body.start + 12);
  const start = body.start + format.PACKET_BODY;
  const bytes = dataOf(reading, body, start, captured);
  const options = readOptions(reading, body, start + padded(captured));
  const flags = find(options, format.PACKET_FLAGS, 4);
  reading.packets.push({
    interface: indexOf(reading, id),
    timestampNs: time((BigInt(fields.u32(body.start + 4)) << 32n) | BigInt(fields.u32(body.start + 8))),
    bytes,
    originalLength: fields.u32(body.start + 16),
    comments: commentsOf(reading, options),
    flags: flags && fields.u32(flags.start),
  });
};

/** A simple packet block is of the section's first interface; its captured length follows from the limit there. */
const readSimplePacket = (reading: Reading, body: Body): void => {
  need(body, format.SIMPLE_BODY, 'a simple packet block');
  clockOf(reading, body, 0);
  const index = indexOf(reading, 0);
  const originalLength = reading.fields.u32(body.start);
  const captured = Math.min(originalLength, reading.interfaces[index]?.snapLength || originalLength);
  const bytes = dataOf(reading, body, body.start + format.SIMPLE_BODY, captured);
  reading.packets.push({ interface: index, timestampNs: undefined, bytes, originalLength, comments: [] });
};

/** An interface of the section at hand as an index over the whole file. */
const indexOf = (reading: Reading, id: number): number => reading.interfaces.length - reading.clocks.length + id;

const clockOf = (reading: Reading, body: Body, id: number): Clock => {
  const found = reading.clocks[id];
  if (found) return found;
  throw new CaptureError(body.offset, `a packet is of interface ${id}, and its section has described ${reading.clocks.length}`);
};

const dataOf = (reading: Reading, body: Body, start: number, captured: number): Uint8Array => {
  if (captured <= body.end - start) return reading.bytes.subarray(start, start + captured);
  throw new CaptureError(body.offset, `a packet claims ${captured} bytes, and its block has ${body.end - start} left`);
};

const need = (body: Body, length: number, what: string): void => {
  if (body.end - body.start < length) throw new CaptureError(body.offset, `${what} is too short`);
};

/** The value of an option, `start` to `end`. */
type Option = { readonly code: number; readonly start: number; readonly end: number };

const readOptions = (reading: Reading, body: Body, from: number): readonly Option[] => {
  const options: Option[] = [];
  let at = from;
  // What is left are whole words, since blocks are, so a head is there or nothing.
  while (at < body.end) {
    const code = reading.fields.u16(at);
    const length = reading.fields.u16(at + 2);
    const start = at + format.OPTION_HEAD;
    if (code === format.END_OF_OPTIONS) break;
    if (length > body.end - start) throw new CaptureError(at, `an option claims ${length} bytes, and its block has ${body.end - start} left`);
    options.push({ code, start, end: start + length });
    at = start + padded(length);
  }
  return options;
};

/** The first option of a code whose value has a fixed length. */
const find = (options: readonly Option[], code: number, length: number): Option | undefined => {
  const option = options.find((candidate) => candidate.code === code);
  if (!option || option.end - option.start === length) return option;
  throw new CaptureError(option.start, `option ${code} has ${option.end - option.start} bytes where ${length} are due`);
};

const textsOf = (reading: Reading, options: readonly Option[], code: number): readonly string[] =>
  options.filter((option) => option.code === code).map(({ start, end }) => reading.fields.text(start, end));

const textOf = (reading: Reading, options: readonly Option[], code: number): string | undefined => textsOf(reading, options, code)[0];

const commentsOf = (reading: Reading, options: readonly Option[]): readonly string[] => textsOf(reading, options, format.COMMENT);
