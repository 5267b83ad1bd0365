/**
 * The tap: what connection tracking said of each packet, logged right after it did.
 *
 * Each tracked packet gives two log messages, which arrive as one: the first names state and direction in its prefix and
 * carries the connection's kernel id in its mark, the second carries the zone. So all that is reported is read from the
 * kernel and nothing is inferred from what was sent. The mark is set here only, after every use of it.
 *
 * Source: include/uapi/linux/netfilter/nfnetlink_log.h; net/netfilter/nft_ct.c.
 */
import type { Direction, ZoneId } from '../../../spec/zone.ts';
import { findAttribute, MessageWriter, NLM_F_ACK, type NetlinkSocket } from './netlink.ts';

const NFNL_SUBSYS_ULOG = 4;
/** The type of a log message. */
export const LOG_MESSAGE = NFNL_SUBSYS_ULOG << 8;
const NFULNL_MSG_CONFIG = 1;
const NFULA_CFG_CMD = 1;
const NFULNL_CFG_CMD_BIND = 1;
const NFULA_CFG_MODE = 2;
const NFULNL_COPY_META = 1;
const NFULA_MARK = 2;
const NFULA_PREFIX = 10;
const GROUP = 1;

type Verdict =
  | { readonly state: 'new' | 'established' | 'related'; readonly direction: Direction; readonly dying: boolean }
  | { readonly state: 'invalid' | 'untracked' };

const TRACKED = ([true, false] as const).flatMap((dying) =>
  (['new', 'established', 'related'] as const).flatMap((state) =>
    (['original', 'reply'] as const).map((direction) => ({ state, direction, dying })),
  ),
);
const VERDICTS: readonly Verdict[] = [...TRACKED, { state: 'invalid' }, { state: 'untracked' }];
const [INVALID, UNTRACKED] = [TRACKED.length, TRACKED.length + 1];
/** Prefixes are one letter: A.. for a verdict, Z for the message with the zone. */
const letter = (verdict: number): string => String.fromCharCode(A + verdict);
const A = 65;
const Z = 90;

/** `threshold` is the number of messages at which the kernel sends what it has gathered. */
const log = (prefix: string, threshold: number): string => `log prefix "${prefix}" group ${GROUP} queue-threshold ${threshold}`;

const chainName = (verdict: number): string => `verdict_${letter(verdict)}`;

/** The chains of the tap, in nft's language: at -199, right behind tracking at -200. */
export const tapRules = (): string => {
  const chains = TRACKED.map(
    (_, verdict) => `chain ${chainName(verdict)} {\n${log(letter(verdict), 2)}\nmeta mark set ct zone\n${log('Z', 2)}\n}`,
  );
  const jumps = (wanted: boolean): string =>
    TRACKED.flatMap(({ state, direction, dying }, verdict) => (dying === wanted ? [`${state} . ${direction} : goto ${chainName(verdict)}`] : [])).join(', ');
  return [
    ...chains,
    'chain tap { type filter hook prerouting priority -199; policy accept;',
    'meta mark set ct id',
    `ct status dying ct state . ct direction vmap { ${jumps(true)} }`,
    `ct state . ct direction vmap { ${jumps(false)} }`,
    // Rules that ask for something of a connection do not match where there is none.
    `ct state untracked ${log(letter(UNTRACKED), 1)} accept`,
    log(letter(INVALID), 1),
    '}',
  ].join('\n');
};

/** Binds the tap's group to this socket, without packet bytes. Throws if the kernel refuses. */
export const bindTap = (socket: NetlinkSocket): void => {
  const message = new MessageWriter();
  message.begin(LOG_MESSAGE | NFULNL_MSG_CONFIG, NLM_F_ACK, 0, GROUP);
  message.attribute(NFULA_CFG_CMD, Buffer.from([NFULNL_CFG_CMD_BIND]));
  // struct nfulnl_msg_config_mode: copy_range, copy_mode, padding
  message.attribute(NFULA_CFG_MODE, Buffer.from([0, 0, 0, 0, NFULNL_COPY_META, 0]));
  message.end();
  socket.command(message, `nflog group ${GROUP}`);
};

/**
 * One packet as tracking saw it. `id` is the kernel's name of the connection, confirmed or not; it is `dying` if the
 * packet was its end.
 */
export type Sighting =
  | {
      readonly state: 'new' | 'established' | 'related';
      readonly direction: Direction;
      readonly dying: boolean;
      readonly id: number;
      readonly zone: ZoneId;
    }
  | { readonly state: 'invalid' | 'untracked' };

/** Puts log messages together again: takes them one by one, and hands out a sighting when one is complete. */
export const tapReader = (buffer: Buffer): ((start: number, end: number) => Sighting | undefined) => {
  let verdict: Verdict | undefined;
  let id = 0;
  return (start, end) => {
    const prefix = buffer[findAttribute(buffer, start, end, NFULA_PREFIX)];
    const markAt = findAttribute(buffer, start, end, NFULA_MARK);
    const mark = markAt < 0 ? 0 : buffer.readUInt32BE(markAt);
    if (prefix !== Z) {
      verdict = VERDICTS[(prefix ?? 0) - A];
      id = mark;
      if (!verdict) throw new Error('the tap logged a packet with a prefix that it does not have');
      return 'direction' in verdict ? undefined : verdict;
    }
    if (!verdict || !('direction' in verdict)) throw new Error('the tap logged a zone without a state');
    const { state, direction, dying } = verdict;
    verdict = undefined;
    return { state, direction, dying, id, zone: mark };
  };
};
