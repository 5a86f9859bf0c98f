/**
 * The rule of docs/architecture.md: imports point downwards, types included. LAYERS is that rule, and its only
 * statement; each test applies it to all files of src/.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

/** Folders of src/, from the bottom to the top. A file imports from its own folder and from those before it. */
const LAYERS = [
  'base',
  'formats',
  'machine',
  'trust',
  'vmcore',
  'crash',
  'kernel-file',
  'kexec',
  'settings',
  'boot-entry',
  'inspect',
  'doctor',
  'explain',
  'kdump',
  'view',
  'preflight',
  'doors',
  'index.ts',
  // From here on, files may import Node's modules.
  'node/program',
  'node/process',
  'node/threads',
  'node/codecs',
  'node/files',
  'node/settings',
  'node/boot-entry',
  'node/native',
  'node/keys',
  'node/vmcore',
  'node/collect',
  'node/fleet',
  'node/plan',
  'node/qemu',
  'node/preflight',
  'node/live',
  'node/hooks',
  'node/kdump',
  'node/ui',
  'node/doors',
  'node/index.ts',
  'cli/terminal',
  'cli/help',
  'cli/options',
  'cli/completion',
  'cli/commands',
  'cli/drop-ins',
  'cli/main.ts',
] as const;

const FIRST_WITH_NODE = LAYERS.indexOf('node/program');

/** What a file of src/ imports: paths in src/, and modules of packages or of Node. */
interface Imports {
  readonly files: readonly string[];
  readonly modules: readonly string[];
}

type Graph = ReadonlyMap<string, Imports>;

/** @param path - of a file, from src/ */
function layerOf(path: string): number {
  return LAYERS.findIndex((layer) => path === layer || path.startsWith(`${layer}/`));
}

