/**
 * Patterns: plain data that describes other plain data, an event of a trace for example, by some of its fields.
 */

/** A number between two bounds, both included; of bytes (hexadecimal text) their number. */
export type Range = { readonly from: number; readonly to: number };

/** A field that is not there at all. */
const ABSENT = null;

export type Pattern =
  | string
  | number
  | boolean
  | typeof ABSENT
  /** One of these. */
  | readonly Pattern[]
  | Range
  /** An object in which each of these fields matches, whatever else is in it. */
  | { readonly [field: string]: Pattern };

/** Whether plain data is as a pattern says; of a list, whether anything in it is. */
export const matches = (data: unknown, pattern: Pattern): boolean => {
  if (pattern === ABSENT) return data === undefined;
  if (typeof pattern !== 'object') return data === pattern;
  if (isList(pattern)) return pattern.some((one) => matches(data, one));
  if (Array.isArray(data)) return data.some((item) => matches(item, pattern));
  if (isRange(pattern)) return isWithin(typeof data === 'string' ? data.length / 2 : data, pattern);
  return isObject(data) && Object.entries(pattern).every(([field, wanted]) => matches(data[field], wanted));
};

const isList = (pattern: object): pattern is readonly Pattern[] => Array.isArray(pattern);

const isRange = (pattern: object): pattern is Range =>
  'from' in pattern && 'to' in pattern && typeof pattern.from === 'number' && typeof pattern.to === 'number';

const isWithin = (value: unknown, { from, to }: Range): boolean => typeof value === 'number' && value >= from && value <= to;

const isObject = (data: unknown): data is Readonly<Record<string, unknown>> => typeof data === 'object' && data !== null;
