import * as z from 'zod';

/** Longer texts are no paths and no parameters: Linux takes paths of at most 4095 bytes (PATH_MAX). */
const MAX_TEXT_LENGTH = 4095;

/** More items in a list are a mistake. */
const MAX_ITEMS = 256;

/** A text that is not empty. @param wanted - what it is, for the error message: `the name of a boot entry` */
export function textField(wanted: string): z.ZodString {
  const error = `wanted is ${wanted}`;
  return z
    .string({ error })
    .min(1, { error })
    .max(MAX_TEXT_LENGTH, { error: `${error} of at most ${MAX_TEXT_LENGTH} characters` })
    .regex(/^[^\0\n\r]*$/, { error: `${error}, on one line` });
}

/** The absolute path of a file or folder: a service starts in another folder than its administrator. */
export function pathField(): z.ZodString {
  const wanted = 'an absolute path, such as "/boot/vmlinuz"';
  return textField(wanted).startsWith('/', { error: `wanted is ${wanted}` });
}

/** A list of values. */
export function listField<T extends z.ZodType>(item: T, wanted: string): z.ZodArray<T> {
  return z
    .array(item, { error: `wanted is a list of ${wanted}: ["…", "…"]` })
    .max(MAX_ITEMS, { error: `wanted is a list of at most ${MAX_ITEMS} ${wanted}` });
}

/** One of some words. */
export function choiceField<const T extends readonly string[]>(words: T): z.ZodEnum<{ [K in T[number]]: K }> {
  const quoted = words.map((word) => `"${word}"`);
  return z.enum(words, { error: `wanted is ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}` });
}

/** True or false. */
export function switchField(): z.ZodBoolean {
  return z.boolean({ error: 'wanted is true or false' });
}
