/** Writes pcapng: one section, little endian, with nothing in it that is not given, so equal input gives equal bytes. */
import { MAX_BLOCK_BYTES } from './capture.ts';
import type { Interface, Packet, Section } from './capture.ts';
import { checkInterface, checkPacket } from './checks.ts';
import * as format from './pcapng-format.ts';
import { padded } from './pcapng-format.ts';

export type PcapngFile = {
  readonly section?: Section;
  readonly interfaces: readonly Interface[];
  readonly packets: readonly Packet[];
};

/**
 * Times are kept in nanoseconds (if_tsresol 9). A text takes at most 65535 bytes of UTF-8; longer comments go through
 * `splitText`. Throws a RangeError with one sentence for what does not fit the format.
 */
export const writePcapng = ({ section = {}, interfaces, packets }: PcapngFile): Uint8Array =>
  Buffer.concat([
    sectionHeader(section),
    ...interfaces.map(interfaceDescription),
    ...packets.map((packet, index) => enhancedPacket(packet, index, interfaces.length)),
  ]);

type Option = { readonly code: number; readonly value: Uint8Array };

/** The length that says "not given": up to the next section header or the end of the file. */
const SECTION_LENGTH_UNKNOWN = -1n;
const NANOSECONDS = 9;

const sectionHeader = (section: Section): Uint8Array => {
  const body = fixed(format.SECTION_BODY);
  body.view.setUint32(0, format.BYTE_ORDER_MAGIC, true);
  body.view.setUint16(4, format.MAJOR_VERSION, true);
  body.view.setBigInt64(8, SECTION_LENGTH_UNKNOWN, true);
  return block(format.SECTION_HEADER, 'section header', [
    body.bytes,
    optionList([
      ...texts(format.COMMENT, section.comments),
      ...text(format.SECTION_HARDWARE, section.hardware),
      ...text(format.SECTION_OS, section.os),
      ...text(format.SECTION_APPLICATION, section.application),
    ]),
  ]);
};

const interfaceDescription = (described: Interface, index: number): Uint8Array => {
  const { name, description, linkType, snapLength } = described;
  checkInterface(described, index);
  const body = fixed(format.INTERFACE_BODY);
  body.view.setUint16(0, linkType, true);
  body.view.setUint32(4, snapLength, true);
  return block(format.INTERFACE_DESCRIPTION, `interface ${index}`, [
    body.bytes,
    optionList([
      ...text(format.INTERFACE_NAME, name),
      ...text(format.INTERFACE_DESCRIPTION_TEXT, description),
      { code: format.INTERFACE_TIME_RESOLUTION, value: Uint8Array.of(NANOSECONDS) },
    ]),
  ]);
};

const enhancedPacket = (packet: Packet, index: number, interfaces: number): Uint8Array => {
  const { timestampNs, bytes, originalLength = bytes.length } = packet;
  checkPacket(packet, index, interfaces, 1n << 64n);
  const body = fixed(format.PACKET_BODY);
  body.view.setUint32(0, packet.interface, true);
  body.view.setUint32(4, Number(timestampNs >> 32n), true);
  body.view.setUint32(8, Number(timestampNs & 0xffffffffn), true);
  body.view.setUint32(12, bytes.length, true);
  body.view.setUint32(16, originalLength, true);
  return block(format.ENHANCED_PACKET, `packet ${index}`, [
    body.bytes,
    bytes,
    fixed(padded(bytes.length) - bytes.length).bytes,
    optionList([
      ...texts(format.COMMENT, packet.comments),
      ...(packet.flags === undefined ? [] : [{ code: format.PACKET_FLAGS, value: word(packet.flags) }]),
    ]),
  ]);
};

/** `what` names the block in an error; the parts are whole 32-bit words together. */
const block = (type: number, what: string, body: readonly Uint8Array[]): Uint8Array => {
  const length = body.reduce((sum, part) => sum + part.length, format.BLOCK_HEAD + format.BLOCK_TAIL);
  if (length > MAX_BLOCK_BYTES) throw new RangeError(`pcapng: the ${what} takes ${length} bytes; at most ${MAX_BLOCK_BYTES} fit a block.`);
  return Buffer.concat([word(type), word(length), ...body, word(length)]);
};

/** Nothing where there are no options, and otherwise an end after them. */
const optionList = (options: readonly Option[]): Uint8Array => {
  if (options.length === 0) return new Uint8Array(0);
  return Buffer.concat([...options, { code: format.END_OF_OPTIONS, value: new Uint8Array(0) }].map(optionBytes));
};

const optionBytes = ({ code, value }: Option): Uint8Array => {
  if (value.length > format.MAX_OPTION_BYTES) {
    throw new RangeError(`pcapng: a text takes ${value.length} bytes; at most ${format.MAX_OPTION_BYTES} fit an option, so split it.`);
  }
  const option = fixed(format.OPTION_HEAD + padded(value.length));
  option.view.setUint16(0, code, true);
  option.view.setUint16(2, value.length, true);
  option.bytes.set(value, format.OPTION_HEAD);
  return option.bytes;
};

const texts = (code: number, values: readonly string[] = []): readonly Option[] =>
  values.map((value) => ({ code, value: Buffer.from(value, 'utf8') }));

const text = (code: number, value: string | undefined): readonly Option[] => texts(code, value === undefined ? [] : [value]);

const word = (value: number): Uint8Array => {
  const { bytes, view } = fixed(4);
  view.setUint32(0, value, true);
  return bytes;
};

/** That many zero bytes, to be written into. */
const fixed = (length: number): { readonly bytes: Uint8Array; readonly view: DataView } => {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
};
