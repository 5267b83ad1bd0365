/**
 * FTP in words: what the two ends of a control connection say, and the connections that they announce.
 */
import { type Address, type Bytes, bytesOf, type Ip, ipv4, ipv6 } from '../spec/trace/packet.ts';
import type { DeviceName, Network } from '../spec/trace/network.ts';
import type { Tcp } from '../spec/trace/transport.ts';
import { isIpv6 } from '../spec/wire/address.ts';
import { devicesOf, from, type Word } from './words.ts';

/** The port that a control connection goes to. */
export const FTP_PORT = 21;

/** The same network, with FTP helped on all devices, or on some. */
export const helped = (network: Network, ...names: readonly DeviceName[]): Network => ({
  ...network,
  devices: network.devices.map((device) => (names.length === 0 || names.includes(device.name) ? { ...device, helper: { name: 'ftp', port: FTP_PORT } } : device)),
});

/** One byte a character. */
export const bytesOfText = (text: string): Bytes => Array.from(text, (character) => bytesOf(character.codePointAt(0) ?? 0, 1)).join('');

const six = (address: Address, port: number): string => `${address.replaceAll('.', ',')},${port >> 8},${port & 0xff}`;

/** The lines by which somebody says that it listens. */
export const lines = {
  PORT: (address: Address, port: number): string => `PORT ${six(address, port)}\r\n`,
  EPRT: (address: Address, port: number): string => `EPRT |${isIpv6(address) ? 2 : 1}|${address}|${port}|\r\n`,
  PASV: (address: Address, port: number): string => `227 Entering Passive Mode (${six(address, port)}).\r\n`,
  EPSV: (_address: Address, port: number): string => `229 Entering Extended Passive Mode (|||${port}|)\r\n`,
} as const;

type Side = 'client' | 'server';

/** The two ends: the client behind a tenant's first device, the server behind its second. */
export type Ends = { readonly tenant: number; readonly client: Address; readonly server: Address; readonly port: number };

export const ENDS: Ends = { tenant: 1, client: '10.0.0.1', server: '10.0.0.2', port: 1000 };
export const ENDS6: Ends = { ...ENDS, client: 'fd00::1', server: 'fd00::2' };

/** Who says what in a control connection, in the bytes of a segment; `again` goes back so many bytes before. */
export type Line = readonly [side: Side, text: string, again?: number];

/** A control connection that opens, and what is said in it: the client counts from 1000, the server from 5000. */
export const talk = (ends: Ends, ...said: readonly Line[]): readonly Word[] => [
  ...open(ends, 'client', ends.port, FTP_PORT),
  ...goingOn(ends, 0, 0, ...said),
];

/** What is said later, when so much was said before. */
export const goingOn = (ends: Ends, byClient: number, byServer: number, ...said: readonly Line[]): readonly Word[] => {
  const next = { client: 1001 + byClient, server: 5001 + byServer };
  return said.flatMap(([side, text, again = 0]) => {
    next[side] -= again;
    const sequence = next[side];
    next[side] += text.length;
    const ports = side === 'client' ? { sourcePort: ends.port, destinationPort: FTP_PORT } : { sourcePort: FTP_PORT, destinationPort: ends.port };
    return segment(ends, side, { ...ports, flags: 'PA', sequence, acknowledgement: side === 'client' ? next.server : next.client, payload: bytesOfText(text) });
  });
};

/** The first segment of a connection that one of the two opens. */
export const opening = (ends: Ends, side: Side, sourcePort: number, destinationPort: number): readonly Word[] => segment(ends, side, { sourcePort, destinationPort, flags: 'S', sequence: 1000 });

/** All three of them. */
export const open = (ends: Ends, side: Side, sourcePort: number, destinationPort: number): readonly Word[] => [
  ...opening(ends, side, sourcePort, destinationPort),
  ...segment(ends, side === 'client' ? 'server' : 'client', { sourcePort: destinationPort, destinationPort: sourcePort, flags: 'SA', sequence: 5000, acknowledgement: 1001 }),
  ...segment(ends, side, { sourcePort, destinationPort, flags: 'A', sequence: 1001, acknowledgement: 5001 }),
];

const segment = (ends: Ends, side: Side, fields: Pick<Tcp, 'sourcePort' | 'destinationPort' | 'flags' | 'sequence'> & Partial<Tcp>): readonly Word[] =>
  from(devicesOf(ends.tenant)[side === 'client' ? 0 : 1], packet(ends, side, fields));

const packet = ({ client, server }: Ends, side: Side, fields: Pick<Tcp, 'sourcePort' | 'destinationPort' | 'flags' | 'sequence'> & Partial<Tcp>): Ip => {
  const payload: Tcp = { kind: 'tcp', acknowledgement: 0, reserved: 0, window: 10_000, checksum: 'right', urgent: 0, options: '', payload: '', ...fields };
  const [source, destination] = side === 'client' ? [client, server] : [server, client];
  return isIpv6(source) ? ipv6({ source, destination, payload }) : ipv4({ source, destination, id: 1, payload });
};
