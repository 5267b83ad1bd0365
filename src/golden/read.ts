/**
 * Reading a rendered pcapng back: the trace that its section header carries, if the rest is exactly what the trace
 * renders to.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Capture, CaptureError, readCapture } from 'pcap-writer';
import type { Trace } from '../../spec/index.ts';
import { BadInput } from '../gate/errors.ts';
import { type Header, headerOf } from './header.ts';
import { renderPcapng } from './render.ts';

/**
 * The trace; undefined if the capture carries none, so that it is any other capture.
 * @param file names the input in errors.
 * @throws BadInput if this is no capture, or one that is not the rendering of its trace: then it names the first block
 * that differs.
 */
export const readGoldenPcapng = (bytes: Uint8Array, file: string): Trace | undefined => {
  const seen = captureIn(bytes, file);
  const header = headerOf(seen, file);
  if (!header) return undefined;
  const rendered = renderingOf(header, file);
  if (Buffer.compare(rendered, bytes) === 0) return header.trace;
  throw new BadInput(
    `${file}: ${firstDifferentBlock(readCapture(rendered), seen)} is not what the trace in its section header renders to; ` +
      'the file was changed or another version wrote it, so render the trace anew.',
  );
};

/** The trace comes from a file, so it may be one that no pcapng can hold, such as one of 600 years. */
const renderingOf = (header: Header, file: string): Uint8Array => {
  try {
    return renderPcapng(header);
  } catch (error) {
    if (error instanceof RangeError) throw new BadInput(`${file}: the trace in its section header cannot be rendered: ${error.message}`);
    throw error;
  }
};

/** @throws BadInput with one sentence where these bytes are no capture. */
export const captureIn = (bytes: Uint8Array, file: string): Capture => {
  try {
    return readCapture(bytes);
  } catch (error) {
    if (error instanceof CaptureError) throw new BadInput(`${file}: ${error.message}`);
    throw error;
  }
};

const firstDifferentBlock = (expected: Capture, seen: Capture): string => {
  const [section, device, packet] = [
    firstDifferent(expected.sections, seen.sections),
    firstDifferent(expected.interfaces, seen.interfaces),
    firstDifferent(expected.packets, seen.packets),
  ];
  if (section !== undefined) return section === 0 ? 'the section header' : `section ${section + 1}`;
  if (device !== undefined) return `interface ${device} (${(expected.interfaces[device] ?? seen.interfaces[device])?.name ?? 'without a name'})`;
  if (packet !== undefined) return `packet ${packet + 1}`;
  return 'something besides its sections, interfaces and packets';
};

/** The first place where two lists differ, counted from 0. */
const firstDifferent = (expected: readonly unknown[], seen: readonly unknown[]): number | undefined => {
  const longest = Math.max(expected.length, seen.length);
  for (let place = 0; place < longest; place += 1) {
    if (!isDeepStrictEqual(expected[place], seen[place])) return place;
  }
  return undefined;
};
