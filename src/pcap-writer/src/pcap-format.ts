/**
 * The numbers of the classic pcap format.
 *
 * Source: draft-ietf-opsawg-pcap.
 */

export const MICROSECONDS_MAGIC = 0xa1b2c3d4;
export const NANOSECONDS_MAGIC = 0xa1b23c4d;
/** Alexey Kuznetzov's modified format, with records of another length. */
export const MODIFIED_MAGIC = 0xa1b2cd34;

export const MAJOR_VERSION = 2;
export const MINOR_VERSION = 4;

export const FILE_HEADER = 24;
export const PACKET_HEADER = 16;
