import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readLines } from '../../../src/node/files/read-lines.js';
import { makeTemporaryFolder } from '../../support/cli.js';

async function all(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(path)) lines.push(line);
  return lines;
}

async function linesOf(contents: string | Uint8Array): Promise<string[]> {
  const path = join(makeTemporaryFolder(), 'log');
  writeFileSync(path, contents);
  return all(path);
}

it('returns all lines, with and without a line feed at the end of the file', async () => {
  expect(await linesOf('')).toEqual([]);
  expect(await linesOf('one\n\ntwo\n')).toEqual(['one', '', 'two']);
  expect(await linesOf('one\r\ntwo')).toEqual(['one\r', 'two']);
});

it('returns lines whole that lie across two chunks', async () => {
  const lines = Array.from({ length: 30_000 }, (_, index) => 'x'.repeat(index % 97) + index);
  expect(await linesOf(lines.join('\n'))).toEqual(lines);
});

it('cuts lines at 16384 characters, and accepts bytes of any value', async () => {
  expect(await linesOf(`${'a'.repeat(300_000)}\nb`)).toEqual(['a'.repeat(16384), 'b']);
  expect(await linesOf(Uint8Array.of(0xff, 0, 0x0a, 0x80))).toEqual(['\ufffd\0', '\ufffd']);
});

it('reports why a file cannot be read', async () => {
  await expect(all('/no/such/log')).rejects.toMatchObject({
    check: 'file-access',
    errno: 'ENOENT',
  });
});
