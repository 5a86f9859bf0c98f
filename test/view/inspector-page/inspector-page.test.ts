import { describe, expect, it } from 'vitest';
import { addServedFiles, formatInspectorPage } from '../../../src/view/inspector-page/inspector-page.js';

const PARTS = {
  script: 'run("</b>")',
  scriptHash: "'sha256-A'",
  style: 'p { margin: 0 }',
  styleHashes: ["'sha256-B'", "'sha256-C'"],
  licences: 'a <b>\n\nc',
  version: '0.1.0',
};

describe('formatInspectorPage', () => {
  it('contains script, style and licences, and a policy for them alone', () => {
    const page = formatInspectorPage(PARTS);
    expect(page).toContain('<script>run("</b>")</script>');
    expect(page).toContain('<style>p { margin: 0 }</style>');
    expect(page).toContain('<pre>a &lt;b&gt;\n\nc</pre>');
    expect(page).toContain(
      `content="default-src 'none'; script-src 'sha256-A'; style-src 'sha256-B' 'sha256-C'; worker-src blob:; base-uri 'none'; form-action 'none'"`,
    );
  });

  it.each(['</script', '</SCRIPT', '<!--', '<script'])('refuses a script with %s', (text) => {
    expect(() => formatInspectorPage({ ...PARTS, script: `"${text}"` })).toThrow(text);
  });
});

describe('addServedFiles', () => {
  const address = 'http://127.0.0.1:4711/token/files/';

  it('lists the files, whatever their names, and allows connections to them alone', () => {
    const name = '</script><script>alert(1)</script>$&<!--';
    const page = addServedFiles(formatInspectorPage(PARTS), {
      address,
      files: [{ name, size: 7, contents: `${address}0` }],
    });
    const [, json = ''] =
      /<script type="application\/json" id="served-files">(.*?)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json)).toEqual([{ name, size: 7, contents: `${address}0` }]);
    expect(json).not.toContain('<');
    expect(page).toContain(`default-src 'none'; connect-src ${address}; script-src`);
  });

  it('refuses another page', () => {
    expect(() => addServedFiles('<p>', { address, files: [] })).toThrow('lacks');
  });
});
