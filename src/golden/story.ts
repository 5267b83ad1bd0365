/** What a rendered pcapng tells, event by event, as lines: two of them are compared by meaning and not by bytes. */
import type { Capture, ReadPacket } from 'pcap-writer';
import { INBOUND } from 'pcap-writer';
import { type Event, isReaction, packetText, type Reaction, type Trace } from '../../spec/index.ts';
import { BadInput } from '../gate/errors.ts';
import { sha256 } from '../gate/digest.ts';
import { decode } from '../packet/index.ts';
import { headerOf } from './header.ts';
import { commandWords } from '../report/words.ts';
import { captureIn } from './read.ts';

/** Lines by what they are about: the title, the network, a device, an event. In order. */
export type Story = ReadonlyMap<string, readonly string[]>;

/** A file that cannot be read is a story of one line that says so. */
export const storyOf = (bytes: Uint8Array, file: string): Story => {
  try {
    const capture = captureIn(bytes, file);
    const header = headerOf(capture, file);
    if (!header) throw new BadInput(`${file}: its section header carries no trace.`);
    return tell(header.title, header.trace, capture);
  } catch (error) {
    if (error instanceof BadInput) return new Map([['file', [error.message]]]);
    throw error;
  }
};

const tell = (title: string, trace: Trace, capture: Capture): Story => {
  const { timeouts, fragments, tenants } = trace.network;
  const story = new Map<string, string[]>([
    ['title', [title]],
    ['network', [timeouts, fragments, ...tenants].map((part) => JSON.stringify(part))],
    ...capture.interfaces.map(({ name = '', description = '' }) => [`device ${name}`, [description]] as [string, string[]]),
    ...trace.events.map((event) => [`event ${event.id}`, [eventText(event)]] as [string, string[]]),
  ]);
  for (const packet of capture.packets) {
    let about = 'packets that name no event';
    for (const comment of packet.comments) {
      about = /^event \d+(?=:)/.exec(comment)?.[0] ?? about;
      add(story, about, comment);
    }
    add(story, about, frameText(packet, capture));
  }
  return story;
};

const add = (story: Map<string, string[]>, about: string, line: string): void => {
  const lines = story.get(about);
  if (lines) lines.push(line);
  else story.set(about, [line]);
};

const eventText = (event: Event): string => {
  if (event.kind === 'advance') return `advance ${event.milliseconds} ms`;
  if (event.kind === 'control') return commandWords(event);
  return isReaction(event) ? reactionText(event) : `receive on ${event.device}`;
};

const reactionText = (event: Reaction): string =>
  event.kind === 'answer' ? `answer to event ${event.to}` : `error ${event.type}/${event.code} about event ${event.to}`;

/** The digest tells apart what one line cannot show. */
const frameText = (packet: ReadPacket, { interfaces }: Capture): string => {
  const way = packet.flags === INBOUND ? 'in' : 'out';
  const digest = sha256(Buffer.from(packet.bytes).toString('hex')).slice(0, 8);
  return `${way} ${interfaces[packet.interface]?.name ?? ''}: ${packetText(decode(packet.bytes))} (${digest})`;
};
