import { build } from 'rolldown';
import { describe, expect, it } from 'vitest';

describe('the main entry', () => {
  it('bundles for a browser: nothing in it needs Node', async () => {
    const warnings: string[] = [];
    const { output } = await build({
      input: 'src/index.ts',
      platform: 'browser',
      write: false,
      checks: { ineffectiveDynamicImport: false },
      onLog: (_, { message }) => warnings.push(message),
    });
    expect(warnings).toEqual([]);
    expect(output[0].code).toContain('kexecFileLoad');
  });
});
