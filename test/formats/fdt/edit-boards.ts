/** Edits of the device trees of real boards, as dtc reads them. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import {
  addReservation,
  deleteNode,
  deleteProperty,
  deleteReservation,
  ensureNode,
  findNode,
  setProperty,
} from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { encodeString, encodeU64 } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { inPairs, run } from './tools.js';

/** Names that no board has in /chosen before it boots. */
const ADDED = {
  'linux,initrd-start': encodeU64(0x8800_0000n),
  'linux,initrd-end': encodeU64(0x8812_3456n),
  'linux,booted-from-kexec': new Uint8Array(0),
  'kexec-file,test': encodeString('console=ttyAMA0'),
};

function source(blob: Uint8Array): Promise<string> {
  return run('dtc', ['-q', '-I', 'dtb', '-O', 'dts', '-'], blob);
}

/** Sets properties in /chosen and adds a reservation. */
function edited(blob: Uint8Array): Uint8Array {
  const fdt = parseFdt(blob);
  const chosen = ensureNode(fdt, '/chosen');
  for (const [name, value] of Object.entries(ADDED)) setProperty(fdt, chosen, name, value);
  addReservation(fdt, 0x8800_0000n, 0x12_3456n);
  return writeFdt(fdt);
}

/** Takes back what edited() did. */
function restored(blob: Uint8Array, hadChosen: boolean): Uint8Array {
  const fdt = parseFdt(blob);
  const chosen = ensureNode(fdt, '/chosen');
  for (const name of Object.keys(ADDED)) expect(deleteProperty(chosen, name)).toBe(true);
  if (!hadChosen) expect(deleteNode(fdt.root, 'chosen')).toBe(true);
  expect(deleteReservation(fdt, 0x8800_0000n, 0x12_3456n)).toBe(true);
  return writeFdt(fdt);
}

/** Expects that device trees keep their size and their meaning for dtc when they are written, edited and restored. */
export async function expectKeptMeaning(boards: readonly string[]): Promise<void> {
  await inPairs(boards, async (path) => {
    const original = new Uint8Array(readFileSync(path));
    const expected = await source(original);
    const written = writeFdt(parseFdt(original));
    expect(written.length, path).toBe(original.length);
    // Boards that fdtoverlay made have padding that is not zero, and so do not keep their bytes.
    if (!Buffer.from(written).equals(original)) expect(await source(written), path).toBe(expected);

    const hadChosen = findNode(parseFdt(original), '/chosen') !== undefined;
    const changed = edited(original);
    expect(await source(changed), path).toContain('linux,booted-from-kexec;');
    expect(await source(restored(changed, hadChosen)), path).toBe(expected);
  });
}