/** Static imports, re-exports and dynamic imports, those of types included; not those of examples in comments. */
function importsOf(path: string, text: string): Imports {
  const code = text.replaceAll(/^ \*.*$/gm, '');
  const specifiers = [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(
    ([, found = '']) => found,
  );
  const isFile = (specifier: string): boolean => specifier.startsWith('.');
  return {
    files: specifiers
      .filter(isFile)
      .map((specifier) => normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts')),
    modules: specifiers.filter((specifier) => !isFile(specifier)),
  };
}

function readGraph(folder: string): Graph {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.tsx?$/.test(path),
  );
  return new Map(paths.map((path) => [path, importsOf(path, readFileSync(join(folder, path), 'utf8'))]));
}

/** Imports of a folder that is not below, and of Node where the browser must be able to follow. */
function upwardImports(graph: Graph): string[] {
  return [...graph].flatMap(([path, { files, modules }]) => {
    const layer = layerOf(path);
    const upward = files.filter((target) => layerOf(target) > layer);
    const node = layer < FIRST_WITH_NODE ? modules.filter((module) => module.startsWith('node:')) : [];
    return [...upward, ...node].map((target) => `${path} imports ${target}`);
  });
}

/** What the inspector may use besides its own files and those of src/ that need no Node. */
const INSPECTOR_MODULES = ['preact', 'preact/hooks', 'zod/v4/core'];

/** Imports of the inspector that a browser cannot follow, or that pass by the files of src/ to a door of theirs. */
function strayImports(web: Graph): string[] {
  return [...web].flatMap(([path, { files, modules }]) => {
    const stray = files.filter((target) => {
      const [, inSrc] = /^\.\.\/src\/(.*)$/.exec(target) ?? [];
      return inSrc === undefined ? target.startsWith('..') : layerOf(inSrc) >= LAYERS.indexOf('doors');
    });
    const unknown = modules.filter((module) => !INSPECTOR_MODULES.includes(module));
    return [...stray, ...unknown].map((target) => `${path} imports ${target}`);
  });
}

/** Folders of the inspector, from the bottom to the top. */
const INSPECTOR_LAYERS = ['jobs/', 'page/', 'start-inspector.ts'];

/** The folders of architectures, and the one file outside of them that may import from them. */
const ARCHITECTURES = [
  { folders: ['kexec/arm64/', 'kexec/x86-64/'], registry: 'kexec/architectures.ts' },
  { folders: ['vmcore/arm64/', 'vmcore/x86-64/'], registry: 'vmcore/architectures.ts' },
];

/** Imports of an architecture by files that must not know it. */
function architectureImports(graph: Graph): string[] {
  return ARCHITECTURES.flatMap(({ folders, registry }) =>
    folders.flatMap((folder) =>
      [...graph]
        .filter(([path]) => path !== registry && !path.startsWith(folder))
        .flatMap(([path, { files }]) =>
          files.filter((target) => target.startsWith(folder)).map((target) => `${path} imports ${target}`),
        ),
    ),
  );
}

/** Files that import each other, directly or through others: Tarjan's strongly connected components. */
function circles(graph: Graph): string[][] {
  const found: string[][] = [];
  const stack: string[] = [];
  const order = new Map<string, number>();
  const visit = (path: string): number => {
    const own = order.size;
    order.set(path, own);
    stack.push(path);
    let lowest = own;
    for (const target of graph.get(path)?.files ?? []) {
      if (!order.has(target)) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, order.get(target) ?? own);
    }
    if (lowest === own) {
      const component = stack.splice(stack.indexOf(path));
      if (component.length > 1) found.push(component);
    }
    return lowest;
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return found;
}

/** What files of one name share: the folder beside theirs, or the place in the folder of their architecture. */
function roleOf(path: string): string {
  const folder = ARCHITECTURES.flatMap(({ folders }) => folders).find((start) => path.startsWith(start));
  return folder === undefined
    ? dirname(dirname(path))
    : join(dirname(folder), '*', path.slice(folder.length));
}

/**
 * Files with the same name in folders that are not siblings. The doors, index.ts, have the name that Node gives them.
 */
function repeatedNames(graph: Graph): string[] {
  const paths = [...graph.keys()].filter((path) => basename(path) !== 'index.ts');
  const named = (name: string): string[] => paths.filter((path) => basename(path) === name);
  return [...new Set(paths.map((path) => basename(path)))]
    .map(named)
    .filter((same) => new Set(same.map(roleOf)).size > 1)
    .map((same) => same.join(', '));
}

describe('the inspector in web/', () => {
  const web = readGraph('web');
  const layerOfWeb = (path: string) => INSPECTOR_LAYERS.findIndex((layer) => path.startsWith(layer));

  it('imports only from the lower wing of src/ and what it names', () => {
    expect(web.size).toBeGreaterThan(10);
    expect(strayImports(web)).toEqual([]);
  });

  it('has imports that point downwards, types included', () => {
    const upward = [...web].flatMap(([path, { files }]) =>
      files.filter((target) => !target.startsWith('..') && layerOfWeb(target) > layerOfWeb(path)),
    );
    expect(upward).toEqual([]);
    expect([...web.keys()].filter((path) => layerOfWeb(path) < 0)).toEqual([]);
  });

  it.each([
    "import { readInput } from '../../src/node/files/file-input.js';",
    "import { plan } from '../../src/doors/plan-door.js';",
    "import { readFileSync } from 'node:fs';",
    "import { z } from 'zod';",
    "import { version } from '../../package.json';",
  ])('refuses %s', (planted) => {
    expect(strayImports(new Map([['jobs/jobs.ts', importsOf('jobs/jobs.ts', planted)]]))).toHaveLength(1);
  });
});

describe('the layers of src/', () => {
  let graph: Graph = new Map();

  beforeAll(() => {
    graph = readGraph('src');
    const imports = [...graph.values()].reduce((sum, { files }) => sum + files.length, 0);
    const folders = new Set([...graph.keys()].map(dirname)).size;
    console.log(
      `${folders} folders, ${graph.size} files, ${imports} imports, ${circles(graph).length} circles`,
    );
  });

  it('contain every file', () => {
    expect([...graph.keys()].filter((path) => layerOf(path) < 0)).toEqual([]);
    expect(graph.size).toBeGreaterThan(300);
  });

  it('have imports that point downwards, and none of Node below node/', () => {
    expect(upwardImports(graph)).toEqual([]);
  });

  it('know an architecture only through the list of architectures', () => {
    for (const { folders, registry } of ARCHITECTURES)
      for (const folder of folders)
        expect(graph.get(registry)?.files).toContainEqual(expect.stringContaining(folder));
    expect(architectureImports(graph)).toEqual([]);
  });

  it.each([
    ['kexec/file-load.ts', "import { placeImage } from './arm64/place-image.js';"],
    ['cli/options/load-arguments.ts', "import type { X } from '../../kexec/arm64/placement-rules.js';"],
    ['doors/plan-door.ts', "export * from '../kexec/arm64/arm64-architecture.js';"],
    ['vmcore/open/open-dump.ts', "import { X86_DUMPS } from '../x86-64/x86-dumps.js';"],
  ])('refuse an architecture by name in %s: %s', (path, planted) => {
    expect(graph.has(path)).toBe(true);
    expect(architectureImports(new Map([[path, importsOf(path, planted)]]))).toHaveLength(1);
  });

  it('have no circles, those of types included', () => {
    expect(circles(graph)).toEqual([]);
  });

  it('have no two files of one name, but for the same role in sibling folders', () => {
    const web = [...readGraph('web')].map(([path, imports]) => [`web/${path}`, imports] as const);
    expect(repeatedNames(new Map([...graph, ...web]))).toEqual([]);
  });

  it.each([
    ['kexec/file-load.ts', "import type { Finding } from '../doctor/finding.js';"],
    ['base/range.ts', "import { kexecFileLoad } from '../kexec/file-load.js';"],
    ['node/keys/keyrings.ts', "export * from '../live/load-live.js';"],
    ['explain/explanation.ts', "const { formatPlan } = await import('../view/text/plan-text.js');"],
    ['formats/cpio.ts', "import { readFileSync } from 'node:fs';"],
    ['preflight/tally.ts', "import type { Stats } from 'node:fs';"],
  ])('refuse in %s: %s', (path, planted) => {
    expect(graph.has(path)).toBe(true);
    expect(upwardImports(new Map([[path, importsOf(path, planted)]]))).toHaveLength(1);
  });

  it('find a planted circle', () => {
    const files = { 'base/a.ts': 'base/b.ts', 'base/b.ts': 'base/c.ts', 'base/c.ts': 'base/a.ts' };
    const planted = Object.entries(files).map(
      ([path, target]) => [path, { files: [target], modules: [] }] as const,
    );
    expect(circles(new Map([...graph, ...planted]))).toEqual([['base/a.ts', 'base/b.ts', 'base/c.ts']]);
  });
});
