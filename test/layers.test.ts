import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** [a file of src, what it imports, whether the layers of docs/architecture.md allow it] */
const CASES: readonly (readonly [string, string, boolean])[] = [
  ['kexec', '../arch/arm64/image.js', true],
  ['arch/arm64', '../../kimage/kimage.js', true],
  ['backends', 'node:fs', true],
  ['cli', '../backends/qemu.js', true],
  ['live', '../backends/linux/kexec-load.js', true],
  ['live', '../cli/load.js', false],
  ['backends', '../live/load.js', false],
  ['doctor', '../kexec/file-load.js', true],
  ['explain', '../doctor/finding.js', true],
  ['doctor', '../explain/explanation.js', false],
  ['explain', '../view/trail-text.js', false],
  ['kexec', '../doctor/doctor.js', false],
  ['kexec', '../kernel-file/unwrap.js', true],
  ['kernel-file', '../trust/policy.js', true],
  ['kernel-file', '../kexec/file-load.js', false],
  ['arch/arm64', '../../kernel-file/unwrap.js', false],
  ...[
    'kexec',
    'kernel-file',
    'arch',
    'trust',
    'crash',
    'formats',
    'memory',
    'kimage',
    'machine',
    'base',
    'view',
    'doctor',
    'explain',
  ].map((folder) => [folder, 'node:fs', false] as const),
  ['memory', 'node:fs/promises', false],
  ['memory', '../kexec/file-load.js', false],
  ['formats/fdt', '../../machine/machine.js', false],
  ['arch/arm64', '../../kexec/file-load.js', false],
  ['kimage', '../arch/arm64/image.js', false],
  ['backends', '../cli/plan.js', false],
  ['.', 'node:fs', false],
];

/** The main entry has rules of its own; every other case gets a file in its folder. */
const fileOf = (folder: string, index: number): string =>
  folder === '.' ? 'src/index.ts' : `src/${folder}/case${index}.ts`;

describe('the linter', () => {
  let project = '';
  const refused = new Set<string>();

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'kexec-file-layers-'));
    cpSync('biome.json', join(project, 'biome.json'));
    for (const [index, [folder, module]] of CASES.entries()) {
      const file = join(project, fileOf(folder, index));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `import { one } from '${module}';\n\nexport const two = one;\n`);
    }
    const { stdout, error } = spawnSync(
      resolve('node_modules/.bin/biome'),
      ['lint', '--reporter=json', '--vcs-enabled=false', '--max-diagnostics=none', 'src'],
      { cwd: project, encoding: 'utf8' },
    );
    if (error !== undefined) throw error;
    for (const { category, location } of JSON.parse(stdout).diagnostics) {
      if (category === 'lint/style/noRestrictedImports') refused.add(location.path);
    }
  });

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it.each(CASES.map(([folder, module, allowed], index) => ({ folder, module, allowed, index })))(
    'src/$folder importing $module: allowed $allowed',
    ({ folder, allowed, index }) => {
      expect(refused.has(fileOf(folder, index))).toBe(!allowed);
    },
  );
});
