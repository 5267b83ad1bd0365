/**
 * A zone is a virtual conntrack table.
 *
 * Connections carry their zone as an extension. A connection without one belongs to zone 0, so "no extension" and "an
 * extension with id 0" are the same thing to every observer (law: default zone).
 *
 * Source: RFC "conntrack zones" (McHardy, 2010); include/net/netfilter/nf_conntrack_zones.h, nf_ct_zone_id().
 */
/** 0..65535. */
export type ZoneId = number;

export type Direction = 'original' | 'reply';

/** The directions in which a zone's id counts; in another one the connection is in zone 0. */
export type Zone = { readonly id: ZoneId; readonly counts: 'both' | Direction };

export const DEFAULT_ZONE: ZoneId = 0;

/** The id that lookups compare for one half of a connection, and nothing else about its zone. */
export const zoneOf = (extension: Zone | undefined, direction: Direction): ZoneId =>
  extension !== undefined && (extension.counts === 'both' || extension.counts === direction) ? extension.id : DEFAULT_ZONE;

/** Whether an id counts in both directions, or means the default zone in both anyway. */
export const isUndirected = (zone: Zone | undefined): boolean => zoneOf(zone, 'original') === zoneOf(zone, 'reply');
