/**
 * Rules that assign zones, as a network's devices have them, written into the two chains that assign.
 *
 * A rule of nft is a few expressions. One of iptables is its own target, `CT`, as nf_tables can hold it too; so it can
 * stand before defragmentation, where iptables itself has a table only if the kernel was started with
 * `iptable_raw.raw_before_defrag`, and between rules of the other language. Both end in one netlink batch.
 *
 * Source: include/uapi/linux/netfilter/nf_tables.h, nf_tables_compat.h, xt_CT.h.
 */
import { match } from 'ts-pattern';
import type { Device, Time, ZoneRule } from '../../../spec/trace/network.ts';
import type { Zone } from '../../../spec/zone.ts';
import { little, NFT_META_IIF, NFT_META_MARK, NFT_REG_1, text, writeRule } from './expressions.ts';
import type { MessageWriter } from './netlink.ts';

// include/uapi/linux/netfilter/nf_tables.h
const NFTA_META_KEY = 2;
const NFTA_META_SREG = 3;
const NFTA_CT_KEY = 2;
const NFTA_CT_DIRECTION = 3;
const NFTA_CT_SREG = 4;
const NFT_CT_ZONE = 17;
// include/uapi/linux/netfilter/nf_tables_compat.h
const NFTA_TARGET_NAME = 1;
const NFTA_TARGET_REV = 2;
const NFTA_TARGET_INFO = 3;
// include/uapi/linux/netfilter/xt_CT.h: struct xt_ct_target_info_v1
const XT_CT_REVISION = 2;
const XT_CT_BYTES = 72;
const XT_CT_NOTRACK = 1;
const XT_CT_ZONE_DIR_ORIG = 4;
const XT_CT_ZONE_DIR_REPL = 8;
const XT_CT_ZONE_MARK = 16;

/** What a device and its rules do at this time, the device's own zone first, as by a rule of nft. */
export const rulesAt = ({ passes: [pass] }: Device, time: Time): readonly ZoneRule[] => {
  const own: readonly ZoneRule[] = pass?.zone && pass.assigned === time ? [{ does: 'zone', zone: pass.zone, language: 'nft', assigned: time }] : [];
  return [...own, ...(pass?.rules ?? []).filter(({ assigned }) => assigned === time)];
};

/** Writes what a rule consists of, for packets that arrive on an interface, into the message that was begun. */
export const writeExpressions = (message: MessageWriter, interfaceNumber: number, rule: ZoneRule): void =>
  writeRule(message, ({ expression, load, onlyIf, immediate }) => {
    const setZone = (counts: Zone['counts']): void =>
      expression('ct', () => {
        message.number(NFTA_CT_KEY, NFT_CT_ZONE);
        if (counts !== 'both') message.attribute(NFTA_CT_DIRECTION, Uint8Array.of(counts === 'original' ? 0 : 1));
        message.number(NFTA_CT_SREG, NFT_REG_1);
      });
    const target = (flags: number, zone: number): void =>
      expression('target', () => {
        message.attribute(NFTA_TARGET_NAME, text('CT'));
        message.number(NFTA_TARGET_REV, XT_CT_REVISION);
        message.attribute(NFTA_TARGET_INFO, targetInfo(flags, zone));
      });

    onlyIf(NFT_META_IIF, little(interfaceNumber, 4));
    match(rule)
      .with({ does: 'mark' }, ({ mark }) => {
        immediate(NFT_REG_1, little(mark, 4));
        expression('meta', () => {
          message.number(NFTA_META_KEY, NFT_META_MARK);
          message.number(NFTA_META_SREG, NFT_REG_1);
        });
      })
      .with({ does: 'notrack', language: 'nft' }, () => expression('notrack', () => {}))
      .with({ does: 'notrack', language: 'iptables' }, () => target(XT_CT_NOTRACK, 0))
      .with({ does: 'zone', language: 'nft' }, ({ zone }) => {
        immediate(NFT_REG_1, little(zone.id, 2));
        setZone(zone.counts);
      })
      .with({ does: 'zone', language: 'iptables' }, ({ zone }) => target(directionFlags(zone.counts), zone.id))
      .with({ does: 'zone-from-mark', language: 'nft' }, ({ counts }) => {
        load(NFT_META_MARK);
        setZone(counts);
      })
      .with({ does: 'zone-from-mark', language: 'iptables' }, ({ counts }) => target(directionFlags(counts) | XT_CT_ZONE_MARK, 0))
      .exhaustive();
  });

const directionFlags = (counts: Zone['counts']): number => (counts === 'both' ? 0 : counts === 'original' ? XT_CT_ZONE_DIR_ORIG : XT_CT_ZONE_DIR_REPL);

/** Flags and zone; no helper, no timeout policy, no choice of events. */
const targetInfo = (flags: number, zone: number): Buffer => {
  const info = Buffer.alloc(XT_CT_BYTES);
  info.writeUInt16LE(flags, 0);
  info.writeUInt16LE(zone, 2);
  return info;
};
