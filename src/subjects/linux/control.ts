/**
 * Control: a trace's commands put to ctnetlink, and what it says. Source: net/netfilter/nf_conntrack_netlink.c.
 */
import { match } from 'ts-pattern';
import type { Control } from '../../../spec/trace/event.ts';
import { type Label, type Listed, MOST_SECONDS, type Told } from '../../../spec/trace/outcome.ts';
import type { Tuple } from '../../../spec/tuple.ts';
import { isIpv6 } from '../../../spec/wire/address.ts';
import { DEFAULT_ZONE, type Zone, type ZoneId } from '../../../spec/zone.ts';
import {
  CONNTRACK_DELETE,
  CONNTRACK_GET,
  CONNTRACK_NEW,
  CTA_TIMEOUT,
  CTA_TUPLE_ORIG,
  CTA_TUPLE_REPLY,
  CTA_ZONE,
  readId,
  SECONDS_A_SECOND,
} from './conntrack.ts';
import { SystemError } from './libc.ts';
import { findAttribute, MessageWriter, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLMSG_ERROR, type NetlinkSocket } from './netlink.ts';
import { writeProtoinfo } from './protoinfo.ts';
import { readTuple, readTupleZone, shortBytes, writeTuple } from './tuples.ts';

const CTA_STATUS = 3;
// include/uapi/linux/netfilter/nf_conntrack_common.h
const IPS_SEEN_REPLY = 1 << 1;
const IPS_ASSURED = 1 << 2;
const IPS_CONFIRMED = 1 << 3;
const NFPROTO_UNSPEC = 0;
const NFPROTO_IPV4 = 2;
const NFPROTO_IPV6 = 10;

/** A message has one. */
const familyOf = ({ source }: Tuple): number => (isIpv6(source) ? NFPROTO_IPV6 : NFPROTO_IPV4);

const REFUSALS: ReadonlyMap<number, Extract<Told, { kind: 'refused' }>['why']> = new Map([
  [2, 'missing'], // ENOENT
  [17, 'exists'], // EEXIST
  [22, 'invalid'], // EINVAL
  [12, 'memory'], // ENOMEM
] as const);

/** Puts commands one by one. `labelOf` names a connection by the kernel's id; `drain` reads what a command set off. */
export const controlOf = (requests: NetlinkSocket, labelOf: (id: number) => Label, drain: () => void): ((event: Control) => Told) => {
  const { buffer } = requests;
  const message = new MessageWriter();

  /** Sends the message that was begun last, and says what came back: an errno, and a list. */
  const ask = (): { readonly error: number; readonly connections: readonly Listed[] } => {
    const connections: Listed[] = [];
    let error = 0;
    message.end();
    requests.send(message);
    requests.receive((type, start, end) => {
      if (type === NLMSG_ERROR) error = -buffer.readInt32LE(start);
      else if (type === CONNTRACK_NEW) connections.push(listed(start, end));
    });
    drain();
    return { error, connections };
  };

  const listed = (start: number, end: number): Listed => {
    const at = (type: number): number => findAttribute(buffer, start, end, type);
    const [zone, timeout, status] = [at(CTA_ZONE), at(CTA_TIMEOUT), buffer.readUInt32BE(at(CTA_STATUS))];
    return {
      connection: labelOf(readId(buffer, start, end)),
      ...(zone < 0 ? directedZone(at(CTA_TUPLE_ORIG), at(CTA_TUPLE_REPLY)) : { zone: buffer.readUInt16BE(zone) }),
      original: readTuple(buffer, at(CTA_TUPLE_ORIG)),
      reply: readTuple(buffer, at(CTA_TUPLE_REPLY)),
      seenReply: (status & IPS_SEEN_REPLY) !== 0,
      assured: (status & IPS_ASSURED) !== 0,
      confirmed: (status & IPS_CONFIRMED) !== 0,
      // Rounded up to a virtual second, which undoes the little real time that went by.
      seconds: Math.min(MOST_SECONDS, Math.ceil(buffer.readUInt32BE(timeout) / SECONDS_A_SECOND)),
    };
  };

  /** The kernel says a zone that counts in one direction beside the tuple of that direction. */
  const directedZone = (original: number, reply: number): Pick<Listed, 'zone' | 'counts'> => {
    const [zone, replyZone] = [readTupleZone(buffer, original), readTupleZone(buffer, reply)];
    if (zone !== undefined) return { zone, counts: 'original' };
    return replyZone === undefined ? { zone: DEFAULT_ZONE } : { zone: replyZone, counts: 'reply' };
  };

  const nameZone = (zone: number | undefined): void => {
    if (zone !== undefined) message.attribute(CTA_ZONE, shortBytes(zone));
  };
  /** Of the zones that are said, the one for both directions stands by itself, and each other one in a tuple of its direction. */
  const nameZoneForBoth = (zones: Zones): void => nameZone(idFor(zones, 'both'));
  /** A tuple to look for. In which direction its zone counts, the kernel takes from whose tuple it is said to be. */
  const writeSought = (tuple: Tuple, zones: Zones): void => {
    const reply = idFor(zones, 'reply');
    writeTuple(message, reply === undefined ? CTA_TUPLE_ORIG : CTA_TUPLE_REPLY, tuple, reply ?? idFor(zones, 'original'));
    nameZoneForBoth(zones);
  };

  const told = (kind: 'done' | 'list', what: string): Told => {
    const { error, connections } = ask();
    if (error === 0) return kind === 'done' ? { kind } : { kind, connections };
    const why = REFUSALS.get(error);
    if (why === undefined) throw new SystemError(what, `errno ${error}`);
    return { kind: 'refused', why };
  };

  return (event) =>
    match(event)
      .with({ command: 'flush' }, ({ command, zone }) => {
        message.begin(CONNTRACK_DELETE, NLM_F_ACK, NFPROTO_UNSPEC);
        nameZone(zone);
        return told('done', command);
      })
      .with({ command: 'dump' }, ({ command, zone }) => {
        message.begin(CONNTRACK_GET, NLM_F_DUMP, NFPROTO_UNSPEC);
        nameZone(zone);
        return told('list', command);
      })
      .with({ command: 'get' }, ({ command, tuple, ...zones }) => {
        message.begin(CONNTRACK_GET, 0, familyOf(tuple));
        writeSought(tuple, zones);
        return told('list', command);
      })
      .with({ command: 'delete' }, ({ command, tuple, ...zones }) => {
        message.begin(CONNTRACK_DELETE, NLM_F_ACK, familyOf(tuple));
        writeSought(tuple, zones);
        return told('done', command);
      })
      .with({ command: 'create' }, ({ command, original, reply, timeoutMs, protoinfo, ...zones }) => {
        message.begin(CONNTRACK_NEW, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, familyOf(original));
        writeTuple(message, CTA_TUPLE_ORIG, original, idFor(zones, 'original'));
        writeTuple(message, CTA_TUPLE_REPLY, reply, idFor(zones, 'reply'));
        message.number(CTA_TIMEOUT, (timeoutMs / 1000) * SECONDS_A_SECOND);
        if (protoinfo) writeProtoinfo(message, protoinfo);
        nameZoneForBoth(zones);
        return told('done', command);
      })
      .with({ command: 'resize' }, () => {
        throw new Error("the size of the kernel's table is not this subject's to change");
      })
      .exhaustive();
};

/** What a command says of zones. */
type Zones = { readonly zone?: Zone; readonly besides?: Zone };

/** The id of the zone that counts in these directions. */
const idFor = ({ zone, besides }: Zones, counts: Zone['counts']): ZoneId | undefined => [zone, besides].find((one) => one?.counts === counts)?.id;
