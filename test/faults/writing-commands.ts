import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatMachine } from '../../src/machine/schema.js';
import { signedFile } from '../conformance/authenticode.js';
import { buildCrashMachine } from '../support/crash.js';
import { buildImage, buildStubImage } from '../support/image.js';
import { makeSigner } from '../support/openssl.js';
import { readReducedVmcore } from '../support/vmcore.js';
import type { WritingCommand } from './faulty-runs.js';

/** The commands that write files, by name, with their inputs in a folder. */
export function prepareCommands(folder: string): Readonly<Record<string, WritingCommand>> {
  const input = (name: string, bytes: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const kernel = input('Image', buildImage());
  const unsigned = input('unsigned', buildStubImage());
  const signed = input('signed', signedFile());
  const vmcore = input('vmcore', readReducedVmcore('linux-7.3-48bit'));
  const machine = input('machine.json', formatMachine(buildCrashMachine()));
  const { keyPath: key, certificatePath: cert } = makeSigner(folder, 'signer', { key: 'rsa' });
  const plan = (option: string) => (output: string) => [
    'plan',
    kernel,
    '--machine',
    'qemu-virt',
    option,
    output,
  ];
  return {
    'plan --svg': { args: plan('--svg') },
    'plan --html': { args: plan('--html') },
    sign: {
      args: (output) => [
        'sign',
        unsigned,
        '--key',
        key,
        '--cert',
        cert,
        '--no-signing-time',
        '--output',
        output,
      ],
    },
    'signature detach': { args: (output) => ['signature', 'detach', signed, '--output', output] },
    'signature remove': { args: (output) => ['signature', 'remove', signed, '--output', output] },
    'crash header': { args: (output) => ['crash', 'header', '--machine', machine, '--output', output] },
    'machine collector': { args: (output) => ['machine', 'collector', '--output', output] },
    'vmcore save': {
      args: (output) => ['vmcore', 'save', vmcore, '--output', output, '--filter', 'all'],
      resumes: true,
    },
  };
}
