/**
 * A profile: the switches by which the model follows an implementation where it differs for a declared reason.
 * Each switch is a divergence; a subject names the profile that it is judged by.
 */
export type Profile = {
  /**
   * Whether a UDP connection becomes a stream two seconds after its first packet (nf_conntrack_udp_packet). The two
   * seconds are the kernel's own clock, which no test can turn, so a kernel under virtual time is judged by `never`.
   */
  readonly udpStream: 'after-two-seconds' | 'never';
  /**
   * The protocol that a UDP-Lite checksum's pseudo header names. RFC 3828 says UDP-Lite; Linux verifies with UDP's number
   * (udplite_error(), nf_checksum_partial), so that what is right to every host is invalid to its tracking.
   */
  readonly udpLiteChecksum: 'udp-lite' | 'udp';
};

/** The model itself. */
export const REFERENCE: Profile = { udpStream: 'after-two-seconds', udpLiteChecksum: 'udp-lite' };
