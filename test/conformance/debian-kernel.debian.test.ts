import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpus } from '../support/corpus.js';
import { ORACLE_RELEASES } from '../support/oracle/oracle.js';
import { SIGNATURES } from './x86-64/brief-questions.js';
import { replayBriefKind } from './x86-64/compare-brief.js';
import { debianKernelKind } from './x86-64/debian-kernel-cases.js';
import { readX86Recorded } from './x86-64/recorded.js';

/** In milliseconds: kernels of 13 MB are digested. */
const TIMEOUT = 120_000;

describe.each(ORACLE_RELEASES)("errnos of Debian's Linux %s for x86_64 under Secure Boot", (release) => {
  it('agree with ours for that kernel, signed by Debian, by us, changed, unsigned', {
    timeout: TIMEOUT,
  }, () => {
    const { machine } = readX86Recorded(release, SIGNATURES.machine);
    const kind = debianKernelKind(new Uint8Array(readFileSync(corpus.x86Oracle(release))));
    expect(replayBriefKind(SIGNATURES, release, kind, machine)).toEqual([]);
  });
});
