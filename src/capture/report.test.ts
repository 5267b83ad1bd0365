/** The report, as a person reads it. */
import { expect, test } from 'vitest';
import { reportText } from './report.ts';
import type { Report } from './report.ts';

const report: Report = {
  file: 'a.pcap',
  format: 'pcap',
  frames: 12,
  whole: 1,
  fragments: 2,
  leftOut: [{ what: 'not covered yet: TCP', frames: 9 }],
  notes: [{ what: 'wrong UDP checksum: kept', frames: 1 }],
  tenants: 2,
  events: 7,
  playedMs: 3000,
};

test('a report', () => {
  expect(reportText({ ...report, cut: 'packet 12 at byte 999 is incomplete' })).toBe(
    `a.pcap (pcap): 12 frames, 3 played: 1 whole datagram and 2 fragments.
Played by 2 tenants at once: 7 events in 3 s of virtual time.
The file is cut: packet 12 at byte 999 is incomplete; everything before was used.
Left out:
       9  not covered yet: TCP
Of the frames played:
       1  wrong UDP checksum: kept
`,
  );
});

test('an empty capture says so, and one in which nothing can be played too', () => {
  const nothing = { ...report, whole: 0, fragments: 0, events: 0, notes: [] };
  expect(reportText({ ...nothing, frames: 0, leftOut: [] })).toContain('The capture is empty: there is nothing to play.\n');
  expect(reportText(nothing)).toContain('Nothing in the capture can be played: no frame holds what is covered.\n');
});

test('a long list ends in a sum', () => {
  const leftOut = Array.from({ length: 25 }, (_, index) => ({ what: `reason ${index}`, frames: 2 }));
  const text = reportText({ ...report, leftOut });
  expect(text).toContain('       2  reason 19\n      10  5 more\n');
  expect(text).not.toContain('reason 20');
});
