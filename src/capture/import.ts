/**
 * Import: any capture becomes a trace in which each of several tenants plays it, in a zone of its own.
 *
 * The tenants use the very same addresses, ports and ids at the same time, which is what zones are for. Each has a device
 * inside and one outside (sides.ts), payloads in its own colour (recolour.ts), and the captured order (interleave.ts).
 * What the model specifies is played, whole or in fragments, mistakes included; every other frame is counted by reason.
 */
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import { CaptureError, readCapture } from 'pcap-writer';
import type { Capture } from 'pcap-writer';
import { isFragment } from '../../spec/trace/packet.ts';
import type { Network } from '../../spec/trace/network.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { BadInput } from '../gate/errors.ts';
import { TRACE_LIMITS } from '../gate/trace-schema.ts';
import { encode } from '../packet/index.ts';
import type { Played } from './datagrams.ts';
import { fateOf } from './frame.ts';
import type { Frame } from './frame.ts';
import { interleave } from './interleave.ts';
import { randomOf, shuffled } from './random.ts';
import type { Random } from './random.ts';
import { recolourOf } from './recolour.ts';
import type { Report } from './report.ts';
import { clockOf, LONGEST_GAP_MS } from './schedule.ts';
import { sidesOf } from './sides.ts';
import { tallyOf } from './tally.ts';
import type { Tally } from './tally.ts';

export type ImportOptions = {
  /** Names the input in the report and in errors. */
  readonly file: string;
  /** How many tenants play the capture, 1..31. */
  readonly zones: number;
  /** Chooses zone ids and the interleaving. */
  readonly seed: number;
};

export type Imported = { readonly trace: Trace; readonly report: Report };

export const IMPORT_LIMITS = {
  fileBytes: 512 * 1024 * 1024,
  frames: 1_000_000,
  /** Colours name no more. */
  zones: 31,
} as const;

/**
 * A capture that is cut is used up to the cut, and a capture that is too long up to what a trace can hold.
 * @throws BadInput with one sentence if this is no capture, or an option is out of range.
 */
export const importCapture = (bytes: Uint8Array, { file, zones, seed }: ImportOptions): Imported => {
  if (!Number.isInteger(zones) || zones < 1 || zones > IMPORT_LIMITS.zones) {
    throw new BadInput(`zones is ${zones}; give a whole number from 1 to ${IMPORT_LIMITS.zones} to play ${file} in.`);
  }
  const random = randomOf(seed);
  const capture = captureOf(bytes, file);
  const notes = tallyOf();
  const { played, advancesMs, ...counts } = select(capture, zones, notes);

  const network = networkOf(zones, random);
  const sides = sidesOf(played.map(({ packet }) => packet));
  const recolour = recolourOf(played);
  notes.add('fragments of a datagram with a wrong checksum: kept', recolour.wrongFragments);
  notes.add('errors about a packet that was not captured before: kept', recolour.strangeErrors);
  const copies = network.tenants.map(({ number }) => ({ number, packets: recolour.packetsOf(number) }));
  const steps = played.map(({ packet }, index) => ({
    advanceMs: advancesMs[index] ?? 0,
    arrivals: copies.map(({ number, packets }) => ({
      device: deviceName(number, sides[index] ?? 'inside'),
      packet: packets[index] ?? packet,
    })),
  }));
  const events = interleave(steps, random);
  const about = `${zones === 1 ? 'One tenant plays' : `${zones} tenants play`} the capture ${file.slice(-200)}.`;
  return {
    trace: { version: 1, about, network, events },
    report: {
      file,
      format: capture.format,
      frames: capture.packets.length,
      ...counts,
      notes: notes.counts(),
      ...(capture.cut ? { cut: `${capture.cut.what} at byte ${capture.cut.offset} is incomplete` } : {}),
      tenants: zones,
      events: events.length,
      playedMs: played.at(-1)?.atMs ?? 0,
    },
  };
};

const captureOf = (bytes: Uint8Array, file: string): Capture => {
  if (bytes.length > IMPORT_LIMITS.fileBytes) {
    throw new BadInput(`${file} has ${bytes.length} bytes; give at most ${IMPORT_LIMITS.fileBytes}, for example after splitting it with editcap -c.`);
  }
  try {
    return readCapture(bytes);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    throw new BadInput(`${file} cannot be read: ${error.message.replace(/\.$/, '')}; give a pcap or pcapng file as tcpdump and Wireshark write them.`);
  }
};

