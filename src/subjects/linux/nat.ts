/**
 * The rules by which a namespace translates, in nft's language. They are part of its shape: once there are such rules every
 * connection of the namespace is bound, so they cannot come and go with traces.
 *
 * Source: nft(8), NAT statements; net/netfilter/nft_nat.c, nft_masq.c, nft_redir.c.
 */
import type { Device, Network, PortRange, Translation } from '../../../spec/trace/network.ts';
import { deviceName } from './ports.ts';

/** What the devices of a network have of addresses and translation, by index; undefined if nothing is translated. */
export type Translations = readonly Pick<Device, 'address' | 'nat'>[];

export const translationsOf = ({ devices }: Network): Translations | undefined =>
  devices.some(({ nat }) => nat) ? devices.map(({ address, nat }) => ({ ...(address && { address }), ...(nat && { nat }) })) : undefined;

/** nft wants to be told which protocols have ports, or what stands for them. */
const WITH_PORTS = 'meta l4proto { icmp, tcp, udp, udplite, sctp }';

export const natRules = (translations: Translations): string =>
  [
    'table ip nat {',
    'chain arriving { type nat hook prerouting priority -100;',
    ...translations.flatMap(({ nat }, index) => rulesFor(nat?.destination, `iifname "${deviceName(index)}"`, 'dnat', 'redirect')),
    '}',
    'chain leaving { type nat hook postrouting priority 100;',
    ...translations.flatMap(({ nat }, index) => rulesFor(nat?.source, `oifname "${deviceName(index)}"`, 'snat', 'masquerade')),
    '}',
    '}',
  ].join('\n');

const rulesFor = (translation: Translation | undefined, device: string, verb: string, own: string): readonly string[] => {
  if (!translation) return [];
  const { to, ports } = translation;
  const target = to === 'own' ? '' : to.from === to.to ? to.from : `${to.from}-${to.to}`;
  const statement = (at: string): string => (to === 'own' ? `${own}${at && ` to ${at}`}` : `${verb} to ${target}${at}`);
  return [...(ports ? [`${device} ${WITH_PORTS} ${statement(`:${portsText(ports)}`)}`] : []), `${device} ${statement('')}`];
};

const portsText = ({ from, to }: PortRange): string => (from === to ? `${from}` : `${from}-${to}`);

/** The machine's own addresses. */
export const addressLines = (translations: Translations): string[] =>
  translations.flatMap(({ address }, index) => (address ? [`addr add ${address}/32 dev ${deviceName(index)}`] : []));
