/**
 * The specification: the words (trace/), the model (step), its rules, and the one comparison. Start with README.md.
 */
export { type Advance, type Answer, type Command, type CommandName, COMMANDS, type Control, type Event, type EventId, type Playable, type Receive } from './trace/event.ts';
export type { Device, Network, Pass, Tenant, Timeouts } from './trace/network.ts';
export type { Departure, Label, Listed, Outcome, Told, Tracked } from './trace/outcome.ts';
export type { Ipv4, Opaque, Packet, Raw } from './trace/packet.ts';
export type { Icmp, Tcp, Transport, Udp } from './trace/transport.ts';
export type { Trace } from './trace/trace.ts';
export { resolveAnswer } from './trace/answer.ts';
export { type Direction, type Zone, type ZoneId, zoneOf } from './zone.ts';
export { type Profile, REFERENCE } from './profile.ts';
export { type RuleId, rules } from './rules.ts';
export { type Explained, initial, type State, step } from './step.ts';
export { canonical, type Difference, type Expected, firstDifference, packetText } from './outcome.ts';
