/** Zones that count in the original direction have their replies in zone 0, so translation gives equal flows of two of them ports of their own. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, inZone, nft, scenario, tenantsInZones, toAddress, translating, udp, withRules } from '../../properties/words.ts';

const nat = { source: toAddress('198.51.100.1') };
const sent = [1, 2].flatMap((network) => from(`t${network}a`, udp({ payload: colouredPayload(network, 1, 8) })));

export default scenario({
  shows: 'Zones that count in the original direction have their replies in zone 0, so translation gives equal flows of two of them ports of their own.',
  network: translating(withRules(tenantsInZones(undefined, undefined), (tenant, device) => (device.endsWith('a') ? nft(inZone(tenant, 'original')) : [])), { t1b: { nat }, t2b: { nat } }),
  events: [...sent, ...answersTo(sent)],
});
