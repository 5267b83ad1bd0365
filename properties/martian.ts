/** Addresses that no router forwards, or that this suite does not ask about: 0/8, 127/8, and all from 224.0.0.0 on. */
import type { Address } from '../spec/trace/packet.ts';

export const isMartian = (address: Address): boolean => {
  const first = Number.parseInt(address, 10);
  return first === 0 || first === 127 || first >= 224;
};
