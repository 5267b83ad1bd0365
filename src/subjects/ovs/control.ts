/**
 * Control: a trace's commands put to the datapath, and what it says. Source: lib/dpctl.c, lib/ct-dpif.c; ovs-appctl(8).
 */
import { match } from 'ts-pattern';
import type { CommandName, Control } from '../../../spec/trace/event.ts';
import type { Told } from '../../../spec/trace/outcome.ts';
import { ICMP, ICMPV6 } from '../../../spec/trace/transport.ts';
import { icmpTypeOf, type Tuple } from '../../../spec/tuple.ts';
import { isIpv6 } from '../../../spec/wire/address.ts';
import { DEFAULT_ZONE } from '../../../spec/zone.ts';
import { listedIn } from './listed.ts';
import type { Switch } from './switch.ts';

/** A connection can neither be created by hand nor asked for by its tuple; the table has no size. */
export const COMMANDS_TAKEN = ['flush', 'dump', 'delete'] as const satisfies readonly CommandName[];

export const tell = (ovs: Switch, event: Control): Promise<Told> =>
  match(event)
    .returnType<Promise<Told>>()
    .with({ command: 'flush' }, ({ zone }) => flush(ovs, ...(zone === undefined ? [] : [`zone=${zone}`])))
    .with({ command: 'dump' }, ({ zone }) => dump(ovs, ...(zone === undefined ? [] : [`zone=${zone}`])))
    .with({ command: 'delete' }, ({ tuple, zone }) => flush(ovs, `zone=${zone?.id ?? DEFAULT_ZONE}`, tupleText(tuple)))
    .otherwise(({ command }) => Promise.reject(new Error(`Open vSwitch has no command like ${command}`)));

const flush = async (ovs: Switch, ...params: readonly string[]): Promise<Told> => {
  const { ok, text } = await ovs.command('dpctl/flush-conntrack', ...params);
  if (ok) return { kind: 'done' };
  if (text.includes('No such file or directory')) return { kind: 'refused', why: 'missing' };
  return { kind: 'refused', why: 'invalid' };
};

const dump = async (ovs: Switch, ...params: readonly string[]): Promise<Told> => {
  const { ok, text } = await ovs.command('dpctl/dump-conntrack', '-s', ...params);
  if (!ok) return { kind: 'refused', why: 'invalid' };
  return { kind: 'list', connections: text.split('\n').filter((line) => line !== '').map(listedIn) };
};

const tupleText = (tuple: Tuple): string => {
  const { source, destination, protocol, sourcePort, destinationPort } = tuple;
  const addresses = isIpv6(source) ? `ct_ipv6_src=${source},ct_ipv6_dst=${destination}` : `ct_nw_src=${source},ct_nw_dst=${destination}`;
  const ports =
    protocol === ICMP || protocol === ICMPV6
      ? `,icmp_id=${sourcePort},icmp_type=${icmpTypeOf(tuple)},icmp_code=${destinationPort & 0xff}`
      : `,ct_tp_src=${sourcePort},ct_tp_dst=${destinationPort}`;
  return `${addresses},ct_nw_proto=${protocol}${ports}`;
};
