/** A page where the user chooses files, and reads what a program says about them. */

/** @param describe - takes the bytes of the chosen files, by name, and returns what the page shows */
export function showPage(describe: (files: Map<string, Uint8Array>) => string | Promise<string>): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  const output = document.createElement('pre');
  input.addEventListener('change', async () => {
    const files = [...(input.files ?? [])].map(
      async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const,
    );
    try {
      output.textContent = await describe(new Map(await Promise.all(files)));
    } catch (error) {
      output.textContent = String(error);
    }
  });
  document.body.append(input, output);
}
