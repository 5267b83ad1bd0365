/** What a capture file holds, as plain data: sections, interfaces and packets. */

/** What a pcapng section header says. */
export type Section = {
  readonly hardware?: string | undefined;
  readonly os?: string | undefined;
  /** The application that wrote the file. */
  readonly application?: string | undefined;
  readonly comments?: readonly string[];
};

export type Interface = {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** A number of the LINKTYPE_ registry, e.g. LINKTYPE_RAW. */
  readonly linkType: number;
  /** The most bytes kept of a packet; 0 is no limit. */
  readonly snapLength: number;
};

/** A packet to be written. */
export type Packet = {
  /** An index into the interfaces of the file. */
  readonly interface: number;
  /** Nanoseconds since 1970-01-01 UTC. */
  readonly timestampNs: bigint;
  /** What was kept of the packet, a frame check sequence included where the link type has one. */
  readonly bytes: Uint8Array;
  /** Its length on the wire in bytes, at least what was kept; absent: as long as that. */
  readonly originalLength?: number;
  readonly comments?: readonly string[];
  /** epb_flags, 32 bits; the low two are INBOUND or OUTBOUND. */
  readonly flags?: number | undefined;
};

/** A file as it was read. */
export type Capture = {
  readonly format: 'pcap' | 'pcapng';
  /** The section headers, none in a pcap. */
  readonly sections: readonly ReadSection[];
  /** The interfaces of all sections in the order of the file; a pcap has one. */
  readonly interfaces: readonly ReadInterface[];
  readonly packets: readonly ReadPacket[];
  /** How many blocks were of a type that holds no packet, section or interface. */
  readonly skippedBlocks: number;
  /** Where the file ends too early, if it does: everything before `offset` was read. */
  readonly cut?: Cut;
};

export type ReadSection = Section & { readonly comments: readonly string[] };

export type ReadInterface = Interface & {
  /** Bytes of frame check sequence that each whole packet ends with, where the file says so in whole bytes. */
  readonly fcsLength: number | undefined;
  readonly comments: readonly string[];
};

export type ReadPacket = Omit<Packet, 'timestampNs'> & {
  /** Rounded down; undefined in a simple packet block, which has no time. */
  readonly timestampNs: bigint | undefined;
  readonly originalLength: number;
  readonly comments: readonly string[];
};

export type Cut = {
  /** The byte at which the incomplete thing starts. */
  readonly offset: number;
  readonly what: string;
};

/** Packets begin with an IPv4 or IPv6 header. */
export const LINKTYPE_RAW = 101;

/** Direction bits of a packet's flags. */
export const INBOUND = 1;
export const OUTBOUND = 2;

/**
 * The largest block, and the largest packet, that is written or read: 16 MiB. It is Wireshark's limit too, and keeps
 * wrong lengths from being believed.
 */
export const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
