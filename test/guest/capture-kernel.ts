import { readFileSync } from 'node:fs';
import { parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import { type ElfNote, parseNotes } from '../../src/formats/elf/notes.js';
import type { ProgramHeader } from '../../src/formats/elf/program-headers.js';
import { corpus } from '../support/corpus.js';
import { GuestTree } from './tree.js';

/** What a capture kernel told of /proc/vmcore. */
export interface CaptureKernel {
  /** As uname(1) gives it. */
  readonly release: string;
  readonly commandLine: string;
  /** Of /proc/vmcore, in bytes. */
  readonly size: number;
  /** How many bytes of its last page could be read. */
  readonly lastPage: number;
  readonly notes: readonly ElfNote[];
  readonly loads: readonly ProgramHeader[];
  /** The first page of the kernel that crashed. */
  readonly text: Uint8Array;
}

/** An initrd for a capture kernel. It tells on the console what it finds, and powers off. */
export function buildCaptureInitrd(): Uint8Array {
  const tree = new GuestTree();
  tree.addConsole();
  tree.addFileOfHost('/bin/busybox', corpus.busybox());
  tree.addFile('/init', readFileSync(new URL('capture-init', import.meta.url)));
  return tree.toCpio();
}

/**
 * What the capture kernel told.
 *
 * @param console - of a guest
 * @throws Error if it did not run to its end.
 */
export function captureKernel(console: string): CaptureKernel {
  const told = new Map(
    [...console.matchAll(/^capture kernel: (\S+) ?(.*?)\r?$/gm)].map(([, what = '', text = '']) => [
      what,
      text,
    ]),
  );
  if (!told.has('begin') || !told.has('end'))
    throw new Error(`no capture kernel ran to its end:\n${console}`);
  const bytes = (what: string): Uint8Array => new Uint8Array(Buffer.from(told.get(what) ?? '', 'hex'));
  const head = bytes('head');
  const { notes, loads } = parseElfcorehdr(head);
  return {
    release: told.get('kernel') ?? '',
    commandLine: told.get('command-line') ?? '',
    size: Number(told.get('size')),
    lastPage: Number(told.get('last-page')) / 2,
    notes: notes.flatMap(({ offset, fileSize }) =>
      parseNotes(head.subarray(Number(offset), Number(offset + fileSize))),
    ),
    loads,
    text: bytes('text'),
  };
}
