/**
 * The rules that give helpers to connections, written into a chain of a namespace that has one.
 *
 * A connection's port is asked for, not a packet's: tracking steps over more headers of IPv6 than nf_tables finds a
 * protocol behind.
 *
 * Source: net/netfilter/nft_ct.c nft_ct_helper_obj_eval(), which looks at TCP only; include/uapi/linux/netfilter/nf_tables.h.
 */
import type { Device } from '../../../spec/trace/network.ts';
import { little, NFT_CT_PROTO_DST, NFT_META_IIF, text, writeRule } from './expressions.ts';
import type { MessageWriter } from './netlink.ts';
import { shortBytes } from './tuples.ts';

// include/uapi/linux/netfilter/nf_tables.h
const NFTA_OBJREF_IMM_TYPE = 1;
const NFTA_OBJREF_IMM_NAME = 2;
const NFT_OBJECT_CT_HELPER = 3;

const HELPER = 'ftp';
export const HELPER_CHAIN = 'help';

/** In nft's language, empty: behind the tap, and in front of whatever else looks at a connection. */
export const helperChain = `ct helper ${HELPER} { type "ftp" protocol tcp; }\nchain ${HELPER_CHAIN} { type filter hook prerouting priority -198; }`;

type HelperRule = { readonly device: number; readonly port: number };

/** What the chain is to hold. */
export const helpersIn = (devices: readonly Device[]): readonly HelperRule[] => devices.flatMap(({ helper }, device) => (helper ? [{ device, port: helper.port }] : []));

/** Writes a rule about an interface into the message that was begun. */
export const writeHelperRule = (message: MessageWriter, interfaceNumber: number, { port }: HelperRule): void =>
  writeRule(message, ({ onlyIf, onlyOf, expression }) => {
    onlyIf(NFT_META_IIF, little(interfaceNumber, 4));
    onlyOf(NFT_CT_PROTO_DST, shortBytes(port));
    expression('objref', () => {
      message.number(NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_CT_HELPER);
      message.attribute(NFTA_OBJREF_IMM_NAME, text(HELPER));
    });
  });
