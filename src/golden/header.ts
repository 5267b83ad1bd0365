/**
 * The trace in a pcapng's section header: comments that are, put together, a marker with a version and the trace's text.
 *
 * Events without a packet, such as passing time, are only there; the packets of the file are the trace's rendering.
 */
import { type Capture, splitText } from 'pcap-writer';
import type { Trace } from '../../spec/index.ts';
import { BadInput } from '../gate/errors.ts';
import { parseTrace, traceText } from '../gate/trace-file.ts';

const MARKER = 'zoneproof trace ';
const VERSION = '1';

/** What a section header carries. `title` is free text for people. */
export type Header = { readonly title: string; readonly trace: Trace };

/** As comments: the title, and then the trace in as many as it takes. */
export const headerComments = ({ title, trace }: Header): readonly string[] => [
  title,
  ...splitText(`${MARKER}${VERSION}\n${traceText(trace)}`),
];

/**
 * What the first section header carries; undefined if it carries no trace, as in any other capture.
 * @param file names the input in errors. @throws BadInput if it carries one that cannot be read.
 */
export const headerOf = (capture: Capture, file: string): Header | undefined => {
  const [title = '', ...rest] = capture.sections[0]?.comments ?? [];
  const text = rest.join('');
  if (!text.startsWith(MARKER)) return undefined;
  const end = text.indexOf('\n');
  const version = text.slice(MARKER.length, end === -1 ? undefined : end);
  if (version !== VERSION) {
    throw new BadInput(`${file}: its trace has version ${version.slice(0, 20)}; this version of zoneproof reads version ${VERSION}.`);
  }
  return { title, trace: parseTrace(text.slice(end + 1), `${file}, section header`) };
};
