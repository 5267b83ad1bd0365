/** The report says what was measured, and what was not. */
import { expect, test } from 'vitest';
import { plainPaint } from '../report/table.ts';
import { median, reportLines, short } from './report.ts';

const environment = { node: 'v20.19.0', platform: 'linux x64', processor: 'Some Processor', cores: 2, kernel: '6.18.0' };

test('one row a workload, a dash for what was not measured, a reason for a subject that cannot run', () => {
  const lines = reportLines(
    {
      environment,
      rounds: 3,
      packets: [
        {
          workload: 'established',
          scores: {
            engine: { packetsPerSecond: [3e6, 1e6, 2e6], bytesPerConnection: 156.2 },
            map: { packetsPerSecond: [400_000, 500_000, 600_000], bytesPerConnection: 380.6 },
          },
        },
      ],
      traces: [
        { subject: 'engine', version: '1', tracesPerSecond: [300, 310, 290], shares: { generation: 0.1, subject: 0.2, model: 0.3, laws: 0.35, tally: 0.05 } },
        { subject: 'linux', notChecked: 'This is no Linux.' },
      ],
    },
    plainPaint,
  );
  expect(lines.filter((line) => line !== '' && !/^(?:Map|bytes|model):/.test(line))).toEqual([
    'node v20.19.0, linux x64, Some Processor, 2 cores, kernel 6.18.0; medians of 3 rounds (least..most)',
    'packets per second                   engine                   Map  engine/Map  model  bytes: engine  Map',
    'established         2.00 M (1.00 M..3.00 M)  500 k (400 k..600 k)         4.0      -            156  381',
    'verify, one thread  traces per second  generation  subject  model  laws  tally',
    'engine                 300 (290..310)        10 %     20 %   30 %  35 %  5 %',
    'linux: not checked: This is no Linux.',
  ]);
});

test('what was not asked for is not there', () => {
  expect(reportLines({ environment, rounds: 1, packets: [], traces: [] }, plainPaint)).toHaveLength(1);
});

test('a median is the middle', () => {
  expect([median([5]), median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([5, 2, 2.5]);
});

test('numbers have three digits, also where rounding makes one more', () => {
  expect([0.5, 87, 999.4, 999.6, 1234, 999_600, 2_345_678].map(short)).toEqual(['0.500', '87.0', '999', '1.00 k', '1.23 k', '1.00 M', '2.35 M']);
});
