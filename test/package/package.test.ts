/** The package as its users have it: packed, unpacked elsewhere, and used in every way that a program can use it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import { moduleComment } from '../../scripts/api/comments.mjs';
import { buildCpio } from '../../src/formats/cpio.js';
import { openInChromium } from '../support/chromium.js';
import {
  addExamples,
  compile,
  ENTRY_POINTS,
  installPackage,
  type Packed,
  packPackage,
  runNode,
} from '../support/consumer.js';
import { buildImage } from '../support/image.js';
import { buildKdump, PACKS } from '../support/kdump.js';
import { buildSmallDeviceTree } from '../support/machine.js';
import { makeSigner } from '../support/openssl.js';
import { buildPe } from '../support/pe.js';
import { makeSigningKeys, signFile } from '../support/signing.js';
import { readExpectedDmesg, readReducedVmcore } from '../support/vmcore.js';

const DUMP = 'linux-6.12-48bit';

const vendor = makeSigner(makeSigningKeys().folder, 'vendor', { key: 'rsa' });
const unsigned = buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(0x200).fill(1) }] });

/** What the examples read. */
const FILES = {
  vmlinuz: buildImage(),
  'vmlinuz.gz': gzipSync(buildImage()),
  'vmlinuz.unsigned': unsigned,
  'vmlinuz.signed': signFile(unsigned, vendor),
  'initrd.img': buildCpio([]),
  'board.dtb': buildSmallDeviceTree(),
  'signing_key.pem': readFileSync(vendor.keyPath),
  'signing_cert.pem': readFileSync(vendor.certificatePath),
  'signing_cert.der': vendor.der,
  // Compressed, so that browsers need a codec of ours.
  vmcore: buildKdump(readReducedVmcore(DUMP), PACKS.zlib),
  'sys-kernel/kexec_loaded': new TextEncoder().encode('0\n'),
  'sys-kernel/kexec_crash_loaded': new TextEncoder().encode('1\n'),
};

let packed: Packed;
beforeAll(() => {
  packed = packPackage();
});

describe('the tarball', () => {
  it('holds what is used at run time, the documents and the examples, and nothing else', () => {
    const folders = packed.files.map((path) => /^((?:dist|lib)\/\w+\/|[^/]+\/)?/.exec(path)?.[0]);
    expect(
      packed.files.filter((path) => /^(src|test|scripts|bench)\/|\.map$|tsbuildinfo/.test(path)),
    ).toEqual([]);
    expect(folders).toEqual(
      expect.arrayContaining(['bin/', 'dist/command/', 'lib/doors/', 'docs/', 'examples/', 'schemas/']),
    );
    expect(folders).not.toContain('dist/cli/');
    expect(folders).not.toContain('lib/cli/');
  });

  it('holds the types and the code of every entry point', () => {
    const files = packed.files.map((path) => `./${path}`);
    for (const { types } of ENTRY_POINTS) {
      expect(files).toContain(types);
      expect(files).toContain(types.replace(/\.d\.ts$/, '.js'));
    }
  });
});

describe('entry points', () => {
  it('load by import and by require() alike, without a warning', () => {
    const folder = installPackage(packed, 'commonjs');
    const names = JSON.stringify(ENTRY_POINTS.map(({ name }) => name));
    writeFileSync(join(folder, 'required.cjs'), listing(names, 'require(name)'));
    writeFileSync(join(folder, 'imported.mjs'), listing(names, 'await import(name)'));
    const required = runNode(folder, 'required.cjs');
    expect(required).toEqual({ ...required, status: 0, stderr: '' });
    expect(required).toEqual(expect.objectContaining(pick(runNode(folder, 'imported.mjs'))));
    expect(required.stdout.split('\n')).toHaveLength(ENTRY_POINTS.length + 1);
  });

  it('have the JSON Schemas of reports beside them', () => {
    const folder = installPackage(packed, 'commonjs');
    const print = "console.log(require('kexec-file/schemas/signature-list.json').title)";
    writeFileSync(join(folder, 'schema.cjs'), print);
    expect(runNode(folder, 'schema.cjs').stdout).toBe('kexec-file/signature-list\n');
  });

  it('type-check without the types of Node, where they need no Node', () => {
    const folder = installPackage(packed, 'module');
    check(
      folder,
      ENTRY_POINTS.filter(({ needsNode }) => !needsNode),
      [],
    );
  });

  it('type-check with the types of Node, where they need Node', () => {
    const folder = installPackage(packed, 'module', ['@types/node']);
    check(
      folder,
      ENTRY_POINTS.filter(({ needsNode }) => needsNode),
      ['node'],
    );
  });
});

function listing(names: string, load: string): string {
  return `for (const name of ${names}) console.log(name, Object.keys(${load}).filter((key) => key !== 'module.exports').sort().join(' '));\n`;
}

