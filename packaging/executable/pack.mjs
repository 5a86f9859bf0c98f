import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Packs the modules of a folder, each with its compiled code (`NAME.compiled`), into one file, and writes their places
 * into another, as JSON. Node copies its table of assets for each asset that it returns
 * (`FindSingleExecutableResource()` of src/node_sea.cc): with an asset for each module, a load took 7 % more instructions.
 *
 * @param folder - the modules and their code
 * @param work - for the two files
 * @returns the assets that loader.js reads: paths by name
 */
export function packModules(folder, work) {
  const parts = [];
  let end = 0;
  const add = (name) => {
    const bytes = readFileSync(join(folder, name));
    parts.push(bytes);
    end += bytes.length;
    return [end - bytes.length, end];
  };
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .sort();
  const places = names.map((name) => [name, { source: add(name), code: add(`${name}.compiled`) }]);
  const assets = { modules: join(work, 'modules.pack'), 'modules.json': join(work, 'modules.json') };
  writeFileSync(assets.modules, Buffer.concat(parts));
  writeFileSync(assets['modules.json'], JSON.stringify(Object.fromEntries(places)));
  return assets;
}
