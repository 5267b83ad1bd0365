/**
 * The numbers of the pcapng format.
 *
 * Source: draft-ietf-opsawg-pcapng; type 2, the obsolete packet block, is in its appendix.
 */

/** Reads the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const OBSOLETE_PACKET = 2;
export const SIMPLE_PACKET = 3;
export const ENHANCED_PACKET = 6;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const MAJOR_VERSION = 1;

/** Type and length before a block's body, and the length once more after it. */
export const BLOCK_HEAD = 8;
export const BLOCK_TAIL = 4;
export const OPTION_HEAD = 4;
export const MAX_OPTION_BYTES = 0xffff;

/** Bytes of each body before packet data or options. */
export const SECTION_BODY = 16;
export const INTERFACE_BODY = 8;
export const PACKET_BODY = 20;
export const SIMPLE_BODY = 4;

/** Options of any block. */
export const END_OF_OPTIONS = 0;
export const COMMENT = 1;

export const SECTION_HARDWARE = 2;
export const SECTION_OS = 3;
export const SECTION_APPLICATION = 4;

export const INTERFACE_NAME = 2;
export const INTERFACE_DESCRIPTION_TEXT = 3;
export const INTERFACE_TIME_RESOLUTION = 9;
export const INTERFACE_FCS_LENGTH = 13;
export const INTERFACE_TIME_OFFSET = 14;

/** Of both kinds of packet block. */
export const PACKET_FLAGS = 2;

/** A length rounded up to whole 32-bit words, to which packet data and options are padded. */
export const padded = (length: number): number => Math.ceil(length / 4) * 4;
