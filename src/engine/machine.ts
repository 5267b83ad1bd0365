/**
 * All that an engine is made of: its memory, taken once, and the records in which a packet is handed on from module to
 * module. Each of those is used again for the next packet.
 */
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { Network } from '../../spec/trace/network.ts';
import { type Addresses, clearAddresses, createAddresses } from './addresses.ts';
import { clearConnections, type Connections, createConnections, setConnectionLimits } from './connections.ts';
import { type Counters, createCounters, setCounters } from './counters.ts';
import { createDevices, type Devices, setDevices } from './devices.ts';
import { createFlow, type Flow } from './flow.ts';
import { clearFragments, createFragments, type Fragments } from './fragments.ts';
import { createHeader, type Header } from './header.ts';
import { DATAGRAM6_BYTES_MAX, type Limits, TIMEOUT_MS_MAX, within } from './limits.ts';
import { createNat, type Nat, setNat } from './nat-rules.ts';
import type { Outgoing } from './outgoing.ts';
import { NONE } from './pool.ts';
import type { Moment } from './protocol.ts';
import { createVerdict, type Verdict } from './verdict.ts';

export type Machine = {
  readonly addresses: Addresses;
  readonly connections: Connections;
  readonly counters: Counters;
  readonly fragments: Fragments;
  readonly devices: Devices;
  readonly nat: Nat;
  readonly header: Header;
  /** Its clock is the engine's. */
  readonly moment: Moment;
  readonly flow: Flow;
  readonly verdict: Verdict;
  /** Buffers by how often a packet went through a pair of devices; that for the first time is always there. */
  readonly outgoings: Outgoing[];
  /** A packet that came whole, while it is rewritten. */
  readonly copy: Uint8Array;
};

/** Takes all memory. The limits are within their bounds. */
export const createMachine = (limits: Limits): Machine => {
  const addresses = createAddresses(limits);
  const connections = createConnections(limits.connectionsMax, limits.hashSeed, addresses);
  const header = createHeader();
  const verdict = createVerdict();
  return {
    addresses,
    connections,
    counters: createCounters(limits),
    fragments: createFragments(limits, addresses),
    devices: createDevices(limits.devicesMax),
    nat: createNat(limits.devicesMax),
    header,
    moment: { bytes: NO_BYTES, header, nowMs: 0, network: NO_NETWORK, table: connections, quote: NONE },
    flow: createFlow(),
    verdict,
    outgoings: [verdict.outgoing],
    copy: new Uint8Array(DATAGRAM6_BYTES_MAX),
  };
};

/** Forgets everything and begins at 0 ms in this network. Throws an Error in one sentence if it cannot be played. */
export const resetMachine = (machine: Machine, network: Network): void => {
  const { addresses, connections, counters, fragments, devices, moment, flow } = machine;
  clearConnections(connections);
  clearFragments(fragments);
  clearAddresses(addresses);
  moment.nowMs = 0;
  flow.created = 0;
  // Many sessions in a row are held in one network.
  if (moment.network !== network) setNetwork(machine, network);
  setConnectionLimits(connections, network.limits);
  setCounters(counters, devices, network);
};

/** Takes over what a network is, but for what is used up in it. If it cannot be played, there is none until the next one. */
const setNetwork = ({ connections, fragments, devices, nat, moment }: Machine, network: Network): void => {
  moment.network = NO_NETWORK;
  const { timeouts, era, extensions, limits } = network;
  const { distance, memoryBytes } = network.fragments;
  for (const [name, timeoutMs] of Object.entries(timeouts)) within(`timeouts.${name}`, timeoutMs, 0, TIMEOUT_MS_MAX);
  within('fragments.distance', distance, 0, Number.MAX_SAFE_INTEGER);
  within('fragments.memoryBytes', memoryBytes, 0, Number.MAX_SAFE_INTEGER);
  within('extensions', extensions ?? 0, 0, Number.MAX_SAFE_INTEGER);
  within('limits.connections', limits?.connections ?? 1, 1, Number.MAX_SAFE_INTEGER);
  setDevices(devices, network);
  setNat(nat, network);
  connections.settings.oneChain = era === 'linux-4.3';
  connections.help.acrossZones = era === 'rfc-2010' || era === 'linux-2010';
  connections.settings.extensionsMax = extensions ?? Number.POSITIVE_INFINITY;
  const { settings } = fragments;
  settings.timeoutMs = timeouts.fragmentMs;
  settings.timeout6Ms = timeouts.fragment6Ms;
  settings.distance = distance;
  settings.memoryBytes = memoryBytes;
  moment.network = network;
};

const NO_BYTES = new Uint8Array();
const NO_NETWORK: Network = {
  devices: [],
  tenants: [],
  timeouts: DEFAULT_TIMEOUTS,
  tcp: DEFAULT_TCP,
  fragments: { distance: 0, memoryBytes: 0 },
};
