/**
 * Rendering: a trace becomes its JSON and a pcapng that shows what happens, and what the model says to it.
 *
 * Devices are interfaces. Whatever arrives is an inbound packet, and after it each piece that leaves an outbound one.
 * Time starts at an epoch of its own; `advance` moves it, and besides each packet comes a microsecond after the one
 * before, so that the order of time is the order of the file.
 */
import { INBOUND, OUTBOUND, type Packet as Frame, writePcapng } from 'pcap-writer';
import { accountOf } from '../../properties/account.ts';
import { type Explained, type Outcome, REFERENCE, resolved, type Trace } from '../../spec/index.ts';
import type { DeviceName } from '../../spec/trace/network.ts';
import { traceText } from '../gate/trace-file.ts';
import { encode } from '../packet/index.ts';
import { arrivalComments, departureComments, deviceText, silentComment } from './comments.ts';
import { type Header, headerComments } from './header.ts';

export type Rendered = {
  /** NAME.trace.json. */
  readonly json: string;
  /** NAME.pcapng. */
  readonly pcapng: Uint8Array;
};

/**
 * Packets begin with their IP header. LINKTYPE_RAW (101) would say so for both versions, but libpcap knows it by another
 * number inside, and so refuses a file with two such interfaces (seen with libpcap 1.10.3). Where both versions occur the
 * file is called IPv4, and readers go by the version that each packet has.
 */
const LINKTYPE_IPV4 = 228;
const LINKTYPE_IPV6 = 229;

const linkTypeOf = ({ events }: Trace): number => {
  const packets = events.flatMap((event) => (event.kind === 'receive' ? [event.packet] : []));
  return packets.length > 0 && packets.every(({ kind }) => kind === 'ipv6') ? LINKTYPE_IPV6 : LINKTYPE_IPV4;
};

/** 2010-01-14, the day of the RFC "conntrack zones". */
const EPOCH_NS = 1_263_427_200_000_000_000n;
const NS_PER_MS = 1_000_000n;
const PACKET_NS = 1000n;

/**
 * A trace as files. `about` is one sentence for the reader, up to 1000 characters, and becomes the trace's.
 * Throws a RangeError where a pcapng cannot hold it: 16 MiB of trace, or 500 years.
 */
export const renderTrace = (trace: Trace, name: string, about: string): Rendered => {
  const told = { ...trace, about };
  return { json: traceText(told), pcapng: renderPcapng({ title: `${name}: ${about}`, trace: told }) };
};

/** A pcapng that carries this header, and is otherwise made of its trace alone. */
export const renderPcapng = (header: Header): Uint8Array => {
  const { network } = header.trace;
  return writePcapng({
    section: { application: 'zoneproof', comments: headerComments(header) },
    interfaces: network.devices.map((device) => ({
      name: device.name,
      description: deviceText(device, network),
      linkType: linkTypeOf(header.trace),
      snapLength: 0,
    })),
    packets: framesOf(header.trace),
  });
};

const framesOf = (trace: Trace): readonly Frame[] => {
  const interfaces = new Map<DeviceName, number>(trace.network.devices.map(({ name }, index) => [name, index]));
  const known = new Map<number, Outcome>();
  const frames: Frame[] = [];
  let timestampNs = EPOCH_NS;
  /** Of events without a packet: the next packet tells them. */
  let silent: readonly string[] = [];
  const show = (device: DeviceName, frame: Pick<Frame, 'bytes' | 'flags' | 'comments'>) => {
    frames.push({ interface: interfaces.get(device) ?? -1, timestampNs, ...frame });
    timestampNs += PACKET_NS;
  };
  for (const [index, said] of accountOf(trace, REFERENCE).entries()) {
    known.set(said.event, said);
    const event = trace.events[index];
    if (event?.kind === 'advance') timestampNs += BigInt(event.milliseconds) * NS_PER_MS;
    const arrival = event && resolved(event, known);
    if (arrival?.kind === 'receive') {
      show(arrival.device, { bytes: encode(arrival.packet), flags: INBOUND, comments: [...silent, ...arrivalComments(arrival, said)] });
      silent = [];
      showDepartures(said, show);
    } else if (event) {
      silent = [...silent, silentComment(event, said)];
    }
  }
  return frames;
};

const showDepartures = (said: Explained, show: (device: DeviceName, frame: Pick<Frame, 'bytes' | 'flags' | 'comments'>) => void): void => {
  for (const departure of said.left) {
    for (const [piece, packet] of departure.pieces.entries()) {
      show(departure.device, { bytes: encode(packet), flags: OUTBOUND, comments: departureComments(departure, piece, said) });
    }
  }
};
