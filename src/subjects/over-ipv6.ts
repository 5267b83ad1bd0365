/**
 * What no subject plays over IPv6 yet.
 */
import { isIpv6 } from '../../spec/wire/address.ts';
import type { Trace } from '../../spec/trace/trace.ts';

/** Why a trace with commands and IPv6 cannot be played, or undefined. */
export const commandsOverIpv6 = ({ events }: Trace): string | undefined => {
  const commands = events.filter((event) => event.kind === 'control');
  if (commands.length === 0) return undefined;
  const tuples = commands.flatMap((event) => ('tuple' in event ? [event.tuple] : 'original' in event ? [event.original, event.reply] : []));
  const isOver = events.some((event) => event.kind === 'receive' && event.packet.kind === 'ipv6') || tuples.some(({ source, destination }) => isIpv6(source) || isIpv6(destination));
  return isOver ? 'commands beside IPv6' : undefined;
};
