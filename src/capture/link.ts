/**
 * Link layers: where in a captured frame the bytes of IP begin, and of which version, or what the frame holds instead.
 *
 * VLAN tags are stepped over and forgotten, as are hardware addresses.
 *
 * Source: the list of link-layer header types of tcpdump.org; IEEE 802.3 and 802.1Q; IANA "IEEE 802 Numbers".
 */

export type Link =
  /** From the IP header on, whatever follows included. The kind is what the link layer says. */
  | { readonly kind: 'ipv4' | 'ipv6'; readonly bytes: Uint8Array }
  /** What the frame holds, in a few words. */
  | { readonly kind: 'other'; readonly what: string }
  /** It ends within the link layer's own header. */
  | { readonly kind: 'short' };

/** @param linkType the LINKTYPE_ value of the file or interface. */
export const readLink = (linkType: number, frame: Uint8Array): Link => {
  switch (linkType) {
    case 1:
      return byEtherType(frame, 12);
    case 113: // Linux cooked
      return byEtherType(frame, 14);
    case 276: // Linux cooked, version 2; 20 bytes, the type in the first two
      return frame.length < 20 ? SHORT : byEtherType(frame, 0, 20);
    case 0: // BSD loopback, in the byte order of the host that wrote the file
      return byFamily(frame, [true, false]);
    case 108: // OpenBSD loopback
      return byFamily(frame, [false]);
    case 12: // raw IP, as some systems number it in files
    case 14:
    case 101:
      return byVersion(frame);
    case 228:
      return { kind: 'ipv4', bytes: frame };
    case 229:
      return { kind: 'ipv6', bytes: frame };
    default:
      return other(`link type ${linkType}`);
  }
};

/** More tags than any network has; a frame with more is made to hurt. */
const MAX_VLAN_TAGS = 8;
const VLAN_TAGS = [0x8100, 0x88a8, 0x9100];

/** Smaller values are a length (IEEE 802.3), not a type. */
const FIRST_ETHERTYPE = 0x600;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

const ETHERTYPES = new Map([
  [0x0806, 'ARP'],
  [0x8847, 'MPLS'],
  [0x8863, 'PPPoE discovery'],
  [0x8864, 'PPPoE'],
  [0x888e, 'EAPOL'],
  [0x88cc, 'LLDP'],
]);

const SHORT: Link = { kind: 'short' };
const other = (what: string): Link => ({ kind: 'other', what });

/** `at` is where the type stands; `start` where what it describes begins. */
const byEtherType = (frame: Uint8Array, at: number, start = at + 2): Link => {
  for (let tags = 0; tags <= MAX_VLAN_TAGS; tags += 1) {
    if (frame.length < start) return SHORT;
    const type = big16(frame, at);
    if (type === IPV4) return { kind: 'ipv4', bytes: frame.subarray(start) };
    if (type === IPV6) return { kind: 'ipv6', bytes: frame.subarray(start) };
    if (!VLAN_TAGS.includes(type)) return other(type < FIRST_ETHERTYPE ? 'IEEE 802.3 length' : etherTypeName(type));
    at = start + 2; // after the tag's control information
    start += 4;
  }
  return other(`more than ${MAX_VLAN_TAGS} VLAN tags`);
};

const etherTypeName = (type: number): string => ETHERTYPES.get(type) ?? `ethertype 0x${type.toString(16).padStart(4, '0')}`;

/** AF_INET is 2 everywhere; AF_INET6 differs from system to system. */
const AF_INET = 2;
const AF_INET6 = [10, 24, 28, 30];

const byFamily = (frame: Uint8Array, littleEndian: readonly boolean[]): Link => {
  if (frame.length < 4) return SHORT;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const families = littleEndian.map((little) => view.getUint32(0, little));
  if (families.includes(AF_INET)) return { kind: 'ipv4', bytes: frame.subarray(4) };
  if (families.some((family) => AF_INET6.includes(family))) return { kind: 'ipv6', bytes: frame.subarray(4) };
  return other(`address family ${Math.min(...families)}`);
};

const byVersion = (frame: Uint8Array): Link => {
  const [first] = frame;
  if (first === undefined) return SHORT;
  const version = first >>> 4;
  if (version === 4) return { kind: 'ipv4', bytes: frame };
  return version === 6 ? { kind: 'ipv6', bytes: frame } : other(`IP version ${version}`);
};

const big16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
