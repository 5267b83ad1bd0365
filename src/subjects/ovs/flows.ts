/**
 * Flows: the pipeline that every packet passes, written once when the switch is started.
 *
 *     0  reads the program in the frame, and tracks the packet in its zone
 *     1  a new connection is committed in the pass in which it is new, marked with the number of its packet
 *     2  writes the verdict into the frame, and sends it out
 *
 * Whatever an action lets go, be it of another packet, goes on to the next table, so all that leaves carries its verdict.
 *
 * Source: ovs-fields(7), ovs-actions(7).
 */
import { OPERATIONS, OUTPUT_PORT } from './frames.ts';

/** Tracking with and without a zone. */
const tracking = (operation: number, ...options: readonly string[]): string => {
  const zone = operation === OPERATIONS['no zone'] ? [] : ['zone=NXM_NX_REG0[0..15]'];
  return `ct(${[...zone, ...options].join(',')})`;
};

const MARKED = 'exec(move:NXM_OF_ETH_SRC[0..15]->NXM_NX_CT_MARK[0..15])';

/** Frames that ask for an operation. */
export const asking = (operation: number): string => `dl_dst=00:0${operation}:00:00:00:00/00:ff:00:00:00:00`;

/** What is tracked, and translated as its connection is; and what makes one, to be committed in the pass in which it is new. */
const IS_NEW = 'ct_state=+new-inv,ct_mark=0';

/** The zone and the exit. */
export const PROGRAM = 'move:NXM_OF_ETH_DST[0..15]->NXM_NX_REG0[0..15],move:NXM_OF_ETH_DST[24..31]->NXM_NX_REG1[0..7]';

const VERDICT = [
  'move:NXM_NX_CT_STATE[0..7]->NXM_OF_ETH_DST[0..7]',
  'move:NXM_NX_CT_MARK[0..15]->NXM_OF_ETH_DST[8..23]',
  'move:NXM_NX_CT_ZONE[]->NXM_OF_ETH_DST[24..39]',
  'move:NXM_NX_REG1[0..7]->NXM_OF_ETH_SRC[32..39]',
].join(',');

/** One flow a line, as ovs-ofctl reads them. */
export const flows = (): string =>
  ['ip', 'ipv6']
    .flatMap((ip) => [
      ...Object.values(OPERATIONS).flatMap((operation) => [
        `table=0,${ip},${asking(operation)},actions=${PROGRAM},${tracking(operation, ...(operation === OPERATIONS.translated ? ['nat'] : []), 'table=1')}`,
        `table=1,priority=1,${ip},${asking(operation)},${IS_NEW},actions=${tracking(operation, 'commit', 'table=2', MARKED)}`,
      ]),
      `table=1,priority=0,${ip},actions=${VERDICT},output:${OUTPUT_PORT}`,
      `table=2,${ip},actions=${VERDICT},output:${OUTPUT_PORT}`,
    ])
    .join('\n');

/** The flow for a rule of translation: its number, 1..255, and the argument of nat(). IPv4 only. */
export const translationFlow = (rule: number, argument: string): string =>
  `table=1,priority=2,ip,dl_dst=00:0${OPERATIONS.translated}:00:${rule.toString(16)}:00:00/00:ff:00:ff:00:00,${IS_NEW},actions=${tracking(OPERATIONS.translated, 'commit', `nat(${argument})`, 'table=2', MARKED)}`;
