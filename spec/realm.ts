/**
 * Realms: address spaces apart from each other, told by a mark behind an address.
 *
 * The model itself has one, without a mark. spec/representation.ts gives each zone one; an address quoted in a packet
 * belongs to the realm of the packet.
 */
import type { Address } from './trace/packet.ts';

const MARK = '@';

export const inRealm = (address: Address, realm: number): Address => `${address}${MARK}${realm}`;

/** The mark of an address; `''` if it has none. */
export const realmOf = (address: Address): string => address.slice(withoutRealm(address).length);

export const withoutRealm = (address: Address): Address => {
  const at = address.indexOf(MARK);
  return at === -1 ? address : address.slice(0, at);
};
