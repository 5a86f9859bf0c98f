import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A kernel of a Debian package. */
export interface CorpusKernel {
  /** A short name of the package, without the version. */
  readonly name: string;
  /** The Image, or the bzImage. */
  readonly path: string;
  /** Name and version of the package. */
  readonly package: string;
}

const CORPUS_FILE = fileURLToPath(new URL('../../build/corpus.json', import.meta.url));

const KernelsSchema = z.record(z.string(), z.object({ package: z.string(), path: z.string() }));

const CorpusSchema = z.object({
  kernels: KernelsSchema,
  // A checkout that was set up before these existed has none.
  x86Kernels: KernelsSchema.default({}),
  /** By release. */
  oracles: z.record(z.string(), z.string()).default({}),
  busybox: z.string(),
  shim: z.string(),
  stub: z.string(),
  packages: z.record(z.string(), z.string()),
  guestNode: z.string(),
  x86GuestNode: z.string().optional(),
});

/** Files from Debian packages, which `npm run setup` fetches. Paths are absolute. */
export const corpus = {
  /** Three signed kernels, or fewer if the Debian release has fewer. */
  kernels(): CorpusKernel[] {
    return listKernels(read().kernels);
  },

  /** Two signed kernels for x86_64, or one if the Debian release has one. */
  x86Kernels(): CorpusKernel[] {
    return listKernels(read().x86Kernels);
  },

  /** The newest kernel for x86_64, Debian's build for clouds. */
  x86CloudKernel(): string {
    return corpus.x86Kernel('cloud-6.12:amd64');
  },

  /** The named kernel for x86_64: a key of `scripts/debian.mjs`. */
  x86Kernel(key: string): string {
    return existing(read().x86Kernels[key]?.path ?? missing(key));
  },

  /** The kernel for x86_64 that `npm run conformance` asks: Debian's build for clouds, of a release such as "6.12". */
  x86Oracle(release: string): string {
    return existing(read().oracles[release] ?? missing(`Debian's Linux ${release} for x86_64`));
  },

  /** The newest kernel, Debian's build for clouds. */
  cloudKernel(): string {
    return existing(kernelNamed('cloud-6.12').path);
  },

  /** The device trees in the kernels' packages: over a thousand files. */
  deviceTrees(): string[] {
    const trees = Object.values(read().kernels).flatMap((kernel) => treesIn(existing(kernel.package)));
    return trees.length === 0 ? missing('device trees of boards') : trees;
  },

  /** Busybox for x86_64, linked statically. */
  x86Busybox(): string {
    return join(corpus.debianPackage('image-busybox-static:amd64'), 'bin/busybox');
  },

  /** Busybox for arm64, linked statically. */
  busybox(): string {
    return existing(read().busybox);
  },

  /** Debian's shim for arm64, signed by Microsoft, with Debian's CA in its `.vendor_cert` section. */
  shim(): string {
    return existing(read().shim);
  },

  /** The same for x86_64. */
  x86Shim(): string {
    return join(corpus.debianPackage('shim-signed:amd64'), 'usr/lib/shim/shimx64.efi.signed');
  },

  /** GRUB for x86_64, signed by Debian, which shim starts. */
  x86Grub(): string {
    const folder = corpus.debianPackage('grub-efi-amd64-signed');
    return join(folder, 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed');
  },

  /** systemd's stub for arm64, which unified kernel images begin with. */
  stub(): string {
    return existing(read().stub);
  },

  /** The named kernel: a key of `scripts/debian.mjs`. */
  kernel(key: string): string {
    return existing(kernelNamed(key).path);
  },

  /** The folder `modules/RELEASE` with modules for 9p shares and for disks, of the kernel `standard-6.1`. */
  modules(): string {
    const folder = existing(read().kernels['standard-6.1']?.package ?? missing('standard-6.1'));
    const modules = ['lib/modules', 'usr/lib/modules'].map((path) => join(folder, path)).find(existsSync);
    const [release] = modules === undefined ? [] : readdirSync(modules);
    return release === undefined ? missing("a kernel's modules") : join(modules ?? '', release);
  },

  /** The folder of an unpacked Debian arm64 package. @param key - of `scripts/debian.mjs` */
  debianPackage(key: string): string {
    return existing(read().packages[key] ?? missing(`the package ${key}`));
  },

  /** The folder whose `node_modules` contains Node for arm64 and koffi's binary for arm64. */
  guestNode(): string {
    return existing(read().guestNode);
  },

  /** The same for x86_64. */
  x86GuestNode(): string {
    return existing(read().x86GuestNode ?? missing('Node for x86_64'));
  },
};

function treesIn(folder: string): string[] {
  return readdirSync(join(folder, 'usr/lib'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.dtb'))
    .map((file) => join(folder, 'usr/lib', file))
    .sort();
}

function listKernels(of: z.infer<typeof KernelsSchema>): CorpusKernel[] {
  const kernels = Object.entries(of).map(([name, kernel]) => ({
    name,
    path: existing(kernel.path),
    package: basename(kernel.package),
  }));
  return kernels.filter(({ path }, index) => kernels.findIndex((other) => other.path === path) === index);
}

function read() {
  return CorpusSchema.parse(JSON.parse(readFileSync(existing(CORPUS_FILE), 'utf8')));
}

function kernelNamed(name: string) {
  return read().kernels[name] ?? missing(name);
}

function existing(path: string): string {
  return existsSync(path) ? path : missing(path);
}

function missing(what: string): never {
  throw new Error(`the tests need ${what}: run \`npm run setup\``);
}
