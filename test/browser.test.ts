import { build } from 'rolldown';
import { describe, expect, it } from 'vitest';
import { ENTRY_POINTS } from './support/consumer.js';

/** A module with all that it imports, as one script for browsers. */
async function bundle(input: string): Promise<{ code: string; warnings: string[] }> {
  const warnings: string[] = [];
  const { output } = await build({
    input,
    platform: 'browser',
    write: false,
    checks: { ineffectiveDynamicImport: false },
    onLog: (_, { message }) => warnings.push(message),
  });
  return { code: output[0].code, warnings };
}

describe('the entry points that need no Node', () => {
  const portable = ENTRY_POINTS.filter(({ needsNode }) => !needsNode);

  it.each(portable)('$name bundles for a browser', async ({ source }) => {
    const { code, warnings } = await bundle(source);
    expect(warnings).toEqual([]);
    expect(code).toContain('export {');
  });

  it('are the majority', () => {
    expect(portable.length).toBeGreaterThan(ENTRY_POINTS.length / 2);
  });

  it('have no side effects: a bundle contains only what is used', async () => {
    const { output } = await build({
      input: 'virtual:main',
      platform: 'browser',
      write: false,
      plugins: [
        {
          name: 'virtual',
          resolveId: (id) => (id === 'virtual:main' ? id : undefined),
          load: (id) =>
            id === 'virtual:main'
              ? `import { ERRNO } from '${process.cwd()}/src/index.ts'; console.log(ERRNO);`
              : undefined,
        },
      ],
    });
    expect(output[0].code).toContain('EKEYREJECTED');
    expect(output[0].code.length).toBeLessThan(10_000);
  });
});
