import { KexecError } from '../../base/error.js';
import { escapeField } from '../../base/escape-field.js';
import type { Printable } from './printable.js';

/** A function that formats values for people; text in them is escaped. */
export type View<Values extends readonly unknown[]> = (...values: Values) => Printable;

/**
 * Makes a view of a function that formats values: all text in its arguments is escaped by {@link escapeField}, at any
 * depth of arrays and plain objects, names of fields included. So no formatter can forget it.
 *
 * @param format - returns what is printed; it may contain line feeds and colours
 */
export function makeView<Values extends readonly unknown[]>(
  format: (...values: Values) => string,
): View<Values> {
  return (...values) => format(...escapeFields(values)) as Printable;
}

/** Escapes all text in a value. What contains none is returned as it is, not copied. */
export function escapeFields<Value>(value: Value): Value {
  return escapeAny(value) as Value;
}

function escapeAny(value: unknown): unknown {
  if (typeof value === 'string') return escapeField(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return escapeArray(value);
  if (value instanceof KexecError) return escapeRefusal(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? escapeObject(value) : value;
}

function escapeArray(values: readonly unknown[]): readonly unknown[] {
  const escaped = values.map(escapeAny);
  return escaped.some((value, index) => value !== values[index]) ? escaped : values;
}

function escapeObject(value: object): object {
  const entries = Object.entries(value);
  const escaped = entries.map(([name, field]) => [escapeField(name), escapeAny(field)] as const);
  const isSame = escaped.every(
    ([name, field], index) => name === entries[index]?.[0] && field === entries[index]?.[1],
  );
  return isSame ? value : Object.fromEntries(escaped);
}

/** The same refusal, with everything that a view prints of it escaped. */
function escapeRefusal(error: KexecError): KexecError {
  const { seen, ownCure } = error;
  const escaped = {
    seen: escapeField(seen),
    ownCure: ownCure === undefined ? undefined : escapeField(ownCure),
  };
  return Object.assign(Object.create(error) as KexecError, escaped);
}
