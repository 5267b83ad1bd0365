/**
 * Plain data compared: whether two pieces of it are the same, and where they differ.
 */

/** The same fields with the same values. */
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => same(a[name], b[name]));
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** `place` is a path such as `.left.0.pieces.1.df`. */
export type DifferingField = { readonly place: string; readonly wanted: string; readonly given: string };

/** The innermost field, in the order of `wanted`, that `given` lacks or has another value in. */
export const differingField = (wanted: object, given: object): DifferingField | undefined => {
  const other = new Map<string, unknown>(Object.entries(given));
  for (const [key, value] of Object.entries(wanted)) {
    const found = other.get(key);
    if (same(value, found)) continue;
    const inner = isRecord(value) && isRecord(found) ? differingField(value, found) : undefined;
    return inner ? { ...inner, place: `.${key}${inner.place}` } : { place: `.${key}`, wanted: short(value), given: short(found) };
  }
  return undefined;
};

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}..` : text;
};
