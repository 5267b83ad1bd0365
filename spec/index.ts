/**
 * The specification: the words (trace/), the model (step), its rules, and the one comparison. Start with README.md.
 */
export { COMMANDS } from './trace/event.ts';
export type { Advance, Answer, Command, CommandName, Control, Event, EventId, IcmpError, Playable, Reaction, Receive } from './trace/event.ts';
export type { Device, Network, Pass, Tenant, Timeouts } from './trace/network.ts';
export type { Departure, Label, Listed, Outcome, Told, Tracked } from './trace/outcome.ts';
export type { Ipv4, Opaque, Packet, Raw } from './trace/packet.ts';
export type { Icmp, Tcp, Transport, Udp } from './trace/transport.ts';
export type { Trace } from './trace/trace.ts';
export { isReaction, resolved } from './trace/reaction.ts';
export { type Direction, type Zone, type ZoneId, zoneOf } from './zone.ts';
export { type Profile, REFERENCE } from './profile.ts';
export { type RuleId, rules } from './rules.ts';
export { type Model, modelOf } from './model.ts';
export { type Explained, initial, type State, step } from './step.ts';
export { canonical, type Difference, type Expected, firstDifference, packetText } from './outcome.ts';
