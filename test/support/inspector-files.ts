/** Files for every view of the inspector. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildCpio } from '../../src/formats/cpio.js';
import { makeTemporaryFolder, runCli } from './cli.js';
import { corpus } from './corpus.js';

/** Makes a folder with a kernel, a machine, an initrd, keys, a log, a dump, and a file of no kind. @returns their paths */
export function makeInspectorFiles() {
  const folder = makeTemporaryFolder();
  const path = (name: string): string => join(folder, name);
  const init = { name: 'init', type: 'file', permissions: 0o755, bytes: Buffer.from('#!/bin/sh\n') } as const;
  const dump = 'test/data/vmcore/linux-6.12-48bit';
  copyFileSync(corpus.cloudKernel(), path('vmlinuz'));
  copyFileSync(corpus.shim(), path('shim.efi'));
  writeFileSync(path('server.json'), runCli('machine', 'show', 'qemu-virt', '--json').stdout);
  writeFileSync(path('initrd.img'), buildCpio([init]));
  writeFileSync(path('vmcore'), gunzipSync(readFileSync(`${dump}.vmcore.gz`)));
  copyFileSync(`${dump}.dmesg`, path('dmesg.txt'));
  writeFileSync(path('unknown'), 'what?');
  return {
    path,
    kernel: path('vmlinuz'),
    keys: path('shim.efi'),
    machine: path('server.json'),
    initrd: path('initrd.img'),
    vmcore: path('vmcore'),
    log: path('dmesg.txt'),
    unknown: path('unknown'),
  };
}
