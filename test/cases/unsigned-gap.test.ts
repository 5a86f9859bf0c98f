/** Bytes that no signature covers are noted; the verdict is the kernel's. */
import { describe, expect, it } from 'vitest';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { parseKeyringFile } from '../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore } from '../../src/trust/keyrings/trust-store.js';
import { verify } from '../../src/trust/verify-signature.js';
import { signedFile } from '../conformance/authenticode.js';
import { ca } from '../conformance/identities.js';
import { buildImage, filler, type Section } from '../conformance/image.js';
import { runCli } from '../support/cli.js';

const CASE = 'test/cases/attack/28-unsigned-gap';

describe('attack/28: 512 bytes between headers and first section', () => {
  it('verify says ok, as the kernel, and notes them', () => {
    const { status, stdout } = runCli('verify', `${CASE}/gap.evil`, '--cert', `${CASE}/good.pem`);
    expect(status).toBe(0);
    expect(stdout).toContain('note: 512 bytes are covered by no signature');
    expect(stdout).toContain('0x180..0x380');
  });

  it('in JSON and in the trail of plan, too', () => {
    const json = runCli('verify', `${CASE}/gap.evil`, '--cert', `${CASE}/good.pem`, '--json').stdout;
    expect(JSON.parse(json)).toMatchObject({
      verdict: 'ok',
      notes: [expect.stringContaining('0x180..0x380')],
    });
    const { status, stdout } = runCli('plan', `${CASE}/gap.evil`, '--cert', `${CASE}/good.pem`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/note +pe-contents +512 bytes are covered by no signature/);
  });
});

describe('of its kind', () => {
  const store = buildTrustStore(
    [{ name: 'ca', keyring: 'builtin', file: parseKeyringFile(ca().certificate.der) }],
    nodeHashes,
  );
  const notesOn = (image: Uint8Array) => {
    const { verdict, notes } = verify(signedFile({ image }), { trust: store, hashes: nodeHashes });
    return { verdict, notes };
  };
  const section = (name: string, pointer: number, size: number): Section => ({
    name,
    bytes: new Uint8Array(),
    header: { pointer, size, virtualSize: size },
  });

  it('an ordinary file has none', () => {
    expect(notesOn(buildImage())).toEqual({ verdict: 'ok', notes: undefined });
  });

  it('a gap between two sections, filled with zeros', () => {
    const image = buildImage({
      sections: [section('.text', 0x200, 0x40), section('.data', 0x280, 0x40)],
      headerSize: 0x200,
      trailing: Buffer.concat([filler('a', 0x40), new Uint8Array(0x40), filler('b', 0x40)]),
    });
    const { verdict, notes } = notesOn(image);
    expect(verdict).toBe('ok');
    // The rest of the file begins 0x40 bytes early, within the second section.
    expect(notes).toEqual([
      expect.stringMatching(/^64 bytes, all zero, are covered by no signature.*: 0x240\.\.0x280$/),
    ]);
  });

  it('no sections with bytes but one at the end', () => {
    const image = buildImage({
      sections: [section('.text', 0x400, 0x40)],
      headerSize: 0x200,
      trailing: filler('c', 0x240),
    });
    const { verdict, notes } = notesOn(image);
    expect(verdict).toBe('ok');
    expect(notes?.join()).toMatch(/^64 bytes are covered by no signature.*: 0x200\.\.0x240$/);
  });

  it('many gaps are counted', () => {
    const sections = Array.from({ length: 12 }, (_, index) =>
      section(`.s${index}`, 0x400 + index * 0x40, 0x20),
    );
    const image = buildImage({ sections, headerSize: 0x3e0, trailing: filler('d', 0x20 + 12 * 0x40) });
    expect(notesOn(image).notes?.join()).toMatch(/and \d+ more$/);
  });
});
