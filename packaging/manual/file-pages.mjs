/** Pages of section 5: the files that kexec-file reads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { describePlace, RELEASE } from '../../dist/machine/collect/source.js';
import { SOURCES } from '../../dist/machine/collect/sources.js';
import { SETTINGS_SECTIONS } from '../../dist/settings/settings.js';
import { buildJsonSchemas } from '../../dist/view/json/schemas/json-schema.js';
import { ROOT } from '../../scripts/setup/files.mjs';
import { formatMarkdown } from './markdown.mjs';
import {
  formatBlock,
  formatBold,
  formatHeading,
  formatItalic,
  formatItem,
  formatName,
  formatProse,
  formatSeeAlso,
  formatSubheading,
} from './roff.mjs';

const SECTION_TEXTS = {
  load: 'How the default kernel is loaded, by kexec-file load --default and by kexec-file-load.service.',
  kdump: 'The crash kernel, and what it does with the dump.',
  hooks: 'What happens when a kernel package is installed.',
};

/** kexec-file.conf(5), from the schemas of the settings. */
export function buildSettingsPage() {
  return [
    formatName('kexec-file.conf', 'settings of the installed kexec-file'),
    formatHeading('synopsis'),
    formatItalic('/etc/kexec-file.conf'),
    formatHeading('description'),
    formatProse(
      'The file is TOML. Every section and every key is optional: a key that is left out has its default, and so has a missing file. An unknown key and a wrong value are errors that name the line, the key and what is wanted.',
    ),
    formatHeading('options'),
    ...Object.entries(SETTINGS_SECTIONS).flatMap(([name, schema]) => [
      formatSubheading(`[${name}]`),
      formatProse(SECTION_TEXTS[name]),
      ...Object.entries(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties).map(
        formatSetting,
      ),
    ]),
    formatHeading('examples'),
    formatBlock([
      '[load]',
      'policy = "enforce"',
      'keyrings = ["platform:/etc/keys/db.pem"]',
      '',
      '[kdump]',
      'path = "/var/crash"',
      'keep = 3',
    ]),
    formatHeading('files'),
    formatItem(formatItalic('/etc/kexec-file.conf'), formatProse('This file.')),
    formatItem(formatItalic('/etc/default/kexec-file'), formatProse('More options of the services.')),
    formatSeeAlso([
      'kexec-file(8)',
      'kexec-file-load(8)',
      'kexec-file(7)',
      '/usr/share/doc/kexec-file/docs/installed.md',
    ]),
  ];
}

function formatSetting([name, { description, default: value, enum: choices, type }]) {
  if (description === undefined) throw new Error(`the setting ${name} has no description`);
  const kind =
    choices === undefined
      ? { boolean: 'true or false', array: 'a list', integer: 'a number' }[type]
      : undefined;
  const facts = [
    ...(choices === undefined ? [] : [`One of ${choices.join(', ')}.`]),
    ...(kind === undefined ? [] : [`Value: ${kind}.`]),
    ...(value === undefined ? [] : [`Default: ${JSON.stringify(value)}.`]),
  ];
  return formatItem(formatBold(name), formatProse([description, ...facts].join(' ')));
}

/** kexec-file-machine(5), from docs/machines.md, the schema of the file and the table of what is collected. */
export function buildMachinePage() {
  const { anyOf } = buildJsonSchemas().machine;
  const { properties, required } = anyOf.find(({ properties }) => 'deviceTree' in properties);
  return [
    formatName('kexec-file-machine', 'files that describe a machine for kexec-file'),
    formatHeading('description'),
    ...formatMarkdown(readFileSync(join(ROOT, 'docs/machines.md'), 'utf8')),
    formatHeading('fields of a machine file'),
    formatProse(
      'The file is JSON. Addresses are physical unless a field says otherwise. Addresses and sizes are strings, "0x...", lower case; bytes are in base64. A range is an object with start and end, the address of the first byte and that after the last. The files in which a value is found are those of a recorded machine. The JSON Schema is machine.json in /usr/share/doc/kexec-file/schemas.',
    ),
    ...listFields(properties, required).map(({ name, schema, isRequired }) =>
      formatItem(
        formatBold(name),
        formatProse(
          `${schema.description.replaceAll('`', '')} ${describeForm(schema)}${isRequired ? ', required' : ''}.`,
        ),
      ),
    ),
    formatHeading('collected files'),
    formatProse('A folder or a tar for "machine record --from" has these files, under these names.'),
    ...SOURCES.map(({ name, from, purpose }) =>
      formatItem(
        formatBold(name),
        `${formatProse(describePlace(from).replace(RELEASE, '$(uname -r)'))}:\n${formatProse(`${purpose}.`)}`,
      ),
    ),
    formatHeading('examples'),
    formatBlock([
      'kexec-file machine record -o here.json',
      "kexec-file machine collector | ssh root@server1 'sh -s' > server1.tar",
      'kexec-file machine record --from server1.tar -o server1.json',
    ]),
    formatSeeAlso([
      'kexec-file-machine(8)',
      'kexec-file-machine-record(8)',
      'kexec-file(7)',
      'kexec-file(8)',
    ]),
  ];
}

/** Lists the fields of an object, each with those in it after it: `kernel`, `kernel.release`. Ranges are one field. */
function listFields(properties, required = [], parent = '') {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const name = `${parent}${key}`;
    if (schema.description === undefined) throw new Error(`the field ${name} has no description`);
    const { properties: inner, required: needed } = schema.items ?? schema;
    const isOpen = inner !== undefined && !isRange(inner);
    return [
      { name, schema, isRequired: required.includes(key) },
      ...(isOpen ? listFields(inner, needed, `${name}${schema.items === undefined ? '' : '[]'}.`) : []),
    ];
  });
}

function isRange(properties) {
  return Object.keys(properties).join() === 'start,end';
}

/** A sentence without its full stop about the form of a field: its constant, its choices, or its type. */
function describeForm(schema) {
  const form = describeType(schema);
  return form.charAt(0).toUpperCase() + form.slice(1);
}

function describeType({ const: constant, enum: choices, type, anyOf, properties, items, ...rest }) {
  if (constant !== undefined) return `always ${JSON.stringify(constant)}`;
  if (choices !== undefined) return `one of ${choices.join(', ')}`;
  if (anyOf !== undefined)
    return `one of ${anyOf.map((each) => each.const ?? describeType(each)).join(', ')}`;
  if (items !== undefined) return `list, each ${describeType(items)}`;
  if (properties !== undefined) return isRange(properties) ? 'range' : 'object';
  if (rest.additionalProperties?.type !== undefined)
    return `object, each value ${describeType(rest.additionalProperties)}`;
  if (rest.contentEncoding !== undefined) return rest.contentEncoding;
  if (rest.pattern?.startsWith('^0x')) return 'string, "0x..."';
  return type ?? 'a value';
}
