/**
 * What a network translates, by the numbers of its devices, and the machine's own addresses.
 */
import type { Nat as NatOfDevice, Network, Translation } from '../../spec/trace/network.ts';
import { writeAddress } from './address-text.ts';
import { long } from './memory.ts';

/** Sides of a connection. */
export const DESTINATION = 0;
export const SOURCE = 1;

/** Of one version of IP. */
export type NatRules = {
  /** Whether the network translates it: then every connection of it is bound. */
  active: boolean;
  /** Two rules for each device, one a side: `device * 2 + side`. */
  readonly kind: Int32Array;
  /** IPv6: all of an address but the last 32 bits, three words for each rule. */
  readonly upper: Int32Array;
  /** The last 32 bits of addresses, unsigned, and ports, from the first to the last. */
  readonly fromAddress: Float64Array;
  readonly toAddress: Float64Array;
  readonly fromPort: Int32Array;
  readonly toPort: Int32Array;
};

export type Nat = {
  /** By family: of IPv4, of IPv6. */
  readonly rules: readonly [NatRules, NatRules];
  /** The machine's own addresses: of IPv4 as words; of IPv6 four words for each. */
  readonly own: Set<number>;
  readonly own6: number[];
};

/** Kinds of rules. */
export const NO_RULE = 0;
export const TO_RANGE = 1;
/** To the device's own address. */
export const TO_OWN = 2;

/** A rule without ports. */
export const ANY_PORT = -1;

const createRules = (devicesMax: number): NatRules => ({
  active: false,
  kind: new Int32Array(devicesMax * 2),
  upper: new Int32Array(devicesMax * 2 * 3),
  fromAddress: new Float64Array(devicesMax * 2),
  toAddress: new Float64Array(devicesMax * 2),
  fromPort: new Int32Array(devicesMax * 2),
  toPort: new Int32Array(devicesMax * 2),
});

export const createNat = (devicesMax: number): Nat => ({ rules: [createRules(devicesMax), createRules(devicesMax)], own: new Set(), own6: [] });

/** Takes over what a network translates. Throws an Error in one sentence if a device translates to an address that it has not. */
export const setNat = ({ rules: [rules, rules6], own, own6 }: Nat, network: Network): void => {
  rules.active = false;
  rules6.active = false;
  own.clear();
  own6.length = 0;
  for (const [number, { name, nat, nat6, address, address6 }] of network.devices.entries()) {
    if (address !== undefined) own.add(wordsOf(address)[3] ?? 0);
    if (address6 !== undefined) own6.push(...wordsOf(address6));
    setRules(rules, number, nat, address, name);
    setRules(rules6, number, nat6, address6, name);
  }
};

const setRules = (rules: NatRules, device: number, nat: NatOfDevice | undefined, own: string | undefined, name: string): void => {
  if (nat) rules.active = true;
  setRule(rules, device * 2 + DESTINATION, nat?.destination, own, name);
  setRule(rules, device * 2 + SOURCE, nat?.source, own, name);
};

const setRule = (rules: NatRules, place: number, rule: Translation | undefined, own: string | undefined, device: string): void => {
  rules.kind[place] = kindOf(rule);
  if (!rule) return;
  const { to, ports } = rule;
  if (to === 'own' && own === undefined) throw new Error(`engine: device ${device} translates to its own address and has none`);
  const range = to === 'own' ? { from: own ?? '', to: own ?? '' } : to;
  const [first, last] = [wordsOf(range.from), wordsOf(range.to)];
  rules.upper.set(first.slice(0, 3), place * 3);
  rules.fromAddress[place] = (first[3] ?? 0) >>> 0;
  rules.toAddress[place] = (last[3] ?? 0) >>> 0;
  rules.fromPort[place] = ports?.from ?? ANY_PORT;
  rules.toPort[place] = ports?.to ?? ANY_PORT;
};

const kindOf = (rule: Translation | undefined): number => {
  if (!rule) return NO_RULE;
  return rule.to === 'own' ? TO_OWN : TO_RANGE;
};

/** The four words of an address; of IPv4 the last is all of it. */
const wordsOf = (address: string): readonly number[] => {
  const bytes = new Uint8Array(16);
  writeAddress(address, address.includes(':') ? bytes : bytes.subarray(12));
  return [0, 4, 8, 12].map((at) => long(bytes, at));
};

/** Whether the sixteen bytes at a place are an address of the machine itself. */
export const isOwn6 = ({ own6 }: Nat, bytes: Uint8Array, at: number): boolean => {
  for (let place = 0; place < own6.length; place += 4) {
    if (long(bytes, at) === own6[place] && long(bytes, at + 4) === own6[place + 1] && long(bytes, at + 8) === own6[place + 2] && long(bytes, at + 12) === own6[place + 3]) return true;
  }
  return false;
};
