/**
 * The nftables rules of a namespace, and the zones of its devices, which are elements of maps in it.
 *
 * Rules are loaded once with the nft tool; zones change with every trace and are replaced by one netlink batch, because
 * starting a tool takes as long as several traces do.
 */
import { spawnSync } from 'node:child_process';
import type { Device } from '../../../spec/trace/network.ts';
import type { Zone } from '../../../spec/zone.ts';
import { MessageWriter, NLM_F_CREATE, NLMSG_ERROR, type NetlinkSocket } from './netlink.ts';
import { SystemError } from './libc.ts';
import { tapRules } from './tap.ts';

// include/uapi/linux/netfilter/nfnetlink.h
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;
const NFPROTO_INET = 1;
// include/uapi/linux/netfilter/nf_tables.h
const NFT_MSG_NEWSETELEM = 12;
const NFT_MSG_DELSETELEM = 14;
const NFTA_SET_ELEM_LIST_TABLE = 1;
const NFTA_SET_ELEM_LIST_SET = 2;
const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
const NFTA_LIST_ELEM = 1;
const NFTA_SET_ELEM_KEY = 1;
const NFTA_SET_ELEM_DATA = 2;
const NFTA_DATA_VALUE = 1;

const TABLE = 'zoneproof';
const COUNTS = ['both', 'original', 'reply'] as const satisfies readonly Zone['counts'][];
/** A pass's `assigned`, and the hook priority that makes it so: defragmentation runs at -400, tracking at -200. */
const STAGES = [
  { assigned: 'before-defragmentation', map: 'before', priority: -450 },
  { assigned: 'after-defragmentation', map: 'after', priority: -300 },
] as const;

const zoneRule = (map: string, counts: Zone['counts']): string =>
  `ct ${counts === 'both' ? '' : `${counts} `}zone set iif map @${map}_${counts}`;

/**
 * Nothing is delivered to the host and nothing of its own leaves: it is a router without addresses, so that what appears
 * on a device is what was forwarded.
 */
const rules = (directional: boolean): string => {
  const kinds = directional ? COUNTS : (['both'] as const);
  return [
    `table inet ${TABLE} {`,
    ...STAGES.flatMap(({ map }) => kinds.map((counts) => `map ${map}_${counts} { typeof iif : ct zone; }`)),
    ...STAGES.map(
      ({ map, priority }) =>
        `chain ${map} { type filter hook prerouting priority ${priority};\n` +
        `${kinds.map((counts) => zoneRule(map, counts)).join('\n')}\n}`,
    ),
    'chain input { type filter hook input priority -500; policy drop; }',
    'chain output { type filter hook output priority -500; policy drop; }',
    tapRules(),
    '}',
  ].join('\n');
};

/**
 * Loads the rules into the thread's network namespace. Maps for zones that count in one direction are there if asked for,
 * because each costs time with every packet. Throws with nft's own first line.
 */
export const loadRules = (directional: boolean): void => {
  const { status, stderr, error } = spawnSync('nft', ['-f', '-'], { input: rules(directional), encoding: 'utf8' });
  if (status !== 0) throw new SystemError('nft', error?.message ?? stderr.split('\n')[0] ?? `exit status ${status}`);
};

/** Sets the zones of a namespace's devices, whose interface numbers are given, and remembers them. */
export type Zones = { readonly set: (devices: readonly Device[]) => void };

export const zonesOf = (socket: NetlinkSocket, interfaces: readonly number[]): Zones => {
  const message = new MessageWriter();
  const current = new Map<string, string>();
  let last = '';

  const writeMap = (map: string, elements: readonly (readonly [device: number, zone: number])[]): void => {
    const names = (): void => {
      message.attribute(NFTA_SET_ELEM_LIST_TABLE, Buffer.from(`${TABLE}\0`));
      message.attribute(NFTA_SET_ELEM_LIST_SET, Buffer.from(`${map}\0`));
    };
    // Without elements this deletes all of them.
    message.begin((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_DELSETELEM, 0, NFPROTO_INET);
    names();
    message.end();
    if (elements.length === 0) return;
    message.begin((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWSETELEM, NLM_F_CREATE, NFPROTO_INET);
    names();
    message.nested(NFTA_SET_ELEM_LIST_ELEMENTS, () => {
      for (const [device, zone] of elements) {
        const [key, data] = [Buffer.alloc(4), Buffer.alloc(2)];
        key.writeUInt32LE(interfaces[device] ?? 0);
        data.writeUInt16LE(zone);
        message.nested(NFTA_LIST_ELEM, () => {
          message.nested(NFTA_SET_ELEM_KEY, () => message.attribute(NFTA_DATA_VALUE, key));
          message.nested(NFTA_SET_ELEM_DATA, () => message.attribute(NFTA_DATA_VALUE, data));
        });
      }
    });
    message.end();
  };

  return {
    set: (devices) => {
      const wanted = devices.map(({ passes: [pass] }) => (pass?.zone ? `${pass.zone.id}${pass.zone.counts}${pass.assigned}` : '-')).join();
      if (wanted === last) return;
      const changed = allMaps(devices).filter(({ map, text }) => (current.get(map) ?? '') !== text);
      message.begin(NFNL_MSG_BATCH_BEGIN, 0, 0, NFNL_SUBSYS_NFTABLES);
      message.end();
      for (const { map, elements } of changed) writeMap(map, elements);
      message.begin(NFNL_MSG_BATCH_END, 0, 0, NFNL_SUBSYS_NFTABLES);
      message.end();
      socket.send(message);
      socket.receive((type, start) => {
        const error = type === NLMSG_ERROR ? -socket.buffer.readInt32LE(start) : 0;
        if (error !== 0) throw new SystemError('nf_tables batch of zones', `errno ${error}`);
      });
      for (const { map, text } of changed) current.set(map, text);
      last = wanted;
    },
  };
};

/** What every map has to hold, and a text that is equal when that is. */
const allMaps = (devices: readonly Device[]) =>
  STAGES.flatMap(({ assigned, map }) =>
    COUNTS.map((counts) => {
      const elements = devices.flatMap(({ passes: [pass] }, index) =>
        pass?.zone && pass.assigned === assigned && pass.zone.counts === counts ? [[index, pass.zone.id] as const] : [],
      );
      return { map: `${map}_${counts}`, elements, text: elements.join(' ') };
    }),
  );
