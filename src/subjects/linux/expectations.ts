/**
 * The virtual clock of expectations.
 *
 * The kernel gives an expectation of FTP 300 real seconds. One that virtual time has passed by is given less, more than any
 * trace takes, so that one which was made anew since then can be told by the 300 that it has. What is left of virtual time
 * is kept here, and an expectation whose time is up is deleted.
 *
 * The kernel finds an expectation by its tuple and the id of its zone, and tells only the tuple. So each id that a
 * network's devices assign is tried, and the expectation's own id says which one it was.
 *
 * Source: net/netfilter/nf_conntrack_netlink.c ctnetlink_new_expect(), ctnetlink_exp_dump_expect().
 */
import { EXPECTED_MS } from '../../../spec/expectations.ts';
import type { Network, Pass } from '../../../spec/trace/network.ts';
import { DEFAULT_ZONE, type ZoneId } from '../../../spec/zone.ts';
import { SystemError } from './libc.ts';
import { findAttribute, MessageWriter, NLM_F_ACK, NLM_F_DUMP, NLMSG_ERROR, type NetlinkSocket, wholeAttribute } from './netlink.ts';
import { shortBytes } from './tuples.ts';

// include/uapi/linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h
const NFNL_SUBSYS_CTNETLINK_EXP = 2;
const IPCTNL_MSG_EXP_NEW = 0;
const IPCTNL_MSG_EXP_GET = 1;
const IPCTNL_MSG_EXP_DELETE = 2;
const CTA_EXPECT_MASTER = 1;
const CTA_EXPECT_TUPLE = 2;
const CTA_EXPECT_MASK = 3;
const CTA_EXPECT_TIMEOUT = 4;
const CTA_EXPECT_ID = 5;
const CTA_EXPECT_ZONE = 7;
const FAMILY_AT = -4;
const type = (command: number): number => (NFNL_SUBSYS_CTNETLINK_EXP << 8) | command;

/** Half-way between a new expectation's time and the end of all sessions. Real seconds. */
const AGED_SECONDS = 200;

/** `named`: the attributes that name an expectation, as the kernel encoded them; `seconds` as it counts them. */
type Expectation = { readonly id: number; readonly family: number; readonly tuple: Buffer; readonly named: Buffer; readonly seconds: number };

/** Lets virtual time pass for every expectation of a namespace that a session of this network has. */
export const expectationClock = (requests: NetlinkSocket, network: Network): ((milliseconds: number) => void) => {
  const { buffer } = requests;
  const message = new MessageWriter();
  const zones = [...new Set([DEFAULT_ZONE, ...network.devices.flatMap(({ passes }) => passes.flatMap(idsIn))])];
  /** What is left of those that have aged, by the kernel's id. */
  let left = new Map<number, number>();

  const ask = (command: number, flags: number, family: number, inside: () => void): { readonly error: number; readonly found: readonly Expectation[] } => {
    const found: Expectation[] = [];
    let error = 0;
    message.begin(type(command), flags, family);
    inside();
    message.end();
    requests.send(message);
    requests.receive((received, start, end) => {
      if (received === NLMSG_ERROR) error = -buffer.readInt32LE(start);
      else if (received === type(IPCTNL_MSG_EXP_NEW)) found.push(readExpectation(buffer, start, end));
    });
    return { error, found };
  };

  const nameZone = (zone: ZoneId): void => message.attribute(CTA_EXPECT_ZONE, shortBytes(zone));

  const zoneOf = ({ id, family, tuple }: Expectation): ZoneId => {
    const zone = zones.find((candidate) => {
      const { found } = ask(IPCTNL_MSG_EXP_GET, 0, family, () => {
        message.encoded(tuple);
        nameZone(candidate);
      });
      return found.some((other) => other.id === id);
    });
    if (zone === undefined) throw new Error('the kernel expects a connection in a zone that no device assigns');
    return zone;
  };

  return (milliseconds) => {
    const aged = new Map<number, number>();
    for (const expectation of ask(IPCTNL_MSG_EXP_GET, NLM_F_DUMP, 0, () => {}).found) {
      const { id, family, tuple, named, seconds } = expectation;
      const before = seconds > AGED_SECONDS ? EXPECTED_MS : left.get(id);
      if (before === undefined) throw new Error('the kernel aged an expectation by itself');
      const isOver = before <= milliseconds;
      const zone = zoneOf(expectation);
      const { error } = ask(isOver ? IPCTNL_MSG_EXP_DELETE : IPCTNL_MSG_EXP_NEW, NLM_F_ACK, family, () => {
        message.encoded(isOver ? tuple : named);
        nameZone(zone);
        if (!isOver) message.number(CTA_EXPECT_TIMEOUT, AGED_SECONDS);
      });
      if (error !== 0) throw new SystemError('ageing an expectation', `errno ${error}`);
      if (!isOver) aged.set(id, before - milliseconds);
    }
    left = aged;
  };
};

/** The ids that a pass can lead to, by itself or through a mark. */
const idsIn = ({ zone, rules = [] }: Pass): readonly ZoneId[] => [
  ...(zone ? [zone.id] : []),
  ...rules.flatMap((rule) => (rule.does === 'zone' ? [rule.zone.id] : rule.does === 'mark' ? [rule.mark & 0xffff] : [])),
];

const readExpectation = (buffer: Buffer, start: number, end: number): Expectation => {
  const at = (attribute: number): number => findAttribute(buffer, start, end, attribute);
  const [tuple = Buffer.alloc(0), ...others] = [CTA_EXPECT_TUPLE, CTA_EXPECT_MASK, CTA_EXPECT_MASTER].map((attribute) => Buffer.from(wholeAttribute(buffer, at(attribute))));
  return {
    id: buffer.readUInt32LE(at(CTA_EXPECT_ID)),
    family: buffer.readUInt8(start + FAMILY_AT),
    tuple,
    named: Buffer.concat([tuple, ...others]),
    seconds: buffer.readUInt32BE(at(CTA_EXPECT_TIMEOUT)),
  };
};