type Selection = Pick<Report, 'whole' | 'fragments' | 'leftOut'> & {
  readonly played: readonly Played[];
  /** By how much time moves before each of `played`. */
  readonly advancesMs: readonly number[];
};

/** The most that an event takes in a trace file, beside its packet's bytes in hexadecimal. */
const EVENT_TEXT = 512;

/** The frames that are played, what is to be noted of them, and what becomes of all others. */
const select = (capture: Capture, zones: number, notes: Tally): Selection => {
  const [leftOut, clock] = [tallyOf(), clockOf()];
  const played: Played[] = [];
  const advancesMs: number[] = [];
  let [events, text, atMs, fragments, full] = [0, 0, 0, 0, false];
  for (const record of capture.packets.slice(0, IMPORT_LIMITS.frames)) {
    const fate = fateOf(frameOf(capture, record));
    if (fate.kind === 'left out') {
      leftOut.add(fate.reason);
      continue;
    }
    const { packet } = fate;
    const textOfAll = zones * (EVENT_TEXT + 2 * encode(packet).length);
    full ||= events + zones + 1 > TRACE_LIMITS.events || text + textOfAll > TRACE_LIMITS.fileBytes;
    if (full) {
      leftOut.add(`after the trace was full (at most ${TRACE_LIMITS.events} events, ${TRACE_LIMITS.fileBytes} bytes)`);
      continue;
    }
    const advanceMs = clock.until(record.timestampNs);
    atMs += advanceMs;
    events += zones + (advanceMs > 0 ? 1 : 0);
    text += textOfAll + (advanceMs > 0 ? EVENT_TEXT : 0);
    played.push({ packet, atMs });
    advancesMs.push(advanceMs);
    if (isFragment(packet)) fragments += 1;
    for (const note of fate.notes) notes.add(note);
  }
  leftOut.add(`after the first ${IMPORT_LIMITS.frames} frames`, Math.max(0, capture.packets.length - IMPORT_LIMITS.frames));
  notes.add('stamped earlier than a packet before: played at the time already reached', clock.backwards());
  notes.add(`after a silence above ${LONGEST_GAP_MS / 1000} s: the silence shortened to that`, clock.shortened());
  return { played, advancesMs, whole: played.length - fragments, fragments, leftOut: leftOut.counts() };
};

const frameOf = ({ interfaces }: Capture, record: Capture['packets'][number]): Frame => {
  const { linkType, fcsLength = 0 } = interfaces[record.interface] ?? { linkType: -1 }; // the reader refuses other numbers
  const cut = record.bytes.length < record.originalLength;
  // A frame check sequence belongs to the link; a recorder that cut the frame cut it first.
  return { linkType, cut, bytes: cut ? record.bytes : record.bytes.subarray(0, Math.max(0, record.bytes.length - fcsLength)) };
};

/** Ids that are easily taken for each other: under masks, cut to 8 or 12 bits, or with their bytes swapped. */
const ZONE_IDS = [
  1, 2, 3, 15, 16, 17, 127, 128, 129, 255, 256, 257, 258, 511, 512, 513, 1023, 1024, 2048, 4095, 4096, 4097, 4098, 8192, 16384,
  32767, 32768, 32769, 61440, 65280, 65534, 65535,
];

const deviceName = (tenant: number, side: 'inside' | 'outside'): string => `t${tenant}-${side}`;

const networkOf = (zones: number, random: Random): Network => {
  const tenants = shuffled(ZONE_IDS, random)
    .slice(0, zones)
    .map((id, index) => ({ id, number: index + 1, inside: deviceName(index + 1, 'inside'), outside: deviceName(index + 1, 'outside') }));
  return {
    devices: tenants.flatMap(({ id, inside, outside }) => {
      const passes = [{ zone: { id, counts: 'both' }, assigned: 'before-defragmentation' }] as const;
      return [
        { name: inside, passes, exit: outside },
        { name: outside, passes, exit: inside },
      ];
    }),
    tenants: tenants.map(({ number, inside, outside }) => ({ number, devices: [inside, outside] })),
    timeouts: DEFAULT_TIMEOUTS,
    tcp: DEFAULT_TCP,
    fragments: { distance: 0, memoryBytes: 0 },
  };
};
