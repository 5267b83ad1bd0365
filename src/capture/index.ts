/** Captures: any pcap or pcapng played by several tenants at once. */
export { importCapture, IMPORT_LIMITS } from './import.ts';
export type { Imported, ImportOptions } from './import.ts';
export { reportText } from './report.ts';
export type { Report } from './report.ts';
