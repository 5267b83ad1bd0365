/**
 * A session: one trace played on the daemon.
 *
 * Packets go in together up to the next event that is none, and a barrier says that all of them are through. What leaves
 * names the packet that it came as. As long as no fragment came, it left at that packet's event; from then on what waited
 * may leave with any packet, so a marker behind each packet says at which event it did.
 */
import { match } from 'ts-pattern';
import type { Session } from '../../../properties/subject.ts';
import type { Advance, Control, Playable, Receive } from '../../../spec/trace/event.ts';
import type { Device, Network } from '../../../spec/trace/network.ts';
import type { Outcome } from '../../../spec/trace/outcome.ts';
import { isFragment, type Packet } from '../../../spec/trace/packet.ts';
import { encode } from '../../packet/index.ts';
import { tell } from './control.ts';
import { outcomeOf } from './datagrams.ts';
import { frameOf, markerOf, type Operation, OPERATIONS, OUTPUT_PORT, type Verdict } from './frames.ts';
import { translates } from '../../../properties/tenants.ts';
import { limitOf } from '../../../spec/counting.ts';
import { DEFAULT_ZONE, type ZoneId } from '../../../spec/zone.ts';
import type { Switch } from './switch.ts';
import { makingOf } from './translation.ts';

/** Numbers stand in two bytes of a mark. */
export const MOST_PACKETS = 65_535;

export const startSession = (ovs: Switch, network: Network): Session => {
  const indexes = new Map(network.devices.map(({ name }, index) => [name, index]));
  const names = network.devices.map(({ name }) => name);
  const isTranslated = translates(network);
  const programs = new Map(network.devices.map((device) => [device.name, programOf(ovs, network, device)]));
  /** What came, by number, where it is to be compared with what left. */
  const came = new Map<number, Packet>();
  let number = 0;
  let marked = false;
  /** Events whose packets are on their way, by number. */
  let underway = new Map<number, { readonly event: Receive; readonly leaving: Verdict[]; readonly marked: boolean }>();

  const send = (event: Receive): void => {
    const device = network.devices[indexes.get(event.device) ?? -1];
    const program = programs.get(event.device);
    if (!device || !program) throw new Error(`event ${event.id} names the device ${event.device}, which the network does not have`);
    number += 1;
    if (number > MOST_PACKETS) throw new Error(`event ${event.id} is packet ${number} of a session; ${MOST_PACKETS} can be told apart`);
    marked ||= mayWait(event.packet);
    underway.set(number, { event, leaving: [], marked });
    if (isTranslated) came.set(number, event.packet);
    ovs.send(frameOf({ ...program, exit: indexes.get(device.exit) ?? 0, number }, encode(event.packet)), 'table');
    if (marked) ovs.send(markerOf(number), OUTPUT_PORT);
  };

  /** What left, given to the events at which it did. */
  const arrive = async (): Promise<readonly Outcome[]> => {
    if (underway.size === 0) return [];
    let waiting: Verdict[] = [];
    for (const leaving of await ovs.flush()) {
      const own = underway.get(leaving.number);
      if (leaving.kind === 'marker') {
        own?.leaving.push(...waiting);
        waiting = [];
      } else if (own?.marked === false) own.leaving.push(leaving);
      else waiting.push(leaving);
    }
    if (waiting.length > 0) throw new Error('something left behind the marker of the last packet');
    const outcomes = [...underway.values()].map(({ event, leaving }) => outcomeOf(event.id, leaving, names, came));
    underway = new Map();
    return outcomes;
  };

  const advance = async ({ id, milliseconds }: Advance): Promise<Outcome> => {
    await ovs.advance(milliseconds);
    return { event: id, passes: [], left: [] };
  };

  const obey = async (event: Control): Promise<Outcome> => ({ event: event.id, passes: [], left: [], told: await tell(ovs, event) });

  return {
    feed: async (events: readonly Playable[]) => {
      const outcomes: Outcome[] = [];
      for (const event of events) {
        if (event.kind === 'receive') {
          send(event);
          continue;
        }
        outcomes.push(...(await arrive()), await match(event).with({ kind: 'advance' }, advance).with({ kind: 'control' }, obey).exhaustive());
      }
      return [...outcomes, ...(await arrive())];
    },
    close: () => {},
  };
};

const mayWait = (packet: Packet): boolean => packet.kind !== 'raw' && isFragment(packet);

const zoneIn = ({ passes: [pass] }: Device): ZoneId => pass?.zone?.id ?? DEFAULT_ZONE;

const operationOf = (network: Network, { passes: [pass] }: Device): Operation => {
  if (translates(network)) return OPERATIONS.translated;
  if (network.limits) return OPERATIONS.limited;
  return pass?.zone ? OPERATIONS.zone : OPERATIONS['no zone'];
};

const programOf = (ovs: Switch, network: Network, device: Device) => {
  const operation = operationOf(network, device);
  return { operation, zone: zoneIn(device), rule: ovs.rule(makingOf(operation, network, device)) };
};

/** By zone, for each one that devices assign: a default for others would stay until the daemon ends. */
export const limitsOf = ({ limits, devices }: Network): ReadonlyMap<ZoneId, number> =>
  new Map(devices.map((device) => [zoneIn(device), limitOf(limits, zoneIn(device))] as const).filter(([, most]) => Number.isFinite(most)));
