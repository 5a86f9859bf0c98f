import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/base/checks.js';
import { attempt, attemptAsync, KexecError, refuse } from '../../src/base/error.js';

const refusal = () => new KexecError('cpio-entry', 'EINVAL', 'an entry has no name', { offset: 16 });

describe('KexecError', () => {
  it('says what was seen, where, and the rule with its source', () => {
    expect(refusal().seen).toBe('an entry has no name (at offset 0x10)');
    expect(refusal().message).toMatch(/^an entry has no name \(at offset 0x10\); the rule: .+ \(.+\)$/);
  });

  it('prints a cause only if there is one', () => {
    expect(inspect(refusal())).not.toContain('[cause]');
    expect(inspect(refusal().with('initrd.img: an entry has no name'))).toContain('[cause]');
  });

  it('keeps check and errno when it is re-worded', () => {
    const inner = refusal();
    const outer = inner.with(`initrd.img: ${inner.seen}`);
    expect(outer).toMatchObject({ check: 'cpio-entry', errno: 'EINVAL', cause: inner });
    expect(outer.seen).toBe('initrd.img: an entry has no name (at offset 0x10)');
  });

  it('has the cure of its check, or one for this very cause, which other words keep', () => {
    expect(refusal().cure).toBe(CHECKS['cpio-entry'].cure);
    const own = new KexecError('cpio-entry', 'EINVAL', 'an entry has no name', { cure: 'give it one' });
    expect(own.with('initrd.img: an entry has no name').cure).toBe('give it one');
    // A refusal by another check is another cause.
    const other = new KexecError('file-size', 'EINVAL', 'too small', { cause: own });
    expect(other.cure).toBe(CHECKS['file-size'].cure);
  });

  it('does not compile with an errno that its check does not declare', () => {
    // @ts-expect-error a file of a wrong size is EINVAL or EFBIG
    expect(new KexecError('file-size', 'EKEYREJECTED', 'empty').errno).toBe('EKEYREJECTED');
    const check = 'file-size' as 'file-size' | 'trust';
    // @ts-expect-error only one of the two checks declares it
    expect(new KexecError(check, 'EKEYREJECTED', 'empty').errno).toBe('EKEYREJECTED');
  });
});

describe('attempt', () => {
  it('returns the result or the refusal', async () => {
    expect(attempt(() => 1)).toBe(1);
    expect(attempt(() => refuse('cpio-entry', 'EINVAL', 'no name'))).toMatchObject({ errno: 'EINVAL' });
    expect(await attemptAsync(async () => 1)).toBe(1);
    expect(await attemptAsync(async () => refuse('cpio-entry', 'EINVAL', 'no name'))).toBeInstanceOf(
      KexecError,
    );
  });

  it('throws every other error', async () => {
    const fault = new TypeError('a fault of the program');
    expect(() => attempt(() => raise(fault))).toThrow(fault);
    await expect(attemptAsync(async () => raise(fault))).rejects.toBe(fault);
  });
});

function raise(error: Error): never {
  throw error;
}
