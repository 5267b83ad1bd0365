/**
 * What rules of nf_tables consist of, written into a netlink message: expressions that load, compare, and do something
 * with registers.
 *
 * Source: include/uapi/linux/netfilter/nf_tables.h.
 */
import type { MessageWriter } from './netlink.ts';

// include/uapi/linux/netfilter/nf_tables.h
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_LIST_ELEM = 1;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;
const NFTA_META_DREG = 1;
const NFTA_META_KEY = 2;
const NFTA_CMP_SREG = 1;
const NFTA_CMP_OP = 2;
const NFTA_CMP_DATA = 3;
const NFT_CMP_EQ = 0;
const NFTA_IMMEDIATE_DREG = 1;
const NFTA_IMMEDIATE_DATA = 2;
const NFTA_DATA_VALUE = 1;
const NFTA_CT_DREG = 1;
const NFTA_CT_KEY = 2;
const NFTA_CT_DIRECTION = 3;
const IP_CT_DIR_ORIGINAL = 0;
/** What may be asked of a connection. */
export const [NFT_CT_PROTOCOL, NFT_CT_PROTO_DST] = [10, 12] as const;
/** Registers of 16 bytes. */
export const [NFT_REG_1, NFT_REG_2, NFT_REG_3, NFT_REG_4] = [1, 2, 3, 4] as const;
export const [NFT_META_MARK, NFT_META_IIF, NFT_META_OIF] = [3, 4, 5] as const;

/** Writes all expressions of a rule into the message that was begun. */
export const writeRule = (message: MessageWriter, inside: (write: Expressions) => void): void => {
  message.nested(NFTA_RULE_EXPRESSIONS, () => inside(expressionsOf(message)));
};

export type Expressions = {
  /** One of any name, with attributes of its own. */
  readonly expression: (name: string, inside: () => void) => void;
  /** What is known of a packet, into the first register. */
  readonly load: (key: number) => void;
  /** The rule goes on if that is so. */
  readonly onlyIf: (key: number, value: Uint8Array) => void;
  /** The rule goes on if that is so of a packet's connection, in original direction; its headers may stand behind others. */
  readonly onlyOf: (key: number, value: Uint8Array) => void;
  /** Bytes into a register. */
  readonly immediate: (register: number, value: Uint8Array) => void;
};

const expressionsOf = (message: MessageWriter): Expressions => {
  const expression: Expressions['expression'] = (name, inside) =>
    message.nested(NFTA_LIST_ELEM, () => {
      message.attribute(NFTA_EXPR_NAME, text(name));
      message.nested(NFTA_EXPR_DATA, inside);
    });
  const load: Expressions['load'] = (key) =>
    expression('meta', () => {
      message.number(NFTA_META_DREG, NFT_REG_1);
      message.number(NFTA_META_KEY, key);
    });
  const equals = (value: Uint8Array): void =>
    expression('cmp', () => {
      message.number(NFTA_CMP_SREG, NFT_REG_1);
      message.number(NFTA_CMP_OP, NFT_CMP_EQ);
      message.nested(NFTA_CMP_DATA, () => message.attribute(NFTA_DATA_VALUE, value));
    });
  return {
    expression,
    load,
    onlyIf: (key, value) => {
      load(key);
      equals(value);
    },
    onlyOf: (key, value) => {
      expression('ct', () => {
        message.number(NFTA_CT_DREG, NFT_REG_1);
        message.number(NFTA_CT_KEY, key);
        message.attribute(NFTA_CT_DIRECTION, Uint8Array.of(IP_CT_DIR_ORIGINAL));
      });
      equals(value);
    },
    immediate: (register, value) =>
      expression('immediate', () => {
        message.number(NFTA_IMMEDIATE_DREG, register);
        message.nested(NFTA_IMMEDIATE_DATA, () => message.attribute(NFTA_DATA_VALUE, value));
      }),
  };
};

export const text = (name: string): Buffer => Buffer.from(`${name}\0`);

export const little = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};
