import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  addNode,
  deleteNode,
  deleteProperty,
  ensureNode,
  findNode,
  setProperty,
} from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { Fdt } from '../../../src/formats/fdt/tree.js';
import { encodeString } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { corpus } from '../../support/corpus.js';
import { inPairs, run } from './tools.js';

/** One board in twenty: fdtput runs once an edit. */
const BOARDS = corpus.deviceTrees().filter((_, i) => i % 20 === 0);

interface Edit {
  /** fdtput's arguments, where FILE is the device tree's path. */
  readonly fdtput: readonly string[];
  readonly ours: (fdt: Fdt) => void;
}

/** Sets a text, in the node that a path leads to. */
function set(path: string, name: string, text: string): Edit {
  return {
    fdtput: ['-t', 's', 'FILE', path, name, text],
    ours: (fdt) => setProperty(fdt, ensureNode(fdt, path), name, encodeString(text)),
  };
}

const EDITS: readonly Edit[] = [
  {
    fdtput: ['-p', '-t', 's', 'FILE', '/chosen', 'bootargs', 'quiet'],
    ours: (fdt) => setProperty(fdt, ensureNode(fdt, '/chosen'), 'bootargs', encodeString('quiet')),
  },
  set('/chosen', 'bootargs', 'console=ttyAMA0 root=/dev/vda1 quiet'),
  set('/chosen', 'linux,first', ''),
  { fdtput: ['-c', 'FILE', '/new@1'], ours: (fdt) => addNode(fdt.root, 'new@1') },
  { fdtput: ['-c', 'FILE', '/new@1/below'], ours: (fdt) => addNode(ensureNode(fdt, '/new@1'), 'below') },
  // Names that stand in the tails of others take no room among the names.
  set('/new', 'ompatible', 'tail'),
  set('/new@1', 'first', 'tail'),
  set('/', 'compatible', 'something,else'),
  { fdtput: ['-d', 'FILE', '/', 'model'], ours: (fdt) => deleteProperty(fdt.root, 'model') },
  {
    fdtput: ['-d', 'FILE', '/chosen', 'linux,first'],
    ours: (fdt) => deleteProperty(ensureNode(fdt, '/chosen'), 'linux,first'),
  },
  { fdtput: ['-r', 'FILE', '/cpus'], ours: (fdt) => deleteNode(fdt.root, 'cpus') },
];

describe('edits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fdt-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('have the results of libfdt, byte by byte, except for its padding', async () => {
    expect(BOARDS.length).toBeGreaterThan(0);
    await inPairs(BOARDS, async (path) => {
      const file = join(folder, `${BOARDS.indexOf(path)}.dtb`);
      const original = new Uint8Array(readFileSync(path));
      writeFileSync(file, original);
      const fdt = parseFdt(original);
      expect(findNode(fdt, '/cpus'), path).toBeDefined();
      for (const { fdtput, ours } of EDITS) {
        await run(
          'fdtput',
          fdtput.map((argument) => (argument === 'FILE' ? file : argument)),
        );
        ours(fdt);
        const theirs = readFileSync(file);
        const written = writeFdt(fdt);
        const message = `${path}: fdtput ${fdtput.join(' ')}`;
        expect(written.length, message).toBe(theirs.length);
        // Read and written, their padding is zero, as ours.
        expect(Buffer.compare(writeFdt(parseFdt(theirs)), written), message).toBe(0);
      }
    });
  }, 300_000);
});
