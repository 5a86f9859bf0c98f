import { expect, it } from 'vitest';
import { createByteSource } from '../../../src/base/byte-source.js';
import { attempt, type KexecError } from '../../../src/base/error.js';
import { VmcoreinfoFacts } from '../../../src/vmcore/address/vmcoreinfo.js';
import { ARM64_DUMPS } from '../../../src/vmcore/arm64/arm64-dumps.js';
import { checkVmlinux } from '../../../src/vmcore/summary/check-vmlinux.js';

function adviceFor(lines: Record<string, string>): string {
  const text = createByteSource(new TextEncoder().encode('no ELF file'));
  const dump = { vmcoreinfo: new VmcoreinfoFacts(lines), architecture: ARM64_DUMPS };
  return (attempt(() => checkVmlinux(text, 'vmlinux', dump)) as KexecError).cure;
}

it('names the vmlinux that is wanted by its release, or says what is unknown', () => {
  expect(adviceFor({ OSRELEASE: '6.12.9-arm64' })).toMatch(
    /^give the vmlinux of 6\.12\.9-arm64 with its symbols, .* linux-image-6\.12\.9-arm64-dbg of Debian/,
  );
  const unknown = adviceFor({ 'BUILD-ID': 'ABCDEF' });
  expect(unknown).toMatch(
    /^give the vmlinux of the kernel that crashed with its symbols, .*-RELEASE-dbg of Debian/,
  );
  expect(unknown).toContain('/usr/lib/debug/.build-id/ab/cdef.debug');
});
