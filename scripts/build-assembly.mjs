/**
 * Builds the files that are written in assembly, with GNU binutils:
 *
 *   src/kexec/arm64/purgatory/purgatory.S   → purgatory-object.ts  the relocatable object, in base64
 *   src/kexec/x86-64/purgatory/purgatory.S  → purgatory-object.ts  the same for x86_64
 *   src/kexec/x86-64/pvh/pvh-entry.S        → pvh-entry-code.ts    the bytes of its code, in base64
 *   src/node/qemu/rehearsal/arm64-loader.S  → arm64-loader-program.ts  a program, in base64
 *   src/node/qemu/rehearsal/x86-loader.S    → x86-loader-program.ts    the same for x86_64
 *   test/witness/witness.S                  → witness.Image
 *
 *   node scripts/build-assembly.mjs            writes the built files
 *   node scripts/build-assembly.mjs --check    compares them with the checked-in files: exit code 1 if they differ
 *
 * The names of the tools have the prefix `aarch64-linux-gnu-`, or that in $CROSS_COMPILE (empty on arm64); for x86_64 it is
 * `x86_64-linux-gnu-`, or that in $CROSS_COMPILE_X86_64.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** How the tools of an architecture are called, and what to set if they have other names. */
const TOOLS = {
  arm64: { name: 'aarch64', variable: 'CROSS_COMPILE', prefix: 'aarch64-linux-gnu-' },
  'x86-64': { name: 'x86-64', variable: 'CROSS_COMPILE_X86_64', prefix: 'x86_64-linux-gnu-' },
};
const BASE64_LINE = 96;

/**
 * Runs a program of the binutils.
 *
 * @param {string} architecture - `arm64` or `x86-64`
 * @param {string} name - `as`, `ld`, `objcopy`
 * @param {string[]} args
 * @returns {string} its standard output
 */
function runTool(architecture, name, args) {
  const { name: target, variable, prefix } = TOOLS[architecture];
  const program = (process.env[variable] ?? prefix) + name;
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new Error(`${program} is missing: install GNU binutils for ${target}, or set ${variable}`);
    }
    throw new Error(`${program} failed:\n${error.stderr}`);
  }
}

/**
 * @param {string} scratch - a folder for intermediate files
 * @param {string} architecture - of the purgatory
 * @param {string} target - the name of the architecture in ELF's documents
 * @returns {Buffer} the text of purgatory-object.ts
 */
function buildPurgatory(scratch, architecture, target) {
  const folder = join(ROOT, 'src/kexec', architecture, 'purgatory');
  const object = join(scratch, 'purgatory.o');
  const shared = join(ROOT, 'src/kexec/purgatory');
  runTool(architecture, 'as', ['-I', folder, '-I', shared, '-o', object, join(folder, 'purgatory.S')]);
  runTool(architecture, 'objcopy', ['--strip-unneeded', object]);
  return formatModule(
    'purgatory.S',
    `Purgatory as a relocatable ${target} ELF object, for \`loadPurgatory()\`.`,
    'decodePurgatoryObject',
    object,
  );
}

/**
 * @param {string} scratch - a folder for intermediate files
 * @returns {Buffer} the text of pvh-entry-code.ts
 */
function buildPvhEntry(scratch) {
  const object = join(scratch, 'pvh-entry.o');
  const code = join(scratch, 'pvh-entry.bin');
  runTool('x86-64', 'as', ['-o', object, join(ROOT, 'src/kexec/x86-64/pvh/pvh-entry.S')]);
  runTool('x86-64', 'objcopy', ['-O', 'binary', '-j', '.text', object, code]);
  return formatModule(
    'pvh-entry.S',
    'Code that is entered in 32-bit mode and enters a kimage in 64-bit mode: pvh-entry.S describes its parameters.',
    'decodePvhEntry',
    code,
  );
}

/**
 * @param {string} scratch - a folder for intermediate files
 * @param {string} architecture - of the program
 * @param {string} source - the name of its source in src/node/qemu/rehearsal
 * @param {string} target - the kernel's name of the architecture
 * @param {string} name - of the function that returns the bytes
 * @returns {Buffer} the text of the module
 */
