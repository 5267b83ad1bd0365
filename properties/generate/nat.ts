/**
 * NAT: translations that are soon used up, and packets that look as answers will look if nothing had to be chosen.
 */
import { translationAt } from '../../spec/nat.ts';
import type { AddressRange, Device, DeviceName, Nat, Network, PortRange, Translation } from '../../spec/trace/network.ts';
import type { Address, Ip } from '../../spec/trace/packet.ts';
import type { Dice } from './dice.ts';
import type { Version } from './features.ts';

/** What each tenant's devices have of addresses and translation. */
type Translations = { readonly inside: Translating; readonly outside: Translating };
type Translating = Pick<Device, 'address' | 'address6' | 'nat' | 'nat6'>;

/** The same of one version of IP. */
type Half = { readonly address?: Address; readonly nat?: Nat };

/** In these versions of IP. */
export const translations = (dice: Dice, versions: readonly Version[]): Translations => {
  const [four, six] = ([4, 6] as const).map((version) => (versions.includes(version) ? halvesOf(dice, POOLS[version]) : { inside: {}, outside: {} }));
  return { inside: translatingBy(four?.inside, six?.inside), outside: translatingBy(four?.outside, six?.outside) };
};

const translatingBy = (four: Half = {}, six: Half = {}): Translating => ({
  ...(four.address !== undefined && { address: four.address }),
  ...(six.address !== undefined && { address6: six.address }),
  ...(four.nat && { nat: four.nat }),
  ...(six.nat && { nat6: six.nat }),
});

/** Insides are those of the hosts that converse; a translation may give an address that somebody has. */
const halvesOf = (dice: Dice, { own: [inside, outside], sources, insides, outsides }: Pools): { readonly inside: Half; readonly outside: Half } => {
  const own = dice.chance(25);
  const source = dice.chance(80) ? { source: translation(dice, own, sources) } : {};
  const forwarded = dice.chance(25) ? { destination: translation(dice, own, insides) } : {};
  const moved = dice.chance(25) ? { destination: translation(dice, own && dice.chance(30), outsides) } : {};
  return {
    inside: { ...(own && { address: inside }), ...(dice.chance(70) && { nat: { ...moved, ...(dice.chance(20) && { source: translation(dice, own, insides) }) } }) },
    outside: { ...(own && { address: outside }), nat: { ...forwarded, ...source } },
  };
};

type Ranges = readonly [AddressRange, ...AddressRange[]];
type Pools = { readonly own: readonly [inside: Address, outside: Address]; readonly sources: Ranges; readonly insides: Ranges; readonly outsides: Ranges };

const range = (from: Address, to = from): AddressRange => ({ from, to });

const POOLS: Readonly<Record<Version, Pools>> = {
  4: {
    own: ['198.51.100.8', '198.51.100.7'],
    sources: [range('198.51.100.1'), range('198.51.100.1'), range('198.51.100.1', '198.51.100.3'), range('10.0.0.2'), range('192.0.2.9')],
    insides: [range('10.0.0.1'), range('10.0.0.2'), range('10.0.0.1', '10.0.0.2')],
    outsides: [range('192.0.2.9'), range('192.0.2.10'), range('192.0.2.8', '192.0.2.9')],
  },
  6: {
    own: ['2001:db8:8::8', '2001:db8:7::7'],
    // One has bits in every word, and one is another's but for a word.
    sources: [range('2001:db8::1'), range('2001:db8:1:2:3:4:5:6'), range('2001:db8::1', '2001:db8::3'), range('fd00::2'), range('2001:db8::9')],
    insides: [range('fd00::1'), range('fd00::2'), range('fd00::1', 'fd00::2'), range('fd00::1:0:0:1')],
    outsides: [range('2001:db8::9'), range('2001:db8:9::9'), range('2001:db8::8', '2001:db8::9')],
  },
};

const translation = (dice: Dice, own: boolean, among: Ranges): Translation => {
  const to = own && dice.chance(60) ? 'own' : dice.among(...among);
  return dice.chance(50) ? { to } : { to, ports: ports(dice) };
};

const ports = (dice: Dice): PortRange => {
  const from = dice.among(1000, 999, 5000, 5000, 53, 0);
  return { from, to: from + dice.among(0, 0, 1, 1, 2, 3, dice.between(4, 31)) };
};

/** A packet from outside, from and to where it would come from and go to if everything that may stay does. */
export const asAnswer = (packet: Ip, { devices }: Network, inside: DeviceName, outside: DeviceName): Ip => {
  const named = (name: DeviceName): Half => {
    const found = devices.find((device) => device.name === name);
    return found ? translationAt(found, packet.kind) : {};
  };
  const [near, far] = [named(inside), named(outside)];
  const to = far.nat?.source;
  const from = near.nat?.destination;
  return withPorts(packet, to && addressIn(to, far), to?.ports, from && addressIn(from, near), from?.ports);
};

const addressIn = ({ to }: Translation, { address }: Half): Address | undefined => (to === 'own' ? address : to.from);

const withPorts = (packet: Ip, destination: Address | undefined, to: PortRange | undefined, source: Address | undefined, from: PortRange | undefined): Ip => {
  const { payload } = packet;
  const moved: Ip = { ...packet, destination: destination ?? packet.destination, source: source ?? packet.source };
  if (payload.kind === 'icmp') return { ...moved, payload: { ...payload, identifier: within(payload.identifier, to) } };
  if (!('sourcePort' in payload)) return moved;
  return { ...moved, payload: { ...payload, sourcePort: within(payload.sourcePort, from), destinationPort: within(payload.destinationPort, to) } };
};

/** The port, if it is in the range; else its first. */
const within = (port: number, range: PortRange | undefined): number => (range && (port < range.from || port > range.to) ? range.from : port);
