/** Puts the modules of the command into few files: to find and load a file costs more than most modules do. */

/**
 * A plugin for rolldown that records what each module imports.
 *
 * @param imports - receives, by the id of a module, the ids of its static imports, and whether it is an entry
 */
export function recordImports(imports) {
  return {
    name: 'record-imports',
    buildEnd() {
      for (const id of this.getModuleIds()) {
        const info = this.getModuleInfo(id);
        imports.set(id, { imported: info?.importedIds ?? [], isEntry: info?.isEntry === true });
      }
    },
  };
}

/**
 * Groups modules by the set of commands that need them, for a few commands that stand for all. Alone, rolldown makes a
 * file for each set of dynamic imports, of which there are hundreds. None of these commands loads a module that it does
 * not need; another command may. What a module imports is needed wherever it is, so files never import each other in a
 * circle.
 *
 * @param imports - what {@link recordImports} recorded
 * @param main - the module that starts the command. What it imports is a group: in the file of the module itself,
 *   threads that need a part of it would start the command.
 * @param commands - the modules of the commands
 * @returns a function that returns the name of the group of a module's id; null for none
 */
export function groupByCommand(imports, { main, commands }) {
  const reach = (root, seen = new Set()) => {
    if (seen.has(root) || !imports.has(root)) return seen;
    seen.add(root);
    for (const id of imports.get(root).imported) reach(id, seen);
    return seen;
  };
  const first = reach(main);
  const needed = new Map(commands.map((path) => [path, reach(path)]));
  for (const [path, { size }] of needed) if (size === 0) throw new Error(`no module ${path}`);
  return (id) => {
    if (imports.get(id)?.isEntry !== false) return null;
    if (first.has(id)) return 'start';
    const users = commands.flatMap((path, index) => (needed.get(path).has(id) ? [index] : []));
    return users.length === 0 ? null : `shared-${users.join('')}`;
  };
}
