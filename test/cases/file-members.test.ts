/**
 * Files with several kernels, or one in several ways: a FIT's configurations, a UKI's profiles, chosen by FILE#NAME.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { addNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt, type FdtNode } from '../../src/formats/fdt/tree.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { plan } from '../../src/kexec/plan-kernel.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { splitMember } from '../../src/node/files/member-path.js';
import { diagnoseFiles } from '../../src/node/live/diagnose-files.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildImage } from '../support/image.js';
import { tryInspect } from '../support/kernel-trials.js';
import { buildMachine } from '../support/machine.js';
import { buildPe } from '../support/pe.js';

const FIELD = join(import.meta.dirname, 'field');
const FIT = join(FIELD, '05-fit-configuration');
const UKI = join(FIELD, '06-uki-profile/profiles.efi');

const text = (characters: string): Uint8Array => new TextEncoder().encode(characters);
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

interface Configuration {
  readonly name: string;
  readonly compatible?: string;
  /** That of its device tree. */
  readonly board?: string;
}

function buildTree(compatible: string): Uint8Array {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, 'compatible', text(`${compatible}\0`));
  return writeFdt(fdt);
}

/** The Image of each configuration ends in its number. */
function buildFit(configurations: readonly Configuration[], defaultName?: string): Uint8Array {
  const fdt = createFdt();
  const set = (node: FdtNode, name: string, value: string | Uint8Array): void =>
    setProperty(fdt, node, name, typeof value === 'string' ? text(`${value}\0`) : value);
  const [images, choices] = [addNode(fdt.root, 'images'), addNode(fdt.root, 'configurations')];
  if (defaultName !== undefined) set(choices, 'default', defaultName);
  for (const [index, { name, compatible, board }] of configurations.entries()) {
    const image = buildImage();
    image[image.length - 1] = index;
    const kernel = addNode(images, `kernel-${index}`);
    for (const [property, value] of [
      ['type', 'kernel'],
      ['os', 'linux'],
      ['arch', 'arm64'],
    ] as const)
      set(kernel, property, value);
    set(kernel, 'data', image);
    const node = addNode(choices, name);
    set(node, 'kernel', `kernel-${index}`);
    if (compatible !== undefined) set(node, 'compatible', compatible);
    if (board === undefined) continue;
    set(addNode(images, `fdt-${index}`), 'data', buildTree(board));
    set(node, 'fdt', `fdt-${index}`);
  }
  return writeFdt(fdt);
}

const machineFor = (compatible: string): Machine =>
  buildMachine({ arm64: { deviceTree: buildTree(compatible) } });

async function tryMember(file: Uint8Array, member: string | undefined, machine: Machine) {
  const result = await plan(file, { machine, member, decompress: nodeDecompress });
  if ('refusal' in result) return { refusal: result.refusal, last: undefined, details: '' };
  const kernel = result.kimage.segments.find(({ name }) => name === 'kernel');
  return {
    refusal: undefined,
    last: kernel?.bytes.at(-1),
    details: result.trail.map(({ detail }) => detail).join('\n'),
  };
}

