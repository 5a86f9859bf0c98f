/** Packages that load binaries from their own folders: they are installed, whatever is bundled. */
export const NATIVE_PACKAGES = ['koffi', '@bokuweb/zstd-wasm'];
