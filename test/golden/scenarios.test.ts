/** The scenarios: each does what its sentence says, checked by hand here, and the files in the repository are theirs. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scenarios } from '../../golden/scenarios/index.ts';
import { accountOf } from '../../properties/account.ts';
import { REFERENCE, type Explained } from '../../spec/index.ts';
import { checkGolden } from '../../src/golden/index.ts';
import { parseTrace, traceText } from '../../src/gate/trace-file.ts';

const FOLDER = new URL('../../golden/scenarios/', import.meta.url);

/** What an event comes to: state and connection of each pass, and how it left; or what control said, with the connections it listed. Time that passes is not listed. */
const textOf = ({ passes, left: [departure], skipped, told }: Explained): string => {
  if (skipped) return 'skipped';
  if (told?.kind === 'list') return ['lists', ...told.connections.map(({ connection }) => connection)].join(' ');
  if (told) return told.kind === 'refused' ? told.why : told.kind;
  const tracked = passes.map((pass) => ('zone' in pass ? `${pass.state} ${pass.connection} in ${pass.zone}` : pass.state)).join(', then ') || 'waits';
  if (!departure) return passes.length > 0 ? `${tracked}, dropped` : tracked;
  return `${tracked} > ${departure.device}${departure.pieces.length === 1 ? '' : ` x${departure.pieces.length}`}`;
};

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'equal-flows-in-two-zones': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'new 1 in 1 > t1b', 'new 2 in 2 > t2b',
    'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 1 in 1 > t1b', 'established 2 in 2 > t2b', 'established 2 in 2 > t2b',
  ],
  'reply-in-the-right-zone': ['new 1 in 1 > t1b', 'established 1 in 1 > t1a'],
  'reply-in-the-wrong-zone': ['new 1 in 1 > t1b', 'new 2 in 2 > t2a', 'established 1 in 1 > t1a'],
  'connection-expires-in-its-zone': [
    'new 1 in 1 > t1b', 'new 2 in 1 > t1b', 'new 3 in 2 > t2b', 'new 3 in 2 > t2b',
    'established 1 in 1 > t1a', 'new 4 in 1 > t1a', 'established 3 in 2 > t2a',
  ],
  'stream-after-two-seconds': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 2 in 2 > t2b', 'new 3 in 1 > t1a', 'established 2 in 2 > t2a',
  ],
  'equal-fragments-in-two-zones': ['waits', 'waits', 'waits', 'waits', 'new 1 in 1 > t1b x3', 'new 2 in 2 > t2b x3'],
  'fragments-glued-after-defragmentation': ['waits', 'new 1 in 2 > t2b x2'],
  'early-zone-0-keeps-a-late-zone-away': ['waits', 'new 1 in 0 > t3b x2', 'waits', 'new 2 in 5 > t3b x2'],
  'overlap-kills-a-datagram': [
    'waits', 'waits', 'waits', 'waits', 'waits', 'waits', 'new 1 in 2 > t2b x3', 'waits', 'new 2 in 1 > t1b x3',
  ],
  'duplicate-is-ignored': ['waits', 'waits', 'waits', 'waits', 'new 1 in 1 > t1b x3'],
  'fragment-timeout': ['waits', 'waits', 'new 1 in 1 > t1b x2', 'waits'],
  'fragment-distance': ['waits', 'waits', 'new 1 in 1 > t1b x2', 'waits', 'waits', 'new 2 in 2 > t2b x2', 'waits'],
  'zone-0-beside-no-zone': ['new 1 in 0 > t1b', 'new 1 in 0 > t2b', 'new 2 in 1 > t3a', 'established 1 in 0 > t2a'],
  'ids-that-alias': [
    'new 1 in 1 > t1b', 'new 2 in 257 > t2b', 'new 3 in 256 > t3b', 'new 4 in 65535 > t4b',
    'established 1 in 1 > t1a', 'established 2 in 257 > t2a', 'established 3 in 256 > t3a', 'established 4 in 65535 > t4a',
  ],
  'ttl-1-is-never-confirmed': ['new 1 in 1, dropped', 'skipped', 'new 2 in 1 > t1b', 'established 2 in 1 > t1a'],
  'ping-in-two-zones': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 2 in 2 > t2b',
  ],
  'unsolicited-echo-reply': ['invalid > t1a', 'new 1 in 1 > t1b', 'invalid > t2a', 'established 1 in 1 > t1a'],
  'fragmented-ping-in-two-zones': [
    'waits', 'waits', 'waits', 'waits', 'new 1 in 1 > t1b x3', 'new 2 in 2 > t2b x3', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
  ],
  'error-in-the-right-zone': ['new 1 in 1 > t1b', 'related 1 in 1 > t1a', 'related 1 in 1 > t1a', 'new 1 in 1 > t1b'],
  'error-in-the-wrong-zone': ['new 1 in 1 > t1b', 'invalid > t2a', 'related 1 in 1 > t1a', 'new 2 in 2 > t2b', 'related 2 in 2 > t2a'],
  'error-about-a-reply': ['new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'related 1 in 1 > t1b', 'related 1 in 1 > t1a'],
  'error-to-somebody-else': ['new 1 in 1 > t1b', 'invalid > t1a', 'related 1 in 1 > t1a'],
  'ipv6-fragments-in-two-zones': ['waits', 'waits', 'waits', 'waits', 'new 1 in 1 > t1b x3', 'new 2 in 2 > t2b x3'],
  'ipv6-overlap-kills-a-datagram': ['waits', 'waits', 'waits', 'waits', 'waits', 'waits', 'new 1 in 2 > t2b x3'],
  'atomic-fragment': ['new 1 in 1 > t1b', 'waits', 'new 2 in 2 > t2b', 'waits', 'waits'],
  'ipv6-fragment-timeout': ['waits', 'waits', 'waits', 'waits', 'new 1 in 1 > t1b x2', 'waits'],
  'ping6-in-two-zones': ['new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'untracked > t1b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a'],
  'flush-of-one-zone': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'waits', 'done', 'lists 2', 'new 3 in 1 > t1a', 'established 2 in 2 > t2a', 'new 4 in 1 > t1b x2',
  ],
  'flush-of-zone-0': [
    'new 1 in 0 > t1b', 'new 2 in 0 > t2b', 'new 3 in 1 > t3b', 'done', 'lists 3',
    'new 4 in 0 > t1a', 'new 5 in 0 > t2a', 'established 3 in 1 > t3a',
  ],
  'delete-in-the-wrong-zone': ['new 1 in 1 > t1b', 'missing', 'missing', 'lists 1', 'done', 'missing', 'new 2 in 1 > t1a'],
  'created-by-control': [
    'done', 'new 2 in 2 > t2a', 'established 1 in 1 > t1a', 'established 1 in 1 > t1a', 'lists 1', 'established 1 in 1 > t1b',
  ],
  'created-and-said-again': [
    'done', 'new 1 in 1 > t1b', 'new 1 in 1 > t1b', 'invalid > t1b', 'new 2 in 2 > t2b', 'invalid > t2b', 'invalid > t2b',
  ],
  'created-twice': [
    'done', 'exists', 'exists', 'exists', 'invalid', 'done', 'done', 'new 4 in 1, dropped', 'new 5 in 2 > t2b', 'lists 1 2 3 5',
  ],
  'zones-0-and-65535': [
    'new 1 in 0 > t1b', 'new 2 in 65535 > t2b', 'new 3 in 1 > t3b', 'lists 2', 'lists 1', 'lists 1', 'done', 'done', 'lists 3',
    'new 4 in 0 > t1a', 'new 5 in 65535 > t2a', 'established 3 in 1 > t3a',
  ],
  'tcp-open': ['new 1 in 1 > t1b', 'invalid > t2a', 'established 1 in 1 > t1a', 'new 2 in 2 > t2b', 'established 1 in 1 > t1b'],
  'tcp-close': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 2 in 2 > t2b', 'established 1 in 1 > t1b', 'established 1 in 1 > t1a',
    'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'new 3 in 1 > t1b', 'established 2 in 2 > t2b',
    'established 2 in 2 > t2b', 'established 2 in 2 > t2a', 'established 2 in 2 > t2a', 'established 2 in 2 > t2b',
  ],
  'tcp-reset': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'invalid > t1a',
    'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1a', 'new 2 in 1 > t1b',
  ],
  'tcp-reopen': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1b',
    'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'new 2 in 1 > t1b', 'established 2 in 1 > t1a',
    'established 2 in 1 > t1b',
  ],
  'tcp-pickup': [
    'invalid > t1a', 'invalid > t1b', 'invalid > t1b', 'new 1 in 1 > t1b', 'established 1 in 1 > t1a',
    'established 1 in 1 > t1b',
  ],
  'tcp-no-pickup': ['invalid > t1b', 'invalid > t1a', 'new 1 in 1 > t1b'],
  'tcp-simultaneous-open': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1a',
    'established 1 in 1 > t1b',
  ],
  'tcp-challenge-ack': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1a',
    'established 1 in 1 > t1b', 'established 1 in 1 > t1b', 'established 1 in 1 > t1a', 'new 2 in 1 > t1a',
  ],
  'tcp-resynchronised': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1b',
    'invalid > t1b', 'established 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b',
  ],
  'tcp-out-of-window': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1b',
    'established 1 in 1 > t1b', 'invalid > t1b', 'invalid > t1b', 'established 1 in 1 > t1b', 'established 1 in 1 > t1a',
  ],
  'tcp-syn-in-the-wrong-zone': [
    'new 1 in 1 > t1b', 'new 2 in 256 > t2b', 'established 2 in 256 > t2a', 'established 2 in 256 > t2a',
    'new 1 in 1 > t1b', 'invalid > t1a',
  ],
  'tcp-ends-that-do-not-fit': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'invalid > t1b', 'invalid > t1a',
    'established 1 in 1 > t1b',
  ],
  'tcp-segment-in-fragments': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'waits', 'waits',
    'established 1 in 1 > t1b x2', 'new 2 in 2 > t2b x2', 'established 1 in 1 > t1b',
  ],
  'wrong-udp-checksum': ['invalid > t1b', 'new 1 in 1 > t1b', 'new 1 in 1 > t1b'],
  'udp-lite-coverage': [
    'invalid > t1b', 'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'invalid > t1b',
  ],
  'esp-in-two-zones': ['new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'new 2 in 2 > t2b'],
  'gre-in-two-zones': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'new 2 in 2 > t2b',
  ],
  'sctp-association-in-two-zones': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b',
    'established 2 in 2 > t2b', 'established 2 in 2 > t2a',
  ],
  'sctp-wrong-tag': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'invalid > t1b', 'established 1 in 1 > t1b', 'invalid > t1b', 'established 1 in 1 > t1b',
  ],
  'pptp-call-has-no-answer': ['new 1 in 1 > t1b', 'new 2 in 1 > t1a', 'new 1 in 1 > t1b'],
  'first-rule-counts': ['new 1 in 7 > t1b', 'new 2 in 0 > t2b', 'new 3 in 6 > t3b'],
  'notrack-and-then-a-zone': ['new 1 in 5 > t1b', 'untracked > t2b', 'established 1 in 5 > t1a', 'untracked > t2a'],
  'fragments-that-are-not-tracked': ['untracked > t1b', 'waits', 'untracked > t1b', 'new 1 in 1 > t2b x2'],
  'zones-from-marks-glue-fragments': ['waits', 'new 1 in 1 > t2b x2'],
  'zones-for-replies-glue-fragments': ['waits', 'new 1 in 1 > t2b x2'],
  'replies-meet-in-zone-0': ['new 1 in 1 > t1b', 'new 2 in 2, dropped', 'established 1 in 1 > t3a', 'new 3 in 2, dropped', 'established 1 in 1 > t1b'],
  'two-owners-in-zone-0': ['new 1 in 7 > t1b', 'new 2 in 8 > t2a', 'lists 1 2', 'lists 2', 'lists 2', 'lists 1', 'done', 'lists 1'],
  'zones-that-contradict': [
    'invalid', 'invalid', 'invalid', 'done', 'done', 'done', 'exists', 'lists 1 2 3', 'new 2 in 7 > t1b',
    'invalid', 'lists 1', 'done', 'missing', 'lists 2', 'done', 'lists 3',
  ],
  'rfc-zones-are-of-devices': ['waits', 'waits', 'new 1 in 1 > t1b x2', 'new 2 in 2 > t2b x2'],
  'counted-in-each-zone': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'new 3 in 1, dropped', 'new 1 in 1, dropped', 'new 2 in 2 > t2b',
    'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
  ],
  'counted-in-all-zones': ['new 1 in 1 > t1b', 'new 2 in 2, dropped', 'done', 'new 3 in 2 > t2b'],
  'closed-is-not-counted': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'new 2 in 1, dropped',
    'established 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'new 3 in 1 > t1b',
  ],
  'zone-is-full': ['new 1 in 1 > t1b', 'new 2 in 1, dropped', 'new 3 in 2 > t2b', 'new 4 in 2 > t2b', 'done', 'new 5 in 1 > t1b'],
  'full-table': ['new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'new 3 in 2 > t2b', 'lists 2 3', 'new 4 in 1 > t1a', 'new 5 in 2 > t2a'],
  'full-of-assured': ['new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'waits', 'established 1 in 1 > t1b'],
  'fragment-memory': ['waits', 'waits', 'waits', 'waits', 'new 1 in 2 > t2b x2'],
  'no-memory-for-a-zone': [
    'new 1 in 1 > t1b', 'waits', 'new 2 in 0 > t3b', 'established 1 in 1 > t1a', 'skipped', 'established 2 in 0 > t3a',
    'memory', 'done', 'new 3 in 2 > t2b',
  ],
  'flush-of-one-zone-ended-all': ['new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'lists 1 2', 'done', 'lists', 'new 3 in 1 > t1a', 'new 4 in 2 > t2a'],
  'one-chain-for-all-zones': ['new 1 in 7 > t1b', 'done', 'established 2 in 0 > t1b'],
  'two-ids-in-order': ['new 1 in 7 > t1b', 'done', 'new 1 in 7 > t1b'],
  tunnels: [
    'new 1 in 1, then new 2 in 0 > eth0', 'new 3 in 2, then new 4 in 0 > eth0',
    'new 5 in 1, then new 6 in 0 > eth0', 'new 7 in 2, then new 8 in 0 > eth0',
    'new 9 in 1, then new 10 in 0 > eth0', 'new 11 in 2, then new 12 in 0 > eth0',
    'established 2 in 0, then established 1 in 1 > tunl1', 'established 4 in 0, then established 3 in 2 > tunl2',
    'established 6 in 0, then established 5 in 1 > tunl1', 'established 8 in 0, then established 7 in 2 > tunl2',
    'established 10 in 0, then established 9 in 1 > tunl1', 'established 12 in 0, then established 11 in 2 > tunl2',
  ],
  'tunnels-errors': [
    'new 1 in 1, then new 2 in 0 > eth0', 'new 3 in 2, then new 4 in 0 > eth0',
    'new 5 in 1, then new 6 in 0 > eth0', 'new 7 in 2, then new 8 in 0 > eth0',
    'new 9 in 1, then new 10 in 0 > eth0', 'new 11 in 2, then new 12 in 0 > eth0',
    'related 2 in 0, then related 1 in 1 > tunl1', 'related 4 in 0, then related 3 in 2 > tunl2',
    'related 6 in 0, then related 5 in 1 > tunl1', 'related 8 in 0, then related 7 in 2 > tunl2',
    'related 10 in 0, then related 9 in 1 > tunl1', 'related 12 in 0, then related 11 in 2 > tunl2',
  ],
  'tunnels-fragments': [
    'waits', 'waits', 'waits', 'waits', 'new 1 in 1, then new 2 in 0 > eth0 x3', 'new 3 in 2, then new 4 in 0 > eth0 x3',
    'waits', 'waits', 'established 2 in 0, then established 1 in 1 > tunl1 x3',
  ],
  'tunnels-over-ipv6': [
    'new 1 in 1, then new 2 in 0 > eth0', 'new 3 in 2, then new 4 in 0 > eth0',
    'new 5 in 1, then new 6 in 0 > eth0', 'new 7 in 2, then new 8 in 0 > eth0',
    'established 2 in 0, then established 1 in 1 > tunl1', 'established 4 in 0, then established 3 in 2 > tunl2',
    'established 6 in 0, then established 5 in 1 > tunl1', 'established 8 in 0, then established 7 in 2 > tunl2',
    'related 2 in 0, then related 1 in 1 > tunl1', 'related 4 in 0, then related 3 in 2 > tunl2',
    'related 6 in 0, then related 5 in 1 > tunl1', 'related 8 in 0, then related 7 in 2 > tunl2',
    'waits', 'waits', 'waits', 'waits', 'new 9 in 1, then new 10 in 0 > eth0 x3', 'new 11 in 2, then new 12 in 0 > eth0 x3',
  ],
  'node-information-keeps-its-identifier': [
    'new 1 in 1, then new 2 in 0 > eth0', 'new 3 in 2, then new 4 in 0 > eth0',
    'established 2 in 0, then established 1 in 1 > tunl1', 'established 2 in 0, then established 1 in 1 > tunl1',
  ],
  'source-ports-of-directional-zones': ['new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a'],
  'source-port-taken': [
    'new 1 in 1 > t1b', 'new 2 in 1 > t1b', 'new 3 in 2 > t2b',
    'established 1 in 1 > t1a', 'established 2 in 1 > t1a', 'established 3 in 2 > t2a',
  ],
  'ports-used-up-in-one-zone': [
    'new 1 in 1 > t1b', 'new 2 in 1 > t1b', 'new 3 in 1, dropped', 'new 4 in 2 > t2b', 'new 5 in 2 > t2b', 'new 6 in 2, dropped',
  ],
  'mirror-is-no-obstacle': ['done', 'new 2 in 1, dropped'],
  'mapping-used-again': ['new 1 in 1 > t1b', 'new 2 in 1 > t1b', 'new 3 in 1 > t1b'],
  'forwarded-port': ['new 1 in 1 > t1a', 'established 1 in 1 > t1b', 'related 1 in 1 > t1b'],
  'masquerade-moves': ['new 1 in 1 > t1b', 'new 1 in 1, dropped', 'new 2 in 1 > t2b'],
  'ftp-in-two-zones': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 2 in 2 > t2b', 'established 1 in 1 > t1b', 'established 2 in 2 > t2b',
    'related 3 in 1 > t1a', 'related 4 in 2 > t2a', 'new 5 in 1 > t1b', 'new 6 in 2 > t2b',
    'established 5 in 1 > t1a', 'established 6 in 2 > t2a', 'established 5 in 1 > t1b', 'established 6 in 2 > t2b',
    'established 5 in 1 > t1a', 'established 6 in 2 > t2a', 'established 5 in 1 > t1b', 'established 6 in 2 > t2b',
    'established 5 in 1 > t1b', 'established 6 in 2 > t2b', 'established 5 in 1 > t1a', 'established 6 in 2 > t2a',
    'related 7 in 1 > t1b', 'related 8 in 2 > t2b',
  ],
  'ftp-in-the-wrong-zone': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1b',
    'established 1 in 1 > t1b', 'new 2 in 2 > t2a', 'related 3 in 1 > t1a', 'new 4 in 1 > t1a',
  ],
  'ftp-too-late': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1b',
    'established 1 in 1 > t1b', 'established 1 in 1 > t1b', 'related 2 in 1 > t1a', 'established 1 in 1 > t1b',
    'established 1 in 1 > t1a', 'new 3 in 1 > t1a', 'established 1 in 1 > t1b', 'done',
    'new 4 in 1 > t1a',
  ],
  'ftp-over-ipv6': [
    'new 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 1 in 1 > t1a', 'established 2 in 2 > t2a',
    'established 1 in 1 > t1b', 'established 2 in 2 > t2b', 'established 1 in 1 > t1b', 'established 2 in 2 > t2b',
    'established 1 in 1 > t1a', 'established 2 in 2 > t2a', 'established 1 in 1 > t1b', 'established 2 in 2 > t2b',
    'waits', 'established 2 in 2 > t2a', 'waits', 'new 3 in 2 > t2a',
    'established 1 in 1 > t1a', 'related 4 in 2 > t2b', 'new 5 in 1 > t1a', 'related 6 in 1 > t1b',
  ],
  'ftp-in-one-direction': [
    'new 1 in 5 > t1b', 'established 1 in 5 > t1a', 'established 1 in 5 > t1b', 'established 1 in 5 > t1b',
    'established 1 in 5 > t1a', 'established 1 in 5 > t1b', 'new 2 in 0 > t1a', 'related 3 in 5 > t2a',
    'new 4 in 5 > t1b', 'established 4 in 5 > t1a', 'established 4 in 5 > t1b', 'established 4 in 5 > t1a',
    'established 4 in 5 > t1a', 'related 5 in 5 > t1b',
  ],
  'ftp-expected-in-all-zones': [
    'new 1 in 1 > t1b', 'established 1 in 1 > t1a', 'established 1 in 1 > t1b', 'established 1 in 1 > t1b',
    'established 1 in 1 > t1b', 'new 2 in 2 > t2b', 'established 2 in 2 > t2a', 'established 2 in 2 > t2b',
    'established 2 in 2 > t2b', 'established 2 in 2, dropped', 'new 3 in 2 > t2a', 'related 4 in 1 > t1a',
  ],
};

test.each(Object.entries(scenarios))('%s does what it shows', (name, trace) => {
  const account = accountOf(trace, REFERENCE).filter((_, index) => trace.events[index]?.kind !== 'advance');
  expect(account.map(textOf)).toEqual(EXPECTED[name]);
});

test('each file is listed by its name, and begins with its sentence', () => {
  const names = readdirSync(FOLDER).filter((file) => file !== 'index.ts').map((file) => file.replace(/\.ts$/, ''));
  expect(Object.keys(scenarios).toSorted()).toEqual(names.toSorted());
  for (const [name, trace] of Object.entries(scenarios)) {
    const [first] = readFileSync(new URL(`${name}.ts`, FOLDER), 'utf8').split('\n');
    expect(first).toBe(`/** ${trace.about} */`);
    expect(trace.about).toMatch(/^[A-Z][^.]+\.$/);
  }
});

test('each is a valid trace in its canonical form', () => {
  for (const [name, trace] of Object.entries(scenarios)) expect(parseTrace(traceText(trace), name)).toEqual(trace);
});

test('the files in the repository are what the scenarios render to, and model and engine play them', async () => {
  expect((await checkGolden()).problems).toEqual([]);
});
