/**
 * The nftables rules of a namespace, and the zones of its devices, which are elements of maps in it.
 *
 * Tables are loaded once with the nft tool; what changes with every network is replaced by one netlink batch, because
 * starting a tool takes as long as several traces do. Networks that say more of a device than its zone have a namespace
 * whose chains are written anew instead (zone-rules.ts), and so have those that translate (nat.ts).
 */
import { spawnSync } from 'node:child_process';
import type { Device, Time } from '../../../spec/trace/network.ts';
import { MessageWriter, NLM_F_APPEND, NLM_F_CREATE, NLMSG_ERROR, type NetlinkSocket } from './netlink.ts';
import { SystemError } from './libc.ts';
import { type Binding, BINDINGS, type BoundFamily, NAT_CHAINS, NAT_TABLE, type NatChain, natRulesIn, natTables, writeNatRule } from './nat.ts';
import { text } from './expressions.ts';
import { tapRules } from './tap.ts';
import { rulesAt, writeExpressions } from './zone-rules.ts';

// include/uapi/linux/netfilter/nfnetlink.h
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;
const NFPROTO_INET = 1;
const [NFPROTO_IPV4, NFPROTO_IPV6] = [2, 10];
// include/uapi/linux/netfilter/nf_tables.h
const NFT_MSG_NEWRULE = 6;
const NFT_MSG_DELRULE = 8;
const NFT_MSG_NEWSETELEM = 12;
const NFT_MSG_DELSETELEM = 14;
const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_SET_ELEM_LIST_TABLE = 1;
const NFTA_SET_ELEM_LIST_SET = 2;
const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
const NFTA_LIST_ELEM = 1;
const NFTA_SET_ELEM_KEY = 1;
const NFTA_SET_ELEM_DATA = 2;
const NFTA_DATA_VALUE = 1;

const TABLE = 'zoneproof';
/** Where rules of iptables may stand, too: their target looks for this name, and for a table of one version of IP. */
const RULES_TABLE = 'raw';
const RULES_FAMILIES = [NFPROTO_IPV4, NFPROTO_IPV6];
/** A pass's `assigned`, and the hook priority that makes it so: defragmentation runs at -400, tracking at -200. */
const STAGES = [
  { assigned: 'before-defragmentation', name: 'before', priority: -450 },
  { assigned: 'after-defragmentation', name: 'after', priority: -300 },
] as const;

/** Behind tracking and before translation. */
const COUNTING = -150;

const zoneMap = (name: string): string => `map ${name} { typeof iif : ct zone; }`;

const assigningChain = ({ name, priority }: (typeof STAGES)[number], inside: string): string =>
  `chain assign_${name} { type filter hook prerouting priority ${priority};\n${inside}\n}`;

/**
 * Nothing is delivered to the host and nothing of its own leaves: it is a router without addresses, so that what appears
 * on a device is what was forwarded.
 */
const rules = (ruled: boolean, bound: readonly BoundFamily[], counters: readonly string[]): string => {
  const tables = (assigning: string): string =>
    ruled ? `${['ip', 'ip6'].map((family) => `table ${family} ${RULES_TABLE} {\n${assigning}\n}\n`).join('')}table inet ${TABLE} {` : `table inet ${TABLE} {\n${assigning}`;
  const assigning = STAGES.map((stage) => (ruled ? assigningChain(stage, '') : `${zoneMap(stage.name)}\n${assigningChain(stage, `ct zone set iif map @${stage.name}`)}`));
  return [
    tables(assigning.join('\n')),
    'chain input { type filter hook input priority -500; policy drop; }',
    'chain output { type filter hook output priority -500; policy drop; }',
    tapRules(),
    ...(counters.length > 0 ? [`chain count { type filter hook prerouting priority ${COUNTING};\n${counters.join('\n')}\n}`] : []),
    '}',
    natTables(bound),
  ].join('\n');
};

/**
 * Loads the rules into the thread's network namespace: with maps for zones, or ruled, with empty chains for what devices
 * do; and with empty chains for translation where connections are to be bound. Throws with nft's own first line.
 */
export const loadRules = (ruled: boolean, bound: readonly BoundFamily[], counters: readonly string[]): void => {
  const { status, stderr, error } = spawnSync('nft', ['-f', '-'], { input: rules(ruled, bound, counters), encoding: 'utf8' });
  if (status !== 0) throw new SystemError('nft', error?.message ?? stderr.split('\n')[0] ?? `exit status ${status}`);
};

/** Has a namespace's devices assign zones and translate as a network's do, and remembers it. */
export type Assignments = { readonly set: (devices: readonly Device[]) => void };

/** A part of the rules: what stands in it, as text that is equal where nothing has to be written; and how it is written. */
type Part = { readonly name: string; readonly textFor: (devices: readonly Device[]) => string; readonly write: (devices: readonly Device[]) => void };

