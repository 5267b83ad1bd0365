/** Link layers: every one that is read, what it holds otherwise, and frames that end too early. */
import { expect, test } from 'vitest';
import { bytesOf, framed, MACS, udp } from '../../test/capture-frames.ts';
import { encode } from '../packet/index.ts';
import { readLink } from './link.ts';

const packet = udp();
const COOKED = '0000000100060200000000010000';
const COOKED_2 = '000000000002000100060200000000010000';

const headers: [name: string, linkType: number, header: string][] = [
  ['Ethernet', 1, `${MACS}0800`],
  ['Ethernet with a VLAN tag', 1, `${MACS}810000050800`],
  ['Ethernet with three VLAN tags', 1, `${MACS}9100000188a80002810000030800`],
  ['Ethernet with eight VLAN tags', 1, `${MACS}${'81000001'.repeat(8)}0800`],
  ['Linux cooked', 113, `${COOKED}0800`],
  ['Linux cooked with a VLAN tag', 113, `${COOKED}810000050800`],
  ['Linux cooked 2', 276, `0800${COOKED_2}`],
  ['Linux cooked 2 with a VLAN tag', 276, `8100${COOKED_2}00050800`],
  ['BSD loopback, little endian', 0, '02000000'],
  ['BSD loopback, big endian', 0, '00000002'],
  ['OpenBSD loopback', 108, '00000002'],
  ['raw IP', 101, ''],
  ['raw IP as 12', 12, ''],
  ['raw IP as 14', 14, ''],
  ['IPv4', 228, ''],
];

test.each(headers)('%s carries IPv4', (_, linkType, header) => {
  expect(readLink(linkType, framed(header, packet))).toEqual({ kind: 'ipv4', bytes: Buffer.from(encode(packet)) });
});

test.each([
  [1, `${MACS}86dd`],
  [1, `${MACS}8100000186dd`],
  [113, `${COOKED}86dd`],
  [276, `86dd${COOKED_2}`],
  [0, '1e000000'],
  [0, '0000001c'],
  [108, '00000018'],
  [101, ''],
  [229, ''],
])('link type %i carries IPv6 behind %s', (linkType, header) => {
  expect(readLink(linkType, bytesOf(`${header}60`))).toEqual({ kind: 'ipv6', bytes: bytesOf('60') });
});

test.each(headers.filter(([, , header]) => header !== ''))('%s is short wherever its header ends too early', (_, linkType, header) => {
  for (let end = 0; end < header.length; end += 2) {
    expect(readLink(linkType, bytesOf(header.slice(0, end)))).toEqual({ kind: 'short' });
  }
});

test.each([
  ['ARP', 1, `${MACS}0806`],
  ['IEEE 802.3 length', 1, `${MACS}0026`],
  ['ethertype 0x0bad', 1, `${MACS}0bad`],
  ['more than 8 VLAN tags', 1, `${MACS}${'81000001'.repeat(9)}0800`],
  ['address family 7', 0, '07000000'],
  ['address family 7', 0, '00000007'],
  ['address family 33554432', 108, '02000000'],
  ['IP version 5', 101, '50'],
  ['link type 127', 127, '00'],
])('%s is named (link type %i, %s)', (what, linkType, header) => {
  expect(readLink(linkType, bytesOf(header))).toEqual({ kind: 'other', what });
});
