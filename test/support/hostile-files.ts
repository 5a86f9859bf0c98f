/** Files of all kinds with a text of the caller's where text out of files is shown. */
import { buildCpio } from '../../src/formats/cpio.js';
import { ensureNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt } from '../../src/formats/fdt/tree.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { buildImage } from './image.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Files with a text in them, by the place of the text. */
export const HOSTILE_FILES: Readonly<Record<string, (text: string) => Uint8Array>> = {
  'a name in an initrd': (text) =>
    buildCpio([{ name: limit(text), type: 'file', permissions: 0o644, bytes: new Uint8Array(1) }]),
  'the target of init': (text) => buildCpio([{ name: 'init', type: 'symlink', target: limit(text) }]),
  'the release of modules': (text) =>
    buildCpio([
      { name: limit(`lib/modules/${text}/a.ko`), type: 'file', permissions: 0o644, bytes: new Uint8Array(1) },
    ]),
  'a device tree': buildTree,
  'a FIT': buildFit,
  'a banner': (text) => {
    const image = new Uint8Array(65_536);
    image.set(buildImage());
    image.set(encode(`Linux version 6.1${text} (x) (gcc ${text}) #1 ${text}\0`), 2048);
    return image;
  },
  'a report': (text) =>
    encode(JSON.stringify({ schema: 'kexec-file/plan', version: 1, [text]: text, list: { [text]: text } })),
  'a kernel log': (text) =>
    encode(`[    0.000000] Linux version ${text}\n[    0.000000] Kernel command line: ${text}\n`),
  'a configuration': (text) =>
    encode(`# ${text} Kernel Configuration\nCONFIG_KEXEC=y\nCONFIG_LSM="${text}"\n`),
  'a picture': (text) =>
    encode(`<svg xmlns="http://www.w3.org/2000/svg"><title>${text}</title><desc>${text}</desc></svg>`),
  'a text of no kind': (text) => encode(`${text} and more than a few words`),
  'no text': (text) => encode(`\u0001${text}`),
};

/** The kernel skips longer names. */
function limit(text: string): string {
  return text.replaceAll('\0', '').slice(0, 1000) || 'x';
}

function buildTree(text: string): Uint8Array {
  const fdt = createFdt();
  for (const name of ['model', 'compatible']) setProperty(fdt, fdt.root, name, encode(`${text}\0`));
  return writeFdt(fdt);
}

/** Its configurations have no default, so that it is listed and not opened. */
function buildFit(text: string): Uint8Array {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, 'description', encode(`${text}\0`));
  for (const name of ['conf-1', 'conf-2']) {
    const node = ensureNode(fdt, `/configurations/${name}`);
    setProperty(fdt, node, 'description', encode(`${text}\0`));
    setProperty(fdt, node, 'kernel', encode('kernel\0'));
  }
  setProperty(fdt, ensureNode(fdt, '/images/kernel'), 'description', encode(`${text}\0`));
  return writeFdt(fdt);
}
