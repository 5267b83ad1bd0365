/**
 * TCP options: the three that tracking reads. Whatever cannot be read ends the list, and what was read before counts.
 *
 * Source: RFC 9293 section 3.1, RFC 7323 section 2 (window scale), RFC 2018 (selective acknowledgement);
 * tcp_options(), tcp_sack().
 */
import { type Bytes, lengthOf, numberAt, slice } from '../trace/packet.ts';
import { after, type Sequence } from './sequence.ts';

/** What a SYN says of its sender. */
export type SynOptions = { readonly scale?: number; readonly sackPermitted: boolean };

type Option = { readonly kind: number; readonly data: Bytes };

const END = 0;
const NOP = 1;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;

/** A window is never shifted by more (RFC 7323 section 2.3). */
const MOST_SCALE = 14;

const readOptions = (bytes: Bytes): readonly Option[] => {
  const options: Option[] = [];
  for (let at = 0; at < lengthOf(bytes); ) {
    const kind = numberAt(bytes, at, 1);
    if (kind === END) break;
    if (kind === NOP) {
      at += 1;
      continue;
    }
    const length = at + 1 < lengthOf(bytes) ? numberAt(bytes, at + 1, 1) : 0;
    if (length < 2 || at + length > lengthOf(bytes)) break;
    options.push({ kind, data: slice(bytes, at + 2, at + length) });
    at += length;
  }
  return options;
};

/** Of two window scales the last one counts. */
export const synOptions = (bytes: Bytes): SynOptions => {
  const options = readOptions(bytes);
  const scale = options.findLast(({ kind, data }) => kind === WINDOW_SCALE && lengthOf(data) === 1);
  return {
    ...(scale && { scale: Math.min(MOST_SCALE, numberAt(scale.data, 0, 1)) }),
    sackPermitted: options.some(({ kind, data }) => kind === SACK_PERMITTED && data === ''),
  };
};

/** The highest end of a block that is selectively acknowledged, or the acknowledgement if that is higher. */
export const selectiveEdge = (bytes: Bytes, acknowledgement: Sequence): Sequence => {
  const blocks = readOptions(bytes).find(({ kind, data }) => kind === SACK && data !== '' && lengthOf(data) % 8 === 0)?.data ?? '';
  let edge = acknowledgement;
  for (let at = 4; at < lengthOf(blocks); at += 8) {
    const end = numberAt(blocks, at, 4);
    if (after(end, edge)) edge = end;
  }
  return edge;
};