function pick({ status, stdout }: { status: number | null; stdout: string }): object {
  return { status, stdout };
}

/** Compiles a module that imports entry points, their declarations included, with all that `strict` asks. */
function check(folder: string, entryPoints: typeof ENTRY_POINTS, types: readonly string[]): void {
  const compilerOptions = {
    ...{ target: 'ES2023', lib: ['ES2023', 'DOM'], module: 'NodeNext', types },
    ...{ strict: true, skipLibCheck: false, noEmit: true },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const imports = entryPoints.map(({ name }, index) => `import * as entry${index} from '${name}';`);
  const uses = entryPoints.map((_, index) => `entry${index}`).join(', ');
  writeFileSync(join(folder, 'main.ts'), `${imports.join('\n')}\nexport const all = [${uses}];\n`);
  expect(compile(folder)).toBe('');
}

describe('the example of', () => {
  let folder = '';
  beforeAll(() => {
    folder = installPackage(packed, 'module');
    addExamples(folder, FILES);
  });

  it.each(ENTRY_POINTS)('$name prints what it says', ({ name, source }) => {
    const { examples } = moduleComment(readFileSync(source, 'utf8'));
    expect(examples).toHaveLength(1);
    const code = examples[0]?.replace(/^```js\n/, '').replace(/```\s*$/, '') ?? '';
    const file = `${name.replace('/', '-')}.mjs`;
    writeFileSync(join(folder, file), code);
    const expected = [...code.matchAll(/^ *\/\/ → (.*)$/gm)].map(([, line]) => `${line}\n`).join('');
    expect(expected).not.toBe('');
    expect(runNode(folder, file)).toEqual(
      expect.objectContaining({ stderr: '', stdout: expected, status: 0 }),
    );
  });
});

/** What each program is started with, and what it prints. */
const PROGRAMS = [
  { name: 'plan', args: ['vmlinuz'], files: ['vmlinuz'], prints: /0x40400000 +2\.0 MiB +free +kernel\n/ },
  {
    name: 'verify',
    args: ['signing_cert.pem', 'vmlinuz.signed'],
    files: ['signing_cert.pem', 'vmlinuz.signed'],
    prints: /^vmlinuz\.signed: ok, signed by /,
  },
  { name: 'vmcore', args: ['vmcore'], files: ['vmcore'], prints: readExpectedDmesg(DUMP) },
] as const;

describe.each([
  ['ES modules', 'module'],
  ['CommonJS', 'commonjs'],
] as const)('the programs in examples, as %s', (_, type) => {
  let folder = '';
  beforeAll(() => {
    folder = installPackage(packed, type, ['@types/node']);
    addExamples(folder, FILES);
    expect(compile(folder)).toBe('');
  });

  it.each(PROGRAMS)('$name', ({ name, args, prints }) => {
    const compiled = readFileSync(join(folder, `${name}.js`), 'utf8');
    expect(compiled.includes('require("kexec-file/node")')).toBe(type === 'commonjs');
    const { status, stdout, stderr } = runNode(folder, `${name}.js`, ...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    if (typeof prints === 'string') expect(stdout).toBe(prints);
    else expect(stdout).toMatch(prints);
  });
});

describe('the programs in examples, in Chromium', () => {
  let folder = '';
  beforeAll(() => {
    folder = installPackage(packed, 'module');
    addExamples(folder, FILES);
    expect(compile(join(folder, 'browser'))).toBe('');
  });

  it.each(PROGRAMS)('$name', async ({ name, files, prints }) => {
    const page = await openInChromium(await bundlePage(folder, name));
    await page.chooseFiles(
      'input',
      files.map((file) => join(folder, file)),
    );
    const text = await page.evaluate<string>(`new Promise((resolve) => {
      const output = document.querySelector('pre');
      const done = () => output.textContent && resolve(output.textContent);
      new MutationObserver(done).observe(output, { childList: true });
      done();
    })`);
    if (typeof prints === 'string') expect(text).toBe(prints);
    else expect(text).toMatch(prints);
    expect(page.complaints).toEqual([]);
  });
});

/** A page with a program and all that it imports in a script of its own: a page from a file imports no other. */
async function bundlePage(folder: string, name: string): Promise<string> {
  const warnings: string[] = [];
  const { output } = await build({
    cwd: folder,
    input: join(folder, 'browser', `${name}.js`),
    platform: 'browser',
    write: false,
    checks: { ineffectiveDynamicImport: false },
    onLog: (_, { message }) => warnings.push(message),
    output: { format: 'iife', codeSplitting: false },
  });
  expect(warnings).toEqual([]);
  const script = output[0].code.replaceAll('</script', '<\\/script');
  const page = join(folder, `${name}.html`);
  writeFileSync(page, `<!doctype html><meta charset="utf-8"><body><script>${script}</script>`);
  return page;
}