function buildLoader(scratch, architecture, source, target, name) {
  const object = join(scratch, 'loader.o');
  const program = join(scratch, 'loader');
  runTool(architecture, 'as', ['-o', object, join(ROOT, 'src/node/qemu/rehearsal', source)]);
  runTool(architecture, 'ld', ['-n', '--strip-all', '--build-id=none', '-o', program, object]);
  return formatModule(
    source,
    `A statically linked program for ${target} Linux that loads a crash kernel: ${source} describes its input.`,
    name,
    program,
  );
}

/**
 * @param {string} source - name of the assembly source
 * @param {string} description - of the bytes, for TSDoc
 * @param {string} name - of the function that returns the bytes
 * @param {string} path - of the file with the bytes
 * @returns {Buffer} the text of a TypeScript module with the bytes in base64
 */
function formatModule(source, description, name, path) {
  const base64 = readFileSync(path).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${BASE64_LINE}}`, 'g')).map((line) => `  '${line}'`);
  return Buffer.from(`// Built from ${source} by scripts/build-assembly.mjs; do not edit.
import { decodeBase64 } from '../../../base/bytes.js';

const BASE64 =
${lines.join(' +\n')};

/** ${description} */
export function ${name}(): Uint8Array {
  return decodeBase64(BASE64);
}
`);
}

/**
 * @param {string} scratch - a folder for intermediate files
 * @returns {Buffer} the Image
 */
function buildWitness(scratch) {
  const source = join(ROOT, 'test/witness');
  const object = join(scratch, 'witness.o');
  const linked = join(scratch, 'witness.elf');
  const image = join(scratch, 'witness.Image');
  runTool('arm64', 'as', ['-o', object, join(source, 'witness.S')]);
  runTool('arm64', 'ld', ['-T', join(source, 'witness.ld'), '--build-id=none', '-o', linked, object]);
  runTool('arm64', 'objcopy', ['-O', 'binary', linked, image]);
  return readFileSync(image);
}

const PRODUCTS = [
  {
    path: 'src/kexec/arm64/purgatory/purgatory-object.ts',
    architecture: 'arm64',
    build: (scratch) => buildPurgatory(scratch, 'arm64', 'AArch64'),
  },
  {
    path: 'src/kexec/x86-64/purgatory/purgatory-object.ts',
    architecture: 'x86-64',
    build: (scratch) => buildPurgatory(scratch, 'x86-64', 'x86-64'),
  },
  { path: 'src/kexec/x86-64/pvh/pvh-entry-code.ts', architecture: 'x86-64', build: buildPvhEntry },
  {
    path: 'src/node/qemu/rehearsal/arm64-loader-program.ts',
    architecture: 'arm64',
    build: (scratch) => buildLoader(scratch, 'arm64', 'arm64-loader.S', 'arm64', 'decodeArm64Loader'),
  },
  {
    path: 'src/node/qemu/rehearsal/x86-loader-program.ts',
    architecture: 'x86-64',
    build: (scratch) => buildLoader(scratch, 'x86-64', 'x86-loader.S', 'x86_64', 'decodeX86Loader'),
  },
  { path: 'test/witness/witness.Image', architecture: 'arm64', build: buildWitness },
];

/**
 * @param {string} path
 * @returns {Buffer | undefined} the checked-in file, or undefined if there is none
 */
function readCheckedIn(path) {
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
    let differing = 0;
    for (const { path, architecture, build } of PRODUCTS) {
      const built = build(scratch);
      const target = join(ROOT, path);
      if (!check) {
        writeFileSync(target, built);
        console.log(`${path}: written`);
      } else if (readCheckedIn(target)?.equals(built)) {
        console.log(`${path}: up to date`);
      } else {
        const [assembler] = runTool(architecture, 'as', ['--version']).split('\n', 1);
        console.error(`${path}: differs from what ${assembler} builds from its source; run npm run assembly`);
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
