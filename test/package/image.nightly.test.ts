/** The image's bytes: executable.debian.test.ts has those of the executables in it, and image.debian.test.ts the rest. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runProgram } from '../support/programs.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const IMAGE = `build/oci/kexec-file-${version}.oci.tar`;

it('another build of the image has the same bytes', { timeout: 20 * 60_000 }, () => {
  runProgram('npm', ['run', '--silent', 'image']);
  const first = readFileSync(IMAGE);
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
  try {
    const command = `umask 077 && TMPDIR=${folder} TZ=Asia/Kathmandu exec npm run --silent image`;
    runProgram('sh', ['-c', command]);
    expect(readFileSync(IMAGE).equals(first)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
