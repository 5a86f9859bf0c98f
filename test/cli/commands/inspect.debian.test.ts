import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildElfcorehdr } from '../../../src/kexec/build-elfcorehdr.js';
import { joinLines, runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildCrashMachine } from '../../support/crash.js';
import { buildImage } from '../../support/image.js';
import {
  buildFit,
  buildUimage,
  buildUki,
  buildZboot,
  compress,
  gzipKernel,
} from '../../support/kernel-files.js';
import { buildSmallDeviceTree } from '../../support/machine.js';
import { inspectJson, writeTemporaryFile } from './inspect-json.js';

describe('kexec-file inspect', () => {
  it('shows an Image and its PE headers', () => {
    const facts = inspectJson(corpus.cloudKernel());
    expect(facts).toMatchObject({
      kind: 'arm64 Image',
      textOffset: '0x0',
      endianness: 'little',
      pageSize: '4K',
      pe: { format: 'PE32+', machine: '0xaa64', certificates: [{ revision: '0x200', type: '0x2' }] },
    });
    expect(facts).toMatchObject({
      release: expect.stringMatching(/^6\.\d.*-cloud-arm64$/),
      compiler: expect.stringMatching(/gcc.*Debian/),
      signer: expect.stringMatching(/^Debian Secure Boot Signer/),
    });
    const { stdout } = runCli('inspect', corpus.cloudKernel());
    const [title = ''] = stdout.split('\n  kind ');
    expect(joinLines(title)).toContain(
      `: Linux ${facts.release}, compiled by ${facts.compiler}, signed by ${facts.signer} (not verified)`,
    );
    expect(stdout).toMatch(/^ {2}pageSize +4K$/m);
  });

  it('shows a device tree', () => {
    const [board = ''] = corpus.deviceTrees();
    const facts = inspectJson(board);
    expect(facts.kind).toBe('device tree');
    expect(facts.model).toMatch(/^".+"$/);
  });
  it('shows nested files as a tree', () => {
    const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
    const zboot = buildZboot(gzipKernel(kernel), 'gzip', kernel.length);
    const uki = writeTemporaryFile(
      buildUki(corpus.stub(), { '.osrel': 'ID=test', '.cmdline': 'quiet', '.linux': zboot }),
    );
    expect(inspectJson(uki)).toMatchObject({
      kind: 'UKI',
      osrel: ['ID=test'],
      commandLine: 'quiet',
      kernel: { kind: 'zboot image', compression: 'gzip', kernel: { kind: 'arm64 Image', pageSize: '4K' } },
    });
    expect(runCli('inspect', uki).stdout).toMatch(/^ {6}kind +arm64 Image$/m);
  });

  it.each([
    ['a uImage', () => buildUimage(buildImage(), 'none'), { kind: 'uImage', crcs: 'hold' }],
    [
      'a FIT',
      () => buildFit({ kernel: buildImage() }),
      { kind: 'FIT', configuration: 'conf-2', hashes: ['kernel-1 sha256'] },
    ],
    ['a compressed kernel', () => compress(buildImage(), 'xz'), { kind: 'xz file' }],
  ] as const)('shows %s', (_, bytes, facts) => {
    expect(inspectJson(writeTemporaryFile(bytes()))).toMatchObject({
      ...facts,
      kernel: { kind: 'arm64 Image' },
    });
  });

  it.each([
    [
      'an Image cut short',
      () => readFileSync(corpus.cloudKernel()).subarray(0, 1 << 20),
      'ELIBBAD',
      'pe-section',
    ],
    ['a device tree cut short', () => buildSmallDeviceTree().subarray(0, -1), 'EINVAL', 'dtb-header'],
    [
      'a header cut short',
      () => readFileSync(corpus.cloudKernel()).subarray(0, 63),
      'EINVAL',
      'image-header',
    ],
    [
      'an ELF core header cut short',
      () => buildElfcorehdr(buildCrashMachine()).subarray(0, 100),
      'EINVAL',
      'elf-core',
    ],
    ['a file of zeros', () => new Uint8Array(4096), 'ENOEXEC', 'file-kind'],
    ['an empty file', () => new Uint8Array(0), 'ENOEXEC', 'file-kind'],
  ] as const)('refuses %s with exit code 1', (_, bytes, errno, check) => {
    const { status, stdout, stderr } = runCli('inspect', writeTemporaryFile(bytes()), '--json');
    expect(status).toBe(1);
    expect(stderr).toContain(`refused: ${errno} (${check})`);
    expect(JSON.parse(stdout).refusal).toMatchObject({ errno, check });
  });
});
