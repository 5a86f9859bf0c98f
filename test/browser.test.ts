import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

describe('the main entry', () => {
  it('bundles for a browser: nothing in it needs Node', async () => {
    const { outputFiles, warnings } = await build({
      entryPoints: ['src/index.ts'],
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      logLevel: 'silent',
    });
    expect(warnings).toEqual([]);
    expect(outputFiles[0]?.text).toContain('kexecFileLoad');
  });
});
