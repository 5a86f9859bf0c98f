import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFile } from '../../../src/node/files/read-file.js';

/** Writes pieces of 1 to 6000 bytes to a path. Each is written when the one before may have been read. */
const WRITE_PIECES = `
  const file = require('node:fs').openSync(process.argv[1], 'w');
  for (let length = 1; length <= 6000; length += 97) {
    require('node:fs').writeSync(file, Buffer.alloc(length, length));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }`;

it('reads a pipe whole that gives less than a page at a time', () => {
  const pipe = join(tmpdir(), `read-file-${process.pid}`);
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  try {
    spawn(process.execPath, ['-e', WRITE_PIECES, pipe], { stdio: 'inherit' });
    const lengths = Array.from({ length: 62 }, (_, index) => 1 + index * 97);
    const expected = Buffer.concat(lengths.map((length) => Buffer.alloc(length, length)));
    expect(Buffer.compare(readFile(pipe), expected)).toBe(0);
  } finally {
    rmSync(pipe);
  }
});

it('reads a file of procfs, which claims a size of 0', () => {
  expect(readFile('/proc/filesystems')).toEqual(readFileSync('/proc/filesystems'));
});
