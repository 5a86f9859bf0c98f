/** Entries of every type, for archives in tests. */
import type { CpioSource } from '../../src/formats/cpio.js';

export const SOURCES: readonly CpioSource[] = [
  { type: 'directory', name: 'dev' },
  { type: 'characterDevice', name: 'dev/console', node: { major: 5, minor: 1 } },
  { type: 'blockDevice', name: 'dev/vda', node: { major: 254, minor: 0 }, permissions: 0o640 },
  {
    type: 'file',
    name: 'init',
    bytes: ascii('#!/bin/sh\necho hello\n'),
    permissions: 0o755,
    mtime: 1_505_433_600,
  },
  { type: 'file', name: 'empty', bytes: new Uint8Array() },
  { type: 'symlink', name: 'linuxrc', target: 'init' },
  { type: 'directory', name: 'sub/naïve', permissions: 0o700 },
];

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
