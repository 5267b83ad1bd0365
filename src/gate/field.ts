/**
 * Where two pieces of plain data differ, as a place and two short texts.
 */

/** `place` is a path such as `.left.0.pieces.1.df`. */
export type DifferingField = { readonly place: string; readonly wanted: string; readonly given: string };

/** The innermost field, in the order of `wanted`, that `given` lacks or has another value in. */
export const differingField = (wanted: object, given: object): DifferingField | undefined => {
  const other = new Map<string, unknown>(Object.entries(given));
  for (const [key, value] of Object.entries(wanted)) {
    const found = other.get(key);
    if (JSON.stringify(value) === JSON.stringify(found)) continue;
    const inner = isObject(value) && isObject(found) ? differingField(value, found) : undefined;
    return inner ? { ...inner, place: `.${key}${inner.place}` } : { place: `.${key}`, wanted: short(value), given: short(found) };
  }
  return undefined;
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}..` : text;
};
