import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EFI_SIGNATURE_TYPES, parseEfiSignatureLists } from '../../src/formats/efi-signature-list.js';
import { buildEfiLists, EFI_TYPE, SOME_OWNER } from '../support/efi.js';
import { makeSigner, readTbsDigest } from '../support/openssl.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';

const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value);

describe('parseEfiSignatureLists', () => {
  it('reads what cert-to-efi-sig-list writes, one list behind another', () => {
    withTemporaryFolder((folder) => {
      const signers = [makeSigner(folder, 'one'), makeSigner(folder, 'two', { key: 'rsa' })];
      const lists = signers.map(({ certificatePath }) => {
        runProgram('cert-to-efi-sig-list', ['-g', SOME_OWNER, certificatePath, `${certificatePath}.esl`]);
        return readFileSync(`${certificatePath}.esl`);
      });
      const parsed = parseEfiSignatureLists(Buffer.concat(lists));
      expect(parsed).toEqual(
        signers.map(({ der }) => ({
          type: EFI_TYPE.x509,
          signatures: [{ owner: SOME_OWNER, data: Buffer.from(der) }],
        })),
      );
    });
  });

  it.each(['256', '384', '512'])('reads what cert-to-efi-hash-list writes with SHA-%s', (size) => {
    withTemporaryFolder((folder) => {
      const signer = makeSigner(folder, 'signer');
      const esl = join(folder, 'hash.esl');
      runProgram('cert-to-efi-hash-list', [
        '-s',
        size,
        '-t',
        '2024-02-29 12:34:56',
        signer.certificatePath,
        esl,
      ]);
      const [list] = parseEfiSignatureLists(readFileSync(esl));
      expect(EFI_SIGNATURE_TYPES.get(list?.type ?? '')).toBe(`X509_SHA${size}`);
      const data = Buffer.from(list?.signatures[0]?.data ?? []);
      const digestSize = Number(size) / 8;
      expect(data.subarray(0, digestSize).toString('hex')).toBe(readTbsDigest(signer, `sha${size}`));
      // EFI_TIME: year, month, day, hour, minute, second, then zeros.
      expect(data.subarray(digestSize).toString('hex')).toBe(`e807021d0c2238${'0'.repeat(18)}`);
    });
  });

  it('is read back by sig-list-to-certs', () => {
    withTemporaryFolder((folder) => {
      const { der } = makeSigner(folder, 'signer');
      const file = buildEfiLists(
        { type: EFI_TYPE.x509, signatures: [{ data: der }] },
        { type: EFI_TYPE.sha256, signatures: [{ data: bytes(32) }, { data: bytes(32, 8) }] },
      );
      writeFileSync(join(folder, 'in.esl'), file);
      runProgram('sig-list-to-certs', ['in.esl', 'out'], { cwd: folder });
      const written = ['out-0.der', 'out-1.hash', 'out-2.hash'].map((name) =>
        readFileSync(join(folder, name)),
      );
      const ours = parseEfiSignatureLists(file).flatMap(({ signatures }) => signatures);
      expect(written).toEqual(ours.map(({ data }) => Buffer.from(data)));
    });
  });
});
