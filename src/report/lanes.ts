/**
 * Lanes: a trace drawn as columns of text, one for each tenant, time running down.
 */
import { isGlobal, tenantOf, tenantsOf } from '../../properties/tenants.ts';
import type { Event, EventId } from '../../spec/trace/event.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { cut, wrap } from './table.ts';
import { eventWords, tenantWords } from './words.ts';

type Options = {
  /** Characters in a line. */
  readonly width: number;
  /** Marked with an arrow. */
  readonly marked?: EventId;
  /** What stands under an event's own line. */
  readonly below?: (event: Event) => readonly string[];
};

/** More tenants than this do not fit side by side; then all share one lane and each event names its tenant. */
const MOST_LANES = 4;

/** A mark, the event's id, the virtual time in ms. */
const MARGIN = 16;

export const lanes = (trace: Trace, { width, marked, below = () => [] }: Options): readonly string[] => {
  const active = tenantsOf(trace).filter((tenant) => trace.events.some(({ id }) => tenantOf(trace, id) === tenant));
  const columns = active.length <= MOST_LANES && active.length > 0 ? active : [];
  const lane = columns.length === 0 ? width - MARGIN : Math.floor((width - MARGIN) / columns.length);
  const titles = columns.map((tenant) => cut(tenantWords(trace.network, tenant), lane - 1).padEnd(lane)).join('');
  const lines = [`${'event'.padStart(6)}${'ms'.padStart(8)}  ${titles || 'all tenants'}`.trimEnd()];

  let nowMs = 0;
  for (const event of trace.events) {
    if (event.kind === 'advance') nowMs += event.milliseconds;
    const tenant = tenantOf(trace, event.id);
    const name = columns.length === 0 && tenant !== undefined ? `tenant ${tenant}: ` : '';
    // What belongs to nobody starts at the left.
    const indent = MARGIN + lane * Math.max(0, tenant === undefined ? 0 : columns.indexOf(tenant));
    const room = isGlobal(event) ? width - MARGIN : lane - 1;
    const first = wrap(`${name}${eventWords(event)}`, room);
    const rest = below(event).flatMap((line) => wrap(line, room - 2).map((part) => `  ${part}`));
    for (const [place, text] of [...first, ...rest].entries()) {
      const margin = place === 0 ? `${event.id === marked ? '>' : ' '}${String(event.id).padStart(5)}${String(nowMs).padStart(8)}` : '';
      lines.push(`${margin.padEnd(indent)}${text}`.trimEnd());
    }
  }
  return lines;
};
