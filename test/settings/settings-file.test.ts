/** The commented settings file of the package has every key, with its default. */
import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseSettings, SETTINGS_SECTIONS } from '../../src/settings/settings.js';

const FILE = readFileSync('packaging/debian/kexec-file/etc/kexec-file.conf', 'utf8');
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = parseSettings('');
const SHOWN = parse(FILE.replaceAll(/^#(?=[\w-]+ = )/gm, '')) as Record<string, Record<string, unknown>>;

it('means defaults as it is', () => {
  expect(parseSettings(FILE)).toEqual(DEFAULTS);
});

const SECTIONS = Object.entries(SETTINGS_SECTIONS) as [string, z.ZodObject][];

describe.each(SECTIONS)('[%s]', (section, { shape }) => {
  it('has every key', () => {
    expect(Object.keys(SHOWN[section] ?? {}).toSorted()).toEqual(Object.keys(shape).toSorted());
  });

  it.each(Object.keys(shape))('%s is shown with its default, or an example that is valid', (key) => {
    const value = SHOWN[section]?.[key];
    const byDefault = DEFAULTS[section]?.[key];
    if (byDefault !== undefined) expect(value).toEqual(byDefault);
    expect(z.safeParse(shape[key] as z.ZodType, value).success).toBe(true);
  });

  it('is in docs/installed.md', () => {
    const text =
      readFileSync('docs/installed.md', 'utf8').split(`### [${section}]`)[1]?.split('\n## ')[0] ?? '';
    for (const key of Object.keys(shape)) expect(text).toContain(`\`${key}\``);
  });
});
