/** What both writers ask of interfaces and packets before they write them: every number fits its field. */
import { MAX_BLOCK_BYTES } from './capture.ts';
import type { Interface, Packet } from './capture.ts';

const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;

/** Throws a RangeError with one sentence; `index` names the interface. */
export const checkInterface = ({ linkType, snapLength }: Pick<Interface, 'linkType' | 'snapLength'>, index: number): void => {
  checkNumber(linkType, 0, MAX_16, `the link type of interface ${index}`);
  checkNumber(snapLength, 0, MAX_32, `the snap length of interface ${index}`);
};

/** Throws a RangeError with one sentence; `index` names the packet. Times are below `endNs`. */
export const checkPacket = (packet: Packet, index: number, interfaces: number, endNs: bigint): void => {
  const { timestampNs, bytes, originalLength = bytes.length, flags = 0 } = packet;
  checkNumber(packet.interface, 0, interfaces - 1, `the interface of packet ${index}`);
  checkNumber(bytes.length, 0, MAX_BLOCK_BYTES, `the number of bytes of packet ${index}`);
  checkNumber(originalLength, bytes.length, MAX_32, `the original length of packet ${index}`);
  checkNumber(flags, 0, MAX_32, `the flags of packet ${index}`);
  if (timestampNs < 0n || timestampNs >= endNs) {
    throw new RangeError(`Capture: the time of packet ${index} is ${timestampNs} ns; it has to be from 0 to ${endNs - 1n}.`);
  }
};

const checkNumber = (value: number, min: number, max: number, what: string): void => {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`Capture: ${what} is ${value}; it has to be a whole number from ${min} to ${max}.`);
};
