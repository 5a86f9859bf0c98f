/**
 * Writes the pictures of the inspector in docs/images: `npm run screenshots`. They show what Chromium makes of Debian's files, so
 * they are other bytes on another machine, and CI does not compare them. It reads dist, so run `npm run build` before; it needs what
 * `npm run setup` fetches.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { formatMachine, PRESETS } from '../dist/doors/machine-door.js';
import { buildCpio } from '../dist/formats/cpio.js';
import { debianKernel, debianPackage, debianShim } from './debian.mjs';
import { loadBundled } from './load-bundled.mjs';
import { ROOT } from './setup/files.mjs';

/** The most bytes of a picture. */
const MAX_BYTES = 150_000;

/** In pixels: the width of the page, and what is shown around a view. */
const WIDTH = 1100;
const MARGIN = 16;

const { startChromium } = await loadBundled('test/support/chromium-browser.ts', 'build/chromium-browser.mjs');
const { buildFleetMachine } = await loadBundled('test/support/fleet.ts', 'build/fleet-machines.mjs');
const { recordX86 } = await loadBundled('test/support/x86-machine.ts', 'build/x86-machine.mjs');

const { 'qemu-virt': buildServer } = PRESETS;

/** What firmware may change: the size of RAM; and what an update of the system may require. */
const upgradeServer = () => {
  const { memory, ...server } = buildServer();
  const [{ start, end }] = memory;
  return { ...server, name: 'server', memory: [{ start, end: end - 0x400_0000n }], kexecSignature: 'force' };
};

const FLEET = Array.from({ length: 32 }, (_, index) => `${String(index).padStart(2, '0')}.json`);

/** A board's device tree out of the kernel's package. */
const readTree = (name) => {
  const folder = debianPackage('standard-6.1');
  const path = readdirSync(folder, { recursive: true }).find((file) => file.endsWith(`/${name}.dtb`));
  return readFileSync(join(folder, path));
};

/** The files that are shown, by name. */
const FILES = {
  vmlinuz: () => readFileSync(debianKernel('cloud-6.12')),
  'initrd.img': () =>
    buildCpio([{ name: 'init', type: 'file', permissions: 0o755, bytes: new Uint8Array(12_000_000) }]),
  'shim.efi': () => readFileSync(debianShim()),
  'vendor.pem': () => readFileSync(join(ROOT, 'test/cases/attack/01-pkcs7-quadratic/good.pem')),
  'vmlinuz-6.1': () => readFileSync(debianKernel('standard-6.1')),
  'server.json': () => formatMachine({ ...buildServer(), name: 'server' }),
  'upgraded.json': () => formatMachine(upgradeServer()),
  'pc.json': () => formatMachine({ ...recordX86('x86-64-ovmf'), name: 'pc' }),
  'rock-pi-4a.dtb': () => readTree('rk3399-rock-pi-4a'),
  'rock-pi-4b.dtb': () => readTree('rk3399-rock-pi-4b'),
  ...Object.fromEntries(FLEET.map((name, index) => [name, () => formatMachine(buildFleetMachine(index))])),
  vmcore: () => gunzipSync(readFileSync(join(ROOT, 'test/data/vmcore/linux-6.12-48bit.vmcore.gz'))),
};

const find = (text) =>
  `[...document.querySelectorAll('button, summary')].find((one) => one.textContent.startsWith('${text}'))`;

/** The pictures: the files on the page, the heading of the view, what is done before, and how much is shown, in pixels. */
const PICTURES = {
  'inspector-plan': {
    files: ['vmlinuz', 'initrd.img', 'server.json', 'shim.efi'],
    heading: 'Plan: vmlinuz',
    act: "location.hash = 'command-line=root=/dev/vda1+console=ttyAMA0'",
    height: 1096,
  },
  'inspector-signature': { files: ['vmlinuz', 'vendor.pem'], heading: 'Signature: vmlinuz', height: 560 },
  'inspector-crash': {
    files: ['vmcore'],
    heading: 'Crash: vmcore',
    act: `${find('cpus')}.click()`,
    height: 860,
  },
  'inspector-file': {
    files: ['vmlinuz'],
    heading: 'vmlinuz',
    act: "[...document.querySelectorAll('button.range')].at(-1).click()",
    height: 1180,
  },
  'inspector-preflight': { files: ['vmlinuz', ...FLEET], heading: 'Preflight: vmlinuz', height: 1300 },
  'inspector-machine': { files: ['pc.json'], heading: 'Machine: pc.json', height: 1180 },
  'inspector-machines': {
    files: ['server.json', 'upgraded.json', 'vmlinuz'],
    heading: 'Comparison: server.json, upgraded.json',
    height: 900,
  },
  'inspector-kernels': {
    files: ['vmlinuz-6.1', 'vmlinuz', 'server.json'],
    heading: 'Comparison: vmlinuz-6.1, vmlinuz',
    height: 900,
  },
  'inspector-trees': {
    files: ['rock-pi-4a.dtb', 'rock-pi-4b.dtb'],
    heading: 'Comparison: rock-pi-4a.dtb, rock-pi-4b.dtb',
    height: 900,
  },
};

async function takePicture(folder, { files, heading, act = '0', height }) {
  const browser = startChromium();
  try {
    const page = browser.newPage();
    await page.open(join(ROOT, 'dist/inspector.html'), { scripts: true, width: WIDTH });
    await page.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: 'light' }],
    });
    await page.chooseFiles(
      '#files',
      files.map((name) => join(folder, name)),
    );
    await waitUntilIdle(page, files.length);
    await page.evaluate(`${act}, 0`);
    await wait(500);
    await waitUntilIdle(page, files.length);
    // So high that nothing scrolls, or lies over what does.
    const whole = await page.evaluate('document.documentElement.scrollHeight');
    const metrics = { width: WIDTH, height: whole, deviceScaleFactor: 1, mobile: false };
    await page.send('Emulation.setDeviceMetricsOverride', metrics);
    const box = await page.evaluate(`(() => {
      const section = [...document.querySelectorAll('section')].find((one) => one.querySelector('h2')?.textContent === '${heading}');
      const { x, y, width, height } = section.getBoundingClientRect();
      return { x, y, width, height };
    })()`);
    const clip = {
      x: box.x - MARGIN,
      y: box.y,
      width: box.width + 2 * MARGIN,
      height: Math.min(box.height + MARGIN, height),
      scale: 1,
    };
    const { data } = await page.send('Page.captureScreenshot', { format: 'webp', quality: 80, clip });
    return Buffer.from(data, 'base64');
  } finally {
    await browser.close();
  }
}

async function waitUntilIdle(page, count) {
  const isIdle = `document.querySelectorAll('section.file').length === ${count} && document.querySelector('[aria-busy="true"]') === null`;
  while (!(await page.evaluate(isIdle))) await wait(100);
}

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-pictures-'));
try {
  for (const [name, read] of Object.entries(FILES)) writeFileSync(join(folder, name), read());
  for (const [name, shown] of Object.entries(PICTURES)) {
    const picture = await takePicture(folder, shown);
    if (picture.length > MAX_BYTES)
      throw new Error(`${name} has ${picture.length} bytes, more than ${MAX_BYTES}`);
    writeFileSync(join(ROOT, 'docs/images', `${name}.webp`), picture);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