describe('field/05: the configuration of a FIT', () => {
  const qemu = PRESETS['qemu-virt']();

  it('no-default.itb: the one for the machine is taken, and the others are listed', async () => {
    const { details } = await tryMember(read(join(FIT, 'no-default.itb')), undefined, await qemu);
    expect(details).toMatch(/configuration conf-2 of 2, the one for this machine/);
    expect(details).toMatch(/FILE#NAME takes another: #conf-1/);
  });

  it('no-default.itb: a refusal lists them on another machine', async () => {
    const { refusal } = await tryMember(
      read(join(FIT, 'no-default.itb')),
      undefined,
      machineFor('acme,board'),
    );
    expect(refusal).toMatchObject({ check: 'fit', errno: 'ENOEXEC' });
    expect(refusal?.seen).toMatch(
      /no default configuration, and none is for acme,board; it has conf-1, conf-2/,
    );
    expect(refusal?.cure).toMatch(/FILE#conf-1/);
  });

  it.each([
    ['conf-1', /configuration conf-1 of 2, as given/],
    ['conf-2', /configuration conf-2 of 2, as given/],
    [undefined, /configuration conf-1 of 2, the default/],
  ])('two-configurations.itb: #%s', async (member, detail) => {
    expect((await tryMember(read(join(FIT, 'two-configurations.itb')), member, await qemu)).details).toMatch(
      detail,
    );
  });

  it.each<[string, readonly Configuration[], string | undefined, string, number | RegExp]>([
    ['the default', [{ name: 'a' }, { name: 'b' }], 'b', 'x', 1],
    ['the default, whatever the machine', [{ name: 'a', compatible: 'x' }, { name: 'b' }], 'b', 'x', 1],
    ['the only one', [{ name: 'a' }], undefined, 'x', 0],
    [
      "by its device tree's compatible",
      [
        { name: 'a', board: 'y' },
        { name: 'b', board: 'x' },
      ],
      undefined,
      'x',
      1,
    ],
    [
      'by its own compatible first',
      [
        { name: 'a', board: 'x', compatible: 'y' },
        { name: 'b', compatible: 'x' },
      ],
      undefined,
      'x',
      1,
    ],
    [
      'the most specific board',
      [
        { name: 'a', compatible: 'family' },
        { name: 'b', compatible: 'x' },
      ],
      undefined,
      'x\0family',
      1,
    ],
    [
      'two for the same board',
      [
        { name: 'a', compatible: 'x' },
        { name: 'b', compatible: 'x' },
      ],
      undefined,
      'x',
      /2 configurations are for x/,
    ],
    ['a default that is missing', [{ name: 'a' }], 'z', 'x', /no configuration z, its default/],
    ['none at all', [], undefined, 'x', /it has none/],
  ])('%s', async (_, configurations, defaultName, compatible, wanted) => {
    const { refusal, last } = await tryMember(
      buildFit(configurations, defaultName),
      undefined,
      machineFor(compatible),
    );
    if (typeof wanted === 'number') expect(last).toBe(wanted);
    else expect(refusal?.seen).toMatch(wanted);
  });

  it('in gzip', async () => {
    const file = gzipSync(buildFit([{ name: 'a' }, { name: 'b' }]));
    expect((await tryMember(new Uint8Array(file), 'b', machineFor('x'))).last).toBe(1);
  });

  it.each(['c', '', '0', 'conf-1/../a'])(
    '#%s, which is not there, is refused with the list',
    async (member) => {
      const { refusal } = await tryMember(buildFit([{ name: 'a' }, { name: 'b' }]), member, machineFor('x'));
      expect(refusal?.seen).toMatch(/there is no configuration .*; it has b, a/);
    },
  );

  it('inspect lists them, also where one has to be chosen', async () => {
    const listed = await tryInspect(read(join(FIT, 'no-default.itb')));
    expect(listed).toMatch(
      /"choices":\[\{"name":"conf-1","kernel":"kernel-1"\},\{"name":"conf-2".*linux,dummy-virt/,
    );
    expect(listed).toMatch(/"unopened":"no configuration is the default/);
  });

  it('thousands of configurations and images are refused, and the list in a refusal is short', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `conf-${index}` }));
    expect((await tryMember(buildFit(many(300)), undefined, machineFor('x'))).refusal?.seen).toMatch(
      /conf-288, and 288 more$/,
    );
    const fdt = createFdt();
    addNode(fdt.root, 'images');
    const configurations = addNode(fdt.root, 'configurations');
    for (let index = 0; index < 5000; index += 1)
      configurations.children.push({ name: `c${index}`, properties: [], children: [] });
    expect((await tryMember(writeFdt(fdt), undefined, machineFor('x'))).refusal?.seen).toMatch(
      /5000 nodes, and 4096/,
    );
  });
});

describe('field/06: the profile of a UKI', () => {
  it.each([
    [undefined, 'console=ttyAMA0', /profile 0 \(main\) is used.*#1 \("debug"\)/],
    ['0', 'console=ttyAMA0', /profile 0 \(main\)/],
    ['main', 'console=ttyAMA0', /profile 0 \(main\)/],
    ['1', 'console=ttyAMA0 debug', /profile 1 \(debug\)/],
    ['debug', 'console=ttyAMA0 debug', /profile 1 \(debug\)/],
  ])('#%s: its command line and the initrd for all are used', async (member, commandLine, note) => {
    const { details } = await tryMember(read(UKI), member, buildMachine());
    expect(details).toContain(`the file's own command line, "${commandLine}", is used`);
    expect(details).toMatch(/own initrd, 252 bytes, is used/);
    expect(details).toMatch(note);
  });

  it.each(['2', '@1', 'Debug', ''])('#%s is refused with the list', async (member) => {
    const { refusal } = await tryMember(read(UKI), member, buildMachine());
    expect(refusal).toMatchObject({ check: 'uki', errno: 'ENOEXEC' });
    expect(refusal?.seen).toMatch(/it has 0 \("main"\), 1 \("debug"\)/);
  });

  it('inspect lists them with IDs and command lines', async () => {
    expect(await tryInspect(read(UKI))).toContain(
      '"profiles":[{"number":0,"id":"main","commandLine":"console=ttyAMA0"},' +
        '{"number":1,"id":"debug","title":"Debug","commandLine":"console=ttyAMA0 debug"}]',
    );
  });

  const buildUki = (...sections: readonly (readonly [string, string | Uint8Array])[]): Uint8Array =>
    buildPe({
      sections: sections.map(([name, bytes]) => ({
        name,
        bytes: typeof bytes === 'string' ? text(bytes.padEnd(16)) : bytes,
      })),
    });

  it('a kernel of its own in a profile', async () => {
    const own = buildImage();
    own[own.length - 1] = 9;
    const file = buildUki(
      ['.linux', buildImage()],
      ['.profile', 'ID=a'],
      ['.profile', "ID='b c'"],
      ['.linux', own],
    );
    expect((await tryMember(file, 'a', buildMachine())).last).toBe(0xa5);
    expect((await tryMember(file, 'b c', buildMachine())).last).toBe(9);
  });

  it('two profiles of one ID are told apart by number only', async () => {
    const file = buildUki(
      ['.linux', buildImage()],
      ['.profile', 'ID=a'],
      ['.profile', 'ID=a'],
      ['.cmdline', 'two'],
    );
    expect((await tryMember(file, 'a', buildMachine())).refusal?.seen).toMatch(/2 profiles are a/);
    expect((await tryMember(file, '1', buildMachine())).details).toMatch(/own command line, "two"/);
  });

  it('a UKI without profiles has number 0 alone', async () => {
    const file = buildUki(['.linux', buildImage()]);
    expect((await tryMember(file, '0', buildMachine())).refusal).toBeUndefined();
    expect((await tryMember(file, '1', buildMachine())).refusal?.seen).toMatch(
      /no profile 1; it has no profiles/,
    );
  });

  it('thousands of profiles are refused', async () => {
    const sections = Array.from({ length: 4200 }, () => ['.profile', ''] as const);
    const { refusal } = await tryMember(
      buildUki(['.linux', buildImage()], ...sections),
      undefined,
      buildMachine(),
    );
    expect(refusal?.seen).toMatch(/4200 profiles, and 4096 are supported/);
  });
});

describe('FILE#NAME', () => {
  it('for a file without members is refused', async () => {
    const { refusal } = await tryMember(buildImage(), 'x', buildMachine());
    expect(refusal).toMatchObject({
      check: 'kernel-file',
      seen: expect.stringMatching(/^#x: the file has no/),
    });
  });

  it('a file whose own name has a # wins', () => {
    const folder = makeTemporaryFolder();
    const [plain, named] = [join(folder, 'fit'), join(folder, 'fit#conf-1')];
    writeFileSync(plain, 'a');
    expect(splitMember(named)).toEqual({ path: plain, member: 'conf-1' });
    expect(splitMember(`${plain}#a#b`)).toEqual({ path: plain, member: 'a#b' });
    writeFileSync(named, 'b');
    expect(splitMember(named)).toEqual({ path: named, member: undefined });
    expect(splitMember(`${named}#2`)).toEqual({ path: named, member: '2' });
    expect(splitMember(join(folder, 'none#2'))).toEqual({ path: join(folder, 'none#2'), member: undefined });
  });

  it.each(['plan', 'explain', 'inspect'])('%s takes it', (command) => {
    const { status, stdout } = runCli(command, `${UKI}#debug`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/console=ttyAMA0 debug/);
  });

  it('plan of a file with a # in its name', () => {
    const path = join(makeTemporaryFolder(), 'uki#1.efi');
    copyFileSync(UKI, path);
    expect(runCli('plan', path).stdout).toMatch(/profile 0 \(main\) is used/);
    expect(runCli('plan', `${path}#1`).stdout).toMatch(/profile 1 \(debug\) is used/);
  });

  it('doctor takes it', async () => {
    const machine = machineFor('acme,board');
    const findings = async (kernel: string) => JSON.stringify(await diagnoseFiles({ machine, kernel }));
    const path = join(FIT, 'no-default.itb');
    expect(await findings(path)).toMatch(/no default configuration/);
    expect(await findings(`${path}#conf-2`)).not.toMatch(/no default configuration/);
  });
});
