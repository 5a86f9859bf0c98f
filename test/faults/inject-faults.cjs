/**
 * Loaded into the command by `--require`: counts the calls that change anything in a folder, and lets one of them fail. The
 * environment says which:
 *
 *     FAULT_FOLDER   the folder; calls on other files are neither counted nor changed
 *     FAULT_AT       the number of the call that fails, from 1; 0 for none
 *     FAULT          an errno, `short` (a write writes half), or `kill` (the process ends before the call, as by SIGKILL)
 *     FAULT_LOG      the file that gets a line for each call: its name, and the file's
 */
const fs = require('node:fs');
const promises = require('node:fs/promises');
const { basename, dirname, resolve } = require('node:path');

const { FAULT_FOLDER: folder, FAULT: fault, FAULT_LOG: log } = process.env;
const failing = Number(process.env.FAULT_AT);

/** The paths of descriptors that were opened in the folder. */
const paths = new Map();
let calls = 0;

const real = { ...fs };

function isInFolder(path) {
  return typeof path === 'string' && dirname(resolve(path)) === folder;
}

/** Counts a call on a path, and lets it fail if it is its turn. @returns whether it should write half */
function count(call, path) {
  calls += 1;
  real.appendFileSync(log, `${call} ${basename(path)}\n`);
  if (calls !== failing) return false;
  if (fault === 'kill') process.kill(process.pid, 'SIGKILL');
  if (fault === 'short') return true;
  throw Object.assign(new Error(`${fault}: injected, ${call}`), { code: fault, syscall: call });
}

function wrapPathCall(name, pathOf = ([path]) => path) {
  fs[name] = (...args) => {
    const path = pathOf(args);
    if (isInFolder(path)) count(name, path);
    return real[name](...args);
  };
}

function wrapDescriptorCall(name) {
  fs[name] = (descriptor, ...args) => {
    const path = paths.get(descriptor);
    if (path !== undefined) count(name, path);
    return real[name](descriptor, ...args);
  };
}

const changes = (flags) => typeof flags !== 'string' || flags !== 'r';

fs.openSync = (path, flags = 'r', ...args) => {
  const isOurs = isInFolder(path) && changes(flags);
  if (isOurs) count('openSync', path);
  const descriptor = real.openSync(path, flags, ...args);
  if (isOurs) paths.set(descriptor, path);
  return descriptor;
};
fs.closeSync = (descriptor) => {
  paths.delete(descriptor);
  return real.closeSync(descriptor);
};
fs.writeSync = (descriptor, bytes, offset, length, position) => {
  const path = paths.get(descriptor);
  const isShort = path !== undefined && count('writeSync', path);
  const whole = length ?? bytes.length;
  return real.writeSync(descriptor, bytes, offset, isShort ? Math.ceil(whole / 2) : length, position);
};
for (const name of ['fsyncSync', 'fdatasyncSync', 'ftruncateSync']) wrapDescriptorCall(name);
for (const name of ['renameSync', 'linkSync', 'unlinkSync', 'chmodSync', 'chownSync', 'mkdirSync'])
  wrapPathCall(name);

const openReal = promises.open;
promises.open = async (path, flags, ...args) => {
  const isOurs = isInFolder(path) && changes(flags);
  if (isOurs) count('open', path);
  const handle = await openReal(path, flags, ...args);
  return isOurs ? wrapHandle(handle, path) : handle;
};

function wrapHandle(handle, path) {
  const { write, sync, datasync } = handle;
  handle.write = async (bytes, offset = 0, length = bytes.length - offset, ...args) => {
    const isShort = count('write', path);
    return write.call(handle, bytes, offset, isShort ? Math.ceil(length / 2) : length, ...args);
  };
  handle.sync = async () => {
    count('sync', path);
    return sync.call(handle);
  };
  handle.datasync = async () => {
    count('datasync', path);
    return datasync.call(handle);
  };
  return handle;
}
