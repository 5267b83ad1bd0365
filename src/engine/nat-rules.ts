/**
 * What a network translates, by the numbers of its devices, and the machine's own addresses.
 */
import type { Nat, Network, Translation } from '../../spec/trace/network.ts';
import { addressWord } from './address-word.ts';
import { word } from './memory.ts';

/** Sides of a connection. */
export const DESTINATION = 0;
export const SOURCE = 1;

export type NatRules = {
  /** Whether the network translates: then every connection of IPv4 is bound. */
  active: boolean;
  /** Two rules for each device, one a side: `device * 2 + side`. */
  readonly kind: Int32Array;
  /** Unsigned addresses and ports, from the first to the last. */
  readonly fromAddress: Float64Array;
  readonly toAddress: Float64Array;
  readonly fromPort: Int32Array;
  readonly toPort: Int32Array;
  readonly own: Set<number>;
};

/** Kinds of rules. */
export const NO_RULE = 0;
export const TO_RANGE = 1;
/** To the device's own address. */
export const TO_OWN = 2;

/** A rule without ports. */
export const ANY_PORT = -1;

export const createNatRules = (devicesMax: number): NatRules => ({
  active: false,
  kind: new Int32Array(devicesMax * 2),
  fromAddress: new Float64Array(devicesMax * 2),
  toAddress: new Float64Array(devicesMax * 2),
  fromPort: new Int32Array(devicesMax * 2),
  toPort: new Int32Array(devicesMax * 2),
  own: new Set(),
});

/** Takes over what a network translates. Throws an Error in one sentence if a device translates to an address that it has not. */
export const setNatRules = (rules: NatRules, network: Network): void => {
  rules.active = false;
  rules.own.clear();
  for (const [number, { name, nat, address }] of network.devices.entries()) {
    if (address !== undefined) rules.own.add(addressWord(address));
    if (nat) rules.active = true;
    setRule(rules, number * 2 + DESTINATION, nat?.destination, address, name);
    setRule(rules, number * 2 + SOURCE, nat?.source, address, name);
  }
};

const setRule = (rules: NatRules, place: number, rule: Nat['source'], own: string | undefined, device: string): void => {
  rules.kind[place] = kindOf(rule);
  if (!rule) return;
  const { to, ports } = rule;
  if (to === 'own' && own === undefined) throw new Error(`engine: device ${device} translates to its own address and has none`);
  const range = to === 'own' ? { from: own ?? '', to: own ?? '' } : to;
  rules.fromAddress[place] = addressWord(range.from) >>> 0;
  rules.toAddress[place] = addressWord(range.to) >>> 0;
  rules.fromPort[place] = ports?.from ?? ANY_PORT;
  rules.toPort[place] = ports?.to ?? ANY_PORT;
};

const kindOf = (rule: Translation | undefined): number => {
  if (!rule) return NO_RULE;
  return rule.to === 'own' ? TO_OWN : TO_RANGE;
};

/** Whether a device translates a side to its own address. */
export const isOwn = (rules: NatRules, device: number, side: number): boolean => word(rules.kind, device * 2 + side) === TO_OWN;
