/**
 * What the shape of a trace file cannot say: whether names mean something, and whether packets are what their bytes are.
 */
import { anachronism } from '../../spec/era.ts';
import { differingField } from '../../spec/plain.ts';
import type { Control, Event } from '../../spec/trace/event.ts';
import type { AddressRange, Device, Nat, Network } from '../../spec/trace/network.ts';
import type { Packet } from '../../spec/trace/packet.ts';
import { isReaction } from '../../spec/trace/reaction.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { isAmong, wordsOf } from '../../spec/wire/address.ts';
import { decode, encode } from '../packet/index.ts';
import { TRACE_LIMITS } from './trace-schema.ts';

/** The first thing that makes no sense in a trace of the right shape: a place, and what must be there. */
export const traceProblem = (trace: Trace): string | undefined => networkProblem(trace.network) ?? eventProblem(trace);

const networkProblem = (net: Network): string | undefined => {
  const { devices, tenants } = net;
  const anachronistic = anachronism(net);
  if (anachronistic !== undefined) return `network asks for ${anachronistic}; name another era, or leave it out`;
  const names = new Set<string>();
  for (const [index, { name }] of devices.entries()) {
    if (names.has(name)) return `network.devices[${index}].name ${name} is there twice; rename one`;
    names.add(name);
  }
  for (const [index, { name, exit, routes = [], peer }] of devices.entries()) {
    const place = `network.devices[${index}]`;
    for (const [field, other] of [['exit', exit], ...routes.map((route, number) => [`routes[${number}].exit`, route.exit] as const)] as const) {
      if (!names.has(other)) return `${place}.${field} ${other} is not a device; name one of network.devices`;
      if (other === name) return `${place}.${field} is the device itself; name another device`;
    }
    const wrong = routes.findIndex(({ to }) => !isAmong(to.to, { from: to.from, to: to.to }));
    if (wrong !== -1) return `${place}.routes[${wrong}].to must go from one address up to another`;
    if (peer !== undefined && (peer === name || devices.find((device) => device.name === peer)?.peer !== name)) {
      return `${place}.peer ${peer} must be another device, whose peer this one is`;
    }
  }
  const limit = limitsProblem(net, names);
  if (limit !== undefined) return limit;
  const translation = devices.map(translationProblem).find((problem) => problem !== undefined);
  if (translation !== undefined) return translation;
  const numbers = new Set<number>();
  const owned = new Set<string>();
  for (const [index, tenant] of tenants.entries()) {
    const place = `network.tenants[${index}]`;
    if (numbers.has(tenant.number)) return `${place}.number ${tenant.number} is there twice; number tenants apart`;
    numbers.add(tenant.number);
    for (const device of tenant.devices) {
      if (!names.has(device)) return `${place}.devices names ${device}, which is not a device; name one of network.devices`;
      if (owned.has(device)) return `${place}.devices names ${device}, which is given twice; a device has one tenant`;
      owned.add(device);
    }
  }
  return undefined;
};

const limitsProblem = ({ limits: most }: Network, names: ReadonlySet<string>): string | undefined => {
  const limited = new Set<number | undefined>();
  for (const [index, { zone: id }] of (most?.zones ?? []).entries()) {
    if (limited.has(id)) return `network.limits.zones[${index}] is about ${id === undefined ? 'all other zones' : `zone ${id}`} a second time; leave one out`;
    limited.add(id);
  }
  for (const [index, counter] of (most?.counters ?? []).entries()) {
    const strange = counter.devices.find((device, place) => !names.has(device) || counter.devices.indexOf(device) !== place);
    if (strange !== undefined) return `network.limits.counters[${index}].devices names ${strange}, which is not a device or there twice; name devices of network.devices once`;
  }
  return undefined;
};

const translationProblem = ({ address, address6, nat, nat6 }: Device, index: number): string | undefined =>
  natProblem(nat, `network.devices[${index}].nat`, address, 'address') ?? natProblem(nat6, `network.devices[${index}].nat6`, address6, 'address6');

const natProblem = (nat: Nat | undefined, name: string, own: string | undefined, field: string): string | undefined => {
  for (const side of ['destination', 'source'] as const) {
    const rule = nat?.[side];
    const place = `${name}.${side}`;
    if (!rule) continue;
    const { to, ports } = rule;
    if (to === 'own' && own === undefined) return `${place}.to is the device's own address, which it does not have; give it an ${field}`;
    if (to !== 'own' && !isRange(to)) return `${place}.to must go from one address up to another, ${TRACE_LIMITS.addresses} at most`;
    if (ports && ports.from > ports.to) return `${place}.ports must go from one port up to another`;
  }
  return undefined;
};

/** Beyond the last 32 bits of IPv6 both are one. */
const isRange = ({ from, to }: AddressRange): boolean => {
  const [first, last] = [wordsOf(from), wordsOf(to)];
  const [low, high] = [first, last].map((words) => words.slice(-2).reduce((number, part) => number * 65_536 + part, 0));
  const size = (high ?? 0) - (low ?? 0) + 1;
  return first.slice(0, -2).join() === last.slice(0, -2).join() && size >= 1 && size <= TRACE_LIMITS.addresses;
};

const eventProblem = ({ network: { devices }, events }: Trace): string | undefined => {
  const names = new Set(devices.map(({ name }) => name));
  const reactable = new Set<number>();
  let last = -1;
  for (const [index, item] of events.entries()) {
    const place = `events[${index}]`;
    if (item.id <= last) return `${place}.id ${item.id} must be above ${last}, the id before it`;
    last = item.id;
    const problem = oneEventProblem(item, names, reactable);
    if (problem !== undefined) return `${place}.${problem}`;
    if (item.kind === 'receive' || isReaction(item)) reactable.add(item.id);
  }
  return undefined;
};

const oneEventProblem = (item: Event, names: ReadonlySet<string>, reactable: ReadonlySet<number>): string | undefined => {
  if (item.kind === 'control') return commandProblem(item);
  if (item.kind === 'advance') return undefined;
  if (isReaction(item)) {
    return reactable.has(item.to) ? undefined : `to ${item.to} must be the id of an earlier receive, answer or error`;
  }
  if (!names.has(item.device)) return `device ${item.device} is not a device; name one of network.devices`;
  const problem = packetProblem(item.packet);
  return problem === undefined ? undefined : `packet${problem}`;
};

/** Two zones are said in two places; a command with one tuple has one for both directions and one beside the tuple. */
const commandProblem = (item: Control): string | undefined => {
  if (!('besides' in item) || !item.besides) return undefined;
  if (!item.zone) return 'besides is said without a zone; name it zone';
  if (item.zone.counts === item.besides.counts) return `besides.counts must not be '${item.besides.counts}', as that of zone is`;
  const isOneTooMany = item.command !== 'create' && item.zone.counts !== 'both' && item.besides.counts !== 'both';
  return isOneTooMany ? "besides.counts must be 'both', as the command has one tuple to say a direction beside" : undefined;
};

/** A packet that its own bytes would contradict has no one meaning, so it is refused rather than repaired. */
const packetProblem = (item: Packet): string | undefined => {
  try {
    const canonical = decode(encode(item));
    const field = differingField(canonical, item);
    return field === undefined ? undefined : `${field.place} reads back from its own bytes as ${field.wanted}; write it so`;
  } catch (error) {
    if (error instanceof RangeError) return ` has no bytes: ${error.message.replace(/\.$/, '')}`;
    throw error;
  }
};
