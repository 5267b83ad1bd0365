/**
 * Flows: the pipeline that every packet passes, written once when the switch is started.
 *
 *     0  reads the program in the frame
 *     1  tracks the packet in its zone
 *     2  a new connection is committed in the pass in which it is new, marked with the number of its packet
 *     3  writes the verdict into the frame, and sends it out
 *
 * A whole packet that makes a connection carries its own number as the mark at once; behind a commit that does not look up
 * flows again, there is no state to be read any more, so the verdict is written before. Fragments each have a number of their
 * own and share one connection, so they pass once more to read the mark.
 *
 * Source: ovs-fields(7), ovs-actions(7).
 */
import { OPERATIONS, OUTPUT_PORT } from './frames.ts';

/** Tracking with and without a zone; `commit` says with what a new connection is remembered. */
const tracking = (operation: number, commit: string, next: string): string => {
  const zone = operation === OPERATIONS['no zone'] ? '' : 'zone=NXM_NX_REG0[0..15],';
  return `ct(${commit}${zone}${next})`;
};

const MARKED = 'exec(move:NXM_OF_ETH_SRC[0..15]->NXM_NX_CT_MARK[0..15])';

/** Writes the verdict into the frame (frames.ts), the mark being the connection's or the packet's own number. */
const verdict = (mark: string): string =>
  [
    'move:NXM_NX_CT_STATE[0..7]->NXM_OF_ETH_DST[0..7]',
    `move:${mark}[0..15]->NXM_OF_ETH_DST[8..23]`,
    'move:NXM_NX_CT_ZONE[]->NXM_OF_ETH_DST[24..39]',
    'move:NXM_NX_REG1[0..7]->NXM_OF_ETH_SRC[32..39]',
  ].join(',');

const OUT = `output:${OUTPUT_PORT}`;

const asks = (operation: number): string => `reg2=${operation}`;

/** One flow a line, as ovs-ofctl reads them. */
export const flows = (): string =>
  ['ip', 'ipv6']
    .flatMap((ip) => [
      `table=0,${ip},actions=move:NXM_OF_ETH_DST[0..15]->NXM_NX_REG0[0..15],move:NXM_OF_ETH_DST[24..31]->NXM_NX_REG1[0..7],move:NXM_OF_ETH_DST[32..39]->NXM_NX_REG2[0..7],resubmit(,1)`,
      ...Object.values(OPERATIONS).flatMap((operation) => [
        `table=1,${ip},${asks(operation)},actions=${tracking(operation, '', 'table=2')}`,
        `table=2,priority=2,${ip},${asks(operation)},ct_state=+new-inv,ct_mark=0,ip_frag=no,actions=${verdict('NXM_OF_ETH_SRC')},${tracking(operation, 'commit,', MARKED)},${OUT}`,
        `table=2,priority=1,${ip},${asks(operation)},ct_state=+new-inv,ct_mark=0,actions=${tracking(operation, 'commit,', `table=3,${MARKED}`)}`,
      ]),
      `table=2,priority=0,${ip},actions=resubmit(,3)`,
      `table=3,${ip},actions=${verdict('NXM_NX_CT_MARK')},${OUT}`,
    ])
    .join('\n');
