/**
 * Probing, as `zoneproof doctor` does it: steps that a subject has to pass to run here, the last of which is to work.
 */
import type { Subject } from '../../properties/subject.ts';
import { tenantsInZones, udp } from '../../properties/words.ts';
import type { Receive } from '../../spec/trace/event.ts';

/** `detail` says what was found, or what went wrong; `remedy` what helps, where something is known to. */
export type ProbeStep = { readonly name: string; readonly ok: boolean; readonly detail: string; readonly remedy?: string };

export const NOT_CHECKED = 'not checked';

/** The name of the last step. */
export const TWO_ZONES = 'one tuple, two zones, two entries';

/** The same packet from two zones must make two connections and leave twice: what no version number proves. */
export const twoZones = async (openSubject: () => Promise<Subject>, remedy: string): Promise<ProbeStep> => {
  try {
    const subject = await openSubject();
    try {
      const session = await subject.open(tenantsInZones(1, 2));
      const outcomes = await session.feed([packetOn('t1a', 1), packetOn('t2a', 2)]);
      await session.close();
      const seen = outcomes.flatMap(({ passes, left }) => [
        ...passes.map((pass) => ('zone' in pass ? `${pass.state} in zone ${pass.zone} as ${pass.connection}` : pass.state)),
        ...left.map(({ device }) => `left by ${device}`),
      ]);
      const detail = seen.join(', ');
      const ok = detail === 'new in zone 1 as 1, left by t1b, new in zone 2 as 2, left by t2b';
      return { name: TWO_ZONES, ok, detail, ...(ok ? {} : { remedy }) };
    } finally {
      await subject.close();
    }
  } catch (error) {
    return { name: TWO_ZONES, ok: false, detail: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '', remedy };
  }
};

const packetOn = (device: string, id: number): Receive => ({ kind: 'receive', id, device, packet: udp() });