/** `interfaces` are the devices' interface numbers; `ruled` and `bound` say how the namespace's rules were loaded. */
export const assignmentsOf = (socket: NetlinkSocket, interfaces: readonly number[], ruled: boolean, bound: readonly BoundFamily[]): Assignments => {
  const message = new MessageWriter();
  const current = new Map<string, string>();
  const begin = (command: number, flags: number, family = NFPROTO_INET): void => void message.begin((NFNL_SUBSYS_NFTABLES << 8) | command, flags, family);

  const writeMap = (map: string, devices: readonly Device[]): void => {
    const names = (): void => {
      message.attribute(NFTA_SET_ELEM_LIST_TABLE, text(TABLE));
      message.attribute(NFTA_SET_ELEM_LIST_SET, text(map));
    };
    // Without elements this deletes all of them.
    begin(NFT_MSG_DELSETELEM, 0);
    names();
    message.end();
    const elements = zonesIn(map, devices);
    if (elements.length === 0) return;
    begin(NFT_MSG_NEWSETELEM, NLM_F_CREATE);
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

  /** A chain with these rules and no others. */
  const writeChain = <Rule>(family: number, table: string, chain: string, rulesIn: readonly Rule[], writeInto: (rule: Rule) => void): void => {
    const names = (): void => {
      message.attribute(NFTA_RULE_TABLE, text(table));
      message.attribute(NFTA_RULE_CHAIN, text(chain));
    };
    // Without a handle this deletes all of them.
    begin(NFT_MSG_DELRULE, 0, family);
    names();
    message.end();
    for (const rule of rulesIn) {
      begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family);
      names();
      writeInto(rule);
      message.end();
    }
  };

  const writeStage = (stage: string, devices: readonly Device[]): void => {
    const all = devices.flatMap((device, index) => rulesAt(device, timeOf(stage)).map((rule) => ({ rule, index })));
    for (const family of RULES_FAMILIES) {
      writeChain(family, RULES_TABLE, `assign_${stage}`, all, ({ rule, index }) => writeExpressions(message, interfaces[index] ?? 0, rule));
    }
  };

  const zonesAt = ({ name, assigned }: (typeof STAGES)[number]): Part => ({
    name,
    textFor: (devices) => (ruled ? textOfRules(assigned, devices) : zonesIn(name, devices).join(' ')),
    write: (devices) => (ruled ? writeStage : writeMap)(name, devices),
  });

  const translationsAt = (binding: Binding, chain: NatChain): Part => ({
    name: `${binding.table} ${chain.chain}`,
    textFor: (devices) => textOf(natRulesIn(binding, chain, devices)),
    write: (devices) =>
      writeChain(binding.family, NAT_TABLE, chain.chain, natRulesIn(binding, chain, devices), (rule) => writeNatRule(message, binding, chain, interfaces[rule.device] ?? 0, rule)),
  });

  const parts: readonly Part[] = [
    ...STAGES.map(zonesAt),
    ...BINDINGS.filter(({ table }) => bound.includes(table)).flatMap((binding) => NAT_CHAINS.map((chain) => translationsAt(binding, chain))),
  ];

  return {
    set: (devices) => {
      const wanted = parts.map((part) => ({ part, now: part.textFor(devices) }));
      const changed = wanted.filter(({ part, now }) => (current.get(part.name) ?? '') !== now);
      if (changed.length === 0) return;
      message.begin(NFNL_MSG_BATCH_BEGIN, 0, 0, NFNL_SUBSYS_NFTABLES);
      message.end();
      for (const { part } of changed) part.write(devices);
      message.begin(NFNL_MSG_BATCH_END, 0, 0, NFNL_SUBSYS_NFTABLES);
      message.end();
      socket.send(message);
      socket.receive((type, start) => {
        const error = type === NLMSG_ERROR ? -socket.buffer.readInt32LE(start) : 0;
        if (error !== 0) throw new SystemError('nf_tables batch of a network', `errno ${error}`);
      });
      for (const { part, now } of changed) current.set(part.name, now);
    },
  };
};

const timeOf = (stage: string): Time => (stage === 'before' ? 'before-defragmentation' : 'after-defragmentation');

/** The zone of each device that one is assigned to at a stage. */
const zonesIn = (stage: string, devices: readonly Device[]): readonly (readonly [device: number, zone: number])[] =>
  devices.flatMap(({ passes: [pass] }, index) => (pass?.zone && pass.assigned === timeOf(stage) ? [[index, pass.zone.id] as const] : []));

const textOfRules = (time: Time, devices: readonly Device[]): string => textOf(devices.flatMap((device, index) => rulesAt(device, time).map((rule) => ({ index, rule }))));

const textOf = (rulesIn: readonly unknown[]): string => (rulesIn.length === 0 ? '' : JSON.stringify(rulesIn));
