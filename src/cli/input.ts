/**
 * What a person hands over as FILE: a trace, or a capture.
 */
import { IMPORT_LIMITS } from '../capture/import.ts';
import { importCapture, reportText } from '../capture/index.ts';
import { readGoldenPcapng } from '../golden/index.ts';
import { BadInput } from '../gate/errors.ts';
import { parseTrace } from '../gate/trace-file.ts';
import { TRACE_LIMITS } from '../gate/trace-schema.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { readBytes } from './files.ts';

/** A trace, with what there is to say of where it comes from. */
export type Input = { readonly trace: Trace; readonly notes: readonly string[] };

/** How a capture is to be played. */
export type CaptureOptions = { readonly zones: number; readonly seed: number };

/** @throws BadInput with one sentence. */
export const readInput = (file: string, { zones, seed }: CaptureOptions): Input => {
  const bytes = readBytes(file, IMPORT_LIMITS.fileBytes);
  if (isCapture(bytes)) {
    const golden = readGoldenPcapng(bytes, file);
    if (golden) return { trace: golden, notes: [] };
    const { trace, report } = importCapture(bytes, { file, zones, seed });
    return { trace, notes: reportText(report).trimEnd().split('\n') };
  }
  if (bytes.length > TRACE_LIMITS.fileBytes) throw new BadInput(`${file} has ${bytes.length} bytes; give a trace of at most ${TRACE_LIMITS.fileBytes}.`);
  if (bytes.find((byte) => !BLANK.has(byte)) !== OPENING_BRACE) {
    throw new BadInput(`${file} is neither a trace nor a capture; give a trace that zoneproof wrote, a pcap or a pcapng.`);
  }
  return { trace: parseTrace(new TextDecoder().decode(bytes), file), notes: [] };
};

/** The first four bytes of pcapng, and of pcap in either byte order with micro- or nanoseconds. */
const MAGIC = new Set([0x0a0d0d0a, 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1]);

const isCapture = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && MAGIC.has(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));

const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);
const OPENING_BRACE = 0x7b;
