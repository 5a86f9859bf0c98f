import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  isEfiVariable,
  isEfiVariableUpdate,
  parseEfiVariable,
  parseEfiVariableUpdate,
} from '../../src/formats/efivar.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';
import { makeSigner } from '../support/openssl.js';
import { changeNumber } from '../support/pe.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';

const EBADMSG = { check: 'efi-variable', errno: 'EBADMSG' };

describe('parseEfiVariable', () => {
  // Non-volatile, boot services, run time, authenticated by time: what db and dbx have.
  const file = Uint8Array.of(0x27, 0, 0, 0, 1, 2, 3);

  it('separates attributes and data, sharing memory', () => {
    const { attributes, data } = parseEfiVariable(file);
    expect(attributes).toBe(0x27);
    expect(data).toEqual(Uint8Array.of(1, 2, 3));
    expect(data.buffer).toBe(file.buffer);
  });

  it('reads a variable without data', () => {
    expect(parseEfiVariable(file.subarray(0, 4)).data).toHaveLength(0);
  });

  it.each([0, 1, 2, 3])('refuses %i bytes', (length) => {
    expect(catchRefusal(() => parseEfiVariable(file.subarray(0, length)))).toMatchObject(EBADMSG);
    expect(isEfiVariable(file.subarray(0, length))).toBe(false);
  });

  it('refuses bits that no attribute has', () => {
    const changed = Uint8Array.of(0x27, 1, 0, 0, 1);
    expect(catchRefusal(() => parseEfiVariable(changed))).toMatchObject(EBADMSG);
    expect(isEfiVariable(changed)).toBe(false);
    expect(isEfiVariable(file)).toBe(true);
  });
});

describe('parseEfiVariableUpdate', () => {
  const { update, list } = withTemporaryFolder((folder) => {
    const signer = makeSigner(folder, 'signer', { key: 'rsa' });
    const [esl, auth] = [join(folder, 'db.esl'), join(folder, 'db.auth')];
    runProgram('cert-to-efi-sig-list', [signer.certificatePath, esl]);
    runProgram('sign-efi-sig-list', ['-k', signer.keyPath, '-c', signer.certificatePath, 'db', esl, auth]);
    return { update: new Uint8Array(readFileSync(auth)), list: new Uint8Array(readFileSync(esl)) };
  });

  it('reads what sign-efi-sig-list writes', () => {
    expect(isEfiVariableUpdate(update)).toBe(true);
    const { signature, data } = parseEfiVariableUpdate(update);
    expect(data).toEqual(list);
    expect(signature.length).toBe(update.length - list.length - 40);
    // SignedData, version 1.
    expect(Buffer.from(signature).toString('hex')).toMatch(/^3082....020101/);
  });

  it.each<[string, Uint8Array]>([
    ['a file cut short in its header', update.subarray(0, 39)],
    ['another revision', changeNumber(update, 20, 0x0100, 2)],
    ['another type of certificate', changeNumber(update, 22, 0x0002, 2)],
    ['another GUID of its signature', changeNumber(update, 24, 0)],
    ['a signature shorter than its header', changeNumber(update, 16, 23)],
    ['a signature that leaves the file', changeNumber(update, 16, update.length - 15)],
    ['a signature of 4 GiB', changeNumber(update, 16, 0xffff_ffff)],
    ['an empty file', new Uint8Array()],
  ])('refuses %s', (_, file) => {
    expect(catchRefusal(() => parseEfiVariableUpdate(file))).toMatchObject(EBADMSG);
  });

  it('accepts an update without data', () => {
    expect(parseEfiVariableUpdate(update.subarray(0, update.length - list.length)).data).toHaveLength(0);
  });

  it('gives a value or a refusal with any bit of its header flipped', () => {
    const outcomes = new Set<string>();
    for (const file of flipEachBit(update, 40)) {
      outcomes.add(catchRefusal(() => parseEfiVariableUpdate(file))?.check ?? 'value');
    }
    expect([...outcomes].sort()).toEqual(['efi-variable', 'value']);
  });
});
