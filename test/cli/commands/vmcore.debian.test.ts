import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';
import { buildUsedPages } from '../../support/used-pages.js';

function fileOf(bytes: Uint8Array): string {
  const path = join(makeTemporaryFolder(), 'vmcore');
  writeFileSync(path, bytes);
  return path;
}

describe('kexec-file vmcore save', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');
  it('says how much space is missing if the disk is full, and resumes the copy', () => {
    const input = fileOf(vmcore);
    const save = (output: string) => [
      'vmcore',
      'save',
      input,
      '-o',
      output,
      '--filter',
      '0',
      '--compress',
      'none',
    ];
    const [output, inOneGo] = [join(makeTemporaryFolder(), 'copy'), join(makeTemporaryFolder(), 'copy')];
    // A limit of 512 blocks, of 512 bytes or of 1 KiB.
    const limited = 'trap "" XFSZ; ulimit -f 512; exec "$@"';
    const command = [process.execPath, 'bin/kexec-file.js', ...save(output)];
    const { status, stderr } = spawnSync('sh', ['-c', limited, 'sh', ...command], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/the disk is full: .* has 1 MiB, about 4 MiB of 5 MiB are missing;.*\n.*EFBIG/);
    const begun = statSync(`${output}.incomplete`).size;
    expect([256 << 10, 512 << 10]).toContain(begun);

    expect(JSON.parse(runCli(...save(output), '--json').stdout).resumedAt).toBe(begun);
    runCli(...save(inOneGo));
    expect(Buffer.compare(readFileSync(output), readFileSync(inOneGo))).toBe(0);
    const check = spawnSync('sha256sum', ['-c', 'copy.sha256'], { cwd: dirname(output), encoding: 'utf8' });
    expect(check.stdout).toBe('copy: OK\n');
  });
});
