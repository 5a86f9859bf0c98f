/**
 * Builds what is written in AArch64 assembly, with GNU binutils:
 *
 *   src/kexec/arm64/purgatory/purgatory.S   → object.ts            the relocatable object, in base64
 *   src/node/qemu/rehearsal/loader.S        → loader-program.ts    a program, in base64
 *   test/witness/witness.S                 → witness.Image
 *
 *   node scripts/build-assembly.mjs            writes them
 *   node scripts/build-assembly.mjs --check    compares them with what is checked in: exit code 1 if they differ
 *
 * The tools are those with the prefix `aarch64-linux-gnu-`, or with the one in $CROSS_COMPILE (empty on arm64).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PREFIX = process.env.CROSS_COMPILE ?? 'aarch64-linux-gnu-';
const BASE64_LINE = 96;

/**
 * Runs one of the binutils.
 *
 * @param {string} name `as`, `ld`, `objcopy`
 * @param {string[]} args
 * @returns {string} what it prints
 */
function tool(name, args) {
  try {
    return execFileSync(PREFIX + name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new Error(`${PREFIX}${name} is missing: install GNU binutils for aarch64, or set CROSS_COMPILE`);
    }
    throw new Error(`${PREFIX}${name} failed:\n${error.stderr}`);
  }
}

/**
 * @param {string} scratch a folder for what comes between
 * @returns {Buffer} the text of object.ts
 */
function buildPurgatory(scratch) {
  const folder = join(ROOT, 'src/kexec/arm64/purgatory');
  const object = join(scratch, 'purgatory.o');
  tool('as', ['-I', folder, '-o', object, join(folder, 'purgatory.S')]);
  tool('objcopy', ['--strip-unneeded', object]);
  return Buffer.from(`// Built from purgatory.S by scripts/build-assembly.mjs: not to be edited.
import { decodeBase64 } from '../../../base/bytes.js';

const OBJECT =
${base64Lines(object)};

/** Purgatory as the assembler gives it: a relocatable AArch64 ELF object, for \`loadPurgatory()\`. */
export function purgatoryObject(): Uint8Array {
  return decodeBase64(OBJECT);
}
`);
}

/**
 * @param {string} scratch a folder for what comes between
 * @returns {Buffer} the text of loader-program.ts
 */
function buildLoader(scratch) {
  const object = join(scratch, 'loader.o');
  const program = join(scratch, 'loader');
  tool('as', ['-o', object, join(ROOT, 'src/node/qemu/rehearsal/loader.S')]);
  tool('ld', ['-n', '--strip-all', '--build-id=none', '-o', program, object]);
  return Buffer.from(`// Built from loader.S by scripts/build-assembly.mjs: not to be edited.
import { decodeBase64 } from '../../../base/bytes.js';

const PROGRAM =
${base64Lines(program)};

/** A program for arm64 Linux, linked statically, that loads a crash kernel: loader.S tells what it takes. */
export function decodeLoaderProgram(): Uint8Array {
  return decodeBase64(PROGRAM);
}
`);
}

/**
 * @param {string} path of a file
 * @returns {string} its bytes in base64, as an expression of TypeScript
 */
function base64Lines(path) {
  const base64 = readFileSync(path).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${BASE64_LINE}}`, 'g')).map((line) => `  '${line}'`);
  return lines.join(' +\n');
}

/**
 * @param {string} scratch a folder for what comes between
 * @returns {Buffer} the Image
 */
function buildWitness(scratch) {
  const source = join(ROOT, 'test/witness');
  const object = join(scratch, 'witness.o');
  const linked = join(scratch, 'witness.elf');
  const image = join(scratch, 'witness.Image');
  tool('as', ['-o', object, join(source, 'witness.S')]);
  tool('ld', ['-T', join(source, 'witness.ld'), '--build-id=none', '-o', linked, object]);
  tool('objcopy', ['-O', 'binary', linked, image]);
  return readFileSync(image);
}

const PRODUCTS = [
  { path: 'src/kexec/arm64/purgatory/purgatory-object.ts', build: buildPurgatory },
  { path: 'src/node/qemu/rehearsal/loader-program.ts', build: buildLoader },
  { path: 'test/witness/witness.Image', build: buildWitness },
];

/**
 * @param {string} path
 * @returns {Buffer | undefined} what is checked in, if anything
 */
function checkedIn(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * @param {string[]} args
 * @returns {number} the exit code
 */
function main(args) {
  const check = args[0] === '--check';
  if (args.length > 1 || (args.length === 1 && !check)) {
    console.error('usage: build-assembly.mjs [--check]');
    return 2;
  }

  const scratch = mkdtempSync(join(tmpdir(), 'build-assembly-'));
  try {
    const assembler = tool('as', ['--version']).split('\n', 1)[0];
    let differing = 0;
    for (const { path, build } of PRODUCTS) {
      const built = build(scratch);
      const target = join(ROOT, path);
      if (!check) {
        writeFileSync(target, built);
        console.log(`${path}: written`);
      } else if (checkedIn(target)?.equals(built)) {
        console.log(`${path}: up to date`);
      } else {
        console.error(`${path}: not what its source builds with ${assembler}; run npm run assembly`);
        differing += 1;
      }
    }
    return differing === 0 ? 0 : 1;
  } catch (error) {
    console.error(error.message);
    return 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

process.exitCode = main(process.argv.slice(2));
