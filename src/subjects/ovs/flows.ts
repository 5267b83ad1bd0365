/**
 * Flows: the pipeline that every packet passes, written once when the switch is started.
 *
 *     0  reads the program in the frame, and tracks the packet in its zone
 *     1  a new connection is committed in the pass in which it is new, marked with the number of its packet
 *     2  writes the verdict into the frame, and sends it out
 *     3  drops what a limit kept from being committed
 *
 * Whatever an action lets go, be it of another packet, goes on to the next table, so all that leaves carries its verdict.
 *
 * Source: ovs-fields(7), ovs-actions(7).
 */
import { type Operation, OPERATIONS, OUTPUT_PORT } from './frames.ts';
import type { Making } from './translation.ts';

/** Tracking with and without a zone. */
const tracking = (operation: Operation, ...options: readonly string[]): string => {
  const zone = operation === OPERATIONS['no zone'] ? [] : ['zone=NXM_NX_REG0[0..15]'];
  return `ct(${[...zone, ...options].join(',')})`;
};

const VERSIONS = ['ip', 'ipv6'] as const;
const TCP_OF = { ip: 'tcp', ipv6: 'tcp6' } as const;
/** The only port to which the daemon reads along in what is established, unless every flow asks for it. */
export const FTP_PORT = 21;

const MARKED = 'exec(move:NXM_OF_ETH_SRC[0..15]->NXM_NX_CT_MARK[0..15])';

/** Frames that ask for an operation. */
export const asking = (operation: number): string => `dl_dst=00:0${operation}:00:00:00:00/00:ff:00:00:00:00`;

/** What makes a connection, to be committed in the pass in which it is new. */
const IS_NEW = 'ct_state=+new-inv,ct_mark=0';
/** The same, if another connection announced it, which gave it its mark. */
const IS_EXPECTED = 'ct_state=+new+rel-inv';

/** What is done to all that is tracked, and to what makes a connection. */
const translating = (operation: Operation): readonly string[] => (operation === OPERATIONS.translated ? ['nat'] : []);

const commitment = (operation: Operation, ...options: readonly string[]): string =>
  tracking(operation, 'commit', ...options, operation === OPERATIONS.limited ? 'table=3' : 'table=2', MARKED);

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
  VERSIONS
    .flatMap((ip) => [
      ...Object.values(OPERATIONS).flatMap((operation) => [
        `table=0,${ip},${asking(operation)},actions=${PROGRAM},${tracking(operation, ...translating(operation), 'table=1')}`,
        `table=1,priority=1,${ip},${asking(operation)},${IS_NEW},actions=${commitment(operation)}`,
        `table=1,priority=4,${TCP_OF[ip]},${asking(operation)},${IS_EXPECTED},actions=${commitment(operation, ...translating(operation))}`,
      ]),
      `table=1,priority=0,${ip},actions=${VERDICT},output:${OUTPUT_PORT}`,
      `table=2,${ip},actions=${VERDICT},output:${OUTPUT_PORT}`,
      `table=3,priority=1,${ip},${IS_NEW},actions=drop`,
      `table=3,priority=0,${ip},actions=resubmit(,2)`,
    ])
    .join('\n');

/** The flows for a rule: its number, 1..255, and what it makes of connections that are new. */
export const makingFlows = (rule: number, { operation, helped, ...translations }: Making): string =>
  VERSIONS.flatMap((ip) => {
    const argument = translations[ip];
    const options = argument === undefined ? [] : [`nat(${argument})`];
    const asked = `dl_dst=00:0${operation}:00:${rule.toString(16)}:00:00/00:ff:00:ff:00:00,${IS_NEW}`;
    return [
      ...(argument === undefined ? [] : [`table=1,priority=2,${ip},${asked},actions=${commitment(operation, ...options)}`]),
      ...(helped ? [`table=1,priority=3,${TCP_OF[ip]},tp_dst=${FTP_PORT},${asked},actions=${commitment(operation, ...options, 'alg=ftp')}`] : []),
    ];
  }).join('\n');
