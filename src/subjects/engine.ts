/**
 * The optimised engine as a subject: packets in, packets out, one engine that is reset for every session.
 */
import { match } from 'ts-pattern';
import { ALL_LIMITS } from '../../properties/limits.ts';
import type { Session, Subject } from '../../properties/subject.ts';
import { ERAS } from '../../spec/era.ts';
import { REFERENCE } from '../../spec/profile.ts';
import { COMMANDS, type Control, type Playable, type Receive } from '../../spec/trace/event.ts';
import type { Network } from '../../spec/trace/network.ts';
import type { Departure, Outcome, Told, Tracked } from '../../spec/trace/outcome.ts';
import type { Packet } from '../../spec/trace/packet.ts';
import { DEFAULT_ZONE, type Zone } from '../../spec/zone.ts';
import { assignedWord, Engine, type Pass, pieceOf, type Verdict } from '../engine/index.ts';
import { decode, encode } from '../packet/index.ts';
import { VERSION } from '../version.ts';

/** A subject with one engine, whose memory is taken here. */
export const engineSubject = (): Subject => {
  const engine = new Engine();
  let sessions = 0;
  return {
    name: 'engine',
    version: VERSION,
    capabilities: {
      clockMs: 1,
      ipv6: true,
      nat: true,
      addressByZone: false,
      rawBytes: true,
      labels: true,
      commands: COMMANDS,
      zones: { from: 1, to: 65_535 },
      rules: true,
      eras: ERAS,
      limits: ALL_LIMITS,
      devices: engine.limits.devicesMax,
      profile: REFERENCE,
      excludes: () => undefined,
      incomparable: () => undefined,
    },
    open: (network) => {
      const session = ++sessions;
      engine.reset(network);
      return {
        feed: (events) => {
          if (session !== sessions) throw new Error('engine: this session is over; sessions of one subject follow each other');
          return events.map((event) => play(engine, network, event));
        },
        close: () => {
          if (session === sessions) sessions++;
        },
      } satisfies Session;
    },
    close: () => {
      sessions++;
    },
  };
};

const play = (engine: Engine, network: Network, event: Playable): Outcome => {
  if (event.kind === 'receive') return receive(engine, network, event);
  if (event.kind === 'control') return { event: event.id, passes: [], left: [], told: obey(engine, network, event), ...(event.command === 'create' && evictedBy(engine)) };
  engine.advance(event.milliseconds);
  return { event: event.id, passes: [], left: [] };
};

const obey = (engine: Engine, network: Network, event: Control): Told =>
  match(event)
    .returnType<Told>()
    .with({ command: 'flush' }, ({ zone }) => {
      engine.flush(zone);
      return { kind: 'done' };
    })
    .with({ command: 'dump' }, ({ zone }) => engine.dump(zone))
    .with({ command: 'get' }, ({ tuple, ...zones }) => inOneZone(network, zones, (zone) => engine.get(tuple, zone)))
    .with({ command: 'delete' }, ({ tuple, ...zones }) => inOneZone(network, zones, (zone) => engine.delete(tuple, zone)))
    .with({ command: 'create' }, (creation) => inOneZone(network, creation, (zone) => engine.create({ ...creation, zone })))
    .with({ command: 'resize' }, ({ buckets }) => {
      engine.resize(buckets);
      return { kind: 'done' };
    })
    .exhaustive();

/** A command is about one zone. They are read as `both`, `original`, `reply`, and only zone 0 gives way to the next. */
const inOneZone = ({ era }: Network, { zone, besides }: { readonly zone?: Zone; readonly besides?: Zone }, ask: (zone: number) => Told): Told => {
  const said = [zone, besides].filter((one) => one !== undefined).toSorted((a, b) => (a.counts < b.counts ? -1 : 1));
  if (era !== 'rfc-2010' && said.slice(0, -1).some(({ id }) => id !== DEFAULT_ZONE)) return { kind: 'refused', why: 'invalid' };
  const last = said.at(-1);
  return ask(last ? assignedWord(last) : DEFAULT_ZONE);
};

const receive = (engine: Engine, network: Network, { id, device, packet }: Receive): Outcome => {
  const number = engine.device(device);
  if (number === undefined) throw new Error(`engine: event ${id} arrives on device ${device}, which the network does not have`);
  const verdict = engine.receive(number, encode(packet));
  return { event: id, passes: passesOf(engine, verdict), left: leftOf(verdict, network), ...evictedBy(engine) };
};

const evictedBy = (engine: Engine): Pick<Outcome, 'evicted'> => {
  const evicted = engine.evicted();
  return evicted.length === 0 ? {} : { evicted: [...evicted] };
};

const passesOf = (engine: Engine, verdict: Verdict): readonly Tracked[] => {
  const last = trackedOf(engine, verdict);
  return verdict.earlierCount === 0 ? last : [...verdict.earlier.slice(0, verdict.earlierCount).flatMap((pass) => trackedOf(engine, pass)), ...last];
};

const trackedOf = (engine: Engine, { state, zone, direction, connection, bound }: Pass): readonly Tracked[] => {
  if (state === 'unseen') return [];
  if (state === 'invalid' || state === 'untracked') return [{ state }];
  return [{ state, zone, direction, connection, ...(bound !== NOT_BOUND && { bound: engine.bound(bound) }) }];
};

const NOT_BOUND = -1;

const leftOf = (verdict: Verdict, network: Network): readonly Departure[] => {
  const exit = network.devices[verdict.exit];
  if (verdict.fate !== 'left' || exit === undefined) return [];
  const pieces: Packet[] = [];
  // A view is enough: a packet is plain data, so nothing of the engine's buffer stays in it.
  for (let piece = 0; piece < verdict.outgoing.pieces; piece++) pieces.push(decode(pieceOf(verdict, piece)));
  return [{ device: exit.name, pieces }];
};
