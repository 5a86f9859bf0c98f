import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { buildJsonSchemas } from '../../../src/view/json/schemas/json-schema.js';
import { loadAjv, readSchema } from '../../support/json-reports.js';

const SCHEMAS = buildJsonSchemas();

/** Those of reports; a line of a fleet file is none. */
const REPORTS = Object.keys(SCHEMAS).filter((name) => name !== 'fleet');

describe('the JSON Schemas in the package', () => {
  it('are those that are declared: npm run schemas writes them', () => {
    expect(readdirSync('schemas').sort()).toEqual(
      Object.keys(SCHEMAS)
        .map((name) => `${name}.json`)
        .sort(),
    );
    for (const [name, schema] of Object.entries(SCHEMAS))
      expect(readFileSync(`schemas/${name}.json`, 'utf8')).toBe(`${JSON.stringify(schema, null, 2)}\n`);
  });

  it.each(REPORTS)('are valid, and demand the header and a report or a refusal: %s', (name) => {
    const validate = loadAjv().compile(readSchema(name));
    const header = { schema: `kexec-file/${name}`, version: 1 };
    const refusal = { errno: 'ENOENT', check: 'file-access', detail: 'seen', rule: 'rule', cure: 'cure' };
    expect(validate({ ...header, refusal })).toBe(true);
    expect(validate({ ...header, refusal, added: 'by a later release' })).toBe(true);
    expect(validate({ ...header, internalError: { name: 'TypeError', message: 'of this program' } })).toBe(
      true,
    );
    expect(validate({ refusal })).toBe(false);
    expect(validate({ ...header, schema: 'kexec-file/other', refusal })).toBe(false);
    expect(validate({ ...header, version: 2, refusal })).toBe(false);
    // What explain explains depends on what it is asked.
    expect(validate(header)).toBe(name === 'explain');
  });

  it('take machine files with and without the header', () => {
    const validate = loadAjv().compile(readSchema('machine'));
    const file = JSON.parse(formatMachine(PRESETS['qemu-virt']())) as object;
    expect(validate(file)).toBe(true);
    expect(validate({ schema: 'kexec-file/machine', version: 1, ...file })).toBe(true);
    expect(validate({ ...file, pageSize: 1 })).toBe(false);
    expect(validate({ ...file, memory: [{ start: 0, end: 1 }] })).toBe(false);
  });
});
