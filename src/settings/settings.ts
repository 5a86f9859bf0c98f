import { parse, TomlError } from 'smol-toml';
import * as z from 'zod';
import { refuse } from '../base/error.js';
import { HOOK_SETTINGS } from './hook-settings.js';
import { KDUMP_SETTINGS } from './kdump-settings.js';
import { LOAD_SETTINGS } from './load-settings.js';
import { describeFault, findLine } from './settings-fault.js';

/** The sections by name. Each key is optional, and so is each section. */
export const SETTINGS_SECTIONS = {
  load: LOAD_SETTINGS,
  kdump: KDUMP_SETTINGS,
  hooks: HOOK_SETTINGS,
} as const;

const SETTINGS = z.strictObject({
  load: SETTINGS_SECTIONS.load.prefault({}),
  kdump: SETTINGS_SECTIONS.kdump.prefault({}),
  hooks: SETTINGS_SECTIONS.hooks.prefault({}),
});

/** All settings of the installed program, with the defaults of what the file does not have. */
export type Settings = z.output<typeof SETTINGS>;

/** Longer files are refused. The commented file of the package has about 5 KiB. */
export const MAX_SETTINGS_BYTES = 1 << 18;

/** Tables within tables; settings have two levels. */
const MAX_DEPTH = 16;

/**
 * Parses the settings of the installed program: TOML, with the sections `[load]`, `[kdump]` and `[hooks]`.
 *
 * @param text - an empty text means defaults
 * @throws KexecError `EINVAL`, check `settings`: the message names line, section and key, and what is wanted; `EFBIG`
 *   if the text is too long
 */
export function parseSettings(text: string): Settings {
  if (text.length > MAX_SETTINGS_BYTES) {
    refuse('settings', 'EFBIG', `it has more than ${MAX_SETTINGS_BYTES} characters`);
  }
  const values = parseToml(text);
  const result = SETTINGS.safeParse(values);
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const { path, words } = describeFault(first as z.core.$ZodIssue, values, SETTINGS_SECTIONS);
  const line = findLine(text, path);
  refuse('settings', 'EINVAL', `${line === undefined ? '' : `line ${line}: `}${words}${more}`, {
    cause: result.error,
  });
}

function parseToml(text: string): Record<string, unknown> {
  try {
    return parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The first line is the sentence; the lines of the file follow it.
    const [sentence = ''] = error.message.split('\n');
    const words = sentence.replace(/^Invalid TOML document: /, '');
    refuse('settings', 'EINVAL', `line ${error.line}, column ${error.column}: not TOML: ${words}`, {
      cause: error,
      cure: 'correct the line: TOML has [section], and key = "text", key = true, key = 5 or key = ["text", "text"]',
    });
  }
}
