/**
 * Long text as several comments: an option holds at most 65535 bytes of UTF-8.
 *
 * The pieces are as long as fits, never part a code point, and joined give `text` back. Of '' there is one piece, ''.
 */
import { MAX_OPTION_BYTES } from './pcapng-format.ts';

export const splitText = (text: string): readonly string[] => {
  const bytes = Buffer.from(text, 'utf8');
  const pieces: string[] = [];
  let start = 0;
  do {
    let end = Math.min(start + MAX_OPTION_BYTES, bytes.length);
    while (isContinuation(bytes[end])) end -= 1;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  } while (start < bytes.length);
  return pieces;
};

/** Whether a byte of UTF-8 goes on with a code point. */
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
