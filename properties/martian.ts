/**
 * Addresses that no router forwards, or that this suite does not ask about: 0/8, 127/8, and all from 224.0.0.0 on; of
 * IPv6 ::/16, and all from fe80:: on.
 */
import type { Address } from '../spec/trace/packet.ts';
import { isIpv6, wordsOf } from '../spec/wire/address.ts';

export const isMartian = (address: Address): boolean => {
  const [word = 0] = wordsOf(address);
  if (isIpv6(address)) return word === 0 || word >= 0xfe80;
  const first = word >>> 8;
  return first === 0 || first === 127 || first >= 224;
};
