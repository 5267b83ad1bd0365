/**
 * NAT: translations that are soon used up, and packets that look as answers will look if nothing had to be chosen.
 */
import type { AddressRange, Device, DeviceName, Network, PortRange, Translation } from '../../spec/trace/network.ts';
import { type Address, type Ip, type Ipv4, ipv4 } from '../../spec/trace/packet.ts';
import type { Dice } from './dice.ts';

/** What each tenant's devices have of addresses and translation. */
export type Translations = { readonly inside: Pick<Device, 'address' | 'nat'>; readonly outside: Pick<Device, 'address' | 'nat'> };

/** Insides are those of the hosts that converse; a translation may give an address that somebody has. */
export const translations = (dice: Dice): Translations => {
  const own = dice.chance(25);
  const source = dice.chance(80) ? { source: translation(dice, own, SOURCES) } : {};
  const forwarded = dice.chance(25) ? { destination: translation(dice, own, INSIDES) } : {};
  const moved = dice.chance(25) ? { destination: translation(dice, own && dice.chance(30), OUTSIDES) } : {};
  return {
    inside: { ...(own && { address: '198.51.100.8' }), ...(dice.chance(70) && { nat: { ...moved, ...(dice.chance(20) && { source: translation(dice, own, INSIDES) }) } }) },
    outside: { ...(own && { address: '198.51.100.7' }), nat: { ...source, ...forwarded } },
  };
};

const range = (from: Address, to = from): AddressRange => ({ from, to });

const SOURCES = [range('198.51.100.1'), range('198.51.100.1'), range('198.51.100.1', '198.51.100.3'), range('10.0.0.2'), range('192.0.2.9')] as const;
const INSIDES = [range('10.0.0.1'), range('10.0.0.2'), range('10.0.0.1', '10.0.0.2')] as const;
const OUTSIDES = [range('192.0.2.9'), range('192.0.2.10'), range('192.0.2.8', '192.0.2.9')] as const;

const translation = (dice: Dice, own: boolean, among: readonly [AddressRange, ...AddressRange[]]): Translation => {
  const to = own && dice.chance(60) ? 'own' : dice.among(...among);
  return dice.chance(50) ? { to } : { to, ports: ports(dice) };
};

const ports = (dice: Dice): PortRange => {
  const from = dice.among(1000, 999, 5000, 5000, 53, 0);
  return { from, to: from + dice.among(0, 0, 1, 1, 2, 3, dice.between(4, 31)) };
};

/** A packet from outside, from and to where it would come from and go to if everything that may stay does. */
export const asAnswer = (packet: Ip, { devices }: Network, inside: DeviceName, outside: DeviceName): Ip => {
  const named = (name: DeviceName): Device | undefined => devices.find((device) => device.name === name);
  if (packet.kind === 'ipv6') return packet;
  const [near, far] = [named(inside), named(outside)];
  const to = far?.nat?.source;
  const from = near?.nat?.destination;
  return withPorts(packet, to && addressIn(to, far), to?.ports, from && addressIn(from, near), from?.ports);
};

const addressIn = ({ to }: Translation, { address }: Device): Address | undefined => (to === 'own' ? address : to.from);

const withPorts = (packet: Ipv4, destination: Address | undefined, to: PortRange | undefined, source: Address | undefined, from: PortRange | undefined): Ipv4 => {
  const { payload } = packet;
  const moved = ipv4({ ...packet, destination: destination ?? packet.destination, source: source ?? packet.source });
  if (payload.kind === 'icmp') return { ...moved, payload: { ...payload, identifier: within(payload.identifier, to) } };
  if (!('sourcePort' in payload)) return moved;
  return { ...moved, payload: { ...payload, sourcePort: within(payload.sourcePort, from), destinationPort: within(payload.destinationPort, to) } };
};

/** The port, if it is in the range; else its first. */
const within = (port: number, range: PortRange | undefined): number => (range && (port < range.from || port > range.to) ? range.from : port);
