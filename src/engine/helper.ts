/**
 * The helper of FTP: reads along in control connections, as their segments leave.
 *
 * Source: nf_conntrack_ftp.c help(); nf_confirm().
 */
import { beginsLine, expectConnection, isHelped, rememberLine } from './expectations.ts';
import { ELSEWHERE, NOTHING, PARTIAL, readAnnouncement } from './ftp.ts';
import { SOURCE as SOURCE_6 } from './header6.ts';
import type { Machine } from './machine.ts';
import { byte, long, word } from './memory.ts';
import { TRANSLATED_AT_ALL } from './nat.ts';

const SOURCE_4 = 12;
const DATA_OFFSET = 12;
const NEWLINE = 10;

/** A segment of an established connection that is helped. False if it is dropped for what it says. */
export const readAlong = ({ connections, header, moment, flow }: Machine, bytes: Uint8Array): boolean => {
  const { help } = connections;
  const [connection, half] = [flow.half >> 1, flow.half & 1];
  const start = header.headerLength + (byte(bytes, header.headerLength + DATA_OFFSET) >>> 4) * 4;
  const end = header.totalLength;
  // What ended with this segment, its first answer, had no line before.
  if (start >= end || !isHelped(help, connection)) return true;
  const sequence = long(bytes, header.headerLength + 4);
  const isIpv6 = header.version === 6;
  const said = beginsLine(help, connection, half, sequence) ? readAnnouncement(bytes, start, end, half, isIpv6 ? SOURCE_6 : SOURCE_4, isIpv6) : NOTHING;
  if (said === PARTIAL) return false;
  if (byte(bytes, end - 1) === NEWLINE) rememberLine(help, connection, half, (sequence + end - start) | 0);
  // Behind a translation it would have to be rewritten, which is not done here.
  if (said === NOTHING || said === ELSEWHERE || (word(connections.bound, connection) & TRANSLATED_AT_ALL) !== 0) return true;
  const { words } = connections.halves;
  const at = flow.half * 4;
  const zone = word(connections.zone, connection) & 0xffff;
  return expectConnection(help, connection, word(words, at + 1), word(words, at), said, isIpv6 ? 1 : 0, zone, moment.nowMs);
};
