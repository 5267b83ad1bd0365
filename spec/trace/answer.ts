/**
 * The smallest answer to a packet that left: its addresses and ports mirrored, or the answer to an ICMP request; no
 * payload, whole. TCP answers a SYN by SYN and ACK, and what acknowledges by an ACK; nothing answers a reset.
 *
 * It arrives where the packet left. What names no other end that could answer has none: less than a header, a GRE call
 * (its answer carries another id, which nobody said), SCTP but for INIT (its answers carry a tag that the packet does not
 * say), and an ICMP message that nobody answers.
 */
import { match } from 'ts-pattern';
import { asTracked, behindHeader, withBehind } from '../extensions.ts';
import { icmpTypes } from '../icmp-types.ts';
import { readTransport } from '../wire/transport.ts';
import { callOf } from '../wire/gre.ts';
import { chunksOf, initiateTag } from '../wire/sctp.ts';
import type { Receive, Answer } from './event.ts';
import type { Outcome } from './outcome.ts';
import { readSegment } from '../tcp/segment.ts';
import { type Bytes, bytesOf, carried, type Ip, ipv4, ipv6, isFragment, type Opaque, type Packet } from './packet.ts';
import { GRE, type Sctp, type Tcp, type Transport } from './transport.ts';

/** The event that an answer stands for, or undefined if what it answers did not leave, or has no answer. */
export const resolveAnswer = (answer: Answer, answered: Outcome | undefined): Receive | undefined => {
  const departure = answered?.left[0];
  const first = departure?.pieces[0];
  if (!departure || !first || first.kind === 'raw') return undefined;
  const asked = askedIn(first, departure.pieces);
  const payload = asked && answering(asked);
  if (!payload) return undefined;
  return { kind: 'receive', id: answer.id, device: departure.device, packet: wayBack(asked, payload) };
};

/** The datagram that left, as tracking reads it; undefined if that finds no protocol. */
const askedIn = (first: Ip, pieces: readonly Packet[]): Ip | undefined => {
  if (!isFragment(first) || pieces.length === 1) return asTracked(first);
  if (first.kind === 'ipv4') return { ...first, payload: readTransport(first, joined(pieces)) };
  const headers = first.extensions.slice(0, -1);
  return asTracked(withBehind(first, headers, first.protocol, joined(pieces, headers.length + 1)));
};

/** A packet of the same version, from whom the first went to. */
const wayBack = ({ kind, source, destination, protocol }: Ip, payload: Transport | Opaque): Ip =>
  kind === 'ipv4'
    ? ipv4({ source: destination, destination: source, protocol, df: true, payload })
    : ipv6({ source: destination, destination: source, protocol, payload });

/** What pieces carry together, of IPv6 behind so many headers: the last piece, if all of it is there, may hold more of them. */
const joined = (pieces: readonly Packet[], headers = 0): Bytes =>
  pieces
    .map((piece) => {
      if (piece.kind === 'raw') return '';
      return piece.kind === 'ipv4' ? carried(piece.payload) : behindHeader({ ...piece, extensions: piece.extensions.slice(headers) }).bytes;
    })
    .join('');

const answering = ({ protocol, payload }: Ip): Transport | Opaque | undefined =>
  match(payload)
    .returnType<Transport | Opaque | undefined>()
    .with({ kind: 'udp' }, (udp) => ({ kind: 'udp', ...mirrored(udp), length: 'right', checksum: 'right', payload: '' }))
    .with({ kind: 'udp-lite' }, (lite) => ({
      kind: 'udp-lite',
      ...mirrored(lite),
      coverage: 0,
      checksum: lite.checksum === 'as Linux' ? 'as Linux' : 'right',
      payload: '',
    }))
    .with({ kind: 'sctp' }, answeringInit)
    .with({ kind: 'icmp' }, (message) => {
      const type = icmpTypes.get(protocol)?.answers.get(message.type);
      return type === undefined ? undefined : { ...message, type, checksum: 'right', payload: '' };
    })
    .with({ kind: 'tcp' }, acknowledging)
    .with({ kind: 'opaque', why: 'protocol' }, ({ bytes }) => (protocol === GRE && callOf(bytes) ? undefined : { kind: 'opaque', bytes: '', why: 'protocol' }))
    .with({ kind: 'opaque' }, () => undefined)
    .exhaustive();

const mirrored = ({ sourcePort, destinationPort }: { readonly sourcePort: number; readonly destinationPort: number }) => ({
  sourcePort: destinationPort,
  destinationPort: sourcePort,
});

const [INIT, INIT_ACK] = [1, 2];

/** An INIT is answered by an INIT ACK, whose own tag is the complement, with one stream each way and a cookie of 4 bytes. */
const answeringInit = (init: Sctp): Sctp | undefined => {
  const [chunk, more] = chunksOf(init.payload);
  const tag = chunk?.type === INIT && !more ? initiateTag(init.payload, chunk) : undefined;
  if (!tag) return undefined;
  const own = 0xffffffff - tag || 1;
  const fields = [[INIT_ACK, 1], [0, 1], [28, 2], [own, 4], [65_535, 4], [1, 2], [1, 2], [1, 4], [7, 2], [8, 2], [0, 4]] as const;
  return { kind: 'sctp', ...mirrored(init), tag, checksum: 'right', payload: fields.map(([value, size]) => bytesOf(value, size)).join('') };
};

/** It goes on where the segment says that the other side is, and acknowledges all that the segment carries. */
const acknowledging = (asked: Tcp): Tcp | undefined => {
  const { kind, acknowledges, acknowledgement, end } = readSegment(asked);
  if (kind === 'rst' || !(acknowledges || kind === 'syn')) return undefined;
  return {
    ...asked,
    sourcePort: asked.destinationPort,
    destinationPort: asked.sourcePort,
    sequence: acknowledges ? acknowledgement : 0,
    acknowledgement: end,
    reserved: 0,
    flags: kind === 'syn' ? 'SA' : 'A',
    window: 65_535,
    checksum: 'right',
    urgent: 0,
    options: '',
    payload: '',
  };
};
